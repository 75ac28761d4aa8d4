/** A letter signed in ink: two operators bring it in, and it gives what a key's signature gives, of grade C. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '#core/canonical.ts';
import { paperEvidenceOf } from '#core/consent/evidence.ts';
import { hearingsOf } from '#core/consent/notices.ts';
import type { Grant } from '#core/consent/relationship.ts';
import { GRANTS_MAX } from '#core/consent/relationship.ts';
import { commandOf, decide, decideAgain } from '#core/consent/rules.ts';
import { digestScan, MEDIA_TYPES, SCAN_BYTES_MAX } from '#core/consent/scan.ts';
import type { LetterId, OperatorId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { LOG_STREAM, partyStream, relationshipStream } from '#core/tlog/stream.ts';
import { expectFailure } from '../../support/failure.ts';
import { withRules } from '../pack/paper-pack.ts';
import { BANK_B, CANDIDATES, granteeBound, reportBy, withBanks } from './paper-candidates.ts';
import { CATALOGUE } from './paper-catalogue.ts';
import { withGrantCount } from './paper-grants.ts';
import { CLERK_SIGNS, inkInput, signedOnPaper, WITNESS, WITNESS_SIGNS, withWitness } from './paper-ink.ts';
import {
  amendDrafted,
  ask,
  BUREAU,
  calledByKeeper,
  changed,
  DAY,
  declined,
  drafted,
  GRADE_B,
  GRADE_D,
  held,
  holdDrafted,
  IDENTIFIER,
  LENDER,
  LETTER,
  MINUTE,
  OTHER_LENDER,
  openedPaper,
  operatorOf,
  type Paper,
  paperId,
  partyOf,
  published,
  QUERY_GRANT,
  REL,
  REPORT_GRANT,
  REPORT_TERMS,
  relationshipOf,
  revoked,
  signed,
  signerOf,
  TODAY,
  terms,
} from './paper-ledger.ts';
import { FIVE, permits, refuses } from './paper-rules.ts';

const at = (ms: number) => ms as Instant;

/** A letter that waits for its answer, drafted a day ago, and a lender with two operators of its business. */
function printed(change: Parameters<typeof drafted>[0] = {}): Paper {
  const paper = withWitness(openedPaper());
  paper.write(drafted({ expires_at: at(TODAY + 7 * DAY), ...change }), TODAY - DAY / 2);
  return paper;
}
function inInk(change: Parameters<typeof inkInput>[0] = {}): Paper {
  const paper = printed();
  paper.write(signedOnPaper(change), TODAY);
  return paper;
}
const grantOf = (paper: Paper, grant = QUERY_GRANT): Grant => relationshipOf(paper).grants[grant] as Grant;
const codes = (paper: Paper, change: Parameters<typeof ask>[0] = {}, time: number = TODAY) =>
  paper.write(ask(change), time).entry.body['codes'];

