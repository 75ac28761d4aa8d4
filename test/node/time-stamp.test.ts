/** Time-stamps (RFC 3161): what a TSA is asked, and which of its answers are believed. The TSA is openssl's own. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { utf8 } from '#core/bytes.ts';
import { isFailure } from '#core/failure.ts';
import { parseCertificate, parseTsaCertificates, requireTsaCertificate } from '#time-stamp/certificates.ts';
import { openTimeStamp } from '#time-stamp/token.ts';
import { askTsa, type Tsa } from '../../src/node/time-stamp/ask.ts';
import { expectFailure, expectRefusal } from '../support/failure.ts';
import { random } from '../support/ledger-fixture.ts';
import {
  certificatesIn,
  HAS_OPENSSL,
  OTHER_POLICY,
  openssl,
  openTsa,
  POLICY,
  type TestTsa,
  type TsaKind,
} from '../support/tsa.ts';

const NOTE = utf8('ledger.example/consent\n7\nAAAA\n');
/** Which bytes of a token are changed: one of three. */
const STRIDE = 3;
const opened: TestTsa[] = [];

async function newTsa(kind?: TsaKind): Promise<TestTsa> {
  const tsa = await openTsa(kind);
  opened.push(tsa);
  return tsa;
}

afterAll(async () => {
  for (const each of opened) await each.close();
});

const means = { fetch, random, clock: Date.now };

function ask(tsa: TestTsa, given: Partial<Tsa> = {}, clock = Date.now) {
  const settings = { url: tsa.url, certificates: certificatesIn(tsa.ca), policy: undefined, ...given };
  return askTsa(settings, NOTE, { ...means, clock }, AbortSignal.timeout(20_000));
}

async function expectInvalid(asked: Promise<unknown>, message: RegExp): Promise<void> {
  const thrown = await asked.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  expect(isFailure(thrown, 'time_stamp_invalid') && thrown.message).toMatch(message);
}

