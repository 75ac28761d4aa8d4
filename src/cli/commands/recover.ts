/**
 * `assent keys recover`: the keeper's administrators are replaced, by the recovery key. Three new private keys are written
 * first, to a folder that is named; broken off, the same command goes on with them, and is answered as it was.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { toBase64Url, toHex } from '#core/bytes.ts';
import { recoveryBytes } from '#core/consent/recovery.ts';
import { Failure } from '#core/failure.ts';
import { sha256 } from '#core/hash.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { formatPrivatePem, SEED_BYTES } from '#core/note/key.ts';
import type { Config } from '../../node/config.ts';
import { readKey } from '../../node/key-file.ts';
import { keeperFile, recoveryFile, writeSecret } from '../../node/key-set.ts';
import { random } from '../../node.ts';
import { clientOf } from '../http.ts';
import { EXIT, terminal, Usage } from '../output.ts';
import { readTime } from '../time.ts';
import { type KeeperValues, loadOwnKeys, serverOf } from './keeper.ts';

export interface RecoverValues extends KeeperValues {
  readonly since?: string | undefined;
  readonly lost?: boolean | undefined;
  readonly recovery?: string | undefined;
  readonly to?: string | undefined;
}

/** @throws {Usage} @throws {Failure} `keys_missing`, `config_invalid`, `input_invalid`, `key_invalid` */
export async function recoverCommand(config: Config, values: RecoverValues): Promise<number> {
  const { recovery: file, to, lost = false } = values;
  if (file === undefined || to === undefined || lost === (values.since !== undefined)) {
    throw new Usage('keys recover: want --recovery FILE --to FOLDER, and --lost or --since TIME');
  }
  const since = lost ? null : readTime('keys recover', 'since', values.since);
  const { vkey, origin } = await loadOwnKeys(config);
  const recovery = await readKey(file);
  mkdirSync(to, { recursive: true, mode: 0o700 });
  const administrators = [await keyIn(keeperFile(to, vkey.keyId, 0)), await keyIn(keeperFile(to, vkey.keyId, 1))];
  const next = await keyIn(recoveryFile(to, vkey.keyId));
  const said = {
    administrators: administrators.map(textOf),
    since,
    recovery: textOf(recovery),
    next_recovery: textOf(next),
  };
  const bytes = recoveryBytes({ log: origin, ...said });
  const signers = [recovery, next, ...administrators];
  const signatures = await Promise.all(signers.map(async (key) => toBase64Url(await key.sign(bytes))));
  const { url, authority } = serverOf(config, values);
  // The same keys and the same time are the same call.
  const client = clientOf(url, [], authority, () => toHex(sha256(bytes)));
  terminal.json(await client.recoverKeeper({ ...said, signatures }));
  terminal.note(
    `Now: give ${to}’s two keys of the keeper to two persons, name them by --keeper, and see who the parties are.`,
  );
  terminal.note(
    'The recovery key that was used is spent: keep the new one offline, in two places, and destroy the old one',
  );
  return EXIT.holds;
}

/** The key in a file, made where there is none: nothing is announced that is not kept. */
async function keyIn(path: string): Promise<SigningKey> {
  if (!existsSync(path)) {
    try {
      writeSecret(path, formatPrivatePem(random(SEED_BYTES)));
    } catch (cause) {
      throw new Failure('config_invalid', `${path} can't be written`, { cause });
    }
    terminal.note(`${path}: a private key, mode 600`);
  }
  return readKey(path);
}

function textOf({ publicKey }: SigningKey): string {
  return toBase64Url(publicKey);
}
