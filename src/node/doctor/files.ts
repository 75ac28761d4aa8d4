/** Folders and files: who can read the keys, and what lies together that should not. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { formatVkey } from '#core/note/key.ts';
import { firstKeyId, type KeySet } from '../../key-set.ts';
import type { Config } from '../config.ts';
import { furtherKeyFiles, isDemo, keeperFile, keySetFile, recoveryFile } from '../key-set.ts';
import { fine, type Line, note, todo } from './line.ts';

/** What stands in the way of a real ledger is only to be known of a demo. */
const forReal = (keys: KeySet) => (isDemo(keys) ? note : todo);

/** @param signing the vkeys that sign checkpoints now, where that is known. */
export function fileLines(config: Config, keys: KeySet, signing?: readonly string[]): readonly Line[] {
  return [
    modes(config, keys),
    keepers(config, keys),
    recovery(config, keys),
    ...disks(config, keys),
    ...(signing === undefined || signing.includes(formatVkey(keys.vkey)) ? [publicKey(config, keys)] : []),
  ];
}

/** Bits of a file's mode that let anybody but its owner in. */
const OTHERS = 0o077;

function modes({ dataDir, stateDir }: Config, keys: KeySet): Line {
  const { keyId } = keys.vkey;
  if (process.platform === 'win32') {
    return note('keys.modes', 'Windows has no file modes', `See that only the server’s account can read ${dataDir}.`);
  }
  const files = [
    ...[keySetFile(dataDir, keyId), ...keeperFiles(dataDir, keys), recoveryFile(dataDir, keyId)],
    ...furtherKeyFiles(dataDir, keyId),
  ];
  const open = [...files, dataDir, stateDir].filter((path) => existsSync(path) && (statSync(path).mode & OTHERS) !== 0);
  if (open.length === 0) return fine('keys.modes', 'only their owner can read keys, data and state');
  return todo('keys.modes', `others can read ${open.join(', ')}`, `chmod go-rwx ${open.join(' ')}`);
}

function keeperFiles(dataDir: string, keys: KeySet): readonly string[] {
  return keys.keeper.operators
    .map((_operator, at) => keeperFile(dataDir, firstKeyId(keys), at))
    .filter((path) => existsSync(path));
}

function keepers({ dataDir }: Config, keys: KeySet): Line {
  const found = keeperFiles(dataDir, keys);
  if (found.length < 2) return fine('keys.keeper', `${found.length} of the keeper’s two keys is on this disk`);
  return forReal(keys)(
    'keys.keeper',
    'both keys of the keeper are on one disk: whoever has it does alone what takes two',
    'For a real ledger give each to another person: move the file away, and name it by --keeper when it is needed.',
  );
}

/** Who takes over the server must not be able to take over the ledger: the keys beside it end by the recovery key. */
function recovery({ dataDir }: Config, keys: KeySet): Line {
  const path = recoveryFile(dataDir, keys.vkey.keyId);
  if (!existsSync(path)) return fine('keys.recovery', 'the recovery key is not on this disk');
  return forReal(keys)(
    'keys.recovery',
    `the recovery key (${path}) is beside the keys that it is to replace`,
    'For a real ledger move the file to two media that are kept offline, in two places (docs/keys.md).',
  );
}

/** Whoever restores a backup of both restores the signer's memory, too, and nothing tells them (design §7). */
function disks({ dataDir, stateDir }: Config, keys: KeySet): readonly Line[] {
  const apart = `Set ASSENT_STATE_DIR to a folder on another disk, which no backup of the data holds.`;
  if (!relative(dataDir, stateDir).startsWith('..')) {
    return [todo('state.place', `the signer’s memory (${stateDir}) is in the data folder`, apart)];
  }
  if (keys.database === 'postgres') {
    return [
      note(
        'state.place',
        `the signer’s memory is in ${stateDir}`,
        'See that no backup of the database’s server holds that folder, too.',
      ),
    ];
  }
  if (deviceOf(dataDir) !== deviceOf(stateDir))
    return [fine('state.place', 'data and signer’s memory are on two disks')];
  return [
    forReal(keys)(
      'state.place',
      `the data (${dataDir}) and the signer’s memory (${stateDir}) are on one disk: an image of it restores both`,
      apart,
    ),
  ];
}

/** Of the folder, or of the nearest above it that is there. */
function deviceOf(folder: string): number {
  return existsSync(folder) ? statSync(folder).dev : deviceOf(dirname(folder));
}

function publicKey({ keysDir }: Config, { vkey }: KeySet): Line {
  const path = join(keysDir, `${vkey.keyId}.vkey`);
  const text = existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
  if (text === undefined)
    return todo('keys.public', `${path} is missing`, 'Start the server once: it writes the file.');
  if (text === formatVkey(vkey)) return fine('keys.public', `what readers trust is in ${path}`);
  return todo('keys.public', `${path} holds another key than the ledger’s`, 'Remove it, and start the server once.');
}
