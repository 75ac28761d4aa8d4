/**
 * A clerk's desk: the operator's key signs every request in this browser, as any client does. The page says which part of
 * the desk it is by `data-desk`, and brings the words along.
 *
 * @module
 */
import { openCounter } from './desk/counter.ts';
import { openLetters } from './desk/letters.ts';
import { openRequest } from './desk/request.ts';
import { openSignIn } from './desk/sign-in.ts';
import { openStage, type Stage } from './desk/stage.ts';

const DESKS: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  'sign-in': openSignIn,
  request: openRequest,
  letters: openLetters,
  counter: openCounter,
};

const root = document.getElementById('desk');
const open = DESKS[root?.dataset['desk'] ?? ''];
if (root !== null && open !== undefined) {
  const stage = openStage(root);
  open(stage).catch((thrown) => stage.tell(thrown));
}
