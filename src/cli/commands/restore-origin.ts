/** `assent restore --new-origin`: a log whose tail nobody has, or that is moved, goes on under another name (docs/keeper.md). */
import { readFileSync } from 'node:fs';
import { toBase64, utf8 } from '#core/bytes.ts';
import type { FollowableSlice } from '#core/consent/receipt.ts';
import { Failure, isFailure, readAs } from '#core/failure.ts';
import type { TreeHead } from '#core/tlog/tree.ts';
import { logKeysSchema } from '#wire/issuing-keys.ts';
import { parseStrictJson } from '#wire/json.ts';
import { type Config, parseOrigin } from '../../node/config.ts';
import { type ContinueAsked, continueNode, giveUpNode, type LossAsked, planContinueNode } from '../../node/continue.ts';
import { readKey } from '../../node/key-file.ts';
import { filesId } from '../../node/key-set.ts';
import { readKeeper } from '../http.ts';
import { EXIT, explain, terminal, Usage } from '../output.ts';
import { readVkey } from '../trust.ts';

export interface OriginValues {
  readonly 'new-origin'?: string;
  readonly 'lost-checkpoint'?: string;
  readonly 'nothing-lost'?: boolean;
  readonly 'log-keys'?: string;
  readonly 'give-up'?: boolean;
  readonly recovery?: string;
  readonly tiles?: string;
  readonly vkey?: string;
  readonly keeper?: readonly string[];
  readonly 'dry-run'?: boolean;
  readonly json?: boolean;
}

type Loss = Parameters<ContinueAsked['onProven']>[0];

export async function restoreOrigin(config: Config, values: OriginValues): Promise<number> {
  const { recovery, json = false } = values;
  if (values['give-up'] === true) return giveUp(config, values);
  const isPlan = values['dry-run'] === true;
  const isMove = values['nothing-lost'] === true;
  if (isMove === (values['lost-checkpoint'] !== undefined) || (recovery === undefined && !isPlan)) {
    throw new Usage(
      'restore: with --new-origin NAME want --recovery FILE, and --lost-checkpoint FILE or, to move a whole log, --nothing-lost',
    );
  }
  if (isMove && (values.tiles !== undefined || values['log-keys'] !== undefined))
    throw new Usage('restore: --tiles and --log-keys show what was lost: not with --nothing-lost');
  try {
    const asked = readAsked(values);
    if (isPlan) {
      const own = recovery === undefined ? {} : { recovery: await readKey(recovery) };
      return sayPlan(await planContinueNode(config, { ...asked, ...own }), asked, json);
    }
    const done = await continueNode(config, {
      ...asked,
      recovery: await readKey(recovery as string),
      signers: (keys) => {
        const files = values.keeper === undefined ? {} : { files: values.keeper };
        return readKeeper(keys.keeper, { dataDir: config.dataDir, keyId: filesId(keys), ...files });
      },
      onProven(loss) {
        terminal.progress('');
        if (!json) for (const line of planLines(loss, asked)) terminal.line(line);
      },
    });
    terminal.progress('');
    if (done === undefined) return sayPlan(undefined, asked, json);
    const { index, entry } = done.entry;
    if (json) terminal.json({ result: 'continued', ...planOf(done.loss), entry: { index, body: entry.body } });
    else {
      terminal.line(`It goes on as ${asked.origin}, recorded by entry ${index} (log.continued).`);
      for (const line of afterwards(asked)) terminal.line(line);
    }
    return EXIT.holds;
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    return sayRefused(failure, nextOf(failure.code, isMove), json);
  }
}

function sayRefused(failure: Failure, next: string, json: boolean): number {
  terminal.progress('');
  if (json) terminal.json({ result: 'refused', code: failure.code, message: failure.message, next });
  terminal.note(`assent: ${explain(failure)}\n  → ${next}`);
  return COULD_NOT_RUN.has(failure.code) ? EXIT.couldNotRun : EXIT.findings;
}

