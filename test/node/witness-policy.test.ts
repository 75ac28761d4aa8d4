/** The policy that a ledger is witnessed by, as it is configured, and how witnesses are called. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { utf8 } from '#core/bytes.ts';
import { cosignerKey, formatCosignerVkey, formatVkey, verifierKey } from '#core/note/key.ts';
import { callWitnessBy } from '../../src/call-witness.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { readConfig } from '../../src/node/config.ts';
import { fileEvidenceShelf } from '../../src/node/evidence-shelf.ts';
import { parseOwnPolicy } from '../../src/witness-policy.ts';
import { storedEvidenceShelf } from '../../src/worker/evidence-shelf.ts';
import { expectFailure } from '../support/failure.ts';
import { random } from '../support/ledger-fixture.ts';

const newKey = async () => (await nativeEd25519.importSeed(random(32))).publicKey;
const vkey = verifierKey('ledger.example/consent', await newKey());
const further = verifierKey('ledger.example/consent', await newKey());
const log = `log ${formatVkey(vkey)}`;
const witness = async (name: string, url = '') =>
  `witness ${name} ${formatCosignerVkey(cosignerKey(`${name}.example`, await newKey()))} ${url}`.trim();
const read = (...lines: readonly string[]) => parseOwnPolicy(utf8(`${lines.join('\n')}\n`), [vkey, further]);

describe('ASSENT_WITNESS_POLICY', () => {
  it('is a file in the folder of public keys, or none', () => {
    const env = { ASSENT_KEYS_DIR: '/keys', ASSENT_WITNESS_POLICY: 'witnesses.policy' };
    expect(readConfig(env).witnessPolicy).toBe('/keys/witnesses.policy');
    expect(readConfig({ ...env, ASSENT_WITNESS_POLICY: '/etc/policy' }).witnessPolicy).toBe('/etc/policy');
    for (const none of [{}, { ASSENT_WITNESS_POLICY: '' }]) expect(readConfig(none).witnessPolicy).toBeUndefined();
  });

  it('names this log, or no log, and witnesses that can be asked', async () => {
    const lines = [await witness('a', 'https://a.example/w'), await witness('b'), 'quorum a'];
    expect(read(log, ...lines).witnesses).toHaveLength(2);
    expect(read(...lines).witnesses).toHaveLength(2);
    expect(read(`log ${formatVkey(further)}`, ...lines).logs).toHaveLength(1);
    const other = `log ${formatVkey(verifierKey('other.example', await newKey()))}`;
    expect(() => read(other, ...lines)).toThrow('names logs, but not this one');
    expect(read(other, log, ...lines).logs).toHaveLength(2);
    expect(() => read(log, ...lines.slice(0, 2), 'quorum b')).toThrow('can’t make up the quorum'.replace('’', "'"));
    expect(read(log, 'quorum none').quorum).toBeUndefined();
  });

  it('takes plain http of this machine only', async () => {
    for (const url of ['http://localhost:8790', 'http://127.0.0.1:8790/w/', 'https://a.example:444/w']) {
      expect(read(log, await witness('a', url), 'quorum a').witnesses).toHaveLength(1);
    }
    for (const url of [
      'http://a.example',
      'ftp://a.example',
      'a.example',
      'https://u:p@a.example',
      'https://a.example/?x',
      'https://a.example/#x',
      'javascript:1',
    ]) {
      const line = await witness('a', url);
      expectFailure('config_invalid', () => read(log, line, 'quorum a'));
    }
  });

  it('is refused with its line where it can’t be read', () => {
    expect(() => read(log, 'witness x', 'quorum none')).toThrow(/^ASSENT_WITNESS_POLICY: line 2: /);
  });
});

describe('evidence', () => {
  it('is kept in a file of the owner’s, and replaced as a whole', () => {
    const folder = mkdtempSync(join(tmpdir(), 'assent-shelf-'));
    try {
      const path = join(folder, 'state/x.witness-evidence.json');
      const shelf = fileEvidenceShelf(path);
      expect(shelf.load()).toBeUndefined();
      shelf.keep('first');
      shelf.keep('and what the witness showed');
      expect(fileEvidenceShelf(path).load()).toBe('and what the witness showed');
      expect(statSync(path).mode & 0o777).toBe(0o600);
      // A crash before the rename leaves the old one.
      writeFileSync(`${path}.new`, 'half');
      expect(shelf.load()).toBe('and what the witness showed');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('is kept in the Durable Object’s storage, by key', () => {
    const stored = new Map<string, unknown>();
    const kv = {
      get: (key: string) => stored.get(key),
      put: (key: string, value: unknown) => void stored.set(key, value),
    };
    storedEvidenceShelf({ kv }, '01234567').keep('evidence');
    expect(storedEvidenceShelf({ kv }, '01234567').load()).toBe('evidence');
    expect(storedEvidenceShelf({ kv }, '89abcdef').load()).toBeUndefined();
  });
});

describe('a call of a witness', () => {
  const call = (answer: () => Response) =>
    callWitnessBy((async () => answer()) as typeof fetch)({ url: 'https://w/' }, AbortSignal.timeout(5_000));

  it('tells status, media type and body', async () => {
    const headers = { 'content-type': 'Text/X.tlog.size; charset=utf-8' };
    expect(await call(() => new Response('7\n', { status: 409, headers }))).toEqual({
      status: 409,
      mediaType: 'text/x.tlog.size',
      body: '7\n',
    });
    expect(await call(() => new Response(null))).toEqual({ status: 200, mediaType: null, body: '' });
  });

  it('reads no more than a note has, and nothing that is no text (attack 66)', async () => {
    expect((await call(() => new Response('x'.repeat(65_536)))).body).toHaveLength(65_536);
    await expect(call(() => new Response('x'.repeat(65_537)))).rejects.toHaveProperty('code', 'too_large');
    await expect(call(() => new Response(Uint8Array.of(0xff)))).rejects.toHaveProperty('code', 'input_invalid');
  });
});
