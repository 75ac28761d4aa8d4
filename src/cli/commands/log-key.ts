/**
 * `assent keys … log`: the log key is exchanged in three steps, as the issuing key is: a new one is announced, it takes over, the
 * old one is retired, or was compromised (docs/keys.md). Each step can be repeated after it was broken off.
 */
import type { Client } from '#client/index.ts';
import { toBase64Url } from '#core/bytes.ts';
import { type LogKey, type LogState, logKeysOf } from '#core/consent/log.ts';
import { logKeyInForce, logKeyPossessionBytes } from '#core/consent/log-key.ts';
import { Failure } from '#core/failure.ts';
import { type Instant, parseInstant } from '#core/instant.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { formatPrivatePem, formatVkey, parseVkey, SEED_BYTES, verifierKey } from '#core/note/key.ts';
import { nativeEd25519 } from '../../native.ts';
import type { Config } from '../../node/config.ts';
import { logKeyFile, vkeyFile, writeSecret, writeVkey } from '../../node/key-set.ts';
import { random } from '../../node.ts';
import { EXIT, terminal } from '../output.ts';
import type { openKeeper } from './keeper.ts';

type OwnKeys = Awaited<ReturnType<typeof openKeeper>>['keys'];

export interface OpenedLog {
  readonly client: Client;
  readonly keys: OwnKeys;
  readonly log: LogState;
}

/** How long two keys sign side by side, where nothing else is asked for. */
const OVERLAP_DAYS = 180;
const DAY_MS = 86_400_000;

export interface LogKeyLine extends LogKey {
  readonly standing: string;
  /** Whether its file is on this machine. */
  readonly here: boolean;
}

/** Every log key, and how it stands. */
export function listLogKeys({ log, keys }: Pick<OpenedLog, 'log' | 'keys'>): readonly LogKeyLine[] {
  const held = [formatVkey(keys.vkey), ...keys.furtherLog.map((key) => vkeyOf(keys, key))];
  return logKeysOf(log).map((each) => ({ ...each, standing: standingOf(each), here: held.includes(each.vkey) }));
}

function standingOf({ from, to, until, retired_at, compromised_since }: LogKey): string {
  if (compromised_since !== undefined) return `compromised since ${new Date(compromised_since).toISOString()}`;
  if (retired_at !== null) return 'retired';
  if (from === null) return 'announced';
  return to === null ? 'signs' : `signs beside it until ${new Date(Number(until)).toISOString()} at the least`;
}

/** The file comes first: a key that is announced is always at hand. A file that was never announced is announced now. */
export async function addLogKey({ client, keys, log }: OpenedLog, { dataDir }: Config): Promise<number> {
  const known = new Set(logKeysOf(log).map(({ vkey }) => vkey));
  const unknown = keys.furtherLog.find((key) => !known.has(vkeyOf(keys, key)));
  const key = unknown ?? (await make(dataDir, keys));
  const vkey = vkeyOf(keys, key);
  const possession = toBase64Url(await key.sign(logKeyPossessionBytes(keys.origin, vkey)));
  terminal.json(await client.addLogKey({ vkey, possession }));
  terminal.note('Now: copy its file to every server of this ledger, restart them, ask your witnesses to add the vkey,');
  terminal.note('and then: assent keys rotate log');
  return EXIT.holds;
}

function vkeyOf({ origin }: OwnKeys, { publicKey }: SigningKey): string {
  return formatVkey(verifierKey(origin, publicKey));
}

async function make(dataDir: string, keys: OwnKeys): Promise<SigningKey> {
  const seed = random(SEED_BYTES);
  const key = await nativeEd25519.importSeed(seed);
  const path = logKeyFile(dataDir, keys.vkey.keyId, verifierKey(keys.origin, key.publicKey).keyId);
  writeSecret(path, formatPrivatePem(seed));
  terminal.note(`${path}: a log key, mode 600: keep a copy offline, beside those of the ledger`);
  return key;
}

/** @param until ISO 8601; undefined: half a year from now. */
export async function rotateLogKey(
  { client, log }: OpenedLog,
  { keysDir }: Config,
  until: Instant | undefined,
): Promise<number> {
  const next = logKeysOf(log).find(({ from, retired_at }) => from === null && retired_at === null);
  if (next === undefined) throw new Failure('key_ended', 'no log key is announced: assent keys add log');
  const end = until ?? parseInstant(Date.now() + OVERLAP_DAYS * DAY_MS);
  terminal.json(await client.switchLogKey({ vkey: next.vkey, until: end }));
  const vkey = parseVkey(next.vkey);
  writeVkey(keysDir, vkey);
  terminal.note(`${vkeyFile(keysDir, vkey)}: what readers trust from now on; who has the one before is led to it`);
  terminal.note(`Now: publish it where the one before stands, and retire that after ${new Date(end).toISOString()}`);
  return EXIT.holds;
}

/** The log key that is named by its vkey or id; undefined: it is none. */
export function findLogKey(log: LogState, named: string): LogKey | undefined {
  return logKeysOf(log).find(({ vkey }) => vkey === named || parseVkey(vkey).keyId === named);
}

export async function retireLogKey({ client }: OpenedLog, { vkey }: LogKey): Promise<number> {
  terminal.json(await client.retireLogKey(vkey));
  terminal.note('Its file can be destroyed. Keep its .vkey as long as somebody shows you receipts that it signed');
  return EXIT.holds;
}

export async function compromiseLogKey(
  { client, log }: OpenedLog,
  { keysDir }: Config,
  { key: { vkey }, since }: { readonly key: LogKey; readonly since: Instant },
): Promise<number> {
  terminal.json(await client.compromiseLogKey({ vkey, since }));
  const { keyId } = parseVkey(vkey);
  terminal.note('Now: destroy its file, and have everyone who relies on this ledger add these lines to their policy:');
  terminal.note(`  log ${logKeyInForce(log).vkey}`);
  terminal.note(`  #assent compromised ${keyId} ${new Date(since).toISOString()}`);
  terminal.note(`and remove ${vkeyFile(keysDir, parseVkey(vkey))} where nobody judges by a policy (docs/keys.md)`);
  return EXIT.holds;
}
