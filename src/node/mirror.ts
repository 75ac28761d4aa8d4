/**
 * A mirror: a folder with all that a ledger serves to auditors, at the same paths, and every checkpoint that it was brought
 * up to. It is audited offline, and a lost tail can be put back from it.
 *
 * @module
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseUtf8, utf8 } from '#core/bytes.ts';
import type { MirrorFiles } from '#ledger/restore-plan.ts';
import { CHECKPOINT_PATH, type Resources } from '#ledger/tiled-source.ts';
import { folderResources, keptResources, readFile, writeDurably } from './resources.ts';
import { isOtherCopy, openWatch, type Round, type Watch, type WatchOptions } from './watch.ts';

/** Notes of the checkpoints that it was brought up to, by their size. */
const CHECKPOINTS = 'checkpoints';

type MirrorOptions = Omit<WatchOptions, 'resources' | 'kept' | 'ageMax' | 'clock'>;

/** Watches the copy alone. It is never stale: nobody says that it is new. */
export function openMirror(folder: string, options: MirrorOptions): Promise<Watch> {
  return watchFolder(folder, folderResources(folder), options);
}

/**
 * Brings a mirror up to what a ledger shows, and keeps what is new only if it is what its checkpoint says. What the rules
 * find in it is reported, and kept: it is the evidence.
 */
export async function fillMirror(folder: string, from: Resources, options: MirrorOptions): Promise<Round> {
  const resources = keptResources(folder, from);
  const round = await (await watchFolder(folder, resources, options)).round();
  if (round.served === undefined || isOtherCopy(round)) return round;
  const { checkpoint, note } = round.served;
  writeDurably(join(folder, CHECKPOINTS, String(checkpoint.size)), utf8(note));
  resources.keep();
  return round;
}

/** A mirror's files, for a tail to be put back from. */
export async function readMirror(folder: string): Promise<MirrorFiles> {
  const resources = folderResources(folder);
  const newest = await resources.read(CHECKPOINT_PATH);
  return { resources, newest: newest && parseUtf8(newest), kept: keptNotes(join(folder, CHECKPOINTS)) };
}

function watchFolder(folder: string, resources: Resources, options: MirrorOptions): Promise<Watch> {
  const kept = keptNotes(join(folder, CHECKPOINTS));
  return openWatch({ ...options, resources, kept, ageMax: undefined, clock: Date.now });
}

function keptNotes(folder: string): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  const sizes = names.filter((name) => /^[0-9]+$/.test(name)).map(Number);
  return sizes.sort((a, b) => a - b).map((size) => parseUtf8(readFile(join(folder, String(size))) ?? new Uint8Array()));
}