describe('a letter signed in ink', () => {
  test('gives what was ticked, and an access stands on it', () => {
    const paper = inInk({ given: [true, false] });
    expect(relationshipOf(paper)).toMatchObject({ drafts: {}, signed: [LETTER] });
    expect(Object.keys(relationshipOf(paper).grants)).toEqual([QUERY_GRANT]);
    expect(grantOf(paper)).toMatchObject({ grade: 'C', letter: LETTER, signed_at: TODAY, given_at: TODAY });
    expect(codes(paper)).toEqual([]);
    expect(codes(paper, { ground: { grant: REPORT_GRANT }, action: 'REPORT' })).toContain('NOAUTH');
  });

  test('leaves in the state where it was brought in, and one that a key signed does not', () => {
    const paper = printed();
    const { entry } = paper.write(signedOnPaper(), TODAY);
    expect(relationshipOf(paper).papers).toEqual({ [LETTER]: entry.seq });
    const other = printed();
    other.write(signed(), TODAY);
    expect(relationshipOf(other)).not.toHaveProperty('papers');
  });

  test('gives just the grants that a key’s signature gives, but for their grade; and refuses the same answers', () => {
    const ticked = fc.tuple(fc.boolean(), fc.boolean());
    const left = fc.tuple(fc.subarray(terms().items.slice()), fc.subarray(REPORT_TERMS.items.slice()));
    const answers = fc.record({
      given: fc.oneof({ weight: 9, arbitrary: ticked }, fc.array(fc.boolean(), { maxLength: 3 })),
      declined: fc.oneof(left, fc.constant([[], []]), fc.constant([['tax'], []]), fc.constant([[]])),
      signed_at: fc.constantFrom(-DAY, -DAY / 2, -MINUTE, 0, MINUTE, DAY).map((ms) => at(TODAY + ms)),
    });
    const outcomes = new Set<string>();
    fc.assert(
      fc.property(answers, ({ declined: declined_items, ...answer }) => {
        const write = (command: typeof signed | typeof signedOnPaper): Paper | string => {
          const paper = printed({ warnings: ['adverse_consequence'] });
          try {
            paper.write(command({ ...answer, declined_items }), TODAY);
            return paper;
          } catch (failure) {
            return String((failure as { code?: string }).code);
          }
        };
        const [ink, key] = [write(signedOnPaper), write(signed)];
        if (typeof ink === 'string' || typeof key === 'string') {
          expect(ink).toBe(key);
          outcomes.add(String(ink));
          return;
        }
        outcomes.add(`${Object.keys(relationshipOf(ink).grants).length} given`);
        const { papers, ...relationship } = relationshipOf(ink);
        const graded = Object.entries(relationship.grants).map(([id, grant]) => [id, { ...grant, grade: 'B' }]);
        expect({ ...relationship, grants: Object.fromEntries(graded) }).toEqual(relationshipOf(key));
        expect(papers).toHaveProperty(LETTER);
        const bodies = [ink, key].map((paper) => paper.lines.at(-1)?.entry.body['quiet']);
        expect(bodies[0]).toEqual(bodies[1]);
      }),
      { numRuns: 300 },
    );
    const refused = ['input_invalid', 'signed_ahead', 'signed_before'];
    expect([...outcomes].sort()).toEqual(['0 given', '1 given', '2 given', ...refused]);
  });

  test('is of grade C for one of several candidates, too, also where who brought it in is one of them', () => {
    for (const candidates of [CANDIDATES, [LENDER, ...CANDIDATES]]) {
      const paper = withWitness(withBanks());
      paper.write(drafted({ grants: [{ ...REPORT_TERMS, candidates }] }), TODAY - MINUTE);
      paper.write(signedOnPaper({ given: [true], declined_items: [[]] }), TODAY);
      paper.write(granteeBound(), TODAY);
      expect(grantOf(paper, REPORT_GRANT)).toMatchObject({ grade: 'C', bound: { party: BANK_B } });
      expect(paper.write(reportBy(BANK_B), TODAY).entry.body['codes']).toEqual([]);
    }
  });

  test('is heard of as one that a key signed', () => {
    const paper = inInk();
    const { entry } = paper.lines.at(-1) as Paper['lines'][number];
    const both = [QUERY_GRANT, REPORT_GRANT];
    expect(hearingsOf(entry, paper.state(REL) as JsonObject)).toEqual([{ party: LENDER, grants: both }]);
  });
});

