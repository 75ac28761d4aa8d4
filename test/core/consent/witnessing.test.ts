/** How far a receipt is witnessed, by the policy and the clock of who reads it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseUtf8, utf8 } from '#core/bytes.ts';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import type { WitnessTerms } from '#core/consent/witnessing.ts';
import { useSha256 } from '#core/hash.ts';
import { portableEd25519 } from '#core/note/ed25519.ts';
import { formatCosignerVkey, formatVkey } from '#core/note/key.ts';
import { parsePolicy } from '#core/tlog/policy.ts';
import { nativeEd25519, nativeSha256 } from '../../../src/native.ts';
import { cosignedBy, lineUnder, type PaperWitness, paperWitness, withLines } from '../../support/cosigned.ts';
import { expectRefusal } from '../../support/failure.ts';
import { ask, DAY, signedPaper, TODAY } from './paper-ledger.ts';
import { fileOf, keysOf, receiptOf } from './paper-receipt.ts';

useSha256(nativeSha256);

const keys = await keysOf(0x11);
const strangers = await keysOf(0x31);
const paper = signedPaper(keys.texts);
const plain = parseUtf8(fileOf(await receiptOf(paper, keys, paper.write(ask(), TODAY + DAY))));

const [bureau, first, second, unknown] = (await Promise.all([
  paperWitness('bureau.example/w', 0x51),
  paperWitness('auditor.example/1', 0x52),
  paperWitness('auditor.example/2', 0x53),
  paperWitness('other.example/w', 0x54),
])) as [PaperWitness, PaperWitness, PaperWitness, PaperWitness];

const HOUR = 3_600_000;
const T = Math.floor((TODAY + DAY) / 1_000);
const NOW = T * 1_000 + HOUR;

const LINES = [
  `log ${formatVkey(keys.vkey)}`,
  `witness bureau ${formatCosignerVkey(bureau.vkey)}`,
  `witness one ${formatCosignerVkey(first.vkey)}`,
  `witness two ${formatCosignerVkey(second.vkey)}`,
  'group auditor any one two',
  'group both all bureau auditor',
];
const policyOf = (quorum: string, lines: readonly string[] = LINES) =>
  parsePolicy(utf8(`${[...lines, `quorum ${quorum}`].join('\n')}\n`));
const terms = (changes: Partial<WitnessTerms> = {}): WitnessTerms => ({
  policy: policyOf('both'),
  now: NOW,
  ...changes,
});
const verdictOf = (receipt: string, by: WitnessTerms | undefined = terms()) =>
  verifyReceipt(utf8(receipt), keys.vkey, nativeEd25519, undefined, by);

describe('a receipt whose checkpoint the quorum cosigned', () => {
  test('is witnessed: by whom, of which organisation, and since when', async () => {
    const verdict = await verdictOf(await cosignedBy(plain, [bureau, T], [second, T + 5]));
    expect(verdict).toMatchObject({ recorded: 'witnessed', decision: 're-derived', problem: null });
    expect(verdict.witnessing).toEqual({
      recorded: 'witnessed',
      quorum: 'met',
      since: T * 1_000,
      cosigned: [
        { name: 'bureau', organisation: 'bureau.example', time: T * 1_000 },
        { name: 'two', organisation: 'auditor.example', time: (T + 5) * 1_000 },
      ],
    });
  });

  test('says so under the portable Ed25519, too', async () => {
    const file = utf8(await cosignedBy(plain, [bureau, T], [first, T]));
    const verdict = await verifyReceipt(file, keys.vkey, portableEd25519, undefined, terms());
    expect(verdict).toEqual(await verdictOf(parseUtf8(file)));
    expect(verdict.recorded).toBe('witnessed');
  });

  test('is only unwitnessed for who has no policy: nothing in the receipt says whom to believe', async () => {
    const verdict = await verifyReceipt(
      utf8(await cosignedBy(plain, [bureau, T], [first, T])),
      keys.vkey,
      nativeEd25519,
    );
    expect(verdict).toMatchObject({ recorded: 'unwitnessed', witnessing: null });
  });
});

describe('a receipt without its quorum', () => {
  test.each<readonly [what: string, by: readonly (readonly [PaperWitness, number])[], names: readonly string[]]>([
    ['nobody cosigned', [], []],
    ['one organisation of two did', [[bureau, T]], ['bureau']],
    [
      'one organisation did with both its witnesses',
      [
        [first, T],
        [second, T],
      ],
      ['one', 'two'],
    ],
    [
      'whom the policy does not know did, beside one',
      [
        [first, T],
        [unknown, T],
      ],
      ['one'],
    ],
  ])('is recorded, and unwitnessed: %s', async (_what, by, names) => {
    const verdict = await verdictOf(await cosignedBy(plain, ...by), terms({ ageMax: HOUR }));
    expect(verdict).toMatchObject({ recorded: 'unwitnessed', problem: null });
    expect(verdict.witnessing).toMatchObject({ quorum: 'not met', since: null });
    expect(verdict.witnessing?.cosigned.map(({ name }) => name)).toEqual(names);
  });

  test('is never called witnessed under a policy that wants nobody, whoever cosigned', async () => {
    const file = await cosignedBy(plain, [bureau, T], [first, T]);
    const nobody = terms({ policy: policyOf('none') });
    expect((await verdictOf(file, nobody)).witnessing).toMatchObject({ recorded: 'unwitnessed', quorum: 'none' });
    // Nobody's time tells how old it is.
    expect((await verdictOf(file, { ...nobody, ageMax: HOUR })).recorded).toBe('stale');
  });
});

describe('the age of a receipt', () => {
  test('is that of the latest whole quorum, to the millisecond', async () => {
    const file = await cosignedBy(plain, [bureau, T - 600], [first, T]);
    const at = (age: number) => verdictOf(file, terms({ now: (T - 600) * 1_000 + age, ageMax: HOUR }));
    expect(await at(HOUR)).toMatchObject({ recorded: 'witnessed', witnessing: { since: (T - 600) * 1_000 } });
    expect(await at(HOUR + 1)).toMatchObject({ recorded: 'stale', problem: null, witnessing: { quorum: 'met' } });
    expect((await at(HOUR + 1)).access?.decision).toBe('allow');
  });

  test('is no younger because one witness says that it is, and any age will do where none is asked for', async () => {
    const file = await cosignedBy(plain, [bureau, 1], [first, T], [second, T + 3_000]);
    expect(await verdictOf(file, terms({ ageMax: HOUR }))).toMatchObject({
      recorded: 'stale',
      witnessing: { since: 1_000 },
    });
    expect(await verdictOf(file)).toMatchObject({ recorded: 'witnessed', witnessing: { since: 1_000 } });
  });

  test('can’t be told from a time as far ahead of the reader’s clock: that is stale, too', async () => {
    const file = await cosignedBy(plain, [bureau, T], [first, T]);
    const at = (ahead: number) => verdictOf(file, terms({ now: T * 1_000 - ahead, ageMax: HOUR }));
    expect((await at(HOUR)).recorded).toBe('witnessed');
    expect((await at(HOUR + 1)).recorded).toBe('stale');
    const never = await cosignedBy(plain, [bureau, 2 ** 53 - 1], [first, 2 ** 53 - 1]);
    expect((await verdictOf(never, terms({ ageMax: HOUR }))).recorded).toBe('stale');
  });

  test('of any times is that of the later pair, whichever organisation was late', async () => {
    const time = fc.integer({ min: 1, max: T });
    await fc.assert(
      fc.asyncProperty(time, time, time, async (b, one, two) => {
        const verdict = await verdictOf(await cosignedBy(plain, [bureau, b], [first, one], [second, two]));
        expect(verdict.witnessing?.since).toBe(Math.min(b, Math.max(one, two)) * 1_000);
      }),
      { numRuns: 25 },
    );
  });
});

describe('a cosignature that does not hold', () => {
  test('makes the receipt invalid, if it claims to be of a witness of the policy: any bit of it', async () => {
    const line = await lineUnder(plain, bureau, T);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: line.bytes.length * 8 - 1 }), async (bit) => {
        const bytes = line.bytes.slice();
        bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
        const verdict = await verdictOf(withLines(plain, [{ ...line, bytes }, await lineUnder(plain, first, T)]));
        expect(verdict).toMatchObject({ recorded: 'invalid', witnessing: null, access: null });
        expect(verdict.problem?.code).toBe('checkpoint_invalid');
        expect(verdict.problem?.message).toContain('witness of your policy');
      }),
      { numRuns: 60 },
    );
  });

  test('counts for nothing, if it is of a strange key under a known name, or over another tree', async () => {
    const stranger = await paperWitness('bureau.example/w', 0x61);
    const verdict = await verdictOf(await cosignedBy(plain, [stranger, T], [first, T]));
    expect(verdict).toMatchObject({ recorded: 'unwitnessed', witnessing: { quorum: 'not met' } });
    const later = parseUtf8(
      fileOf(await receiptOf(paper, keys, paper.write(ask({ purpose: 'marketing' }), TODAY + DAY))),
    );
    const moved = withLines(plain, [await lineUnder(later, bureau, T), await lineUnder(later, first, T)]);
    expect(await verdictOf(moved)).toMatchObject({ recorded: 'invalid' });
  });

  test('does not hide what else is wrong: a changed receipt is invalid under any witnesses', async () => {
    const changed = (await cosignedBy(plain, [bureau, T], [first, T])).replace('loan_apply', 'loan_appla');
    expect(await verdictOf(changed)).toMatchObject({ recorded: 'invalid', witnessing: null });
  });
});

describe('a policy', () => {
  test('that names other logs than the trusted key’s is the reader’s mistake, and no verdict', async () => {
    const others = [`log ${formatVkey(strangers.vkey)}`, ...LINES.slice(1)];
    const byOthers = terms({ policy: policyOf('both', others) });
    await expectRefusal('policy_invalid', verdictOf(plain, byOthers));
    const both = terms({ policy: policyOf('both', [...others, LINES[0] as string]) });
    expect((await verdictOf(plain, both)).problem).toBeNull();
  });

  test('that names no log is of whichever the reader trusts', async () => {
    const file = await cosignedBy(plain, [bureau, T], [first, T]);
    expect((await verdictOf(file, terms({ policy: policyOf('both', LINES.slice(1)) }))).recorded).toBe('witnessed');
  });
});
