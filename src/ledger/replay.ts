/**
 * Replaying one entry: its bytes, its place in chain and time, its commitment, and its decision, decided again by the
 * same code on the states as they were.
 *
 * @module
 */
import type { JsonObject } from '#core/canonical.ts';
import { logIn } from '#core/consent/log.ts';
import type { View } from '#core/consent/rule.ts';
import { type Command, commandOf, decideAgain, evolve, neededParts } from '#core/consent/rules.ts';
import { Failure } from '#core/failure.ts';
import { type Hash, hashLeaf } from '#core/hash.ts';
import type { Instant } from '#core/instant.ts';
import type { Pack } from '#core/pack/pack.ts';
import { type StreamHead, verifyLink } from '#core/tlog/chain.ts';
import { type Entry, parseEntry } from '#core/tlog/entry.ts';
import type { PartDigests } from '#core/tlog/payload.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import type { SourcedEntry } from './audit-source.ts';
import { nameFor, verifyCommitment, verifyFiled, verifyName, verifyStored, verifyTime } from './entry-check.ts';
import { reasonOf } from './thrown.ts';

export type FindingCode =
  | 'entry'
  | 'chain'
  | 'decision'
  | 'signature'
  | 'payload'
  | 'tree'
  | 'checkpoint'
  | 'state'
  | 'step'
  | 'pack';

/** One thing that is not as it must be. */
export interface Finding {
  readonly code: FindingCode;
  /** The entry that it is about; null: the ledger as a whole. */
  readonly index: number | null;
  readonly message: string;
}

export interface ReplayedStream extends StreamHead {
  readonly state: JsonObject;
}

/** A ledger replayed up to some index. */
export interface Replay extends View {
  readonly origin: string;
  readonly streams: ReadonlyMap<StreamId, ReplayedStream>;
  /** Ledger time of the last entry. */
  time(): Instant;
  /** Checks an entry against all before it. `inspect` sees it before it is folded in. */
  step(
    row: SourcedEntry,
    digests: PartDigests,
    inspect: (entry: Entry) => void,
  ): { readonly leaf: Hash; readonly findings: readonly Finding[] };
}

export function startReplay(origin: string, packs: ReadonlyMap<string, Pack>): Replay {
  const streams = new Map<StreamId, ReplayedStream>();
  const idems = new Set<string>();
  let time = 0 as Instant;
  let next = 0;
  const view: View = {
    head: (stream) => streams.get(stream),
    state: (stream) => streams.get(stream)?.state,
    pack: (digest) => packs.get(digest),
  };

  return {
    ...view,
    origin,
    streams,
    time: () => time,
    step(row, digests, inspect) {
      const findings: Finding[] = [];
      const attempt = (code: FindingCode, check: () => void) => {
        try {
          check();
        } catch (thrown) {
          findings.push({ code, index: row.index, message: reasonOf(thrown) });
        }
      };
      const leaf = hashLeaf(row.bytes);
      attempt('entry', () => verifyStored(row, leaf, next));
      next = row.index + 1;
      let entry: Entry | undefined;
      attempt('entry', () => {
        entry = parseEntry(row.bytes);
        verifyName(entry, nameFor(entry, logIn(view), origin));
        verifyFiled(entry, row);
        verifyTime(entry, time);
      });
      if (entry === undefined) return { leaf, findings };
      const found = entry;
      time = found.time;
      attempt('chain', () => verifyLink(streams.get(found.stream), found, leaf));
      attempt('payload', () => verifyCommitment(found, digests));
      attempt('entry', () => verifyOnce(found, idems));
      let command: Command | undefined;
      attempt('decision', () => {
        command = commandOf(found);
        decideAgain(view, found, command);
      });
      const before = streams.get(found.stream)?.state;
      if (command !== undefined) attempt('payload', () => verifyParts(neededParts(command as Command), digests));
      attempt('payload', () => inspect(found));
      streams.set(found.stream, { seq: found.seq, leaf, state: before ?? {} });
      attempt('decision', () => {
        if (command === undefined) return;
        streams.set(found.stream, { seq: found.seq, leaf, state: evolve(before, command.type, found) });
      });
      return { leaf, findings };
    },
  };
}

function verifyParts(needed: readonly string[], digests: PartDigests): void {
  const parts = Object.keys(digests);
  if (parts.length === needed.length && needed.every((name) => Object.hasOwn(digests, name))) return;
  throw new Failure('commitment_invalid', 'its payload’s parts are not those of such an entry');
}

/** I6: one actor's idempotency key makes an entry once. */
function verifyOnce(entry: Entry, idems: Set<string>): void {
  const ref = entry.type === 'hold.drafted' ? `ref/${String(entry.body['ref'])}` : undefined;
  if (ref !== undefined && idems.has(ref)) throw new Failure('entry_invalid', 'its statement was drafted before');
  if (ref !== undefined) idems.add(ref);
  const idem = entry.body['idem'];
  if (typeof idem !== 'string') return;
  if (idems.has(idem)) throw new Failure('entry_invalid', 'its idempotency key already made another entry');
  idems.add(idem);
}
