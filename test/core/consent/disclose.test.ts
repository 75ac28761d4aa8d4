/** A receipt that opens single parts: what it opens still verifies, and nothing of the rest is anywhere in it. */
import { describe, expect, test } from 'vitest';
import { parseUtf8, utf8 } from '#core/bytes.ts';
import { encodeCanonical, type Json, parseCanonical } from '#core/canonical.ts';
import { discloseReceipt, openableParts } from '#core/consent/disclose.ts';
import { parseReceipt, type Receipt, type ShownEvidence } from '#core/consent/receipt.ts';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import { useSha256 } from '#core/hash.ts';
import { nativeEd25519, nativeP256, nativeSha256 } from '../../../src/native.ts';
import { expectFailure } from '../../support/failure.ts';
import { ed25519Signer, passkeySigner, told } from './paper-evidence.ts';
import { fileOf, keysOf } from './paper-receipt.ts';

useSha256(nativeSha256);

const keys = await keysOf(0x61);
const honest = await told(keys, passkeySigner());
const receipt = parseReceipt(fileOf(honest.parts));
const verdictOf = (file: string) => verifyReceipt(utf8(file), keys.vkey, nativeEd25519, nativeP256);

/** The values and salts of all parts of a receipt, by name and place: the canaries. */
function secretsOf({ evidence }: Receipt): ReadonlyMap<string, readonly string[]> {
  const { opened, keys: shown } = evidence as ShownEvidence;
  const secret = ({ salt, value }: { salt: string; value: Json }) => [salt, parseUtf8(encodeCanonical(value))];
  return new Map([
    ...opened.flatMap(({ seq, parts }) =>
      Object.entries(parts).map(([name, part]) => [`${name}:${seq}`, secret(part)] as const),
    ),
    ...shown.flatMap(({ parts }) =>
      Object.entries(parts).map(([name, part]) => [`key ${name}`, secret(part)] as const),
    ),
  ]);
}

describe('a receipt that opens single parts', () => {
  const OF_KEY = ['key binding', 'key possession', 'key identification'];
  test.each<[readonly string[], readonly string[], readonly number[]]>([
    [[], [], []],
    [['text'], ['text:1', 'text_salt:1'], []],
    [['text:1'], ['text:1', 'text_salt:1'], []],
    [['signature:2'], ['person:0', 'binding:2', 'signature:2', ...OF_KEY], [2]],
    [['signature'], ['person:0', 'binding:2', 'signature:2', 'binding:3', 'signature:3', ...OF_KEY], [2, 3]],
    [['signature:3', 'text'], ['person:0', 'text:1', 'text_salt:1', 'binding:3', 'signature:3', ...OF_KEY], [3]],
  ])('%j: verifies, says what is opened, and holds neither value nor salt of the rest', async (names, left, signed) => {
    const file = discloseReceipt(receipt, names);
    const verdict = await verdictOf(file);
    expect(verdict).toMatchObject({ recorded: 'unwitnessed', problem: null });
    expect(verdict.payload).toBe(left.length > 0 ? 'opened' : 'withheld');
    expect(verdict.signatures.map(({ seq, signature }) => [seq, signature])).toEqual(
      signed.map((seq) => [seq, 'verified']),
    );
    const ofRelationship = left.filter((name) => !name.startsWith('key '));
    expect(verdict.parts.opened.filter((name) => !name.includes('entry-'))).toEqual(ofRelationship);
    const secrets = secretsOf(receipt);
    expect(secrets.size).toBe(10);
    const kept = new Set(left.flatMap((name) => secrets.get(name) ?? []));
    for (const [name, values] of secrets) {
      for (const value of values) {
        // The place of the key is the same under each signature, and stands where one of them is opened.
        const isShown = left.includes(name) || kept.has(value);
        expect([name, file.includes(value)]).toEqual([name, isShown]);
      }
    }
    expect(file.includes('person/')).toBe(signed.length > 0);
    expect(parseUtf8(encodeCanonical(parseCanonical(utf8(file))))).toBe(file);
  });

  test('names what is withheld, as far as it is committed to by name', async () => {
    const { parts } = await verdictOf(discloseReceipt(receipt, ['text']));
    expect(parts.withheld).toEqual(['person:0', 'binding:2', 'signature:2', 'binding:3', 'signature:3']);
    const whole = await verdictOf(discloseReceipt(receipt, ['text', 'signature']));
    expect(whole.parts.withheld).toEqual([]);
    expect(whole.parts.opened).toContain(`possession:entry-${honest.paper.lines.findIndex(isBinding)}`);
  });

  test('of a part and of parts one after the other is the same file', () => {
    const both = parseReceipt(utf8(discloseReceipt(receipt, ['text', 'signature:2'])));
    expect(discloseReceipt(both, ['text'])).toBe(discloseReceipt(receipt, ['text']));
    const whole = openableParts(receipt);
    expect(whole).toEqual(['text:1', 'signature:2', 'signature:3']);
    expect(discloseReceipt(receipt, whole)).toBe(parseUtf8(fileOf(honest.parts)));
  });

  test('opens nothing that is not there, or is hidden already, and says what there is', () => {
    for (const name of ['', 'name', 'text:2', 'signature:', 'person', 'binding:2', '__proto__', 'text_salt:1']) {
      expectFailure('input_invalid', () => discloseReceipt(receipt, [name]));
      expect(() => discloseReceipt(receipt, [name])).toThrow('there is text:1, signature:2, signature:3');
    }
    const closed = parseReceipt(utf8(discloseReceipt(receipt, [])));
    expect(() => discloseReceipt(closed, ['text'])).toThrow('it opens nothing');
  });

  test('is found, if what it opens or what it withholds is otherwise', async () => {
    const file = discloseReceipt(receipt, ['text']);
    const { evidence } = parseReceipt(utf8(file));
    const [, draft] = (evidence as ShownEvidence).opened;
    const texts = [
      ['示例', '示列'],
      [draft?.parts['text']?.salt, 'A'.repeat(43)],
      [draft?.digests['text'], 'A'.repeat(43)],
    ];
    for (const [from, to] of texts) {
      const changed = file.replace(from as string, to as string);
      expect(changed).not.toBe(file);
      expect((await verdictOf(changed)).recorded).toBe('invalid');
    }
    const [opening] = (evidence as ShownEvidence).opened;
    const unnamed = file.replace(opening?.digests['person'] as string, 'A'.repeat(43));
    expect((await verdictOf(unnamed)).problem?.code).toBe('commitment_invalid');
  });

  test('shows an act by session with what opened the session, or not at all', async () => {
    const { parts } = await told(keys, await ed25519Signer(7), { session: {} });
    const opened = parseReceipt(fileOf(parts));
    const verdict = await verdictOf(discloseReceipt(opened, ['signature:3']));
    expect(verdict.signatures.map(({ by }) => by)).toEqual(['session']);
    expect(discloseReceipt(opened, ['text'])).not.toContain('"session":{"salt"');
  });
});

function isBinding({ entry }: { readonly entry: { readonly type: string } }): boolean {
  return entry.type === 'person.key_bound';
}
