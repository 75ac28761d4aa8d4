/** The keeper's hands: a client that signs with the keys of its two administrators, on the keeper's own machine. */
import type { Client } from '#client/index.ts';
import { Failure } from '#core/failure.ts';
import { nativeEd25519 } from '../../native.ts';
import type { Config } from '../../node/config.ts';
import { filesId, keysInForce, listKeySets, loadKeySet } from '../../node/key-set.ts';
import { clientOf, readKeeper } from '../http.ts';

/** Options of every command that the keeper's two sign. */
export const KEEPER_OPTIONS = {
  url: { type: 'string' },
  keeper: { type: 'string', multiple: true },
} as const;

export interface KeeperValues {
  readonly url?: string | undefined;
  readonly keeper?: readonly string[] | undefined;
}

/** Where the server is: on this machine, or at a URL that is given, which then is how it is known. */
export function serverOf(config: Config, { url }: KeeperValues): { readonly url: string; readonly authority?: string } {
  if (url !== undefined) return { url };
  const [authority] = config.authorities;
  return { url: `http://127.0.0.1:${config.port}`, ...(authority === undefined ? {} : { authority }) };
}

/** @throws {Failure} `keys_missing`, `config_invalid` */
export async function openKeeper(
  config: Config,
  values: KeeperValues,
): Promise<{
  readonly client: Client;
  readonly origin: string;
  readonly keys: OwnKeys;
}> {
  const keys = await loadOwnKeys(config);
  const files = values.keeper === undefined ? {} : { files: values.keeper };
  const signers = await readKeeper(keys.keeper, { dataDir: config.dataDir, keyId: filesId(keys), ...files });
  const { url, authority } = serverOf(config, values);
  return { client: clientOf(url, signers, authority), origin: keys.origin, keys };
}

type OwnKeys = Awaited<ReturnType<typeof loadKeySet>>;

/** The keys of the one ledger in the data folder. @throws {Failure} `keys_missing`, `config_invalid` */
export async function loadOwnKeys({ dataDir, stateDir }: Config): Promise<OwnKeys> {
  const sets = await Promise.all(listKeySets(dataDir).map((keyId) => loadKeySet(dataDir, keyId, nativeEd25519)));
  const [first] = sets;
  if (first === undefined) throw new Failure('keys_missing', `there is no ledger in ${dataDir}: set ASSENT_DATA_DIR`);
  if (sets.some((each) => filesId(each) !== filesId(first))) {
    throw new Failure('config_invalid', `${dataDir} holds several ledgers: set ASSENT_DATA_DIR`);
  }
  return keysInForce(sets, stateDir);
}