describe('who brings in a letter signed in ink', () => {
  test('are two operators of who drafted it: neither one, nor one twice', () => {
    const paper = printed();
    permits(paper, signedOnPaper());
    permits(paper, signedOnPaper({ by: [WITNESS_SIGNS, CLERK_SIGNS] }));
    refuses('second_signature', paper, signedOnPaper({ by: [CLERK_SIGNS] }));
    refuses('second_signature', paper, signedOnPaper({ by: [CLERK_SIGNS, CLERK_SIGNS] }));
    refuses('principal_mismatch', paper, signedOnPaper({ by: [] }));
  });

  test('both do the party’s business: an administrator is no witness', () => {
    const admin = signerOf(LENDER, 'admin');
    refuses('duty_missing', printed(), signedOnPaper({ by: [CLERK_SIGNS, admin] }));
    refuses('duty_missing', printed(), signedOnPaper({ by: [admin, CLERK_SIGNS] }));
  });

  test('both are of that party, and are there still', () => {
    const paper = printed();
    const bureau = signerOf(BUREAU, 'query');
    refuses('principal_mismatch', paper, signedOnPaper({ by: [CLERK_SIGNS, bureau] }));
    refuses('principal_mismatch', paper, signedOnPaper({ by: [bureau, CLERK_SIGNS] }));
    const left = partyOf(paper, LENDER);
    const operators = { ...left.operators, [WITNESS]: { duty: 'query', left_at: TODAY - 1 } };
    refuses('key_ended', changed(paper, { [partyStream(LENDER)]: { ...left, operators } }), signedOnPaper());
  });

  test('is not another party: to it there is no such letter', () => {
    const other = paperId<OperatorId>(0x3a2);
    const paper = withWitness(printed(), OTHER_LENDER, other);
    const by = [signerOf(OTHER_LENDER, 'query'), { party: OTHER_LENDER, operator: other, key: 2 }];
    refuses('letter_unknown', paper, signedOnPaper({ principal: OTHER_LENDER, by }));
    const foreign = { ...signedOnPaper(), stream: relationshipStream(paperId(0xdd)) } as ReturnType<typeof drafted>;
    refuses('letter_unknown', paper, foreign);
  });

  test('is who drafted it: not its successor, nor who came before', () => {
    const other = paperId<OperatorId>(0x3a2);
    const paper = withWitness(printed(), OTHER_LENDER, other);
    const succession = { predecessor: LENDER, ...calledByKeeper() };
    paper.write({ type: 'party.succeeded', stream: partyStream(OTHER_LENDER), input: succession }, TODAY - 1);
    const by = [signerOf(OTHER_LENDER, 'query'), { party: OTHER_LENDER, operator: other, key: 2 }];
    const asSuccessor = { principal: OTHER_LENDER, by };
    refuses('principal_mismatch', paper, signedOnPaper(asSuccessor));
    permits(paper, signedOnPaper());
    const letter = paperId<LetterId>(0xe2);
    paper.write(drafted({ letter, principal: OTHER_LENDER, grants: [terms({ grant: paperId(0x51) })] }), TODAY - 1);
    const answer = { letter, given: [true], declined_items: [[]] };
    refuses('principal_mismatch', paper, signedOnPaper(answer));
    paper.write(signedOnPaper({ ...answer, ...asSuccessor }), TODAY);
    expect(relationshipOf(paper).grants[paperId(0x51)]).toMatchObject({ grade: 'C', grantee: OTHER_LENDER });
  });

  test('says of its evidence what follows from it, and nothing better', () => {
    refuses('entry_invalid', printed(), signedOnPaper({ evidence: paperEvidenceOf(IDENTIFIER) }));
    const { entry } = printed().write(signedOnPaper(), TODAY);
    expect(entry.body['evidence']).toEqual({
      grade: 'C',
      kind: 'paper',
      method: 'counter',
      identified_by: LENDER,
    });
    const { evidence } = inkInput();
    for (const other of [
      ...['A', 'B', 'D'].map((grade) => ({ ...evidence, grade })),
      { ...evidence, kind: 'ed25519' },
      { ...evidence, method: 'identity_provider' },
      { ...evidence, identified_by: null },
      GRADE_B,
    ]) {
      expectFailure('entry_invalid', () => commandOf({ ...entry, body: { ...entry.body, evidence: other } }));
    }
  });

  test('cannot pass it off as signed by a key, nor a key’s signature as ink', () => {
    const paper = printed();
    const { evidence } = inkInput();
    const { entry } = printed().write(signed({ declined_items: [[], []] }), TODAY);
    expectFailure('entry_invalid', () =>
      commandOf({ ...entry, body: { ...entry.body, evidence: evidence as unknown as JsonObject } }),
    );
    refuses('entry_invalid', paper, signedOnPaper({ auth: 'statement', by: [] }));
    refuses('entry_invalid', paper, signedOnPaper({ auth: 'none', by: [] }));
  });
});

