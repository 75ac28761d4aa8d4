/** The certificate of an erasure: a receipt of its own kind, for whoever holds its path; what it says, and that no part of it can be another. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64Url, utf8 } from '#core/bytes.ts';
import { encodeCanonical, type Json, type JsonObject, parseCanonical } from '#core/canonical.ts';
import { checkCode } from '#core/consent/check-code.ts';
import type { Verdict } from '#core/consent/verdict.ts';
import { explainReceipt, readLetterReceipt, readReceipt, verifyReceipt } from '#core/consent/verify-receipt.ts';
import { parseHashText } from '#core/hash.ts';
import { erasureCapability, receiptCapability } from '#service/capabilities.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { changedAt, leavesOf } from '../core/consent/corrupt.ts';
import { ALL_DUE, DECISIONS_DUE, type ErasureScene, openErasureScene } from '../support/erasure-scene.ts';
import { expectRefusal } from '../support/failure.ts';
import { type Answer, expectProblem, signersOf } from './door.ts';

interface Placed {
  readonly index: number;
  readonly leaf: string;
}
interface Erased {
  readonly erased: readonly { readonly receipt: string; readonly entry: Placed }[];
  readonly person_receipt: string | null;
}

let scene: ErasureScene;
let decisions: Erased;
let letters: Erased;
/** The certificates: of the decisions, of the letters later, and of the keys that went with these. */
let first: string;
let second: string;
let keys: string;

const verdictOf = (file: string | JsonObject): Promise<Verdict> =>
  verifyReceipt(typeof file === 'string' ? utf8(file) : encodeCanonical(file), scene.fixture.vkey, nativeEd25519);
const take = (path: string | null): Promise<Answer> => scene.door.get(path ?? '');
const partsOf = (file: string) => parseCanonical(utf8(file)) as JsonObject & { readonly slices: readonly JsonObject[] };

async function erase(): Promise<Erased> {
  const answer = await scene.asSubject().post('/v1/erasures', { handle: null });
  expect(answer.status).toBe(201);
  return answer.json as unknown as Erased;
}

beforeAll(async () => {
  scene = await openErasureScene();
  scene.setTime(DECISIONS_DUE);
  decisions = await erase();
  first = (await take(decisions.erased[0]?.receipt ?? '')).text;
  scene.setTime(ALL_DUE);
  letters = await erase();
  second = (await take(letters.erased[0]?.receipt ?? '')).text;
  keys = (await take(letters.person_receipt)).text;
});
afterAll(() => scene.close());

