import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalText, encodeCanonical, type Json, type JsonObject } from '#core/canonical.ts';
import { ENGINE } from '#core/consent/engine.ts';
import { statusOf } from '#core/consent/grant.ts';
import type { Grant, Relationship } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import { type Command, commandOf, decide, decideAgain, touches } from '#core/consent/rules.ts';
import type { Terms } from '#core/consent/terms.ts';
import { PERMIT_MS } from '#core/consent/use.ts';
import { isFailure } from '#core/failure.ts';
import { useSha256 } from '#core/hash.ts';
import type { GrantId, LetterId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { Entry } from '#core/tlog/entry.ts';
import { LOG_STREAM, partyStream, refusedStream, type StreamId } from '#core/tlog/stream.ts';
import { nativeSha256 } from '../../../src/native.ts';
import { expectFailure } from '../../support/failure.ts';
import {
  actions,
  anyTerms,
  codes,
  doors,
  grantIds,
  instants,
  replay,
  run,
  seldom,
  some,
  steps,
} from './any-history.ts';
import { CANDIDATES } from './paper-candidates.ts';
import {
  ask,
  type askInput,
  BUREAU,
  calledBy,
  changed,
  DAY,
  drafted,
  hashOf,
  LENDER,
  MINUTE,
  OTHER_BUREAU,
  OTHER_LENDER,
  openedPaper,
  operatorOf,
  outcomeOf,
  paperId,
  QUERY_GRANT,
  REL,
  REPORT_GRANT,
  relationshipOf,
  revoked,
  signedPaper,
  signerOf,
  TODAY,
  terms,
} from './paper-ledger.ts';

useSha256(nativeSha256);

describe('any history that the rules permit', () => {
  test('is decided again byte for byte, from its bytes alone', () => {
    let count = 0;
    const met = new Set<string>();
    fc.assert(
      fc.property(steps, (commands) => {
        const paper = run(commands);
        replay(paper, (view, entry, after) => {
          met.add(entry.type);
          decideAgain(view, entry);
          const body = decide(view, commandOf(entry), entry.time);
          expect(encodeCanonical(body)).toEqual(encodeCanonical(entry.body));
          // A state that went through the database decides alike.
          const stored: View = { head: view.head, state: (each) => json(view.state(each)) };
          expect(canonicalText(decide(stored, commandOf(entry), entry.time))).toBe(canonicalText(body));
          expect(canonicalText(json(after) as JsonObject)).toBe(canonicalText(after));
          count++;
        });
        for (const stream of new Set(paper.lines.map((line) => line.entry.stream))) {
          expect(paper.state(stream), stream).toBeDefined();
        }
      }),
      { numRuns: 200 },
    );
    expect(count).toBeGreaterThan(200 * 8);
    expect([...met]).toEqual(expect.arrayContaining(['grant.contested', 'finding.recorded']));
  });

  test('never gives back what was taken back, and never changes the terms of what was given', () => {
    fc.assert(
      fc.property(steps, (commands) => {
        replay(run(commands), (view, entry, after) => {
          if (entry.stream !== REL || entry.seq === 0) return;
          const before = (view.state(REL) as unknown as Relationship).grants;
          const { grants, signed: letters } = after as unknown as Relationship;
          for (const [id, grant] of Object.entries(before)) {
            expect(grants[id]?.terms).toEqual(grant.terms);
            if (grant.bound !== undefined) expect(grants[id]?.bound).toEqual(grant.bound);
            // Only a finding may be lifted still: until then nothing of the grant is deleted.
            const kept = entry.type === 'finding.lifted' ? uncontested : (each: Grant | undefined) => each;
            if (grant.revoked_at !== null) expect(kept(grants[id])).toEqual(kept(grant));
            expect(grants[id]?.used).toBeGreaterThanOrEqual(grant.used);
          }
          expect(new Set(letters).size).toBe(letters.length);
        });
      }),
      { numRuns: 100 },
    );
  });

  test('has no allow at or after the end of its grant, nor before its beginning (I3)', () => {
    let allows = 0;
    let bound = 0;
    fc.assert(
      fc.property(steps, (commands) => {
        const revokedAt = new Map<string, number>();
        replay(run(commands), (view, { type, body, seq, time }) => {
          if (type === 'grant.revoked') revokedAt.set(body['grant'] as string, seq);
          if (type !== 'access.decided' || body['decision'] !== 'allow') return;
          allows++;
          const id = (body['ground'] as { grant: string }).grant;
          const grant = (view.state(REL) as unknown as Relationship).grants[id] as Grant;
          expect(revokedAt.has(id)).toBe(false);
          expect(grant.paused).toBeNull();
          expect((view.state(REL) as unknown as Relationship).frozen).toBeNull();
          expect(statusOf(grant, time, 0)).toBe('active');
          expect(time).toBeLessThan(grant.terms.to);
          expect(time).toBeGreaterThanOrEqual(grant.terms.from ?? 0);
          expect(time).toBeGreaterThanOrEqual(grant.given_at);
          expect(grant.given_at).toBeGreaterThanOrEqual(grant.signed_at);
          expect(body['principal']).toBe(grant.terms.candidates === undefined ? LENDER : grant.bound?.party);
          if (grant.terms.candidates !== undefined) bound++;
          expect(grant.terms.action).toBe(body['action']);
          expect(grant.terms.purposes).toContain(body['purpose']);
          expect(grant.terms.items).toEqual(expect.arrayContaining(body['items'] as never));
        });
      }),
      { numRuns: 1_000 },
    );
    expect(allows).toBeGreaterThan(100);
    expect(bound).toBeGreaterThan(10);
  });

  test('decides each access alike without any other grant, letter or statement of its relationship', () => {
    let count = 0;
    fc.assert(
      fc.property(steps, (commands) => {
        replay(run(commands), (view, entry) => {
          if (entry.type !== 'access.decided') return;
          const ground = (entry.body as { readonly ground: { readonly grant?: string } }).ground;
          const { [ground.grant ?? '']: own, ...others } = (view.state(REL) as unknown as Relationship).grants;
          const alone = {
            drafts: {},
            holds: {},
            signed: [],
            grants: own === undefined ? {} : { [own.terms.grant]: own },
          };
          const state = { ...view.state(REL), ...alone } as unknown as JsonObject;
          const lonely: View = { ...view, state: (each) => (each === REL ? state : view.state(each)) };
          expect(outcomeOf(lonely, commandOf(entry), entry.time)).toEqual(
            outcomeOf(view, commandOf(entry), entry.time),
          );
          if (Object.keys(others).length > 0) count++;
        });
      }),
      { numRuns: 200 },
    );
    expect(count).toBeGreaterThan(60);
  });

  test('reads no other stream than it says it touches', () => {
    fc.assert(
      fc.property(steps, (commands) => {
        replay(run(commands), (view, entry) => {
          const command = commandOf(entry);
          const read = new Set<StreamId>();
          const readOf = (stream: StreamId): [StreamId] => {
            read.add(stream);
            return [stream];
          };
          const watched: View = {
            head: (stream) => view.head(...readOf(stream)),
            state: (stream) => view.state(...readOf(stream)),
          };
          decide(watched, command, entry.time);
          // The log’s epoch is asked for besides: an entry’s place in the tree says which that was.
          expect([...touches(command), LOG_STREAM]).toEqual(expect.arrayContaining([...read]));
        });
      }),
      { numRuns: 20 },
    );
  });
});

const pauses = seldom(fc.constantFrom('B', 'D').map((grade) => ({ at: TODAY, grade, signed_at: TODAY }) as const));

/** A grant and an access that agree as often as not. */
const standing = fc
  .record({
    grant: anyTerms,
    grade: fc.constantFrom('A', 'B', 'C', 'D'),
    revoked: fc.boolean(),
    bound: fc.constantFrom(LENDER, ...CANDIDATES),
    paused: pauses,
    used: fc.nat(4),
    recent: fc.array(instants, { maxLength: 3 }),
    now: instants,
  })
  .map(({ grant, grade, revoked: gone, bound, paused, used, recent, now }) => ({
    now,
    grant: {
      terms: grant,
      letter: paperId<LetterId>(1),
      signed_at: TODAY,
      given_at: TODAY,
      grade,
      revoked_at: gone ? TODAY : null,
      paused: gone ? null : paused,
      ...(grant.candidates?.includes(bound) === true ? { bound: { party: bound, at: TODAY } } : {}),
      used,
      recent,
    } as Grant,
  }));
const paper = signedPaper();
const relationship = relationshipOf(paper);
const viewWith = (grants: Readonly<Record<string, Grant>>): View =>
  changed(paper, { [REL]: { ...relationship, grants } });

/** An access under a grant that mostly takes what the grant gives. */
const askUnder = (grant: Grant) =>
  fc
    .record({
      action: fc.oneof({ weight: 9, arbitrary: fc.constant(grant.terms.action) }, actions),
      purpose: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...grant.terms.purposes) }, codes('purpose')),
      items: fc.oneof(
        { weight: 9, arbitrary: fc.subarray([...grant.terms.items], { minLength: 1 }) },
        some(codes('item')),
      ),
      door: fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom(...grant.terms.sources, ...grant.terms.recipients, null) },
        doors,
      ),
    })
    .map((change) => ask({ ...change, ground: { grant: grant.terms.grant } } as never));
