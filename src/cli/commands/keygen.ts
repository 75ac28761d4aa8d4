/**
 * `assent keygen`: makes an Ed25519 key, or all the keys of a ledger, and writes what is secret to files that only their
 * owner can read.
 */
import { existsSync } from 'node:fs';
import { toBase64Url } from '#core/bytes.ts';
import { Failure } from '#core/failure.ts';
import type { Instant } from '#core/instant.ts';
import { formatPrivatePem, formatVkey, SEED_BYTES } from '#core/note/key.ts';
import { nativeEd25519 } from '../../native.ts';
import { parseOrigin } from '../../node/config.ts';
import { createKeySet, keeperFile, keySetFile, recoveryFile, writeSecret } from '../../node/key-set.ts';
import { random } from '../../node.ts';
import { readArgs } from '../args.ts';
import { EXIT, terminal, Usage } from '../output.ts';

const OPTIONS = { json: { type: 'boolean' }, ledger: { type: 'string' } } as const;

export async function keygenCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS, 'some');
  const [path, ...more] = positionals;
  const what = values.ledger === undefined ? 'one file to write the private key to' : 'one folder to write the keys to';
  if (path === undefined || more.length > 0) throw new Usage(`keygen: want ${what}`);
  const json = values.json === true;
  return values.ledger === undefined ? makeKey(path, json) : makeLedgerKeys(path, values.ledger, json);
}

async function makeKey(file: string, json: boolean): Promise<number> {
  if (existsSync(file)) throw new Failure('config_invalid', `${file} is there already: it is not overwritten`);
  const seed = random(SEED_BYTES);
  const key = toBase64Url((await nativeEd25519.importSeed(seed)).publicKey);
  try {
    writeSecret(file, formatPrivatePem(seed));
  } catch (cause) {
    throw new Failure('config_invalid', `${file} can't be written`, { cause });
  }
  if (json) terminal.json({ file, key });
  else terminal.line(`${file}: private key, mode 600: give it to nobody\npublic key: ${key}`);
  return EXIT.holds;
}

/** For a ledger that does not make its own keys at its first start, because it has no disk: one on Workers. */
async function makeLedgerKeys(folder: string, name: string, json: boolean): Promise<number> {
  const origin = parseOrigin('--ledger', name);
  const now = Date.now() as Instant;
  const made = { database: 'postgres', origin, ed25519: nativeEd25519, random, now } as const;
  const { vkey, keeper } = await createKeySet(folder, made).catch((cause) => {
    throw new Failure('config_invalid', `${folder}: the keys can't be written there`, { cause });
  });
  const keys = keySetFile(folder, vkey.keyId);
  const keepers = keeper.operators.map((_operator, at) => keeperFile(folder, vkey.keyId, at));
  const recovery = recoveryFile(folder, vkey.keyId);
  if (json) {
    terminal.json({ origin, vkey: formatVkey(vkey), keys, keepers, recovery });
    return EXIT.holds;
  }
  terminal.line(`${keys}: the ledger's keys, mode 600: keep a copy offline, without them the ledger is lost`);
  for (const file of keepers) terminal.line(`${file}: a keeper's private key, mode 600: give each to another person`);
  terminal.line(`${recovery}: the recovery key, mode 600: keep it offline, in two places, and never on a server`);
  terminal.line(`public key, what readers trust: ${formatVkey(vkey)}`);
  terminal.line('\nFor a ledger on Workers (docs/workers.md):');
  terminal.line('  npx wrangler hyperdrive create assent --caching-disabled --connection-string "postgres://…"');
  terminal.line(`  npx wrangler secret put ASSENT_KEYS < ${keys}`);
  return EXIT.holds;
}
