/** What the doctor says of log keys while they are exchanged: who holds them, who can read them, which witness knows them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Instant } from '#core/instant.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { formatCosignerVkey, formatVkey, type VerifierKey, verifierKey } from '#core/note/key.ts';
import { signCheckpoint } from '#core/tlog/checkpoint.ts';
import { parseSize } from '#core/tlog/tree.ts';
import type { KeySet } from '../../src/key-set.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { type Config, readConfig } from '../../src/node/config.ts';
import { logKeyLines } from '../../src/node/doctor/log-keys.ts';
import { createKeySet, writeVkey } from '../../src/node/key-set.ts';
import { drawRandom } from '../../src/node/random.ts';
import { type Server, serveFetch } from '../../src/node/serve.ts';
import type { Inspected } from '../../src/node.ts';
import { makeLeaves, naiveTree } from '../core/tlog/naive.ts';
import { newWitness, type TestWitness } from '../support/witness.ts';

const ORIGIN = 'ledger.example.org/consent';
const tree = naiveTree(makeLeaves(9));

let folder: string;
let keys: KeySet;
let further: SigningKey;
let newest: VerifierKey;
const witnesses: TestWitness[] = [];
const servers: Server[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assent-doctor-'));
  const made = { database: 'postgres', origin: ORIGIN, ed25519: nativeEd25519, random: drawRandom } as const;
  keys = await createKeySet(join(folder, 'data'), { ...made, now: Date.now() as Instant });
  further = await nativeEd25519.importSeed(drawRandom(32));
  newest = verifierKey(ORIGIN, further.publicKey);
});
afterEach(async () => {
  for (const each of servers.splice(0)) await each.close();
  for (const each of witnesses.splice(0)) each.close();
  rmSync(folder, { recursive: true });
});

const config = (env: Readonly<Record<string, string>> = {}): Config =>
  readConfig({ HOME: folder, ASSENT_DATA_DIR: join(folder, 'data'), ASSENT_KEYS_DIR: join(folder, 'keys'), ...env });

async function inspected(signing: readonly VerifierKey[]): Promise<Inspected> {
  const checkpoint = { origin: ORIGIN, size: parseSize(9), root: tree.root(9) };
  const note = await signCheckpoint(checkpoint, keys.log, further);
  return { logKeys: { signing: signing.map(formatVkey), note } } as unknown as Inspected;
}

async function served(name: string, logs: readonly VerifierKey[]): Promise<string> {
  const witness = await newWitness(`${name}.example/w`, logs);
  const server = await serveFetch((request) => witness.fetch(request), { host: '127.0.0.1', port: 0 });
  witnesses.push(witness);
  servers.push(server);
  return `witness ${name} ${formatCosignerVkey(witness.vkey)} ${server.url}`;
}

describe('the doctor on log keys', () => {
  it('says nothing of a ledger that has one, or whose server is too old to say', async () => {
    expect(await logKeyLines(config(), keys, await inspected([keys.vkey]))).toEqual([]);
    for (const logKeys of [undefined, null, { signing: [], note: null }]) {
      expect(await logKeyLines(config(), keys, { logKeys } as unknown as Inspected)).toEqual([]);
    }
  });

  it('says which that sign are not here, and whose public half is not in the folder', async () => {
    const found = await inspected([keys.vkey, newest]);
    const [held, known] = await logKeyLines(config(), keys, found);
    expect(held).toMatchObject({ id: 'keys.log', state: 'todo' });
    expect(held?.says).toContain(newest.keyId);
    expect(known).toMatchObject({ id: 'keys.log.public', state: 'todo' });
    for (const vkey of [keys.vkey, newest]) writeVkey(join(folder, 'keys'), vkey);
    const whole = { ...keys, furtherLog: [further] };
    const states = async () => (await logKeyLines(config(), whole, found)).map(({ id, state }) => [id, state]);
    expect(await states()).toEqual([
      ['keys.log', 'fine'],
      ['keys.log.public', 'fine'],
    ]);
    writeFileSync(join(folder, 'keys', `${newest.keyId}.vkey`), formatVkey(keys.vkey));
    expect((await states())[1]).toEqual(['keys.log.public', 'todo']);
  });

  it('asks each witness whether it knows the new one, and has none cosign anything', async () => {
    const lines = [
      await served('both', [keys.vkey, newest]),
      await served('old', [keys.vkey]),
      (await served('gone', [keys.vkey, newest])).replace(/:\d+$/, ':9'),
    ];
    const policy = join(folder, 'policy');
    writeFileSync(policy, `${[...lines, 'group q any both old gone', 'quorum q'].join('\n')}\n`);
    const asked = config({ ASSENT_WITNESS_POLICY: policy });
    const found = await logKeyLines(asked, { ...keys, furtherLog: [further] }, await inspected([keys.vkey, newest]));
    const said = found.filter(({ id }) => id === 'witnesses.log_key');
    expect(said.map(({ state }) => state)).toEqual(['fine', 'todo', 'todo']);
    expect(said[1]?.next).toContain(`log ${formatVkey(newest)}`);
    expect(said[2]?.says).toContain('did not say');
    for (const witness of witnesses) expect(witness.state.last(ORIGIN)).toBeUndefined();
    // Once the older one is retired there is nothing more to ask for.
    const alone = await logKeyLines(asked, { ...keys, furtherLog: [further] }, await inspected([newest]));
    expect(alone.map(({ id }) => id)).toEqual(['keys.log', 'keys.log.public']);
  });
});