const asked = standing.chain((made) => askUnder(made.grant).map((command) => ({ ...made, command })));

/** A frequency that allows less. */
function rarer(frequency: Terms['frequency']): Terms['frequency'] {
  if (frequency === null) return { count: 1, period_ms: 10 * MINUTE };
  return { count: Math.max(frequency.count - 1, 1), period_ms: 2 * frequency.period_ms };
}

describe('a decision', () => {
  test('never depends on the other grants of the relationship', () => {
    const others = fc.dictionary(
      grantIds,
      standing.map(({ grant }) => grant),
    );
    fc.assert(
      fc.property(asked, others, others, ({ grant, now, command }, some_, more) => {
        const { grant: id } = grant.terms;
        const outcome = outcomeOf(viewWith({ [id]: grant }), command, now);
        expect(outcomeOf(viewWith({ ...some_, [id]: grant }), command, now)).toEqual(outcome);
        expect(outcomeOf(viewWith({ ...more, [id]: grant }), command, now)).toEqual(outcome);
      }),
      { numRuns: 300 },
    );
  });

  test('is the same whenever it is asked for, and changes nothing that it reads', () => {
    fc.assert(
      fc.property(asked, ({ grant, now, command }) => {
        const view = viewWith({ [grant.terms.grant]: grant });
        const before = canonicalText(view.state(REL) as JsonObject);
        const bodies = [1, 2, 3].map(() => canonicalText(decide(view, command, now)));
        expect(new Set(bodies).size).toBe(1);
        expect(canonicalText(view.state(REL) as JsonObject)).toBe(before);
      }),
    );
  });

  test('never allows more under a narrower grant', () => {
    let narrowed = 0;
    fc.assert(
      fc.property(asked, fc.nat(), fc.nat(60), ({ grant, now, command }, pick, minutes) => {
        const { terms: wide } = grant;
        const less = <T>(list: readonly T[]): readonly T[] => list.toSpliced(pick % Math.max(list.length, 1), 1);
        const narrow: Partial<Grant>[] = [
          { terms: { ...wide, items: less(wide.items) } },
          { terms: { ...wide, purposes: less(wide.purposes) } },
          { terms: { ...wide, sources: less(wide.sources) } },
          { terms: { ...wide, recipients: less(wide.recipients) } },
          { terms: { ...wide, candidates: CANDIDATES } },
          { terms: { ...wide, candidates: CANDIDATES }, bound: { party: CANDIDATES[0] as PartyId, at: TODAY } },
          { terms: { ...wide, to: wide.to - minutes * MINUTE } },
          { terms: { ...wide, from: (wide.from ?? 0) + minutes * MINUTE } },
          { grade: 'D' },
          { revoked_at: TODAY },
          { paused: { at: TODAY, grade: 'D', signed_at: TODAY } },
          { terms: { ...wide, uses_max: wide.uses_max === null ? 1 : Math.max(wide.uses_max - 1, 1) } },
          { terms: { ...wide, frequency: rarer(wide.frequency) } },
          { used: grant.used + 1 },
          { recent: [...grant.recent, now] },
        ];
        const id = wide.grant;
        const before = outcomeOf(viewWith({ [id]: grant }), command, now);
        for (const change of narrow) {
          const after = outcomeOf(viewWith({ [id]: { ...grant, ...change } }), command, now);
          if (before.decision === 'deny') expect(after.decision).toBe('deny');
          // And no reason to deny goes away.
          expect(after.codes).toEqual(expect.arrayContaining([...before.codes]));
          if (before.decision !== after.decision) narrowed++;
        }
      }),
      { numRuns: 400 },
    );
    expect(narrowed).toBeGreaterThan(50);
  });

  test('never allows more when more is asked', () => {
    fc.assert(
      fc.property(asked, codes('item'), ({ grant, now, command }, item) => {
        const view = viewWith({ [grant.terms.grant]: grant });
        const input = command.input as ReturnType<typeof askInput>;
        const more = { ...command, input: { ...input, items: [...input.items, item] } } as Command;
        const before = outcomeOf(view, command, now);
        if (before.decision === 'deny' && input.items.length > 0) {
          expect(outcomeOf(view, more, now).decision).toBe('deny');
        }
      }),
    );
  });
});

