/** The client as commands use it: this runtime's fetch, clock and randomness, and the keeper's keys. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, openClient, partySignatory, type Signatory } from '#client/index.ts';
import type { PartyId } from '#core/ids.ts';
import { readKey } from '../node/key-file.ts';
import { keeperFile } from '../node/key-set.ts';
import type { Opened } from '../node.ts';

/** A ledger that does not answer is asked again, under the same key. */
const ANSWER_WAIT_MS = 15_000;

/** A server on this machine may be known to its callers by another name: then signatures name that one. */
export function clientOf(
  url: string,
  signers: readonly Signatory[],
  authority?: string | undefined,
  newKey: () => string = randomUUID,
): Client {
  return openClient({
    url,
    ...(authority === undefined ? {} : { authority }),
    fetch: (asked, init) => fetch(asked, { ...init, signal: AbortSignal.timeout(ANSWER_WAIT_MS) }),
    signers,
    clock: Date.now,
    newKey,
    sleep: (ms) => sleep(ms),
  });
}

/** The keeper's two administrators, from the files of the data folder, or from others that are named. */
export async function readKeeper(
  { party, operators }: Opened['keeper'],
  { dataDir, keyId, files }: { readonly dataDir: string; readonly keyId: string; readonly files?: readonly string[] },
): Promise<readonly Signatory[]> {
  const paths = files ?? operators.map((_operator, at) => keeperFile(dataDir, keyId, at));
  return Promise.all(paths.map(async (path) => partySignatory(party as PartyId, await readKey(path))));
}