describe('when and what was signed in ink', () => {
  test('is one that waits, of this relationship, and is signed once, in ink or by a key', () => {
    refuses('letter_unknown', withWitness(openedPaper()), signedOnPaper());
    for (const letter of ['__proto__', 'constructor', paperId(1)]) {
      refuses('letter_unknown', printed(), signedOnPaper({ letter: letter as LetterId }));
    }
    const ink = inInk();
    refuses('already_signed', ink, signedOnPaper());
    refuses('already_signed', ink, signed());
    refuses('already_signed', ink, declined());
    const key = printed();
    key.write(signed(), TODAY);
    refuses('already_signed', key, signedOnPaper());
    const refusal = printed();
    refusal.write(declined(), TODAY);
    refuses('letter_declined', refusal, signedOnPaper());
  });

  test('may be long before it is brought in, but not before the letter was printed', () => {
    const draftedAt = TODAY - DAY / 2;
    const later = TODAY + 6 * DAY;
    permits(printed(), signedOnPaper({ signed_at: at(draftedAt) }), later);
    permits(printed(), signedOnPaper({ signed_at: at(draftedAt - FIVE) }), later);
    refuses('signed_before', printed(), signedOnPaper({ signed_at: at(draftedAt - FIVE - 1) }), later);
  });

  test('counts from when it was brought in: never back', () => {
    const paper = printed();
    paper.write(signedOnPaper({ signed_at: at(TODAY - MINUTE) }), TODAY + 5 * DAY);
    expect(grantOf(paper)).toMatchObject({ signed_at: TODAY - MINUTE, given_at: TODAY + 5 * DAY });
  });

  test('is 5 minutes ahead of the ledger at most', () => {
    permits(printed(), signedOnPaper({ signed_at: at(TODAY + FIVE) }));
    refuses('signed_ahead', printed(), signedOnPaper({ signed_at: at(TODAY + FIVE + 1) }));
  });

  test('comes before the letter expires, by the date on it and when it is brought in', () => {
    const end = TODAY + 7 * DAY;
    permits(printed(), signedOnPaper({ signed_at: at(end - 1) }), end - 1);
    refuses('letter_expired', printed(), signedOnPaper({ signed_at: at(end) }), end - 1);
    refuses('letter_expired', printed(), signedOnPaper(), end);
  });

  test('has an answer for each clause, and declines only what it gives', () => {
    for (const change of [
      { given: [true] },
      { given: [true, true, true] },
      { declined_items: [[]] },
      { declined_items: [['tax'], []] },
      { given: [false, true], declined_items: [['credit_info'], []] },
    ]) {
      refuses('input_invalid', printed(), signedOnPaper(change));
    }
  });

  test(`leaves a relationship with ${GRANTS_MAX} grants at most`, () => {
    const standing = (count: number) => withGrantCount(printed(), count);
    permits(standing(GRANTS_MAX - 2), signedOnPaper());
    refuses('limit_reached', standing(GRANTS_MAX - 1), signedOnPaper());
  });

  test('needs engine 2', () => {
    const paper = printed();
    const older = { ...(paper.state(LOG_STREAM) as JsonObject), engine: 1 };
    refuses('engine_old', changed(paper, { [LOG_STREAM]: older }), signedOnPaper());
  });

  test('has a scan of a known type, that is not empty and not too large', () => {
    const { entry } = printed().write(signedOnPaper(), TODAY);
    const accepts = (change: object) => () => {
      const scan = { ...inkInput().scan, ...change };
      return commandOf({ ...entry, body: { ...entry.body, scan } as unknown as JsonObject });
    };
    for (const media_type of MEDIA_TYPES) expect(accepts({ media_type })).not.toThrow();
    for (const bytes of [1, SCAN_BYTES_MAX]) expect(accepts({ bytes })).not.toThrow();
    for (const change of [
      ...['image/gif', 'application/PDF', 'text/html', '', null].map((media_type) => ({ media_type })),
      ...[0, -1, 1.5, SCAN_BYTES_MAX + 1, '1'].map((bytes) => ({ bytes })),
      ...['', 'x', null].map((digest) => ({ digest })),
      { salt: inkInput().scan.digest },
      { name: 'EX-1890.pdf' },
    ]) {
      expectFailure('entry_invalid', accepts(change));
    }
  });
});

