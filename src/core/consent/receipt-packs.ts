/** The packs that a receipt carries: those by which its decision was made, and no other. */
import { utf8 } from '../bytes.ts';
import { Failure } from '../failure.ts';
import { type Pack, packDigest, parsePack } from '../pack/pack.ts';
import { dayAt } from '../pack/reckon.ts';
import { recent } from '../recent.ts';
import type { Entry } from '../tlog/entry.ts';
import { LOG_STREAM } from '../tlog/stream.ts';
import type { Judged } from './checks/apply-law.ts';
import type { LogState } from './log.ts';
import { versionsOn } from './pack-life.ts';
import type { Receipt } from './receipt.ts';
import { commandOf, touches } from './rules.ts';

/**
 * The digests of the packs that decided an entry, by what the log said then. An access names them itself; what a letter's
 * refusal leaves quiet, all in force at that moment say.
 *
 * @throws {Failure} `receipt_invalid`, if the log never said one of them.
 */
export function packsRead(log: LogState, entry: Entry): readonly string[] {
  if (entry.type.startsWith('letter.')) {
    const isRead = touches(commandOf(entry)).includes(LOG_STREAM);
    return isRead ? versionsOn(log, dayAt(entry.time), entry.time).map(({ digest }) => digest) : [];
  }
  const law = entry.body['law'] as Judged | null | undefined;
  const pinned = entry.type === 'payload.erased' ? (entry.body['packs'] as Judged['packs']) : law?.packs;
  return Object.entries(pinned ?? {}).map(([id, version]) => {
    const digest = (log.packs?.[id] ?? []).find((each) => each.version === version)?.digest;
    if (digest === undefined) throw notThose();
    return digest;
  });
}

/** Who verifies many receipts meets the same few packs in all of them: more than half of a receipt's bytes. */
const knownPack = recent<Pack>(64);

/**
 * A pack is known by its digest, and the log's entries say which digests decide: its bytes need no other proof.
 *
 * @throws {Failure} `receipt_invalid`, if one is there twice.
 */
export function openPacks({ packs = [] }: Receipt): ReadonlyMap<string, Pack> {
  const opened = new Map(
    packs.map((text) => {
      const bytes = utf8(text);
      const digest = packDigest(bytes);
      return [digest, knownPack(digest, () => parsePack(bytes))];
    }),
  );
  if (opened.size < packs.length) throw notThose();
  return opened;
}

/**
 * A receipt holds the packs that decided, and no other: what is known from elsewhere does not mend it, and what nothing
 * checks would still be believed.
 *
 * @throws {Failure} `receipt_invalid`
 */
export function requirePacks(packs: ReadonlyMap<string, Pack>, log: LogState, entry: Entry): void {
  const wanted = packsRead(log, entry);
  if (wanted.length !== packs.size || wanted.some((digest) => !packs.has(digest))) throw notThose();
}

function notThose(): Failure {
  return new Failure('receipt_invalid', 'its packs are not those that the log says decided');
}
