/** What may be erased when, by the rules that decide it on the server and in the audit alike. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '#core/canonical.ts';
import type { PayloadErased } from '#core/consent/erasure.ts';
import { lawAt } from '#core/consent/law.ts';
import { classOf, type Noted, retentionOf } from '#core/consent/retention.ts';
import type { View } from '#core/consent/rule.ts';
import { decide, evolve } from '#core/consent/rules.ts';
import type { Instant } from '#core/instant.ts';
import { LOG_STREAM, personStream, refusedStream, relationshipStream, type StreamId } from '#core/tlog/stream.ts';
import { readShipped } from '../../../src/cli/packs/publish.ts';
import { expectFailure } from '../../support/failure.ts';

const DAY = 86_400_000;
const at = (day: string) => Date.parse(`${day}T12:00:00+08:00`) as Instant;
const ID = '0'.repeat(31);
const REL = relationshipStream(`${ID}a` as never);
const REFUSED = refusedStream(`${ID}b` as never);
const PERSON = personStream(`${ID}c` as never);
const HASH = 'A'.repeat(43);
const packs = readShipped();

function viewOf(states: Readonly<Record<string, JsonObject>>, { engine = 2, seq = 9 } = {}): View {
  const versions = packs.map(({ id, version, from, to }) => [
    id,
    [{ version, digest: id as string, from, to, withdrawn_at: null }],
  ]);
  const log = {
    engine,
    log_key: 'x',
    issuing_key: 'x',
    recovery_key: 'x',
    keeper: ID,
    packs: Object.fromEntries(versions),
  };
  const all: Readonly<Record<string, JsonObject>> = { [LOG_STREAM]: log, ...states };
  return {
    head: (stream) => (all[stream] === undefined ? undefined : { seq, leaf: new Uint8Array(32) as never }),
    state: (stream) => all[stream],
    pack: (digest) => packs.find(({ id }) => id === digest),
  };
}

/** A relationship whose one grant was taken back on a day. */
const ended = (day: string | null, objections: JsonObject = {}): JsonObject => ({
  grants: { g: { terms: { to: at('2099-01-01') }, revoked_at: day === null ? null : at(day) } },
  drafts: {},
  facts: { facilities: {}, items: {}, objections, notices: [] },
});

const CALL = { idem: HASH, auth: 'session', by: [], request: null } as const;
const input = (change: Partial<PayloadErased> = {}): PayloadErased => ({
  through: 9,
  last: [{ class: 'letters', at: at('2019-01-01') }],
  parts: [{ class: 'letters', owner: 'subject', count: 3 }],
  ...CALL,
  ...change,
});
const erase = (view: View, now: Instant, said: PayloadErased = input(), stream: StreamId = REL) =>
  decide(view, { type: 'payload.erased', stream, input: said }, now);