describe('the certificate of an erasure', () => {
  it('says which entry, when, what went by class and rule, and what is kept until when and why', async () => {
    const verdict = await verdictOf(first);
    const { index, leaf } = (decisions.erased[0] as Erased['erased'][number]).entry;
    expect(verdict).toMatchObject({
      ...{
        recorded: 'unwitnessed',
        decision: 're-derived',
        payload: 'erased',
        problem: null,
        access: null,
        letter: null,
      },
      erased: { index, time: Date.parse(`${DECISIONS_DUE}+08:00`) },
      erasure: {
        ...{ stream: scene.stream, of: 'rel', index, check_code: checkCode(parseHashText(leaf)) },
        classes: [{ class: 'decisions', by: ['decisions'] }],
        kept: [{ class: 'letters', by: ['letters', 'refused-letters'] }],
      },
    });
    const { classes = [], kept = [] } = verdict.erasure ?? {};
    expect(classes[0]?.parts).toBeGreaterThan(0);
    expect(kept[0]?.kept_until).toBe(Date.parse(`${ALL_DUE}+08:00`));
    expect(verdict.names['letters']?.zh).toContain('个人信息保护法 56');
    // A rule that cites no article is called by what it is of, and never by its id.
    expect(verdict.names['refused-letters']?.zh).toBe('未获批准申请的授权书');
    expect(verdict.facts.map(({ en }) => en)).toContainEqual(expect.stringContaining('how many parts went'));
  });

  it('of the last erasure says that nothing is kept, and of the keys that the ledger attests that nobody is left', async () => {
    expect((await verdictOf(second)).erasure).toMatchObject({ classes: [{ class: 'letters' }], kept: [] });
    const verdict = await verdictOf(keys);
    expect(verdict.problem).toBeNull();
    expect(verdict).toMatchObject({ decision: 'attested', payload: 'erased', erasure: { of: 'person', kept: [] } });
    expect(verdict.erasure?.classes).toMatchObject([{ class: 'keys', kept_until: null, by: [] }]);
    expect(decisions.person_receipt).toBeNull();
  });

  it('names nobody: neither the person nor, of one relationship, its keys’ stream', () => {
    for (const file of [first, second, keys]) expect(file).not.toContain(scene.person.idNumber);
    for (const file of [first, second]) expect(file).not.toContain(scene.owner);
  });

  it('opens by its path alone, the same bytes each time, and by no other capability or guess', async () => {
    const [{ receipt, entry }] = decisions.erased as readonly [Erased['erased'][number]];
    expect((await take(receipt)).headers.get('content-disposition')).toContain('erasure-receipt.json');
    const again = await take(receipt);
    expect((await verdictOf(again.text)).erasure).toEqual((await verdictOf(first)).erasure);
    const { context } = scene.fixture;
    const at = (capability: string) => take(`/v1/erasure-receipts/${capability}`);
    // An entry that is no erasure, and one that is not there.
    for (const index of [0, 1_000_000]) {
      expectProblem(await at(erasureCapability(context, index)), 404, 'erasure_unknown');
    }
    expectProblem(await at(receiptCapability(context, scene.asked.access as never)), 404, 'erasure_unknown');
    const guessed = Buffer.from(erasureCapability(context, entry.index), 'base64url');
    guessed[31] = (guessed[31] ?? 0) ^ 1;
    expectProblem(await at(toBase64Url(guessed)), 404, 'erasure_unknown');
    const other = await scene.door.get(`/v1/receipts/${receipt.split('/').at(-1)}`);
    expectProblem(other, 404, 'access_unknown');
  });

  it('attack 109: is found wherever any one text or number of it is another', async () => {
    for (const file of [first, keys]) {
      expect((await verdictOf(file)).problem).toBeNull();
      const parts = partsOf(file);
      const ways = leavesOf(parts);
      expect(ways.length).toBeGreaterThan(20);
      for (const way of ways) {
        const verdict = await verdictOf(changedAt(parts, way) as JsonObject);
        expect([way, verdict.recorded, verdict.erasure]).toEqual([way, 'invalid', null]);
      }
    }
  });

  it('is found with an entry, a signature, a slice or a pack less, twice, or out of order', async () => {
    const parts = partsOf(first);
    for (const name of ['slices', 'packs'] as const) {
      const list = parts[name] as readonly Json[];
      const [head, ...rest] = list as readonly [Json, ...Json[]];
      for (const other of [rest, [...list, head], [], [...list].reverse()]) {
        if (name === 'packs' && other.length === list.length) continue;
        expect((await verdictOf({ ...parts, [name]: other })).recorded).toBe('invalid');
      }
    }
    const [own, ...others] = parts.slices as readonly [JsonObject, ...JsonObject[]];
    for (const name of ['entries', 'signatures'] as const) {
      const list = own[name] as readonly Json[];
      for (const other of [list.slice(1), list.slice(0, -1), [...list, list[0] as Json], [...list].reverse()]) {
        expect((await verdictOf({ ...parts, slices: [{ ...own, [name]: other }, ...others] })).recorded).toBe(
          'invalid',
        );
      }
    }
  });

  it('is of just the erasure that it names, and brings nothing along that is not looked at', async () => {
    const parts = partsOf(first);
    const later = partsOf(second);
    expect((await verdictOf({ ...parts, leaf: later['leaf'] as Json })).problem?.message).toMatch(
      /end with the erasure/,
    );
    expect((await verdictOf({ ...parts, slices: later.slices })).recorded).toBe('invalid');
    for (const extra of [
      { erasure: later.slices[0] as Json },
      { evidence: { keys: [], opened: [] } },
      { access: 'x' },
    ]) {
      expect((await verdictOf({ ...parts, ...extra })).problem?.code).toBe('receipt_invalid');
    }
    // The kinds are not taken for each other.
    const access = await scene.door.as(signersOf(scene.lender)).get(`/v1/accesses/${scene.asked.access}/receipt`);
    const { access: _id, erasure: _erasure, ...asAccess } = partsOf(access.text);
    const claimed = { ...asAccess, kind: 'erasure', leaf: parts['leaf'] as Json };
    expect((await verdictOf(claimed)).recorded).toBe('invalid');
    for (const read of [readReceipt, readLetterReceipt]) {
      await expectRefusal('receipt_invalid', read(utf8(first), scene.fixture.vkey, nativeEd25519));
    }
    await expectRefusal('entry_invalid', explainReceipt(utf8(first), scene.fixture.vkey, nativeEd25519));
  });
});
