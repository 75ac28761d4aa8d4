/** `assent mirror URL DIR`: a whole copy of a ledger's entries, verified before it is kept; audited by `assent audit --mirror`. */
import { join } from 'node:path';
import { fillMirror } from '../../node/mirror.ts';
import { httpResources, writeDurably } from '../../node/resources.ts';
import { isOtherCopy } from '../../node/watch.ts';
import { readArgs } from '../args.ts';
import { AUDITOR_OPTIONS, auditorOf, urlOf } from '../auditor.ts';
import { terminal, Usage } from '../output.ts';
import { evidenceOf, exitOf, jsonOf, printRound } from '../round.ts';
import { readCertificates } from '../time-stamp.ts';
import { readVkey } from '../trust.ts';

const OPTIONS = {
  ...AUDITOR_OPTIONS,
  json: { type: 'boolean' },
  vkey: { type: 'string' },
  tsa: { type: 'string' },
  'skip-signatures': { type: 'boolean' },
} as const;

export async function mirrorCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS, 'some');
  const [address, folder, ...more] = positionals;
  if (folder === undefined || more.length > 0) throw new Usage('mirror: want the address of the ledger, and a folder');
  if (values.vkey === undefined)
    throw new Usage('mirror: want --vkey, the log’s public key as you have it from elsewhere');
  const url = urlOf('mirror', address === undefined ? [] : [address]);
  const vkey = readVkey(values.vkey);
  const round = await fillMirror(folder, httpResources({ url, ...(await auditorOf('mirror', values)) }), {
    vkey,
    certificates: values.tsa === undefined ? undefined : readCertificates(values.tsa),
    entrySignatures: values['skip-signatures'] !== true,
    onProgress: (done, size) => terminal.progress(`${done} of ${size} entries`),
  });
  terminal.progress('');
  if (values.json) terminal.json(jsonOf(round));
  else printRound(terminal, round);
  if (isOtherCopy(round)) {
    writeDurably(join(folder, 'evidence.json'), evidenceOf(vkey, round));
    terminal.note(
      `nothing of it was kept; what was served, and what was held before: ${join(folder, 'evidence.json')}`,
    );
  }
  return exitOf(round);
}
