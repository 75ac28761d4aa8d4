/** `assent restore`: leads a ledger that is behind what it signed back to where it was (docs/keeper.md). */
import { toBase64 } from '#core/bytes.ts';
import { isFailure } from '#core/failure.ts';
import type { TreeHead } from '#core/tlog/tree.ts';
import { readConfig } from '../../node/config.ts';
import { filesId } from '../../node/key-set.ts';
import {
  type CeremonyAsked,
  planRestoreNode,
  type RestoreAsked,
  type RestoreDone,
  type RestorePlan,
  restoreNode,
} from '../../node/restore.ts';
import type { ReturnedStamps } from '../../node/time-stamp/put-back.ts';
import { readArgs } from '../args.ts';
import { readKeeper } from '../http.ts';
import { EXIT, explain, terminal, Usage } from '../output.ts';
import { readCertificates } from '../time-stamp.ts';
import { readVkey } from '../trust.ts';
import { restoreOrigin } from './restore-origin.ts';

const OPTIONS = {
  mirror: { type: 'string' },
  vkey: { type: 'string' },
  keeper: { type: 'string', multiple: true },
  'signer-set-back': { type: 'boolean' },
  'new-origin': { type: 'string' },
  'lost-checkpoint': { type: 'string' },
  'nothing-lost': { type: 'boolean' },
  'log-keys': { type: 'string' },
  'give-up': { type: 'boolean' },
  recovery: { type: 'string' },
  tiles: { type: 'string' },
  tsa: { type: 'string' },
  'dry-run': { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

type Tail = Parameters<CeremonyAsked['onProven']>[0];

export async function restoreCommand(args: readonly string[]): Promise<number> {
  const { values } = readArgs(args, OPTIONS, 'none');
  const config = readConfig(process.env);
  if (values['new-origin'] !== undefined) {
    if (values.mirror !== undefined) throw new Usage('restore: want --mirror DIR, or --new-origin NAME, and not both');
    if (values.tsa !== undefined) throw new Usage('restore: want --tsa FILE with --mirror DIR alone');
    return restoreOrigin(config, values);
  }
  if (values.mirror === undefined) throw new Usage('restore: want --mirror DIR, a folder that assent mirror made');
  const asked: RestoreAsked = {
    mirror: values.mirror,
    vkey: values.vkey === undefined ? undefined : readVkey(values.vkey),
    isSignerSetBack: values['signer-set-back'] === true,
    certificates: values.tsa === undefined ? undefined : readCertificates(values.tsa),
    onProgress: (done, size) => terminal.progress(`${done} of ${size} entries`),
  };
  const { json = false } = values;
  let isBegun = false;
  try {
    if (values['dry-run']) return sayPlan(await planRestoreNode(config, asked), json);
    const signers: CeremonyAsked['signers'] = (keys) => {
      const files = values.keeper === undefined ? {} : { files: values.keeper };
      return readKeeper(keys.keeper, { dataDir: config.dataDir, keyId: filesId(keys), ...files });
    };
    const onProven = (tail: Tail) => {
      isBegun = true;
      terminal.progress('');
      if (!json) for (const line of planLines(tail)) terminal.line(line);
    };
    const onWhole = () => {
      isBegun = false;
    };
    const done = await restoreNode(config, { ...asked, signers, onProven, onWhole });
    terminal.progress('');
    sayDone(done, json);
    return EXIT.holds;
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    terminal.progress('');
    const next = isBegun ? BROKEN_OFF : (NEXT[failure.code] ?? 'Mend that, then run this again.');
    if (json) terminal.json({ result: 'refused', code: failure.code, message: failure.message, next });
    terminal.note(`assent: ${explain(failure)}\n  → ${next}`);
    return !isBegun && REFUSED.has(failure.code) ? EXIT.findings : EXIT.couldNotRun;
  }
}

/** The mirror, the database or the keys are not what a restore takes: 1. Anything else is "could not run": 2. */
const REFUSED: ReadonlySet<string> = new Set([
  'behind',
  'checkpoint_invalid',
  'duty_missing',
  'entry_invalid',
  'key_ended',
  'note_invalid',
  'not_published',
  'principal_mismatch',
  'proof_invalid',
  'second_signature',
  'signature_invalid',
  'signature_refused',
  'signer_refused',
]);

const BROKEN_OFF = 'It is not whole, and the ledger stays read-only. Run this again: it goes on from where it was.';
const NO_TWO = 'Name the keys of two of the keeper’s administrators: --keeper FILE --keeper FILE. Nothing was written.';
const NO_MIRROR = 'Bring another mirror: an auditor or a partner may have one. Nothing was written.';
const NEXT: Readonly<Record<string, string>> = {
  behind: 'Bring a mirror that was filled later: an auditor or a partner may have one. Nothing was written.',
  checkpoint_invalid: NO_MIRROR,
  config_invalid: 'Mend that, then run this again.',
  data_in_use: 'Stop the server, then run this again.',
  duty_missing: NO_TWO,
  entry_invalid:
    'Restore another backup, one that assent audit finds to hold, and run this again. Nothing was written.',
  key_ended: NO_TWO,
  keys_missing: 'Put the file back from where the keys and the signer’s memory are kept.',
  note_invalid: NO_MIRROR,
  not_published: 'Name a folder that assent mirror made.',
  principal_mismatch: NO_TWO,
  proof_invalid: NO_MIRROR,
  second_signature: NO_TWO,
  signature_invalid: NO_MIRROR,
  signature_refused: NO_TWO,
  signer_refused:
    'If a change of name is done or was begun, see docs/keeper.md. Else see that nobody signs with this key elsewhere; if the signer’s file was set back with the database, say --signer-set-back. Nothing was written.',
  store_unavailable: 'See that the database runs, then run this again: it goes on from where it was.',
  superseded: 'Stop whatever else writes to this database, then run this again.',
};

const AFTERWARDS = [
  'All sessions of persons are ended; they sign in anew.',
  'Now: start the server, run npx assent audit, and tell those whose payloads are lost (docs/keeper.md).',
];

const NOTHING = 'Nothing is missing: the database has all entries that the mirror has.';

function sayPlan({ tail, stamps }: RestorePlan, json: boolean): number {
  terminal.progress('');
  if (json) {
    const said = tail === undefined ? { result: 'nothing_missing' } : { result: 'possible', ...planOf(tail) };
    terminal.json({ ...said, time_stamps: stampsOf(stamps, 'possible') });
    return EXIT.holds;
  }
  for (const line of tail === undefined ? [NOTHING] : planLines(tail)) terminal.line(line);
  for (const line of stampLines(stamps, 'To put back')) terminal.line(line);
  if (tail !== undefined)
    terminal.line('Nothing was written. Without --dry-run, two of the keeper sign, and this is done.');
  else if (stamps.sizes.length > 0) terminal.line('Nothing was written. Without --dry-run, this is done.');
  return EXIT.holds;
}

function sayDone({ restored, stamps }: RestoreDone, json: boolean): void {
  if (json) {
    const said = restored === undefined ? { result: 'nothing_missing' } : restoredOf(restored);
    terminal.json({ ...said, time_stamps: stampsOf(stamps, 'put_back') });
    return;
  }
  if (restored === undefined) terminal.line(NOTHING);
  else {
    const { index } = restored.entry;
    terminal.line(`Put back, and recorded by entry ${index} (log.restored), signed by two of the keeper.`);
  }
  for (const line of stampLines(stamps, 'Put back')) terminal.line(line);
  if (restored !== undefined) for (const line of AFTERWARDS) terminal.line(line);
}

function restoredOf({ tail, entry: { index, entry } }: NonNullable<RestoreDone['restored']>) {
  return { result: 'restored', ...planOf(tail), entry: { index, body: entry.body } };
}

function stampsOf({ sizes, refused, unjudged }: ReturnedStamps, done: 'possible' | 'put_back') {
  return { [done]: sizes, refused, unjudged };
}

/** Nothing, where the mirror has none that the database lacks. */
function stampLines({ sizes, refused, unjudged }: ReturnedStamps, done: string): readonly string[] {
  return [
    ...(sizes.length === 0 ? [] : [`${done}: ${sizes.length} time-stamps, each proven to be of this history.`]),
    ...refused.map(({ size, message }) => `Not put back: the time-stamp of ${size} entries: ${message}`),
    ...(unjudged === 0
      ? []
      : [
          `Not put back: ${unjudged} time-stamps, since nobody says whose are believed. They stay in the mirror. Name the TSA’s certificate: --tsa FILE.`,
        ]),
  ];
}

function planOf({ from, now, to, signedSize, lost, unheard }: Tail) {
  return { from: headOf(from), now: headOf(now), to: headOf(to), signed_size: signedSize, lost, unheard };
}

function headOf({ size, root }: TreeHead) {
  return { size, root: toBase64(root) };
}

function planLines({ from, now, to, signedSize, lost, unheard }: Tail): readonly string[] {
  const isAgain = now.size > from.size;
  return [
    `The database was set back to ${from.size} entries${isAgain ? `; a restore that was broken off brought it to ${now.size}` : ''}.`,
    `The signer remembers ${signedSize}. The mirror has ${to.size}, root ${toBase64(to.root)}: whole, signed, and it continues the database.`,
    `To put back: entries ${now.size} to ${to.size - 1}, byte for byte, and all that is derived from them.`,
    ...unheard.map(
      (name) => `Not heard: the witness ${name}. Whether it has cosigned more than the mirror has is not known.`,
    ),
    lost.parts === 0 ? 'Lost: no payload.' : `Lost: ${lost.parts} parts of payloads, of ${lost.streams} streams.`,
    ...(lost.relationships.length === 0
      ? []
      : [
          `Of ${lost.relationships.length} relationships nobody knows any more whose they are: nobody can take back their ${lost.relationships.flatMap(({ grants }) => grants).length} grants by a signature. Keep what --json says of them: it names who can stop each one (docs/keeper.md).`,
        ]),
  ];
}
