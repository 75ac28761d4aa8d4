/** Receipts as a server makes them, verified as a stranger would: by the client's door, with the log's vkey alone. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseVkey, portableEd25519, type Verdict, verifyReceipt } from '#client/index.ts';
import { parseUtf8, utf8 } from '#core/bytes.ts';
import type { GrantId, Handle } from '#core/ids.ts';
import { formatVkey } from '#core/note/key.ts';
import { accessReceipt } from '#service/receipts.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { ask, calledBy, revoke, signedScene } from '../support/actors.ts';
import { checkLedger, type Fixture, openFixture } from '../support/ledger-fixture.ts';

let fixture: Fixture;
let scene: Awaited<ReturnType<typeof signedScene>>;
const files: Record<'allow' | 'deny' | 'revoked' | 'refused' | 'foreign', Uint8Array> = {} as never;

beforeAll(async () => {
  fixture = await openFixture();
  const { context } = fixture;
  scene = await signedScene(context);
  const other = await signedScene(context);
  const receiptOf = async (change: Partial<typeof scene.queryAccess>) => {
    const { access } = await ask(context, { ...scene.queryAccess, ...change });
    const lender = await calledBy(context, scene.lender.party, `/v1/accesses/${access}/receipt`, {});
    return utf8(await accessReceipt(context, lender, access));
  };
  files.allow = await receiptOf({});
  files.deny = await receiptOf({ purpose: 'marketing' });
  await revoke(context, scene.lender, scene.person, scene.query);
  // Of another purpose: the permit for the same is still out.
  files.revoked = await receiptOf({ purpose: 'post_loan' });
  files.refused = await receiptOf({ handle: 'f'.repeat(32) as Handle });
  files.foreign = await receiptOf({ handle: other.handle, ground: { grant: other.query as GrantId } });
});

afterAll(async () => {
  await checkLedger(fixture);
  await fixture.close();
});

const verify = (bytes: Uint8Array): Promise<Verdict> => verifyReceipt(bytes, fixture.vkey, nativeEd25519);

describe('a receipt from the server', () => {
  test.each([
    ['allow', 'allow', [], 're-derived'],
    ['deny', 'deny', ['PURPOSE'], 're-derived'],
    ['revoked', 'deny', ['REVOKED'], 're-derived'],
    ['refused', 'deny', ['PARTY'], 'attested'],
    ['foreign', 'deny', ['PARTY'], 'attested'],
  ] as const)('of %s is recorded, and says so: %s %j, %s', async (name, decision, codes, derived) => {
    const verdict = await verify(files[name]);
    expect(verdict).toMatchObject({ recorded: 'unwitnessed', decision: derived, payload: 'withheld', problem: null });
    expect(verdict.access).toMatchObject({
      decision,
      codes,
      principal: scene.lender.party,
      action: 'QUERY',
      items: scene.queryAccess.items,
      door: scene.bureau.party,
      ground: name === 'refused' || name === 'foreign' ? null : { grant: scene.query },
      engine: 2,
    });
    expect(verdict.asOf).toBeGreaterThan(verdict.access?.index ?? Number.POSITIVE_INFINITY);
  });

  test('verifies in any runtime, from the vkey’s text alone', async () => {
    const vkey = parseVkey(formatVkey(fixture.vkey));
    for (const file of Object.values(files)) {
      expect(await verifyReceipt(file, vkey, portableEd25519)).toEqual(await verify(file));
    }
  });

  test('says who identified the person, and with what grade', async () => {
    const { facts } = await verify(files.revoked);
    expect(facts).toHaveLength(2);
    for (const { en } of facts) expect(en).toContain(`grade B (identity_provider; the person identified by party`);
    expect(JSON.stringify(facts)).toContain(scene.identifier.party);
  });

  test('says of an unknown handle what it says of another’s: neither handle nor grant', async () => {
    for (const name of ['refused', 'foreign'] as const) {
      const text = parseUtf8(files[name]);
      expect(text).not.toContain('f'.repeat(32));
      expect(text).not.toContain('"ground"');
      expect(text).not.toContain('rel/');
    }
  });

  test('holds nothing that says who the person is', () => {
    for (const file of Object.values(files)) {
      const text = parseUtf8(file);
      for (const word of [scene.person.idNumber, '张示例', '授权书', 'person/']) expect(text).not.toContain(word);
    }
  });

  /** No byte of these receipts is insignificant: they carry no `extra` line and no signature but the log's own. */
  test('is not recorded after a flip of any byte', async () => {
    const file = files.revoked;
    const crooked = Uint8Array.from(file);
    for (let at = 0; at < file.length; at++) {
      const byte = file[at] as number;
      crooked[at] = byte ^ (1 << (at % 8));
      const { recorded } = await verify(crooked);
      crooked[at] = byte;
      if (recorded === 'invalid') continue;
      expect.fail(`recorded as ${recorded} with byte ${at} flipped: ${parseUtf8(file).slice(at - 20, at + 20)}`);
    }
    expect((await verify(crooked)).problem).toBeNull();
  });

  test('is not recorded without any one of its bytes, or with one more', async () => {
    const file = files.allow;
    for (let at = 0; at < file.length; at += 7) {
      const shorter = Uint8Array.from([...file.subarray(0, at), ...file.subarray(at + 1)]);
      expect((await verify(shorter)).recorded).toBe('invalid');
      const longer = Uint8Array.from([...file.subarray(0, at), 0x31, ...file.subarray(at)]);
      expect((await verify(longer)).recorded).toBe('invalid');
    }
  });

  test('is not another access’s', async () => {
    const texts = Object.values(files).map(parseUtf8);
    const idOf = (text: string) => (JSON.parse(text) as { access: string }).access;
    for (const text of texts) {
      for (const other of texts.filter((each) => each !== text)) {
        const swapped = text.replace(`"access":"${idOf(text)}","kind"`, `"access":"${idOf(other)}","kind"`);
        expect(swapped).not.toBe(text);
        expect((await verify(utf8(swapped))).recorded).toBe('invalid');
      }
    }
  });
});