/** `--give-up`: what was begun under the name is not done, and never will be. */
async function giveUp(config: Config, { 'new-origin': name = '', json = false, ...more }: OriginValues) {
  const others = [
    'lost-checkpoint',
    'log-keys',
    'nothing-lost',
    'recovery',
    'tiles',
    'vkey',
    'keeper',
    'dry-run',
  ] as const;
  if (others.some((each) => more[each] !== undefined))
    throw new Usage('restore: --give-up goes with --new-origin alone');
  try {
    const next = parseOrigin('--new-origin', name);
    await giveUpNode(config, next);
    if (json) terminal.json({ result: 'given_up' });
    else terminal.line(`Given up: ${next} signs nothing, and can’t be chosen again. The log has its own name.`);
    return EXIT.holds;
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    const next = GIVE_UP_NEXT[failure.code] ?? NEXT[failure.code];
    return sayRefused(failure, next ?? 'Mend that, then run this again. Nothing was changed.', json);
  }
}

const GIVE_UP_NEXT: Readonly<Record<string, string>> = {
  signer_refused: 'Nothing was changed. npx assent doctor says what was begun, and under which name.',
  superseded: 'Nothing was changed: it is done. See docs/keeper.md for what comes after it.',
};

/** @throws {Failure} `config_invalid`, `input_invalid`, `key_invalid` */
function readAsked(values: OriginValues): LossAsked {
  const { 'new-origin': name = '', 'lost-checkpoint': file, 'log-keys': lostKeys, tiles, vkey } = values;
  return {
    origin: parseOrigin('--new-origin', name),
    lost: file === undefined ? undefined : readNamed(file, 'the note of a checkpoint'),
    lostKeys: lostKeys === undefined ? undefined : readLostKeys(lostKeys),
    tiles,
    vkey: vkey === undefined ? undefined : readVkey(vkey),
    onProgress: (done, size) => terminal.progress(`${done} of ${size} entries`),
  };
}

function readNamed(file: string, want: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Failure('input_invalid', `${file} can’t be read: want ${want}`, { cause });
  }
}

/** What `GET /v1/log/keys` answered, as a mirror keeps it; or a receipt, which carries the same. */
function readLostKeys(file: string): FollowableSlice {
  const want = 'what the ledger answered to GET /v1/log/keys, or a receipt of that time';
  const text = readNamed(file, want);
  const said = readAs('input_invalid', `${file}: want ${want}`, () => parseStrictJson(utf8(text)));
  const isReceipt = typeof said === 'object' && said !== null && 'log_keys' in said;
  const read = logKeysSchema.safeParse(isReceipt ? said.log_keys : said);
  if (read.success) return read.data;
  throw new Failure('input_invalid', `${file}: want ${want}`);
}

/** Neither the ledger nor what is brought is at fault: 2. */
const COULD_NOT_RUN: ReadonlySet<string> = new Set([
  'config_invalid',
  'data_in_use',
  'input_invalid',
  'keys_missing',
  'store_unavailable',
]);

const NO_TWO = 'Name the keys of two of the keeper’s administrators: --keeper FILE --keeper FILE. Nothing was changed.';
const NO_CHECKPOINT =
  'Bring the newest checkpoint of this log: from a witness (GET /…/checkpoint), a monitor, a mirror, or a receipt. Nothing was changed.';
const NEXT: Readonly<Record<string, string>> = {
  already_there: 'Choose a name that this log never had. Nothing was changed.',
  behind: NO_CHECKPOINT,
  checkpoint_invalid: NO_CHECKPOINT,
  data_in_use: 'Stop the server, then run this again.',
  duty_missing: NO_TWO,
  entry_invalid:
    'Restore another backup, one that assent audit finds to hold, and run this again. Nothing was changed.',
  key_ended: NO_TWO,
  keys_missing: 'Put the file back from where the keys and the signer’s memory are kept.',
  limit_reached: 'See docs/keeper.md. Nothing was changed.',
  not_published:
    'Bring a folder with all tiles of that checkpoint’s size, or leave --tiles out: it is then said that nothing proves it.',
  note_invalid: NO_CHECKPOINT,
  principal_mismatch: NO_TWO,
  proof_invalid: 'What is here is of another history than what is lost. Restore another backup. Nothing was changed.',
  second_signature: NO_TWO,
  signature_invalid: NO_CHECKPOINT,
  signature_refused:
    'Bring the recovery key that counted when the backup was made (docs/keys.md), and two of the keeper’s keys as of then. Nothing was changed.',
  signer_refused:
    'This name, or this log, is used for another tree already: restore a backup of after that, or choose another name. What was begun and is not done: run it again under its name, or give it up (--new-origin NAME --give-up).',
  superseded: 'Stop whatever else writes to this database, then run this again.',
};

