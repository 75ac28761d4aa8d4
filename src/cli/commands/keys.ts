/**
 * `assent keys`: the ledger's issuing key is exchanged in three steps, each by the keeper's two: a new one is announced, it
 * takes over, the old one is retired, or was compromised (docs/keys.md); the log key likewise (log-key.ts). Each step can be
 * repeated after it was broken off.
 */
import { toBase64Url } from '#core/bytes.ts';
import { issuingKeysOf, possessionBytes } from '#core/consent/issuing-key.ts';
import type { IssuingKey, LogState } from '#core/consent/log.ts';
import { openLogState } from '#core/consent/log-keys.ts';
import { Failure } from '#core/failure.ts';
import type { Instant } from '#core/instant.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { formatPrivatePem, SEED_BYTES } from '#core/note/key.ts';
import { nativeEd25519 } from '../../native.ts';
import { type Config, readConfig } from '../../node/config.ts';
import { issuingKeyFile, writeSecret } from '../../node/key-set.ts';
import { random } from '../../node.ts';
import { readArgs } from '../args.ts';
import { EXIT, terminal, Usage } from '../output.ts';
import { readTime } from '../time.ts';
import { KEEPER_OPTIONS, openKeeper } from './keeper.ts';
import {
  addLogKey,
  compromiseLogKey,
  findLogKey,
  listLogKeys,
  type OpenedLog,
  retireLogKey,
  rotateLogKey,
} from './log-key.ts';
import { recoverCommand } from './recover.ts';

const OPTIONS = {
  ...KEEPER_OPTIONS,
  json: { type: 'boolean' },
  since: { type: 'string' },
  until: { type: 'string' },
  lost: { type: 'boolean' },
  recovery: { type: 'string' },
  to: { type: 'string' },
} as const;
const WANTED = 'keys: want status, add issuing|log, rotate issuing|log, retire KEY, compromised KEY, or recover';

export async function keysCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS, 'some');
  const [action, what, ...more] = positionals;
  if (more.length > 0) throw new Usage(WANTED);
  const config = readConfig(process.env);
  if (action === 'status' && what === undefined) return printStatus(await openLog(), values.json === true);
  if (action === 'add' && what === 'issuing') return add(await openLog(), config.dataDir);
  if (action === 'rotate' && what === 'issuing') return rotate(await openLog());
  if (action === 'add' && what === 'log') return addLogKey(await openLog(), config);
  if (action === 'rotate' && what === 'log') {
    const until = values.until === undefined ? undefined : readTime('keys', 'until', values.until);
    return rotateLogKey(await openLog(), config, until);
  }
  if (action === 'retire' && what !== undefined) return retire(await openLog(), what);
  if (action === 'compromised' && what !== undefined) {
    const since = readTime('keys', 'since', values.since);
    return compromised(await openLog(), config, { named: what, since });
  }
  if (action === 'recover' && what === undefined) return recoverCommand(config, values);
  throw new Usage(WANTED);

  async function openLog(): Promise<Opened> {
    const { client, keys } = await openKeeper(config, values);
    const log = await openLogState(await client.logKeys(), keys.vkey, nativeEd25519);
    return { client, keys, log };
  }
}

type Opened = OpenedLog;

function printStatus({ log, keys }: Opened, json: boolean): number {
  const held = new Set([keys.issuing, ...keys.furtherIssuing].map(textOf));
  const listed = issuingKeysOf(log).map((each) => ({
    ...each,
    standing: standingOf(log, each),
    here: held.has(each.key),
  }));
  const logKeys = listLogKeys({ log, keys });
  if (json) terminal.json({ issuing: listed, log: logKeys });
  else {
    const line = (name: string, standing: string, here: boolean) =>
      terminal.line(`${name}  ${standing}${here ? '' : '  NOT HERE'}`);
    terminal.line('issuing keys, which sign entries:');
    for (const { key, standing, here } of listed) line(key, standing, here);
    terminal.line('log keys, which sign checkpoints:');
    for (const { vkey, standing, here } of logKeys) line(vkey, standing, here);
  }
  return EXIT.holds;
}

function standingOf({ issuing_key }: LogState, { key, from, retired_at, compromised_since }: IssuingKey): string {
  if (key === issuing_key) return 'signs';
  if (compromised_since !== undefined) return `compromised since ${new Date(compromised_since).toISOString()}`;
  if (retired_at !== null) return 'retired';
  return from === null ? 'announced' : 'taken until it is retired';
}

/** The file comes first: a key that is announced is always at hand. A file that was never announced is announced now. */
async function add({ client, keys, log }: Opened, dataDir: string): Promise<number> {
  const known = new Set(issuingKeysOf(log).map(({ key }) => key));
  const key = keys.furtherIssuing.find((each) => !known.has(textOf(each))) ?? (await make(dataDir, keys.vkey.keyId));
  const text = textOf(key);
  const possession = toBase64Url(await key.sign(possessionBytes(keys.origin, text)));
  terminal.json(await client.addIssuingKey({ key: text, possession }));
  terminal.note('Now: copy its file to every server of this ledger, restart them, have clients read the keys anew,');
  terminal.note('and then: assent keys rotate issuing');
  return EXIT.holds;
}

async function make(dataDir: string, keyId: string): Promise<SigningKey> {
  const seed = random(SEED_BYTES);
  const key = await nativeEd25519.importSeed(seed);
  const path = issuingKeyFile(dataDir, keyId, key.publicKey);
  writeSecret(path, formatPrivatePem(seed));
  terminal.note(`${path}: an issuing key, mode 600: keep a copy offline, beside those of the ledger`);
  return key;
}

async function rotate({ client, log }: Opened): Promise<number> {
  const next = issuingKeysOf(log).find(({ from, retired_at }) => from === null && retired_at === null);
  if (next === undefined) throw new Failure('key_ended', 'no issuing key is announced: assent keys add issuing');
  terminal.json(await client.switchIssuingKey(next.key));
  return EXIT.holds;
}

async function retire(opened: Opened, key: string): Promise<number> {
  const { client, log } = opened;
  const logKey = findLogKey(log, key);
  if (logKey !== undefined) return retireLogKey(opened, logKey);
  terminal.json(await client.retireIssuingKey(key));
  return EXIT.holds;
}

async function compromised(
  opened: Opened,
  config: Config,
  { named: key, since }: { readonly named: string; readonly since: Instant },
): Promise<number> {
  const { client, log } = opened;
  const logKey = findLogKey(log, key);
  if (logKey !== undefined) return compromiseLogKey(opened, config, { key: logKey, since });
  terminal.json(await client.compromiseIssuingKey({ key, since }));
  terminal.note('Now: tell who relies on this ledger (docs/keys.md), destroy the key’s file, and run assent audit:');
  terminal.note('it lists what the key signed since then');
  return EXIT.holds;
}

function textOf({ publicKey }: SigningKey): string {
  return toBase64Url(publicKey);
}
