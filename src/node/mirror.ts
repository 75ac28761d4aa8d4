/**
 * A mirror: a folder with all that a ledger serves to auditors, at the same paths, and every checkpoint that it was brought
 * up to. It is audited offline, and a lost tail can be put back from it.
 *
 * @module
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseUtf8 } from '#core/bytes.ts';
import { parseVkey, type VerifierKey } from '#core/note/key.ts';
import { nameIn } from '#ledger/checkpoint-signers.ts';
import type { MirrorFiles } from '#ledger/restore-plan.ts';
import { CHECKPOINT_PATH, LOG_KEYS_PATH, type Resources } from '#ledger/tiled-source.ts';
import type { TsaCertificates } from '#time-stamp/certificates.ts';
import { fileNote, readNotes, setAside } from './mirror-names.ts';
import { folderResources, keptResources, writeDurably } from './resources.ts';
import { withStamps } from './time-stamp/follow.ts';
import { keptStamps, readServedStamps, stampPath } from './time-stamp/judge.ts';
import { isOtherCopy, openWatch, type Round, type Watch, type WatchOptions } from './watch.ts';

type MirrorOptions = Omit<WatchOptions, 'resources' | 'kept' | 'ageMax' | 'clock'>;

/** Whose time-stamps are believed; undefined: who stamped is not asked. */
type FillOptions = MirrorOptions & { readonly certificates?: TsaCertificates | undefined };

/** Watches the copy alone. It is never stale: nobody says that it is new. */
export function openMirror(folder: string, options: MirrorOptions): Promise<Watch> {
  return watchFolder(folder, folderResources(folder), options);
}

/**
 * Brings a mirror up to what a ledger shows, and keeps what is new only if it is what its checkpoint says. What the rules
 * find in it is reported, and kept: it is the evidence. Time-stamps are kept that are of its history.
 */
export async function fillMirror(folder: string, from: Resources, options: FillOptions): Promise<Round> {
  const former = await formerName(folder, options.vkey);
  // Of a former name it may have some beyond what goes on: behind those nothing new would be looked for.
  const served = await readServedStamps(from, former === undefined ? (keptStamps(folder).at(-1)?.size ?? 0) : 0);
  const resources = keptResources(folder, from, former !== undefined);
  const watched = await (await watchFolder(folder, resources, options)).round();
  const round = await withStamps(watched, served, {
    vkey: options.vkey,
    certificates: options.certificates,
    resources,
  });
  if (round.served === undefined || isOtherCopy(round)) return round;
  // Who audits the copy, or has a tail put back from it, is led by it from log key to log key.
  await resources.read(LOG_KEYS_PATH);
  if (former !== undefined) {
    setAside(folder, former);
    dropLostStamps(folder, former, round);
  }
  fileNote(folder, round.served);
  resources.keep();
  const found = new Set(round.stamps?.findings.map(({ size }) => size));
  for (const { size, bytes } of served.stamps) {
    const path = join(folder, stampPath(size));
    // The one that is kept may be older, and say more.
    if (bytes !== undefined && !found.has(size) && !existsSync(path)) writeDurably(path, bytes);
  }
  return round;
}

/** Of trees that were lost when the log went on under another name: they lie with the former one, which was set aside. */
function dropLostStamps(folder: string, former: string, { report }: Round): void {
  const { size: left = Number.MAX_SAFE_INTEGER } =
    report?.continued?.find(({ before }) => parseVkey(before).name === former) ?? {};
  for (const { size } of keptStamps(folder)) {
    if (size > left) rmSync(join(folder, stampPath(size)));
  }
}

/** The same round of a mirror, with the time-stamps that it has kept. */
export function judgeMirrorStamps(
  folder: string,
  round: Round,
  by: { readonly vkey: VerifierKey; readonly certificates: TsaCertificates },
): Promise<Round> {
  const kept = { stamps: keptStamps(folder), problem: undefined };
  return withStamps(round, kept, { ...by, resources: folderResources(folder) });
}

/** A mirror's files, for a tail to be put back from. */
export async function readMirror(folder: string): Promise<MirrorFiles> {
  const resources = folderResources(folder);
  const newest = await resources.read(CHECKPOINT_PATH);
  return { resources, newest: newest && parseUtf8(newest), kept: readNotes(folder) };
}

function watchFolder(folder: string, resources: Resources, options: MirrorOptions): Promise<Watch> {
  return openWatch({ ...options, resources, kept: readNotes(folder), ageMax: undefined, clock: Date.now });
}

/** The name of the log that a mirror is of, if it is not the one that is read now. */
async function formerName(folder: string, { name }: VerifierKey): Promise<string | undefined> {
  const newest = await folderResources(folder).read(CHECKPOINT_PATH);
  const kept = newest === undefined ? undefined : nameIn(parseUtf8(newest));
  return kept === name ? undefined : kept;
}