describe('a grant that was given in ink', () => {
  test('is taken back by any key of its subject', () => {
    for (const evidence of [GRADE_B, GRADE_D]) {
      const paper = inInk();
      paper.write(revoked({ evidence }), TODAY);
      expect(codes(paper)).toEqual(['REVOKED']);
    }
  });

  test('is extended by a key of a better grade, and by a bare claim never', () => {
    const paper = inInk();
    paper.write(amendDrafted(), TODAY);
    refuses('grade_low', paper, held('grant.extended', { evidence: GRADE_D }));
    paper.write(held('grant.extended'), TODAY);
    expect(grantOf(paper, paperId(0xf7))).toMatchObject({ grade: 'B' });
  });

  test('is narrowed by any key, and what is left is of grade C still', () => {
    const paper = inInk();
    paper.write(amendDrafted({ kind: 'narrow', terms: terms({ grant: paperId(0xf7) }) }), TODAY);
    paper.write(held('grant.narrowed', { evidence: GRADE_B }), TODAY);
    expect(grantOf(paper, paperId(0xf7))).toMatchObject({ grade: 'C' });
  });

  test('is paused by its subject, whatever key it has', () => {
    const paper = inInk();
    paper.write(holdDrafted(), TODAY);
    paper.write(held('grant.paused', { evidence: GRADE_D }), TODAY);
    expect(codes(paper)).toEqual(['FROZEN']);
  });

  test.each([
    ['C', []],
    ['B', ['EVIDENCE']],
    ['A', ['EVIDENCE']],
  ] as const)('is denied by a rule that wants better evidence than it has: %s', (grade, denied) => {
    const paper = inInk();
    const rule = {
      id: 'E-1',
      applies: {
        actions: null,
        subjects: null,
        item_kinds: null,
        purpose_kinds: ['application' as const],
        bases: null,
        regions: null,
      },
      require: 'grade_at_least',
      params: { days: null, workdays: null, years: null, count: null, grade, owed_to: null },
      otherwise: { deny: 'EVIDENCE' },
    } as const;
    paper.write(published({ ...CATALOGUE, rules: withRules(rule).rules }), TODAY);
    expect(codes(paper)).toEqual(denied);
    // The rule is about applications only.
    expect(codes(paper, { purpose: 'post_loan' })).toEqual([]);
  });
});

describe('the entry', () => {
  const { entry } = printed().write(signedOnPaper(), TODAY);

  test('is decided again byte for byte, and otherwise it is none', () => {
    const before = printed();
    const body = decide(before, commandOf(entry), TODAY as Instant);
    expect(() => decideAgain(before, { ...entry, body })).not.toThrow();
    for (const change of [
      { quiet: [TODAY, null] },
      { quiet: [] },
      { signed_at: TODAY + FIVE + 1 },
      { by: [CLERK_SIGNS] },
      { by: [CLERK_SIGNS, CLERK_SIGNS] },
      { saw: inkInput().scan.digest },
    ]) {
      const other = { ...entry, body: { ...body, ...change } as unknown as JsonObject };
      expectFailure('entry_invalid', () => decideAgain(before, other));
    }
  });

  test('names its operators by random ids, and has no salt', () => {
    expect(entry.body['by']).toEqual([
      { party: LENDER, operator: operatorOf(LENDER, 'query'), key: 0 },
      { party: LENDER, operator: WITNESS, key: 2 },
    ]);
    expect(Object.keys(entry.body['scan'] as JsonObject).sort()).toEqual(['bytes', 'digest', 'media_type']);
    expect(entry.body['request']).toBeNull();
  });
});

describe('the digest of a scan', () => {
  const salt = new Uint8Array(32).fill(7);
  const bytes = new TextEncoder().encode('%PDF-1.7 example');

  test('is HMAC-SHA-256 (RFC 2104) of its bytes', async () => {
    const { createHmac } = await import('node:crypto');
    expect(digestScan(salt, bytes)).toBe(createHmac('sha256', salt).update(bytes).digest('base64url'));
  });

  test('changes with every bit of the scan and of the salt', () => {
    const digest = digestScan(salt, bytes);
    for (const [one, other] of [
      [salt, bytes],
      [bytes, salt],
    ] as const) {
      for (let bit = 0; bit < one.length * 8; bit += 5) {
        const spoilt = one.slice();
        spoilt[bit >> 3] = (spoilt[bit >> 3] as number) ^ (1 << (bit & 7));
        expect(one === salt ? digestScan(spoilt, other) : digestScan(other, spoilt)).not.toBe(digest);
      }
    }
  });
});