const NOT_WHOLE = 'Start the server, wait until it has signed all, stop it, and run this again. Nothing was changed.';
/** Where it is said that nothing is lost. */
const NEXT_OF_A_MOVE: Readonly<Record<string, string>> = {
  behind:
    'If entries are lost, put them back from a mirror (--mirror DIR), or say what is lost (--lost-checkpoint FILE). If a witness does not answer, run this again when it does. Nothing was changed.',
  not_published: NOT_WHOLE,
};

function nextOf(code: string, isMove: boolean): string {
  const next = (isMove ? NEXT_OF_A_MOVE[code] : undefined) ?? NEXT[code];
  return next ?? 'Mend that, then run this again. Nothing was changed.';
}

function afterwards({ origin, lost }: LossAsked): readonly string[] {
  const stands = lost === undefined ? 'stands as it did' : 'is suspended until its subject confirms it';
  return [
    `All sessions of persons are ended; what was authorized before ${stands}.`,
    `Now: set ASSENT_ORIGIN to ${origin} and the new vkey in ASSENT_WITNESS_POLICY, take the new recovery key off this machine,`,
    'make a backup at once, start the server, run npx assent audit, and publish the new vkey (docs/keeper.md).',
    ...(lost === undefined
      ? []
      : [
          'Every party waits, too: npx assent doctor lists them, npx assent party continue says which of their keys count.',
        ]),
  ];
}

function sayPlan(loss: Loss | undefined, asked: LossAsked, json: boolean): number {
  terminal.progress('');
  if (loss === undefined) {
    if (json) terminal.json({ result: 'nothing_missing' });
    else terminal.line(`Done already: this log goes on as ${asked.origin}.`);
    return EXIT.holds;
  }
  if (json) terminal.json({ result: 'possible', ...planOf(loss) });
  else {
    for (const line of planLines(loss, asked)) terminal.line(line);
    terminal.line(
      'Nothing was written. Without --dry-run, the recovery key and two of the keeper sign, and this is done.',
    );
  }
  return EXIT.holds;
}

function planOf({ left, reason, lost, proof, erasures, unheard }: Loss) {
  return { reason, left: headOf(left), lost: headOf(lost), proven: proof !== null, erasures, unheard };
}

function headOf({ size, root }: TreeHead) {
  return { size, root: toBase64(root) };
}

function planLines({ left, reason, lost, proof, erasures, unheard }: Loss, { origin }: LossAsked): readonly string[] {
  return [
    `The database has ${left.size} entries, root ${toBase64(left.root)}: whole, and it holds by itself.`,
    ...(reason === 'moved'
      ? ['Nothing is lost: all of it is signed, and nobody who was asked has seen more.']
      : [
          `Lost: ${lost.size - left.size} entries, up to the checkpoint of ${lost.size}, signed by this log’s key.`,
          proof === null
            ? 'Not proven to be a beginning of what was lost: every reader says so. With its tiles it can be (--tiles DIR).'
            : 'Proven to be a beginning of what was lost.',
        ]),
    ...(erasures.length === 0 ? [] : [`${erasures.length} erasures of the lost tail are done again.`]),
    ...unheard.map((name) => `Not heard: the witness ${name}. Whether it has cosigned more is not known.`),
    `From entry ${left.size} on the log is called ${origin}, under new keys. The old name never gets another tree.`,
  ];
}
