/** Linting folders of packs: each by itself, and all of them beside each other. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '#core/failure.ts';
import { lintPack } from '#core/pack/lint.ts';
import { lintCreditCodes } from '#core/pack/lint-credit-codes.ts';
import { encodePack, type Pack, packDigest, parsePack } from '#core/pack/pack.ts';
import { MAIN, nameProblems, type PackFolder, readFolder } from './folder.ts';
import type { Problem } from './place.ts';

export interface LintedPack {
  readonly folder: string;
  /** Null where the pack could not be read. */
  readonly id: string | null;
  readonly version: number | null;
  /** SHA-256 of the canonical bytes, base64url: what would be published. */
  readonly digest: string | null;
  readonly bytes: number | null;
  /** How many classes of items it has, and how many items stand in one. */
  readonly classes: number | null;
  readonly classed: number | null;
  readonly problems: readonly Problem[];
}

/** The folders of packs within a folder. */
export function foldersIn(root: string): readonly string[] {
  try {
    const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return folders.map(({ name }) => join(root, name)).sort();
  } catch (cause) {
    throw new Failure('config_invalid', `${root} can't be read: want the folder of all packs`, { cause });
  }
}

/**
 * Lints the packs of some folders. What they need may also be in `beside`, which is read but not judged; one of the same
 * id and version as a pack that is judged is left out, since that is what takes its place.
 *
 * @throws {Failure} `config_invalid`, if a folder can't be read at all.
 */
export function lintFolders(folders: readonly string[], beside: readonly string[]): readonly LintedPack[] {
  const judged = folders.map(readFolder);
  const given = packsOf(judged);
  const others = packsOf(beside.filter((folder) => existsSync(join(folder, MAIN))).map(readFolder)).filter(
    (other) => !given.some(({ id, version }) => id === other.id && version === other.version),
  );
  return judged.map((each) => lintFolder(each, [...given, ...others]));
}

function packsOf(folders: readonly PackFolder[]): readonly Pack[] {
  return folders.flatMap(({ pack }) => pack ?? []);
}

function lintFolder(read: PackFolder, known: readonly Pack[]): LintedPack {
  const { folder, pack } = read;
  if (pack === undefined) {
    const unread = { id: null, version: null, digest: null, bytes: null, classes: null, classed: null };
    return { folder, ...unread, problems: read.problems };
  }
  const bytes = encodePack(pack);
  // What the ledger will take is what its own reader takes.
  parsePack(bytes);
  const found = [...lintPack(pack, versionsOf(known.filter((each) => each !== pack))), ...lintCreditCodes(pack)];
  const problems = found.map((problem): Problem => ({ ...read.place(problem.path), ...problem }));
  return {
    folder,
    id: pack.id,
    version: pack.version,
    digest: packDigest(bytes),
    bytes: bytes.length,
    classes: pack.classes?.length ?? 0,
    classed: pack.items.filter((item) => item.class !== undefined).length,
    problems: [...nameProblems(read), ...problems],
  };
}

function versionsOf(packs: readonly Pack[]): ReadonlyMap<Pack['id'], readonly Pack[]> {
  const versions = new Map<Pack['id'], readonly Pack[]>();
  for (const pack of packs) versions.set(pack.id, [...(versions.get(pack.id) ?? []), pack]);
  return versions;
}
