/** What is asked before a letter is signed; what stops it, and for how long; and how who holds its link says no. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '#core/canonical.ts';
import { ANSWERED_MAX, isReturnTo, judgeAnswers, STOPPED_MS } from '#core/consent/before-signing.ts';
import { LINK_EVIDENCE } from '#core/consent/evidence.ts';
import { LINK_VIEWS_MAX } from '#core/consent/link.ts';
import { hearingsOf } from '#core/consent/notices.ts';
import { type Command, commandOf, decide, decideAgain, evolve, neededParts } from '#core/consent/rules.ts';
import { isFailure } from '#core/failure.ts';
import type { LetterId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { Pack } from '#core/pack/pack.ts';
import { expectFailure } from '../../support/failure.ts';
import { GOLDEN_PACK } from '../../vectors/pack.ts';
import { both } from '../letter-template/paper-template.ts';
import { signedOnPaper, withWitness } from './paper-ink.ts';
import {
  BUREAU,
  calledBy,
  changed,
  DAY,
  declined,
  drafted,
  frozen,
  GRADE_B,
  GRADE_D,
  holdDrafted,
  LENDER,
  LETTER,
  MINUTE,
  OTHER_BUREAU,
  OTHER_LENDER,
  openedPaper,
  openPaper,
  type Paper,
  paperId,
  published,
  REL,
  relationshipOf,
  sealedBy,
  signed,
  stated,
  TODAY,
  terms,
} from './paper-ledger.ts';
import { permits, refuses } from './paper-rules.ts';

/** The pack of the golden ledger, whose database has the registered name of the paper's bureau: it asks four questions. */
const PACK: Pack = {
  ...GOLDEN_PACK,
  parties: GOLDEN_PACK.parties.map((row) =>
    row.id === 'database' ? { ...row, name: both('示例 bureau', 'Example bureau') } : row,
  ),
};
const REF = { pack: PACK.id, pack_version: 1, id: 'huabei_letter', version: 1 } as const;
const CONFIRMS = [{ id: 'employer', by: OTHER_BUREAU }] as const;

type Draft = Parameters<typeof drafted>[0];
const made = (change: Draft = {}): Command =>
  drafted({
    template: REF,
    warnings: ['debt', 'scam'],
    grants: [terms()],
    asks: true,
    expires_at: (TODAY + 30 * DAY) as Instant,
    ...change,
  });

function lawful(): Paper {
  const paper = openedPaper();
  paper.write(published(PACK), TODAY - DAY);
  return withWitness(paper);
}
function asking(change: Draft = {}): Paper {
  const paper = lawful();
  paper.write(made(change), TODAY);
  return paper;
}

const byLink = () => ({ ...stated(), auth: 'session' as const });
type Answered = Extract<Command, { readonly type: 'letter.answered' }>['input'];
const answered = (outcome: 'clear' | 'stop', change: Partial<Answered> = {}): Command => ({
  type: 'letter.answered',
  stream: REL,
  input: { letter: LETTER, principal: null, outcome, ...byLink(), ...change },
});
const relayed = (change: Partial<Answered> = {}) =>
  answered('clear', { principal: LENDER, ...sealedBy(LENDER), ...change });
const given = (at: number): Command => signed({ given: [true], declined_items: [[]], signed_at: at as Instant });
const declinedByLink = (reason: 'not_me' | null = null, letter: LetterId = LETTER): Command => ({
  type: 'letter.declined',
  stream: REL,
  input: { letter, reason, evidence: LINK_EVIDENCE, ...byLink() },
});
const frozenByLink = (letter: LetterId = LETTER): Command => ({
  type: 'relationship.frozen',
  stream: REL,
  input: { letter, evidence: LINK_EVIDENCE, ...byLink() },
});

const viewedByLink = (letter: LetterId = LETTER): Command => ({
  type: 'identity.viewed',
  stream: REL,
  input: { letter, evidence: LINK_EVIDENCE, ...byLink() },
});