describe('an erasure', () => {
  test('takes letters five years after the end, by rule and pack, and not a moment before', () => {
    const view = viewOf({ [REL]: ended('2020-01-01') });
    const due = Date.parse('2025-01-02T00:00:00+08:00') as Instant;
    expectFailure('not_due', () => erase(view, (due - 1) as Instant));
    const body = erase(view, due);
    expect(body['due']).toEqual([{ class: 'letters', kept_until: due, by: ['letters'] }]);
    expect(body['packs']).toMatchObject({ 'cn-credit': expect.any(Number) });
    expectFailure('not_due', () => erase(viewOf({ [REL]: ended(null) }), due));
  });

  test('takes nothing while an objection is open, and objections three years after their answer', () => {
    const asked = { answered_at: null, opened_at: at('2020-01-02') };
    const objections = (answered: number | null) => ({ o: { ...asked, answered_at: answered } });
    const said = input({
      last: [
        { class: 'letters', at: at('2019-01-01') },
        { class: 'objections', at: at('2020-01-02') },
      ],
      parts: [{ class: 'objections', owner: 'subject', count: 1 }],
    });
    const open = viewOf({ [REL]: ended('2020-01-01', objections(null)) });
    expectFailure('not_due', () => erase(open, at('2090-01-01'), said));
    const answered = viewOf({ [REL]: ended('2020-01-01', objections(at('2021-05-05'))) });
    expectFailure('not_due', () => erase(answered, at('2024-05-05'), said));
    expect(erase(answered, at('2024-05-06'), said)['due']).toMatchObject([{ class: 'objections' }]);
  });

  test('is refused where it says things twice, of nothing, beyond the end, or of what it does not date', () => {
    const view = viewOf({ [REL]: ended('2020-01-01'), [REFUSED]: { count: 3 } });
    const part = { class: 'letters', owner: 'subject', count: 3 } as const;
    for (const wrong of [
      { parts: [part, part] },
      { parts: [part, { ...part, owner: 'party' as const }] },
      { last: [] },
      { last: [{ class: 'letters' as const, at: at('2098-01-01') }] },
    ]) {
      expectFailure('entry_invalid', () => erase(view, at('2040-01-01'), input(wrong)));
    }
    expectFailure('nothing_to_erase', () => erase(view, at('2040-01-01'), input({ parts: [] })));
    for (const through of [8, 10]) {
      expectFailure('superseded', () => erase(view, at('2040-01-01'), input({ through })));
    }
    const refusals = {
      last: [{ class: 'decisions', at: at('2020-01-01') }],
      parts: [{ ...part, class: 'decisions' }],
    } as const;
    // Of refusals up to one; and by the keeper alone.
    expectFailure('entry_invalid', () => erase(view, at('2040-01-01'), input({ ...refusals, through: 10 }), REFUSED));
    expectFailure('entry_invalid', () => erase(view, at('2040-01-01'), input({ ...refusals, through: 3 }), REFUSED));
  });

  test('wants engine 2, and packs that say how long', () => {
    expectFailure('engine_old', () => erase(viewOf({ [REL]: ended('2020-01-01') }, { engine: 1 }), at('2040-01-01')));
    const bare: View = { ...viewOf({ [REL]: ended('2020-01-01') }) };
    const none = { engine: 2, keeper: ID } as JsonObject;
    const unpacked: View = { ...bare, state: (stream) => (stream === LOG_STREAM ? none : bare.state(stream)) };
    expectFailure('not_due', () => erase(unpacked, at('2090-01-01')));
  });

  test('lets nothing more come, but what else is due', () => {
    const view = viewOf({ [REL]: ended('2020-01-01'), [PERSON]: { keys: [], frozen: null } });
    const evolved = (type: 'payload.erased' | 'person.erased', stream: StreamId, body: JsonObject) =>
      viewOf({
        [stream]: evolve(view.state(stream), type, { stream, seq: 10, time: at('2040-01-01'), body } as never),
      });
    const erased = evolved('payload.erased', REL, input() as unknown as JsonObject);
    expect(erased.state(REL)).toMatchObject({ erased: { letters: { through: 9, seq: 10 } } });
    const more = { type: 'identity.viewed', stream: REL, input: {} } as never;
    expectFailure('relationship_unknown', () => decide(erased, more, at('2040-01-01')));
    const gone = evolved('person.erased', PERSON, { through: 9, parts: [{ owner: 'subject', count: 2 }] });
    expect(gone.state(PERSON)).toEqual({ keys: [], frozen: null, erased: { through: 9, seq: 10 } });
    for (const type of ['person.key_bound', 'person.erased']) {
      const again = { type, stream: PERSON, input: { through: 9, parts: [{ owner: 'subject', count: 2 }] } } as never;
      expectFailure('relationship_unknown', () => decide(gone, again, at('2040-01-01')));
    }
  });

  test('is permitted just when the due list says that all of the class is due', () => {
    const types = ['relationship.opened', 'letter.signed', 'access.decided', 'notice.sent', 'grant.revoked'] as const;
    const entry = fc.record({ type: fc.constantFrom(...types), day: fc.integer({ min: 0, max: 3_000 }) });
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 1, maxLength: 12 }),
        fc.option(fc.integer({ min: 0, max: 3_000 }), { nil: null }),
        fc.integer({ min: 3_000, max: 6_000 }),
        (made, end, today) => {
          const start = at('2010-01-01');
          const entries = made
            .toSorted((a, b) => a.day - b.day)
            .map(({ type, day }): Noted => ({ type, time: (start + day * DAY) as Instant, body: {} }));
          const now = (start + today * DAY) as Instant;
          const state = ended('2020-01-01') as { grants: { g: JsonObject } };
          const rel = {
            ...state,
            grants: { g: { ...state.grants.g, revoked_at: end === null ? null : start + end * DAY } },
          };
          const view = viewOf({ [REL]: rel });
          const listed = retentionOf(rel as never, entries, lawAt(view, now)?.retention ?? [], now).classes;
          const last = [...new Map(entries.map(({ type, time }) => [classOf(type), time])).entries()]
            .map(([of, time]) => ({ class: of, at: time }))
            .toSorted((a, b) => (a.class < b.class ? -1 : 1));
          for (const each of listed) {
            const said = input({ last, parts: [{ class: each.class, owner: 'subject', count: 1 }] });
            const isDue = each.kept_until !== null && each.kept_until <= now;
            if (isDue)
              expect(erase(view, now, said)['due']).toMatchObject([{ kept_until: each.kept_until, by: each.by }]);
            else expectFailure('not_due', () => erase(view, now, said));
          }
        },
      ),
    );
  });
});
