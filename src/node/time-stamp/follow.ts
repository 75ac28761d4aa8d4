/** Time-stamps in rounds of watching: what is served is read before the round's checkpoint, and judged by what it replayed. */
import { Failure } from '#core/failure.ts';
import type { VerifierKey } from '#core/note/key.ts';
import type { Resources } from '#ledger/tiled-source.ts';
import type { TsaCertificates } from '#time-stamp/certificates.ts';
import { formerLogKeysOf, logKeysOf } from '../compare-receipts.ts';
import { proveByTiles } from '../one-tree.ts';
import type { Round } from '../watch.ts';
import { type JudgedStamps, judgeStamps, readServedStamps, type ServedStamps } from './judge.ts';

interface Followed {
  readonly vkey: VerifierKey;
  readonly resources: Resources;
  /** Undefined: who stamped is not asked. */
  readonly certificates: TsaCertificates | undefined;
}

/** What is found of time-stamps makes findings of a round. Where nothing that the log signed is served, they are judged by nothing. */
export async function withStamps(
  round: Round,
  { stamps, problem }: ServedStamps,
  { vkey, resources, certificates }: Followed,
): Promise<Round> {
  const { served, report, readable } = round;
  if (served === undefined) return round;
  const isWhole = report !== null && readable === undefined;
  const isHashed = isWhole && report.codes.every((code) => code !== 'entry' && code !== 'tree');
  const prove = proveByTiles(remembering(resources));
  const [vkeys, former, head] = [logKeysOf({ vkey, report }), formerLogKeysOf(report), served.checkpoint];
  const spans = report?.logKeys ?? [];
  const judged = await judgeStamps(stamps, { vkeys, spans, certificates, former, isHashed, head, prove });
  const findings = [...judged.findings, ...(problem === undefined ? [] : [problem])];
  return { ...round, stamps: { ...judged, findings }, verdict: findings.length === 0 ? round.verdict : 'findings' };
}

/** Looks in each round at what is new, and answers of all until then. */
export interface StampWatch {
  /** Before the round's checkpoint is read. */
  read(): Promise<void>;
  judge(round: Round): Promise<Round>;
}

export function openStampWatch(followed: Followed): StampWatch {
  let before: JudgedStamps = { held: 0, newest: null, findings: [] };
  let after = 0;
  let read: ServedStamps | undefined;
  return {
    async read() {
      read = await readServedStamps(followed.resources, after);
    },
    async judge(round) {
      if (read === undefined) throw new Failure('store_unavailable', 'the time-stamps were not read');
      const judged = await withStamps(round, read, followed);
      const { stamps } = judged;
      if (stamps === undefined || stamps.findings.length > 0) return judged;
      before = { held: before.held + stamps.held, newest: stamps.newest ?? before.newest, findings: [] };
      after = read.stamps.at(-1)?.size ?? after;
      return { ...judged, stamps: before };
    },
  };
}

/** One proof reads much of what the next one reads. */
function remembering({ read }: Resources): Resources {
  const known = new Map<string, Promise<Uint8Array | undefined>>();
  return {
    read(path) {
      const found = known.get(path) ?? read(path);
      known.set(path, found);
      return found;
    },
  };
}