describe.skipIf(!HAS_OPENSSL)('a TSA', () => {
  it.each([
    { key: 'ec', digest: 'sha256', essDigest: 'sha256' },
    { key: 'rsa', digest: 'sha512', essDigest: 'sha1', accuracy: 'secs:1, millisecs:500, microsecs:100' },
    { key: 'ec', digest: 'sha384', essDigest: 'sha256' },
  ] as const)(
    'stamps what it is asked for, by a $key key with $digest, its certificate named by $essDigest',
    async (kind) => {
      const tsa = await newTsa(kind);
      const { token, stamp } = await ask(tsa);
      expect(stamp.policy).toBe(POLICY);
      expect(stamp.tsa).toBe('O=Testing Authority 990001, CN=Test TSA');
      expect(stamp.notLaterThan - stamp.time).toBe('accuracy' in kind ? 1_501 : 0);
      // Pinned may be the authority that issued its certificate, or that certificate alone.
      for (const pinned of [tsa.ca, tsa.certificate]) {
        expect(await openTimeStamp(token, NOTE, certificatesIn(pinned))).toEqual(stamp);
      }
    },
  );

  it('is believed by openssl, too', async () => {
    const tsa = await newTsa();
    const { token } = await ask(tsa);
    const [file, data] = [join(tsa.folder, 'token'), join(tsa.folder, 'data')];
    writeFileSync(file, token);
    writeFileSync(data, NOTE);
    const said = openssl(['ts', '-verify', '-token_in', '-in', file, '-data', data, '-CAfile', tsa.ca]);
    expect(said).toContain('Verification: OK');
  });

  it('stamps by the policy that is wanted, or by none that counts', async () => {
    const tsa = await newTsa();
    expect((await ask(tsa, { policy: OTHER_POLICY })).stamp.policy).toBe(OTHER_POLICY);
    await expectInvalid(ask(tsa, { policy: '1.2.3.4' }), /grants no time-stamp: status 2/);
  });

  it('is not believed by another’s certificate', async () => {
    const [tsa, other] = [await newTsa(), await newTsa()];
    await expectInvalid(ask(tsa, { certificates: certificatesIn(other.ca) }), /not pinned/);
    await expectInvalid(ask(tsa, { certificates: certificatesIn(other.certificate) }), /not pinned/);
  });

  it('answers this request, now, and nothing else', async () => {
    const tsa = await newTsa();
    let earlier: Uint8Array | undefined;
    tsa.answers((body) => {
      earlier ??= body;
      return { body: earlier };
    });
    await ask(tsa);
    await expectInvalid(ask(tsa), /another request/);
    tsa.answers((body) => ({ body }));
    const off = 6 * 60_000;
    await expectInvalid(
      ask(tsa, {}, () => Date.now() + off),
      /five minutes/,
    );
    await expectInvalid(
      ask(tsa, {}, () => Date.now() - off),
      /five minutes/,
    );
    tsa.answers((body) => ({ body, status: 503 }));
    await expectInvalid(ask(tsa), /answers 503/);
    tsa.answers((body) => ({ body, type: 'text/html' }));
    await expectInvalid(ask(tsa), /answers no time-stamp/);
    tsa.answers(() => ({ body: utf8('<html>') }));
    await expectInvalid(ask(tsa), /no time-stamp response/);
  });

  it.each([{ caKey: 'rsa' }, { caKey: 'ec-384', key: 'ec-384' }] as const)(
    'is believed by the certificate of the authority that issued its own: %o',
    async (kind) => {
      const tsa = await newTsa(kind);
      const { token, stamp } = await ask(tsa);
      const others = await newTsa();
      // Another authority of the same name, with another kind of key, may be pinned beside it.
      const pinned = [...certificatesIn(others.ca), ...certificatesIn(tsa.ca)];
      expect(await openTimeStamp(token, NOTE, pinned)).toEqual(stamp);
      await expectInvalid(openTimeStamp(token, NOTE, certificatesIn(others.ca)), /not pinned/);
    },
  );

  it.each([
    ['that is no authority’s', 'basicConstraints=critical,CA:FALSE\n'],
    ['that does not say so', 'keyUsage=critical,keyCertSign\n'],
    ['whose key is not to sign certificates', 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,cRLSign\n'],
  ])('is not believed by an issuer’s certificate %s', async (_which, caExtensions) => {
    const tsa = await newTsa({ caExtensions });
    const { token } = await ask(tsa, { certificates: certificatesIn(tsa.certificate) });
    await expectInvalid(openTimeStamp(token, NOTE, certificatesIn(tsa.ca)), /not pinned/);
  });

  it('is not believed once a byte of its certificate is another than was issued', async () => {
    const tsa = await newTsa();
    const [certificate] = certificatesIn(tsa.certificate);
    if (certificate === undefined) throw new Error('the certificate was made');
    const { raw } = certificate;
    const [pinned, now] = [certificatesIn(tsa.ca), Date.now()];
    await requireTsaCertificate(certificate, now, pinned);
    const believed: number[] = [];
    for (let at = 0; at < raw.length; at++) {
      const spoiled = Uint8Array.from(raw);
      spoiled[at] = (spoiled[at] ?? 0) ^ (1 << (at % 8));
      try {
        await requireTsaCertificate(parseCertificate(spoiled), now, pinned);
        believed.push(at);
      } catch {
        // Its parser says so in its own words.
      }
    }
    expect(believed).toEqual([]);
  });

  it.each([
    ['of a server', 'extendedKeyUsage=critical,serverAuth\n'],
    ['of a server, too', 'extendedKeyUsage=critical,timeStamping,serverAuth\n'],
    ['whose usage is not critical', 'extendedKeyUsage=timeStamping\n'],
  ])('may not stamp with a certificate %s', async (_which, extensions) => {
    // openssl stamps with none of these: the certificate is asked about by itself.
    const tsa = await newTsa({ extensions });
    const [certificate] = certificatesIn(tsa.certificate);
    if (certificate === undefined) throw new Error('the certificate was made');
    await expectRefusal('time_stamp_invalid', requireTsaCertificate(certificate, Date.now(), certificatesIn(tsa.ca)));
  });

  it('may not stamp before its certificate begins, or after it ends; what it stamped between stands, whenever it is read (attack 94)', async () => {
    const tsa = await newTsa();
    const [certificate] = certificatesIn(tsa.certificate);
    if (certificate === undefined) throw new Error('the certificate was made');
    const at = (time: number) => requireTsaCertificate(certificate, time, certificatesIn(tsa.ca));
    const { validFrom: from, validTo: to } = certificate;
    expect(to - from).toBe(30 * 86_400_000);
    await at(from + 1_000);
    await at(to);
    for (const time of [from - 1, to + 1, Number.NaN]) await expectRefusal('time_stamp_invalid', at(time));
  });

  it('is believed by its authority’s newer certificate, which has the key of the one that ended beside it', async () => {
    const tsa = await newTsa();
    const [ca] = certificatesIn(tsa.ca);
    if (ca === undefined) throw new Error('the certificate was made');
    const over = { ...ca, validTo: ca.validFrom - 1 };
    for (const certificates of [
      [over, ca],
      [ca, over],
    ])
      expect((await ask(tsa, { certificates })).stamp.tsa).not.toBe('');
    await expectInvalid(ask(tsa, { certificates: [over] }), /not valid at the time/);
  });
});

describe.skipIf(!HAS_OPENSSL)('a token', () => {
  it('is of these bytes alone, and ends where it ends (attack 93)', async () => {
    const tsa = await newTsa();
    const { token } = await ask(tsa);
    const pinned = certificatesIn(tsa.ca);
    await expectRefusal('time_stamp_invalid', openTimeStamp(token, utf8('other'), pinned));
    await expectRefusal('time_stamp_invalid', openTimeStamp(Uint8Array.of(...token, 0), NOTE, pinned));
    await expectRefusal('time_stamp_invalid', openTimeStamp(token.subarray(0, -1), NOTE, pinned));
    await expectRefusal('time_stamp_invalid', openTimeStamp(new Uint8Array(0), NOTE, pinned));
    await expectRefusal('time_stamp_invalid', openTimeStamp(token, NOTE, []));
  });

  it('says nothing else with any of its bytes changed: it is refused, or what was signed is whole', async () => {
    const tsa = await newTsa({ key: 'ec' });
    const { token, stamp } = await ask(tsa);
    const pinned = certificatesIn(tsa.ca);
    let refused = 0;
    for (let at = 0; at < token.length; at += STRIDE) {
      const spoiled = Uint8Array.from(token);
      spoiled[at] = (spoiled[at] ?? 0) ^ (1 << (at % 8));
      try {
        expect(await openTimeStamp(spoiled, NOTE, pinned)).toEqual(stamp);
      } catch (failure) {
        if (!isFailure(failure, 'time_stamp_invalid')) throw failure;
        refused += 1;
      }
    }
    // What is left over is the CA's certificate, which is sent beside and not read, and a few bytes that nobody signs.
    const unread = certificatesIn(tsa.ca)[0]?.raw.length ?? 0;
    expect(token.length - refused * STRIDE).toBeLessThan(unread + 128);
    expect(refused).toBeGreaterThan(0);
  });
});

describe('the file of a TSA’s certificates', () => {
  it('holds at least one', () => {
    for (const file of ['', 'no certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n']) {
      expectFailure('key_invalid', () => parseTsaCertificates(utf8(file)));
    }
    expectFailure('key_invalid', () => parseTsaCertificates(Uint8Array.of(0xff)));
  });
});