describe('a letter that asks', () => {
  test('is signed after a clear answer, and not before', () => {
    const paper = asking();
    refuses('teach_back_missing', paper, given(TODAY));
    paper.write(answered('clear'), TODAY + MINUTE);
    paper.write(given(TODAY + MINUTE), TODAY + MINUTE);
    expect(relationshipOf(paper).signed).toEqual([LETTER]);
  });

  test('is signed in ink after a clear answer only, dated when it was not held', () => {
    const paper = asking();
    refuses('teach_back_missing', paper, inkOf(TODAY));
    paper.write(answered('stop'), TODAY);
    refuses('letter_held', paper, inkOf(TODAY + MINUTE), TODAY + MINUTE);
    const after = TODAY + STOPPED_MS;
    paper.write(relayed(), after);
    refuses('signed_before', paper, inkOf(after - 1), after);
    permits(paper, inkOf(after), after);
  });

  test('is held for a day after an answer that stops, to the millisecond, and then asks anew', () => {
    const paper = asking();
    const { entry } = paper.write(answered('stop'), TODAY);
    expect(entry.body).toMatchObject({ outcome: 'stop', held_until: TODAY + STOPPED_MS });
    const last = TODAY + STOPPED_MS - 1;
    refuses('letter_held', paper, given(last), last);
    refuses('letter_held', paper, answered('clear'), last);
    refuses('teach_back_missing', paper, given(last + 1), last + 1);
    paper.write(answered('clear'), last + 1);
    permits(paper, given(last + 1), last + 1);
  });

  test('is stopped by a later answer, too', () => {
    const paper = asking();
    expect(paper.write(answered('clear'), TODAY).entry.body['held_until']).toBeNull();
    paper.write(answered('stop'), TODAY + MINUTE);
    refuses('letter_held', paper, given(TODAY + MINUTE), TODAY + MINUTE);
  });

  test('takes no signature from before its answers, but for clocks that differ', () => {
    const paper = asking();
    paper.write(answered('clear'), TODAY + DAY);
    refuses('signed_before', paper, given(TODAY + DAY - 5 * MINUTE - 1), TODAY + DAY);
    permits(paper, given(TODAY + DAY - 5 * MINUTE), TODAY + DAY);
  });

  test(`is answered ${ANSWERED_MAX} times at most, while it waits, and where it asks`, () => {
    const paper = asking();
    for (let n = 0; n < ANSWERED_MAX; n++) paper.write(answered('clear'), TODAY);
    refuses('limit_reached', paper, answered('clear'));
    const { expires_at } = relationshipOf(paper).drafts[LETTER] ?? expect.unreachable();
    refuses('letter_expired', paper, answered('clear'), expires_at);
    paper.write(given(TODAY), TODAY);
    refuses('already_signed', paper, answered('clear'));
    refuses('letter_unknown', paper, answered('clear', { letter: paperId<LetterId>(0x999) }));
    const silent = openedPaper();
    silent.write(drafted(), TODAY);
    refuses('input_invalid', silent, answered('clear'));
  });

  test('is answered by its link, or as who drafted it relays', () => {
    const paper = asking();
    permits(paper, relayed());
    expect(neededParts(relayed())).toEqual(['answers', 'request']);
    expect(neededParts(answered('clear'))).toEqual(['answers']);
    refuses('letter_unknown', paper, relayed({ principal: OTHER_LENDER, ...sealedBy(OTHER_LENDER) }));
    refuses('principal_mismatch', paper, relayed(sealedBy(OTHER_LENDER)));
    refuses('duty_missing', paper, relayed(sealedBy(LENDER, 'admin')));
    refuses('entry_invalid', paper, relayed(byLink()));
    refuses('entry_invalid', paper, answered('clear', calledBy(LENDER)));
    refuses('entry_invalid', paper, answered('clear', stated()));
  });

  test('says in its draft whether it asks, as it is', () => {
    const { asks: _asks, ...silent } = made().input as Extract<Command, { readonly type: 'letter.drafted' }>['input'];
    permits(lawful(), made());
    refuses('entry_invalid', openedPaper(), drafted({ asks: true }));
    permits(openedPaper(), drafted({ asks: true, confirms: CONFIRMS }));
    refuses('entry_invalid', openedPaper(), drafted({ asks: false, confirms: CONFIRMS }));
    refuses('entry_invalid', lawful(), made({ asks: false }));
    // One that does not say it is no draft: neither where there is something to ask, nor where there is nothing.
    const asksNothing = drafted().input as typeof silent & { readonly asks?: boolean };
    const { asks: _none, ...unasked } = asksNothing;
    for (const [paper, input] of [
      [lawful(), silent],
      [openedPaper(), unasked],
    ] as const) {
      refuses('entry_invalid', paper, { type: 'letter.drafted', stream: REL, input } as Command);
    }
  });

  test('is not signed while its state does not say whether it asks', () => {
    const paper = openedPaper();
    paper.write(drafted({ grants: [terms()] }), TODAY);
    permits(paper, given(TODAY));
    const relationship = relationshipOf(paper);
    const { asks: _asks, ...unsaid } = relationship.drafts[LETTER] ?? expect.unreachable();
    const state = { ...relationship, drafts: { [LETTER]: unsaid } } as unknown as Json;
    expectFailure('teach_back_missing', () => decide(changed(paper, { [REL]: state }), given(TODAY), TODAY as Instant));
  });

  test('shows facts, each once, of parties that are registered', () => {
    const input = { asks: true, confirms: CONFIRMS, owes: true, returns: true } as const;
    expect(neededParts(drafted(input))).toEqual(['text', 'text_salt', 'request', 'confirm', 'return_to', 'owed']);
    refuses('input_invalid', openedPaper(), drafted({ asks: true, confirms: [] }));
    refuses('input_invalid', openedPaper(), drafted({ asks: true, confirms: [...CONFIRMS, ...CONFIRMS] }));
    const unknown = [{ id: 'employer', by: paperId<PartyId>(0x999) }];
    refuses('party_unknown', openedPaper(), drafted({ asks: true, confirms: unknown }));
  });

  test('is heard of by its grantee, who learns whether it can be signed', () => {
    const paper = asking();
    const { entry } = paper.write(answered('stop'), TODAY);
    expect(hearingsOf(entry, relationshipOf(paper))).toEqual([{ party: LENDER, grants: [] }]);
  });

  test('in no order of answers and signatures is signed while it is held, and every entry is decided again as it was', () => {
    const step = fc.record({
      act: fc.constantFrom('clear', 'stop', 'sign', 'ink'),
      after: fc.integer({ min: 0, max: DAY }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const paper = asking();
        let now = TODAY;
        let heldUntil = 0;
        let isClear = false;
        for (const { act, after } of steps) {
          now += after;
          const command = act === 'sign' ? given(now) : act === 'ink' ? inkOf(now) : answered(act as 'clear' | 'stop');
          const isSigning = act === 'sign' || act === 'ink';
          try {
            paper.write(command, now);
          } catch (thrown) {
            expect(isFailure(thrown)).toBe(true);
            continue;
          }
          expect(now).toBeGreaterThanOrEqual(heldUntil);
          if (isSigning) expect(isClear).toBe(true);
          if (act === 'stop') heldUntil = now + STOPPED_MS;
          isClear = act === 'clear';
        }
        replay(paper);
      }),
    );
  });
});

