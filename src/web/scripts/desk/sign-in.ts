/** `/desk`: who works here; a key from its file, or a new one; and forgetting it. */
import type { Client } from '#client/client.ts';
import { provePartyKey } from '#client/device.ts';
import { type PartyId, parseId } from '#core/ids.ts';
import { facts, fileOf, find, make, show, textOf } from './dom.ts';
import { newKey, type Operator, readOperator } from './keys.ts';
import { clientOf } from './session.ts';
import type { Stage } from './stage.ts';
import { forget, keep, loadKept } from './store.ts';
import { Wanted } from './wanted.ts';

const PEM_BYTES_MAX = 4_096;

export async function openSignIn(stage: Stage): Promise<void> {
  stage.onSubmit('sign-in', async (form) => {
    const operator = await operatorOf(form);
    // Kept only once the ledger knows it.
    await showWho(stage, operator, await clientOf(operator).readParty(operator.party));
    await keep('operator', operator);
    form.reset();
  });
  stage.onSubmit('new-key', () => showNewKey(stage));
  stage.onSubmit('sign-out', async () => {
    await forget();
    showSignedOut(stage);
  });
  const operator = await loadKept('operator');
  if (operator === undefined) showSignedOut(stage);
  else await showWho(stage, operator, await clientOf(operator).readParty(operator.party));
}

/** The operator of a form with the fields `party` and `key`. */
async function operatorOf(form: HTMLFormElement): Promise<Operator> {
  return readKeyFile(partyOf(textOf(form, 'party')), fileOf(form, 'key'));
}

function partyOf(text: string): PartyId {
  try {
    return parseId<PartyId>(text);
  } catch {
    throw new Wanted('want_party_id', 'party');
  }
}

/** @throws {Wanted} if there is no file, or none with a private key. */
export async function readKeyFile(party: PartyId, file: File | undefined): Promise<Operator> {
  if (file === undefined || file.size > PEM_BYTES_MAX) throw new Wanted('want_key_file', 'key');
  const pem = await file.text();
  try {
    return await readOperator(party, pem);
  } catch (thrown) {
    // A browser from before 2025 has no Ed25519: the file may be good.
    throw new Wanted(thrown instanceof DOMException ? 'want_browser' : 'want_key_file', 'key');
  }
}

type PartyState = Awaited<ReturnType<Client['readParty']>>;

async function showWho(stage: Stage, { party, publicKey }: Operator, state: PartyState): Promise<void> {
  const operator = state.keys.find(({ key }) => key === publicKey)?.operator;
  const duty = operator === undefined ? undefined : state.operators[operator]?.duty;
  find(stage.root, '[data-who]').replaceChildren(
    facts([
      [stage.say('who_party'), `${state.name}（${party}）`],
      [stage.say('who_operator'), operator ?? ''],
      [stage.say('who_duty'), stage.say(`duty_${duty ?? 'unknown'}`)],
      [stage.say('who_key'), publicKey],
    ]),
  );
  showWhether(stage, true);
}

function showSignedOut(stage: Stage): void {
  find(stage.root, '[data-who]').replaceChildren();
  showWhether(stage, false);
}

function showWhether(stage: Stage, isIn: boolean): void {
  show(find(stage.root, '[data-when="in"]'), isIn);
  show(find(stage.root, '[data-when="out"]'), !isIn);
}

/** The new key's file is offered for keeping; what the administrator needs to add it is shown, and says nothing secret. */
async function showNewKey(stage: Stage): Promise<void> {
  const shown = find(stage.root, '[data-new-key]');
  // While another is made, nobody takes the file of the one before for it.
  shown.replaceChildren();
  const { origin } = await clientOf().founding();
  const { pem, key } = await newKey();
  const { key: publicKey, possession } = await provePartyKey(key, origin);
  const file = URL.createObjectURL(new Blob([pem], { type: 'application/x-pem-file' }));
  const link = make('a', { href: file, download: 'operator.pem', class: 'button primary' }, stage.say('key_save'));
  shown.replaceChildren(
    make('p', {}, stage.say('key_made')),
    make('p', {}, link),
    facts([
      [stage.say('key_public'), make('code', {}, publicKey)],
      [stage.say('key_possession'), make('code', {}, possession)],
    ]),
  );
}
