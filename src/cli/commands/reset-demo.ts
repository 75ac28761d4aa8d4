/**
 * `assent reset-demo`: removes the demo's ledger, its keys and its receipts, so that the next start plays anew. Never a ledger
 * with a name of its own.
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '#core/failure.ts';
import { keyIdOf } from '#core/note/key.ts';
import { nativeEd25519 } from '../../native.ts';
import { readConfig } from '../../node/config.ts';
import { filesId, isDemo, listKeySets, loadKeySet } from '../../node/key-set.ts';
import { takeLock } from '../../node/sqlite.ts';
import { readArgs } from '../args.ts';
import { EXIT, terminal } from '../output.ts';

export async function resetDemoCommand(args: readonly string[]): Promise<number> {
  readArgs(args, {}, 'none');
  const { dataDir, stateDir, keysDir } = readConfig(process.env);
  const sets = await Promise.all(listKeySets(dataDir).map((keyId) => loadKeySet(dataDir, keyId, nativeEd25519)));
  // A log that goes on under a name of its own is no demo any more, and its files lie where they did.
  const real = sets.filter((keys) => !isDemo(keys)).map(filesId);
  const reset = sets.filter((keys) => isDemo(keys) && !real.includes(filesId(keys)));
  const demos = reset.map(({ vkey }) => vkey.keyId);
  /** What the log keys beside the first one have under their own ids: a signer's memory, a vkey. */
  const further = reset.flatMap(({ origin, furtherLog }) =>
    furtherLog.map(({ publicKey }) => keyIdOf(origin, publicKey)),
  );
  requireStopped(dataDir, demos);
  for (const keyId of [...demos, ...further]) {
    for (const folder of [dataDir, stateDir, keysDir]) removeOf(folder, keyId);
  }
  if (demos.length > 0) removeReceipts();
  terminal.line(demos.length === 0 ? `there is no demo in ${dataDir}` : 'the demo is gone: npm start plays it anew');
  return EXIT.holds;
}

/** All of them, before anything is removed: what is refused has removed nothing. */
function requireStopped(dataDir: string, demos: readonly string[]): void {
  for (const keyId of demos) {
    const lock = takeLock(join(dataDir, `${keyId}.lock`));
    if (lock === undefined) throw new Failure('data_in_use', 'the demo is running: stop it (Ctrl-C), then reset it');
    lock.release();
  }
}

/** Everything of one ledger carries its key's id. */
function removeOf(folder: string, keyId: string): void {
  for (const name of namesIn(folder).filter((each) => each === keyId || each.startsWith(`${keyId}.`))) {
    rmSync(join(folder, name), { recursive: true });
  }
}

/** Those that the start wrote where it was called. */
function removeReceipts(): void {
  for (const name of namesIn('.').filter((each) => /^receipt-[0-9a-f]{32}\.json$/.test(each))) rmSync(name);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