describe('answers', () => {
  const questions = [
    { id: 'who', ask: both('谁？'), stops: [{ zh: '别人', en: 'Somebody else' }] },
    { id: 'free', ask: both('不用还吗？'), stops: [{ zh: '有', en: 'Yes' }] },
  ];
  const judge = (who: string, free: string) =>
    judgeAnswers(
      questions,
      {},
      {
        answers: [
          { question: 'who', answer: who },
          { question: 'free', answer: free },
        ],
        confirmed: [],
      },
    );

  test('stop where one of them is what the template says stops, in either language, however it is written', () => {
    for (const [who, free] of [
      ['别人', '没有'],
      ['somebody else.', '没有'],
      ['我自己', ' 有。'],
      ['我自己', 'YES'],
    ] as const) {
      expect(judge(who, free)).toBe('stop');
    }
  });

  test('are clear in any other words: that there is none is not that there is one', () => {
    expect(judge('我自己', '没有')).toBe('clear');
    expect(judge('Nobody', 'No')).toBe('clear');
  });

  test('are to each question, once, and to no other; and confirm every fact', () => {
    const all = [
      { question: 'who', answer: '我' },
      { question: 'free', answer: '没有' },
    ];
    const refused = (answers: typeof all, confirmed: readonly string[] = []) =>
      expectFailure('input_invalid', () => judgeAnswers(questions, { confirms: CONFIRMS }, { answers, confirmed }));
    refused(all);
    refused(all, ['employer', 'employer']);
    refused(all, ['other']);
    refused(all.slice(1), ['employer']);
    refused([...all, { question: 'more', answer: 'x' }], ['employer']);
    refused([all[0], all[0]] as typeof all, ['employer']);
    refused([{ question: 'who', answer: ' 。' }, all[1]] as typeof all, ['employer']);
    expect(judgeAnswers(questions, { confirms: CONFIRMS }, { answers: all, confirmed: ['employer'] })).toBe('clear');
  });
});

