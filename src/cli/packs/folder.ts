/**
 * A pack as a folder: `pack.yaml`, and further YAML files whose top-level fields are put beside its own.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, isAbsolute, join, relative, resolve } from 'node:path';
import { parseUtf8 } from '#core/bytes.ts';
import { Failure, isFailure } from '#core/failure.ts';
import { PACK_BYTES_MAX, type Pack } from '#core/pack/pack.ts';
import { readPack } from '#wire/packs.ts';
import { fillPack, isRecord } from './fill.ts';
import { type Place, type Places, type Problem, placeOf } from './place.ts';
import { readYaml, type Yaml } from './yaml.ts';

export interface PackFolder {
  readonly folder: string;
  /** Undefined where it could not be read. */
  readonly pack: Pack | undefined;
  readonly problems: readonly Problem[];
  /** Where a path of the pack stands. */
  place(path: string): Place;
}

/** The file that makes a folder one of a pack. */
export const MAIN = 'pack.yaml';
/** What may lie beside the YAML files. */
const OTHERS: readonly string[] = ['README.md'];
const FILES_MAX = 64;

/**
 * Reads a pack out of a folder, with everything that is wrong with its text or its fields.
 *
 * @throws {Failure} `config_invalid`, if the folder or a file of it can't be read at all.
 */
export function readFolder(folder: string): PackFolder {
  const names = listFiles(folder);
  const strange = names.filter((name) => !name.endsWith('.yaml') && !OTHERS.includes(name));
  const files = names.filter((name) => name.endsWith('.yaml')).map((name) => readFile(join(folder, name)));
  const whole = { file: shown(join(folder, MAIN)), line: 1, column: 1 };
  const merged = merge(files);
  const place = (path: string) => placeOf(merged.places, path, whole);
  const problems = [
    ...strange.map((name) => fileProblem(join(folder, name), `want only *.yaml and ${OTHERS.join(', ')}`)),
    ...files.flatMap((file) => file.problems),
    ...merged.problems,
  ];
  if (problems.length > 0) return { folder, pack: undefined, problems, place };
  const read = readPack(fillPack(merged.value));
  if ('pack' in read) return { folder, pack: read.pack, problems: [], place };
  const errors = read.errors.map(({ at, message }): Problem => {
    return { ...place(at), path: at, code: 'input_invalid', severity: 'error', message };
  });
  return { folder, pack: undefined, problems: errors, place };
}

/** That the folder is called as its pack, so that one finds it. */
export function nameProblems({ folder, pack, place }: PackFolder): readonly Problem[] {
  const name = basename(resolve(folder));
  if (pack === undefined || pack.id === name) return [];
  const message = `the pack is ${pack.id}, its folder ${name}`;
  return [{ ...place('id'), path: 'id', code: 'folder_mismatch', severity: 'error', message }];
}

/** A path as one reads it here: relative, where that is not longer than the way up and down again. */
export function shown(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') || isAbsolute(near) ? resolve(path) : near;
}

function listFiles(folder: string): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder).sort();
  } catch (cause) {
    throw new Failure('config_invalid', `${folder} can't be read: want the folder of a pack`, { cause });
  }
  if (!names.includes(MAIN)) throw new Failure('config_invalid', `${folder} has no ${MAIN}: want the folder of a pack`);
  if (names.length > FILES_MAX) {
    throw new Failure('config_invalid', `${folder} has ${names.length} files, a pack has ${FILES_MAX} at most`);
  }
  return names;
}

function readFile(path: string): Yaml {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new Failure('config_invalid', `${path} can't be read`, { cause });
  }
  const refuse = (message: string): Yaml => {
    return { value: null, places: new Map(), problems: [fileProblem(path, message)] };
  };
  if (bytes.length > PACK_BYTES_MAX) return refuse(`${bytes.length} bytes, want ${PACK_BYTES_MAX} at most`);
  try {
    const yaml = readYaml(shown(path), parseUtf8(bytes));
    if (yaml.problems.length > 0 || isRecord(yaml.value)) return yaml;
    return refuse('want fields such as id, version, title');
  } catch (cause) {
    if (!isFailure(cause)) throw cause;
    return refuse('not UTF-8');
  }
}

function merge(files: readonly Yaml[]) {
  const value: Record<string, unknown> = {};
  const places = new Map<string, Place>();
  const problems: Problem[] = [];
  for (const file of files) {
    for (const [name, section] of isRecord(file.value) ? Object.entries(file.value) : []) {
      const [here, there] = [file.places.get(name), places.get(name)];
      if (here !== undefined && there !== undefined) {
        const message = `it is there already, at ${there.file}:${there.line}`;
        problems.push({ ...here, path: name, code: 'duplicate', severity: 'error', message });
      } else value[name] = section;
    }
    for (const [path, place] of file.places) if (!places.has(path)) places.set(path, place);
  }
  return { value, places: places as Places, problems };
}

function fileProblem(path: string, message: string): Problem {
  return { file: shown(path), line: 1, column: 1, path: '', code: 'file_invalid', severity: 'error', message };
}
