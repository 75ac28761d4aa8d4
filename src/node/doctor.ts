/**
 * Looks at everything that a ledger on this machine stands on, and says of each what it is and what to do. Writes nothing.
 *
 * @module
 */
import { type Failure, isFailure } from '#core/failure.ts';
import type { KeySet } from '../key-set.ts';
import { nativeEd25519 } from '../native.ts';
import { type Inspected, inspectNode } from '../node.ts';
import type { Config } from './config.ts';
import { databaseLines } from './doctor/database.ts';
import { fileLines } from './doctor/files.ts';
import { fine, type Line, note, todo } from './doctor/line.ts';
import { logKeyLines } from './doctor/log-keys.ts';
import { configLines, portLine } from './doctor/surroundings.ts';
import { stampLines } from './doctor/time-stamps.ts';
import { witnessLines } from './doctor/witnesses.ts';
import { listKeySets, loadKeySet } from './key-set.ts';

/** Whatever can't be looked at is a line, too: the others are still worth reading. */
export async function diagnose(config: Config): Promise<readonly Line[]> {
  const [inspected, failure] = await inspect(config);
  const keys = await loadKeys(config);
  const isServed = inspected?.signer === 'held' || failure?.code === 'data_in_use';
  return [
    ...configLines(config),
    ...keys.lines,
    ...keys.sets.flatMap((set) => fileLines(config, set, inspected?.logKeys?.signing)),
    ...(failure === undefined ? [] : [failed(failure)]),
    ...(inspected === undefined ? [] : ownOf(keys.sets, inspected).flatMap((set) => databaseLines(set, inspected))),
    ...(inspected === undefined
      ? []
      : (await Promise.all(ownOf(keys.sets, inspected).map((set) => logKeyLines(config, set, inspected)))).flat()),
    ...(inspected === undefined ? keys.sets : ownOf(keys.sets, inspected)).flatMap((set) =>
      witnessLines(config, set, inspected),
    ),
    ...(inspected === undefined ? [] : stampLines(config, inspected)),
    await portLine(config, isServed),
  ];
}

/** A data folder may hold the keys of several ledgers on servers; the database says which one it is. */
function ownOf(sets: readonly KeySet[], { keyId }: Inspected): readonly KeySet[] {
  return sets.filter(({ vkey }) => vkey.keyId === keyId);
}

async function inspect(config: Config): Promise<readonly [Inspected | undefined, Failure | undefined]> {
  try {
    return [await inspectNode(config), undefined];
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    return [undefined, failure];
  }
}

async function loadKeys({
  dataDir,
}: Config): Promise<{ readonly sets: readonly KeySet[]; readonly lines: readonly Line[] }> {
  const sets: KeySet[] = [];
  const lines: Line[] = [];
  for (const keyId of listKeySets(dataDir)) {
    try {
      const set = await loadKeySet(dataDir, keyId, nativeEd25519);
      sets.push(set);
      lines.push(fine('keys', `the keys of ${set.origin} (${keyId}) are in ${dataDir}`));
    } catch (failure) {
      if (!isFailure(failure)) throw failure;
      lines.push(todo('keys', failure.message, 'Put the file back from where the keys are kept.'));
    }
  }
  return { sets, lines };
}

const NEXT: Partial<Record<Failure['code'], string>> = {
  data_in_use: 'Wait for that process to end, or stop it: a server of this version would have answered for itself.',
  store_unavailable: 'See that the database runs and that DATABASE_URL is right; then run this again.',
  config_invalid: 'Mend that; then run this again.',
  keys_missing: 'Put the file with the keys back; a ledger whose keys are gone gets no new ones.',
};

function failed({ code, message }: Failure): Line {
  if (code === 'keys_missing' && message.startsWith('there is no ledger yet')) {
    return note('ledger', message, null);
  }
  return todo('ledger', `${code}: ${message}`, NEXT[code] ?? 'Run npx assent audit, and keep what it says.');
}
