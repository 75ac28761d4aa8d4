/**
 * `assent monitor URL`: follows a ledger from outside, keeps its own last checkpoint, and says what is not as it must be.
 */
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseUtf8, utf8 } from '#core/bytes.ts';
import { Failure, isFailure } from '#core/failure.ts';
import type { VerifierKey } from '#core/note/key.ts';
import { compareReceipts, type KeptReceipt } from '../../node/compare-receipts.ts';
import { readConfig } from '../../node/config.ts';
import { httpResources, readFile, writeDurably } from '../../node/resources.ts';
import { openStampWatch, type StampWatch } from '../../node/time-stamp/follow.ts';
import { isOtherCopy, openWatch, type Round, type Watch } from '../../node/watch.ts';
import { readArgs } from '../args.ts';
import { AUDITOR_OPTIONS, auditorOf, urlOf } from '../auditor.ts';
import { depthOf } from '../depth.ts';
import { EXIT, explain, isRefused, terminal, Usage } from '../output.ts';
import { readPolicy } from '../policy.ts';
import { type ComparedRound, evidenceOf, exitOf, jsonOf, printRound } from '../round.ts';
import { readCertificates } from '../time-stamp.ts';
import { readVkey } from '../trust.ts';
import { readReceipt } from './verify.ts';

const OPTIONS = {
  ...AUDITOR_OPTIONS,
  json: { type: 'boolean' },
  vkey: { type: 'string' },
  state: { type: 'string' },
  once: { type: 'boolean' },
  every: { type: 'string' },
  'max-age': { type: 'string' },
  policy: { type: 'string' },
  tsa: { type: 'string' },
  receipts: { type: 'string', multiple: true },
  'skip-signatures': { type: 'boolean' },
  chains: { type: 'boolean' },
} as const;

const EVERY_S = 10;
/** A ledger writes its heads once in a day; two hours more are left to it. */
const AGE_MAX_H = 26;

export async function monitorCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS, 'some');
  const url = urlOf('monitor', positionals);
  const depth = depthOf('monitor', values, ['receipts', 'skip-signatures']);
  if (values.vkey === undefined)
    throw new Usage('monitor: want --vkey, the log’s public key as you have it from elsewhere');
  const vkey = readVkey(values.vkey);
  const state = values.state ?? join(readConfig(process.env).stateDir, `${vkey.keyId}.monitor`);
  const kept = readFile(state);
  const receipts = (values.receipts ?? []).flatMap(receiptsIn);
  const resources = httpResources({ url, ...(await auditorOf('monitor', values)) });
  const watch = await openWatch({
    vkey,
    resources,
    depth,
    kept: kept === undefined ? [] : [parseUtf8(kept)],
    entrySignatures: values['skip-signatures'] !== true,
    policy: values.policy === undefined ? undefined : readPolicy(values.policy),
    partly: true,
    ageMax: numberOf(values['max-age'], AGE_MAX_H) * 3_600_000,
    clock: Date.now,
    onProgress: (done, size) => terminal.progress(`${done} of ${size} entries`),
  });
  const certificates = values.tsa === undefined ? undefined : readCertificates(values.tsa);
  const stamps = certificates && openStampWatch({ vkey, resources, certificates });
  const said = { json: values.json === true, state, vkey, receipts, resources, stamps };
  const every = numberOf(values.every, EVERY_S) * 1_000;
  return values.once ? exitOf(await look(watch, said)) : follow(watch, said, every);
}

interface Said {
  readonly json: boolean;
  readonly state: string;
  readonly vkey: VerifierKey;
  readonly receipts: readonly KeptReceipt[];
  readonly resources: ReturnType<typeof httpResources>;
  /** Undefined: time-stamps are not looked at. */
  readonly stamps: StampWatch | undefined;
}

/** The file of a receipt, or those of a folder that end in .json. @throws {Failure} `input_invalid` */
function receiptsIn(path: string): readonly KeptReceipt[] {
  const files = isFolder(path)
    ? readdirSync(path)
        .filter((name) => name.endsWith('.json'))
        .sort()
        .map((name) => join(path, name))
    : [path];
  if (files.length === 0) throw new Failure('input_invalid', `${path} has no file that ends in .json`);
  return files.map((file) => ({ file, bytes: readReceipt(file) }));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

async function look(watch: Watch, said: Said): Promise<ComparedRound> {
  const { json, state, vkey, receipts } = said;
  await said.stamps?.read();
  const watched = await watch.round();
  const round = await withReceipts((await said.stamps?.judge(watched)) ?? watched, said);
  terminal.progress('');
  if (isOtherCopy(round) || round.receipts?.some(({ verdict }) => verdict === 'diverged')) {
    writeDurably(`${state}.evidence.json`, evidenceOf(vkey, round, receipts));
    terminal.note(`what was served, and what was held before: ${state}.evidence.json`);
  } else if (round.served !== undefined) writeDurably(state, utf8(round.served.note));
  if (json) terminal.json(jsonOf(round));
  else printRound(terminal, round);
  return round;
}

/** Where nothing that the log signed is served, there is nothing to compare them with. */
async function withReceipts(round: Round, { vkey, receipts, resources }: Said): Promise<ComparedRound> {
  const { served, report, readable } = round;
  if (receipts.length === 0 || served === undefined) return round;
  const compared = await compareReceipts(receipts, { vkey, served: served.checkpoint, resources, report, readable });
  const holds = compared.every(({ verdict }) => verdict === 'holds');
  return { ...round, receipts: compared, verdict: holds ? round.verdict : 'findings' };
}

/** Looks again and again, until something is found or it is told to stop. Who does not answer is asked again. */
async function follow(watch: Watch, said: Said, every: number): Promise<number> {
  const stopped = new AbortController();
  void Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]).then(() => stopped.abort());
  let exit: number = EXIT.couldNotRun;
  while (!stopped.signal.aborted) {
    try {
      const round = await look(watch, said);
      exit = exitOf(round);
      if (round.verdict === 'findings') return exit;
    } catch (thrown) {
      if (!isFailure(thrown, 'store_unavailable') && !isRefused(thrown)) throw thrown;
      exit = EXIT.couldNotRun;
      terminal.note(`assent: ${explain(thrown)}`);
    }
    await sleep(every, undefined, { signal: stopped.signal }).catch(() => {});
  }
  return exit;
}

/** @throws {Usage} unless it is a whole number above zero. */
function numberOf(given: string | undefined, otherwise: number): number {
  if (given === undefined) return otherwise;
  if (!/^[1-9][0-9]{0,5}$/.test(given))
    throw new Usage('monitor: want --every SECONDS and --max-age HOURS, whole numbers');
  return Number(given);
}
