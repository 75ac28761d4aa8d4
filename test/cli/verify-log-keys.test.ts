/** `assent verify --log-keys`: what of a receipt is tainted, by what the ledger says of its keys since. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64Url } from '#core/bytes.ts';
import { possessionBytes } from '#core/consent/issuing-key.ts';
import type { Slice } from '#core/consent/receipt.ts';
import type { Command } from '#core/consent/rules.ts';
import { useSha256 } from '#core/hash.ts';
import type { AccessId } from '#core/ids.ts';
import { formatVkey } from '#core/note/key.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { nativeEd25519, nativeSha256 } from '../../src/native.ts';
import {
  ask,
  calledByKeeper,
  type Line,
  LOG,
  type Paper,
  paperId,
  signedPaper,
  TODAY,
} from '../core/consent/paper-ledger.ts';
import { fileOf, keysOf, receiptOf } from '../core/consent/paper-receipt.ts';
import { type Home, newHome, run } from '../support/command.ts';

useSha256(nativeSha256);

describe('assent verify --log-keys', () => {
  const home: Home = newHome();
  const verify = (...args: readonly string[]) => run(home, ['verify', 'receipt.json', '--vkey', 'log.vkey', ...args]);
  const write = (name: string, text: string | Uint8Array) => writeFileSync(join(home.folder, name), text);
  let key: string;

  beforeAll(async () => {
    const keys = await keysOf(0x11);
    key = keys.texts.issuing_key;
    const paper = signedPaper(keys.texts);
    const asks = (n: number) => paper.write(ask({ access: paperId<AccessId>(0x5000 + n) }), TODAY + n);
    write('receipt.json', fileOf(await receiptOf(paper, keys, asks(1))));
    const young = await logKeysOf(paper, asks(2));
    write('young.json', JSON.stringify(young));
    write('none.json', '{"stream":"log"}');
    write('log.vkey', formatVkey(keys.vkey));

    // Another key takes over, the first one was in other hands; what is asked next the new key would sign.
    const next = await nativeEd25519.importSeed(new Uint8Array(32).fill(0x77));
    const text = toBase64Url(next.publicKey);
    const possession = toBase64Url(await next.sign(possessionBytes(LOG, text)));
    const steps = [
      ['log.issuing_key_added', { key: text, possession }],
      ['log.issuing_key_switched', { key: text }],
      ['log.issuing_key_compromised', { key, since: TODAY + 1 }],
    ] as const;
    for (const [at, [type, input]] of steps.entries()) {
      const command = { type, stream: LOG_STREAM, input: { ...calledByKeeper(), ...input } } as unknown as Command;
      paper.write(command, TODAY + 3 + at);
    }
    const later = await logKeysOf(paper, asks(9), next);
    write('later.json', JSON.stringify(later));

    async function logKeysOf(from: Paper, access: Line, last = keys.issuing): Promise<Slice> {
      const { slices } = await receiptOf(from, keys, access);
      const slice = slices.find(({ stream }) => stream === LOG_STREAM) as Slice;
      if (last === keys.issuing) return slice;
      const signed = (await receiptOf(from, { ...keys, issuing: last }, access)).slices.find(
        ({ stream }) => stream === LOG_STREAM,
      ) as Slice;
      return { ...slice, signatures: [...slice.signatures.slice(0, -1), signed.signatures.at(-1) as string] };
    }
  });
  afterAll(() => home.remove());

  it('lists what the key signed since then, and recorded it is all the same: 0', async () => {
    const { code, stdout } = await verify('--log-keys', 'later.json');
    expect(code).toBe(0);
    expect(stdout).toContain('RECORDED (unwitnessed)');
    expect(stdout).toMatch(
      new RegExp(`TAINTED rel/\\w+ seq \\d+: signed with the issuing key ${key}, declared compromised`),
    );
    const [read] = JSON.parse((await verify('--log-keys', 'later.json', '--json')).stdout);
    expect(read.tainted.at(-1)).toMatchObject({ key, since: TODAY + 1 });
  });

  it('says nothing of it by the keys of a time when nobody knew, or by none', async () => {
    for (const args of [['--log-keys', 'young.json'], []]) {
      const { code, stdout } = await verify(...args);
      expect([code, stdout.includes('TAINTED')]).toEqual([0, false]);
    }
  });

  it('reads nothing else as the log’s keys: 2', async () => {
    for (const file of ['none.json', 'receipt.json', 'log.vkey', 'missing.json']) {
      expect((await verify('--log-keys', file)).code).toBe(2);
    }
    expect((await verify('--log-keys', 'none.json')).stderr).toContain('GET /v1/log/keys');
  });
});