describe('the body of an access, decided again', () => {
  const ledger = signedPaper();
  // What was allowed reserves a use: each was decided before the other's.
  const before = changed(ledger, { [REL]: relationshipOf(ledger) });
  const allow = ledger.write(ask(), TODAY + DAY).entry;
  const deny = ledger.write(ask({ purpose: 'marketing', items: ['tax'] }), TODAY + DAY).entry;
  const again = (entry: Entry, change: JsonObject) => () =>
    decideAgain(before, { ...entry, body: { ...entry.body, ...change } });

  test('is what it was', () => {
    expect(allow.body['decision']).toBe('allow');
    expect(deny.body['codes']).toEqual(['PURPOSE', 'SCOPE']);
    for (const entry of [allow, deny]) expect(again(entry, {})).not.toThrow();
  });

  /** What the decision says, and what it rests on: any other value is another decision. */
  test.each<[string, Entry, JsonObject]>([
    ['decision', allow, { decision: 'deny' }],
    ['decision', deny, { decision: 'allow' }],
    ['decision', allow, { decision: 'ALLOW' }],
    ['decision', allow, { decision: null }],
    ['codes', allow, { codes: ['NOAUTH'] }],
    ['codes', deny, { codes: [] }],
    ['codes', deny, { codes: ['PURPOSE'] }],
    ['codes', deny, { codes: ['SCOPE', 'PURPOSE'] }],
    ['codes', deny, { codes: ['PURPOSE', 'SCOPE', 'SCOPE'] }],
    ['decision and codes', deny, { decision: 'allow', codes: [] }],
    ['decision and codes', allow, { decision: 'deny', codes: ['REVOKED'] }],
    ['until', allow, { until: null }],
    ['until', allow, { until: TODAY + DAY + PERMIT_MS + 1 }],
    ['until', deny, { until: TODAY + DAY + PERMIT_MS }],
    ['offline', allow, { offline: true }],
    ['offline', deny, { offline: true }],
    ['offline', allow, { offline: null }],
    ['bound', allow, { bound: 'not a hash' }],
    ['saw', allow, { saw: hashOf(1) }],
    ['saw', allow, { saw: null }],
    ['engine', allow, { engine: ENGINE + 1 }],
    ['engine', allow, { engine: 0 }],
    ['principal', allow, { principal: OTHER_LENDER }],
    ['principal', allow, { principal: BUREAU }],
    ['ground', allow, { ground: { grant: REPORT_GRANT } }],
    ['ground', allow, { ground: { grant: paperId(5) } }],
    ['ground', allow, { ground: { basis: 'judicial', reference: true } }],
    ['ground', allow, { ground: { grant: QUERY_GRANT, basis: 'judicial' } }],
    ['ground', allow, { ground: {} }],
    ['action', allow, { action: 'REPORT' }],
    ['purpose', allow, { purpose: 'marketing' }],
    ['purpose', deny, { purpose: 'loan_apply' }],
    ['items', allow, { items: ['tax'] }],
    ['items', allow, { items: [] }],
    ['door', allow, { door: OTHER_BUREAU }],
    ['door', allow, { door: null }],
    ['idem', allow, { idem: 'not a hash' }],
    ['auth', allow, { auth: 'trusted' }],
    ['auth', allow, { auth: 'none' }],
    ['auth', allow, { auth: 'session' }],
    ['auth', allow, { auth: 'statement' }],
    ['auth', allow, { auth: 'statement', by: [], request: null }],
    ['request', allow, { request: null }],
    ['request', allow, { request: 'not a hash' }],
    ['by', allow, { by: [] }],
    ['by', allow, { by: [signerOf(LENDER, 'query'), signerOf(LENDER, 'admin')] }],
    ['by', allow, { by: [signerOf(LENDER, 'query'), signerOf(LENDER, 'query')] }],
    ['by', allow, { by: [signerOf(LENDER, 'admin')] }],
    ['by', allow, { by: [signerOf(OTHER_LENDER, 'query')] }],
    ['by', allow, { by: [{ ...signerOf(LENDER, 'query'), key: 1 }] }],
    ['by', allow, { by: [{ ...signerOf(LENDER, 'query'), key: 2 }] }],
    ['by', allow, { by: [{ ...signerOf(LENDER, 'query'), operator: paperId(4) }] }],
    ['access', allow, { access: 'x' }],
    ['a field more', allow, { note: 'x' }],
  ])('is refused with another %s (%#)', (_field, entry, change) => {
    expectFailure('entry_invalid', again(entry, change));
  });

  test.each(Object.keys(allow.body))('is refused without %s', (name) => {
    const { [name]: _gone, ...body } = allow.body;
    expectFailure('entry_invalid', () => decideAgain(before, { ...allow, body }));
  });

  /**
   * Inputs that are decided alike are not the rules' to refuse: that nobody changed them is what leaf, chain, tree and
   * the entry's signature say (see receipts). They are the call (`access`, `idem`, `request`) and any question that has the
   * same answer.
   */
  test.each<[string, Entry, JsonObject]>([
    ['access', allow, { access: paperId(0x123) }],
    ['idem', allow, { idem: hashOf(2) }],
    ['request', allow, { request: hashOf(3) }],
    ['request that it is bound to', allow, { bound: hashOf(4) }],
    ['purpose that was ticked as well', allow, { purpose: 'post_loan' }],
    ['items that are granted as well', allow, { items: ['credit_info', 'credit_report'] }],
    ['purpose that was not ticked either', deny, { purpose: 'guarantor' }],
  ])('decides alike with another %s', (_field, entry, change) => {
    expect(again(entry, change)).not.toThrow();
  });

  test('is refused, or decides alike, after any change at all', () => {
    const fields = fc.constantFrom(...Object.keys(allow.body));
    fc.assert(
      fc.property(fields, fc.json(), fc.boolean(), (name, text, allowed) => {
        // What is no canonical JSON is no entry: `parseEntry` refuses it.
        fc.pre(isCanonical(JSON.parse(text)));
        const value = JSON.parse(text);
        const entry = allowed ? allow : deny;
        const body = { ...entry.body, [name]: value as Json };
        try {
          decideAgain(before, { ...entry, body });
        } catch (thrown) {
          if (!isFailure(thrown, 'entry_invalid')) throw thrown;
          return;
        }
        for (const outcome of ['decision', 'codes', 'until', 'offline', 'saw']) {
          expect(body[outcome]).toEqual(entry.body[outcome]);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('is refused at another moment, in another stream, or before other facts', () => {
    const end = (TODAY + 365 * DAY) as Instant;
    expectFailure('entry_invalid', () => decideAgain(before, { ...allow, time: end }));
    expectFailure('entry_invalid', () => decideAgain(before, { ...allow, stream: refusedStream(LENDER) }));
    // After it, its own permit is out.
    expectFailure('entry_invalid', () => decideAgain(ledger, allow));
    expectFailure('entry_invalid', () => decideAgain(openedPaper(), allow));
    const later = signedPaper();
    later.write(revoked(), TODAY);
    expectFailure('entry_invalid', () => decideAgain(later, allow));
    ledger.write(
      {
        type: 'party.key_added',
        stream: partyStream(LENDER),
        input: { key: 'A', operator: operatorOf(LENDER, 'query'), duty: 'query', ...calledBy(LENDER, 'admin') },
      },
      TODAY + DAY,
    );
    // The decision saw the party as it was before this key.
    expect(() => decideAgain(before, allow)).toThrow('decided otherwise');
  });
});

describe('hostile ids', () => {
  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('%s is no id, and finds nothing', (name) => {
    const view = viewWith({ [QUERY_GRANT]: relationship.grants[QUERY_GRANT] as Grant });
    expect(outcomeOf(view, ask({ ground: { grant: name as GrantId } }), TODAY).codes).toEqual(['NOAUTH']);
    const { entry } = signedPaper().write(ask(), TODAY);
    const body = { ...entry.body, ground: { grant: name } };
    expectFailure('entry_invalid', () => commandOf({ ...entry, body }));
    const draft = openedPaper().write(drafted(), TODAY).entry;
    expectFailure('entry_invalid', () => commandOf({ ...draft, body: { ...draft.body, letter: name } }));
    const grants = [{ ...terms(), grant: name }] as unknown as Json;
    expectFailure('entry_invalid', () => commandOf({ ...draft, body: { ...draft.body, grants } }));
    expectFailure('entry_invalid', () => commandOf({ ...draft, body: { ...draft.body, principal: name as PartyId } }));
  });
});

function uncontested(grant: Grant | undefined) {
  const { contested_at: _at, findings: _findings, ...rest } = grant as Grant;
  return rest;
}

function isCanonical(value: Json): boolean {
  try {
    return encodeCanonical(value).length > 0;
  } catch {
    return false;
  }
}

function json(state: JsonObject | undefined): JsonObject | undefined {
  return state && (JSON.parse(JSON.stringify(state)) as JsonObject);
}
