/** `assent time-stamp`, and `assent verify --time-stamp`: when a receipt's tree existed at the latest, by a TSA. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseUtf8 } from '#core/bytes.ts';
import { parseReceipt } from '#core/consent/receipt.ts';
import { checkpointNoteOf } from '#core/consent/receipt-checkpoint.ts';
import { useSha256 } from '#core/hash.ts';
import { formatVkey } from '#core/note/key.ts';
import { nativeSha256 } from '../../src/native.ts';
import { ask, DAY, signedPaper, TODAY } from '../core/consent/paper-ledger.ts';
import { fileOf, keysOf, receiptOf } from '../core/consent/paper-receipt.ts';
import { type Home, newHome, run } from '../support/command.ts';
import { HAS_OPENSSL, openTsa, type TestTsa } from '../support/tsa.ts';

useSha256(nativeSha256);

describe.skipIf(!HAS_OPENSSL)('a time-stamp', () => {
  const home: Home = newHome();
  const at = (name: string) => join(home.folder, name);
  const assent = (...args: readonly string[]) => run(home, [...args]);
  const verify = (...args: readonly string[]) => assent('verify', 'receipt.json', '--vkey', 'log.vkey', ...args);
  let tsa: TestTsa;
  let other: TestTsa;
  /** Serves one checkpoint. */
  let ledger: Server;
  let url: string;
  let stamp: string;

  beforeAll(async () => {
    const keys = await keysOf(0x11);
    const paper = signedPaper(keys.texts);
    const receipt = fileOf(await receiptOf(paper, keys, paper.write(ask(), TODAY + DAY)));
    const note = checkpointNoteOf(parseReceipt(receipt));
    const later = signedPaper(keys.texts);
    later.write(ask(), TODAY + DAY);
    const longer = fileOf(await receiptOf(later, keys, later.write(ask(), TODAY + DAY)));
    writeFileSync(at('receipt.json'), receipt);
    writeFileSync(at('longer.json'), longer);
    writeFileSync(at('log.vkey'), formatVkey(keys.vkey));
    [tsa, other] = [await openTsa(), await openTsa()];
    ledger = createServer((request, response) => {
      response.writeHead(request.url === '/checkpoint' ? 200 : 404).end(note);
    });
    await new Promise<void>((resolve) => ledger.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(ledger.address() as AddressInfo).port}`;
    const made = await assent(...asked());
    expect(made).toMatchObject({ code: 0, stderr: '' });
    stamp = (JSON.parse(made.stdout) as { file: string }).file;
  });

  afterAll(async () => {
    await Promise.all([tsa.close(), other.close()]);
    await new Promise((resolve) => ledger.close(resolve));
    home.remove();
  });

  const asked = () => [
    ...['time-stamp', url, '--vkey', 'log.vkey', '--tsa', tsa.ca, '--tsa-url', tsa.url, '--dir', 'stamps', '--json'],
  ];

  it('is asked for once for each tree, and kept', async () => {
    const before = tsa.asked();
    expect((await assent(...asked())).code).toBe(0);
    expect(tsa.asked()).toBe(before);
  });

  it('says in a line of its own until when the tree of a receipt existed: 0', async () => {
    const found = await verify('--time-stamp', stamp, '--tsa', tsa.ca);
    expect(found).toMatchObject({ code: 0, stderr: '' });
    expect(found.stdout).toMatch(
      /\n {2}time: existed not later than \S+Z, by TSA O=Testing Authority 990001, CN=Test TSA/,
    );
    const [json] = JSON.parse((await verify('--json', '--time-stamp', stamp, '--tsa', tsa.certificate)).stdout);
    expect(json).toMatchObject({ problem: null, time_stamp: { problem: null, stamp: { policy: expect.any(String) } } });
  });

  it('says nothing by another TSA, with a byte changed, or of another tree: 1', async () => {
    const byOther = await verify('--time-stamp', stamp, '--tsa', other.ca);
    expect(byOther).toMatchObject({ code: 1 });
    expect(byOther.stdout).toContain('time: NOT shown by the time-stamp');
    expect(byOther.stdout).toContain('(time_stamp_invalid)');
    const file = parseUtf8(new Uint8Array(readFileSync(at(stamp))));
    const { token } = JSON.parse(file) as { token: string };
    const bytes = Buffer.from(token, 'base64');
    // The last byte is of the signature.
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    writeFileSync(at('spoiled.json'), file.replace(token, bytes.toString('base64')));
    expect((await verify('--time-stamp', 'spoiled.json', '--tsa', tsa.ca)).stdout).toContain('(time_stamp_invalid)');
    const longer = ['verify', 'longer.json', '--vkey', 'log.vkey', '--time-stamp', stamp, '--tsa', tsa.ca];
    const ofAnother = await assent(...longer);
    expect(ofAnother).toMatchObject({ code: 1 });
    expect(ofAnother.stdout).toContain('GET /v1/time-stamps?from=12');
    writeFileSync(at('proof.json'), JSON.stringify({ from: 1, to: 2, hashes: [] }));
    const unproven = await assent(...longer, '--consistency', 'proof.json');
    expect(unproven).toMatchObject({ code: 1 });
    expect(unproven.stdout).toContain('(time_stamp_invalid)');
  });

  it('is looked at with one’s own certificate only: 2', async () => {
    for (const args of [
      ['--time-stamp', stamp],
      ['--tsa', tsa.ca],
      ['--time-stamp', 'none', '--tsa', tsa.ca],
    ]) {
      expect(await verify(...args)).toMatchObject({ code: 2 });
    }
    expect(await verify('--time-stamp', stamp, '--tsa', 'log.vkey')).toMatchObject({ code: 2 });
  });
});