describe('an address to return to', () => {
  test('is over TLS, or of this very machine; without name, password and fragment', () => {
    for (const good of [
      'https://lender.example',
      'https://lender.example:8443/applications/17?step=2&lang=zh',
      'http://127.0.0.1:3000/back',
      'http://localhost/back',
      'http://[::1]:9/',
    ]) {
      expect([good, isReturnTo(good)]).toEqual([good, true]);
    }
    for (const bad of [
      'http://lender.example/',
      'https://user:pass@lender.example/',
      'https://lender.example/#part',
      'https://lender.example\\@evil.example/',
      'http://localhost.evil.example/',
      'http://127.0.0.1@evil.example/',
      'javascript:alert(1)',
      'https:///x',
      'https://lender.example/"><script>',
      'https://lender.example/ x',
      `https://lender.example/${'a'.repeat(2_000)}`,
    ]) {
      expect([bad, isReturnTo(bad)]).toEqual([bad, false]);
    }
  });
});

describe('who holds the link of a letter', () => {
  test('declines it, with nobody’s key: it is closed, and not asked again as after any refusal', () => {
    const paper = asking();
    const { entry } = paper.write(declinedByLink(), TODAY);
    expect(entry.commit).toBeNull();
    expect(entry.body).not.toHaveProperty('alerted');
    expect(relationshipOf(paper)).toMatchObject({ drafts: {}, declined: [LETTER], frozen: null });
    refuses('letter_declined', paper, given(TODAY));
    refuses('letter_declined', paper, declinedByLink('not_me'));
    refuses('letter_declined', paper, frozenByLink());
  });

  test('says that it is of somebody else: this relationship is frozen, and lender and source hear of both', () => {
    const paper = asking();
    const freeze = paper.write(frozenByLink(), TODAY);
    expect(hearingsOf(freeze.entry, relationshipOf(paper))).toEqual([
      { party: LENDER, grants: [] },
      { party: BUREAU, grants: [] },
    ]);
    const decline = paper.write(declinedByLink('not_me'), TODAY);
    expect(decline.entry.body['alerted']).toEqual([BUREAU]);
    expect(hearingsOf(decline.entry, relationshipOf(paper))).toEqual([
      { party: LENDER, grants: [] },
      { party: BUREAU, grants: [] },
    ]);
    expect(relationshipOf(paper).frozen).toEqual({ at: TODAY, grade: 'D', signed_at: TODAY, by: 'link' });
    replay(paper);
  });

  test('is looked at by its link as long as it is known, and so often', () => {
    const paper = asking();
    const whole = () => ({ ...relationshipOf(paper), link_views: 0 });
    const before = whole();
    paper.write(viewedByLink(), TODAY);
    expect([whole(), relationshipOf(paper).link_views]).toEqual([before, 1]);
    refuses('letter_unknown', paper, viewedByLink(paperId<LetterId>(0x999)));
    refuses('letter_unknown', paper, viewedByLink('constructor' as LetterId));
    const command = viewedByLink();
    refuses('entry_invalid', paper, { ...command, input: { ...command.input, ...calledBy(LENDER) } } as Command);
    paper.write(declinedByLink(), TODAY);
    for (let views = 1; views < LINK_VIEWS_MAX; views++) paper.write(viewedByLink(), TODAY);
    refuses('limit_reached', paper, viewedByLink());
    replay(paper);
  });

  test('freezes by a letter that waits, and signs nothing', () => {
    const paper = asking();
    refuses('letter_unknown', paper, frozenByLink(paperId<LetterId>(0x999)));
    const { expires_at } = relationshipOf(paper).drafts[LETTER] ?? expect.unreachable();
    refuses('letter_expired', paper, frozenByLink(), expires_at);
    refuses('letter_expired', paper, declinedByLink(), expires_at);
    paper.write(frozenByLink(), TODAY);
    refuses('hold_mismatch', paper, frozenByLink());
    // Its auth and its evidence go together, and a better grade is none of a link.
    for (const change of [stated(), calledBy(LENDER)]) {
      const command = declinedByLink();
      refuses('entry_invalid', paper, { ...command, input: { ...command.input, ...change } } as Command);
    }
    const { entry } = paper.write(declinedByLink(), TODAY);
    for (const change of [{ grade: 'C' }, { identified_by: BUREAU }, { method: 'counter' }]) {
      const body = { ...entry.body, evidence: { ...LINK_EVIDENCE, ...change } };
      expectFailure('entry_invalid', () => commandOf({ ...entry, body }));
    }
    refuses('entry_invalid', paper, declined({ auth: 'session' }));
    refuses('entry_invalid', paper, declined({ evidence: LINK_EVIDENCE as never }));
  });

  test('is overruled by the person: its own signature freezes as ever, and ends the freeze, but no grade D', () => {
    const paper = asking();
    paper.write(frozenByLink(), TODAY);
    const release = (evidence: typeof GRADE_B | typeof GRADE_D, at: number) =>
      frozen('relationship.released', { ref: null, signed_at: at as Instant, evidence });
    refuses('grade_low', paper, release(GRADE_D, TODAY + MINUTE), TODAY + MINUTE);
    refuses('signed_before', paper, release(GRADE_B, TODAY), TODAY + MINUTE);
    permits(paper, release(GRADE_B, TODAY + MINUTE), TODAY + MINUTE);
    paper.write(holdDrafted({ kind: 'freeze' }), TODAY);
    paper.write(frozen('relationship.frozen', { signed_at: TODAY as Instant }), TODAY + MINUTE);
    expect(relationshipOf(paper).frozen).toMatchObject({ grade: 'B' });
    expect(relationshipOf(paper).frozen).not.toHaveProperty('by');
  });
});

/** Brings the letter in as signed in ink, by clerk and witness of the lender. */
function inkOf(at: number): Command {
  return signedOnPaper({ given: [true], declined_items: [[]], signed_at: at as Instant });
}

/** Decides every entry again, in a ledger that only has what was before it. */
function replay(paper: Paper): void {
  const again = openPaper();
  for (const { entry } of paper.lines) {
    decideAgain(again, entry);
    again.forge(entry);
  }
  expect(again.state(REL)).toEqual(paper.state(REL));
  const own = paper.lines.filter(({ entry }) => entry.stream === REL);
  let state: ReturnType<typeof evolve> | undefined;
  for (const { entry } of own) state = evolve(state, commandOf(entry).type, entry);
  expect(state).toEqual(paper.state(REL));
}
