import { describe, expect, test } from 'vitest';
import type { JsonObject } from '#core/canonical.ts';
import { statusOf } from '#core/consent/grant.ts';
import { WARNINGS_MAX } from '#core/consent/letter.ts';
import { PARTY_KEYS_MAX, PARTY_NAME_MAX } from '#core/consent/party.ts';
import { PERSON_KEYS_MAX } from '#core/consent/person.ts';
import {
  DRAFTS_MAX,
  type Draft,
  GRANTS_MAX,
  type Grant,
  LETTERS_MAX,
  ownRelationship,
} from '#core/consent/relationship.ts';
import {
  type Command,
  commandOf,
  decide,
  decideAgain,
  type EntryType,
  evolve,
  isEntryType,
  neededParts,
  partsOf,
} from '#core/consent/rules.ts';
import { ACTIONS, type Action } from '#core/consent/terms.ts';
import { type FailureCode, isFailure } from '#core/failure.ts';
import { type Hash, useSha256 } from '#core/hash.ts';
import type { GrantId, Handle, LetterId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { LOG_STREAM, partyStream, personStream, refusedStream, relationshipStream } from '#core/tlog/stream.ts';
import { nativeSha256 } from '../../../src/native.ts';
import { expectFailure } from '../../support/failure.ts';
import {
  ask,
  askInput,
  BUREAU,
  COMMIT,
  call,
  changed,
  DAY,
  drafted,
  draftInput,
  GRADE_B,
  HANDLE,
  IDENTIFIER,
  LENDER,
  LETTER,
  LOG,
  MINUTE,
  OTHER_LENDER,
  openedPaper,
  openPaper,
  type Paper,
  PERSON,
  paperId,
  QUERY_GRANT,
  REL,
  REPORT_GRANT,
  REPORT_TERMS,
  relationshipOf,
  revoked,
  revokeInput,
  signed,
  signedPaper,
  signInput,
  TODAY,
  terms,
} from './paper-ledger.ts';

useSha256(nativeSha256);

const FIVE = 5 * MINUTE;

/** Expects a command to be refused with this code, and to leave the ledger as it was. */
function refuses(code: FailureCode, view: Paper | ReturnType<typeof changed>, command: Command, time: number = TODAY) {
  const before = view.state(command.stream);
  expectFailure(code, () => decide(view, command, time as Instant));
  expect(view.state(command.stream)).toBe(before);
}
const permits = (view: Paper | ReturnType<typeof changed>, command: Command, time: number = TODAY) =>
  decide(view, command, time as Instant);

const party = (input: Partial<{ name: string; roles: readonly never[] }> = {}): Command => ({
  type: 'party.registered',
  stream: partyStream(paperId(0x777)),
  input: { name: '示例', roles: ['grantee'] as never, ...call(), ...input },
});

describe('what opens a stream', () => {
  test('comes once', () => {
    const paper = signedPaper();
    const logKeys = { log_key: 'x', issuing_key: 'x', recovery_key: 'x', engine: 1 };
    refuses('already_there', paper, { type: 'log.opened', stream: LOG_STREAM, input: logKeys });
    refuses('already_there', paper, { ...party(), stream: partyStream(LENDER) } as Command);
    const again = { grantee: LENDER, subject: 'person', ...call() } as const;
    refuses('already_there', paper, { type: 'relationship.opened', stream: REL, input: again });
  });

  test('comes first', () => {
    const paper = openedPaper();
    const nowhere = relationshipStream(paperId<Handle>(0xdd));
    refuses('relationship_unknown', paper, { ...drafted(), stream: nowhere } as Command);
    refuses('relationship_unknown', paper, { ...signed(), stream: nowhere } as Command);
    refuses('relationship_unknown', paper, { ...revoked(), stream: nowhere } as Command);
    refuses('entry_invalid', paper, { ...ask(), stream: nowhere } as Command);
    const key = { key: 'A'.repeat(43), ...call() };
    refuses('party_unknown', paper, { type: 'party.key_added', stream: partyStream(paperId(1)), input: key });
  });

  test('is of a person the first key: that somebody was enrolled is no entry of the person’s', () => {
    const paper = openedPaper();
    const { entry } = paper.write({ type: 'person.key_bound', stream: PERSON, input: bound() }, TODAY);
    expect([entry.seq, entry.prev]).toEqual([0, null]);
    expect(paper.state(PERSON)).toEqual({
      keys: [{ seq: 0, kind: 'ed25519', method: 'identity_provider', identified_by: IDENTIFIER, enrolled_by: LENDER }],
    });
    const opening = { ...entry, type: 'person.opened', body: call(), commit: null };
    expectFailure('entry_invalid', () => commandOf(opening));
  });

  test('comes first in a fold too, and never wipes what stands in a relationship', () => {
    const paper = signedPaper();
    for (const { entry } of paper.lines.filter((line) => line.entry.stream === REL)) {
      const { type } = commandOf(entry);
      const opens = entry.seq === 0;
      expectFailure(opens ? 'already_there' : 'entry_invalid', () =>
        evolve(opens ? paper.state(entry.stream) : undefined, type, entry),
      );
    }
  });
});

describe('every type of entry', () => {
  const paper = signedPaper();
  paper.write({ type: 'person.key_bound', stream: PERSON, input: bound() }, TODAY);
  const everywhere = [LOG_STREAM, partyStream(LENDER), PERSON, REL, refusedStream(LENDER)];
  const commands = new Map<string, Command>(paper.lines.map(({ entry }) => [entry.type, commandOf(entry)]));
  for (const command of [ask(), revoked()]) commands.set(command.type, command);
  const refusal = { ...askInput(), ground: undefined } as never;
  commands.set('access.refused', { type: 'access.refused', stream: refusedStream(LENDER), input: refusal });

  test.each([...commands.values()].map((command) => [command.type, command] as const))(
    '%s stands in its own kind of stream only, when decided and when read back',
    (type, command) => {
      const elsewhere = everywhere.filter((stream) => stream.split('/')[0] !== command.stream.split('/')[0]);
      expect(elsewhere.length).toBeGreaterThan(2);
      for (const stream of elsewhere) {
        expectFailure('entry_invalid', () => decide(paper, { ...command, stream } as Command, TODAY as Instant));
        const body = command.input as unknown as JsonObject;
        const entry = { log: 'x', stream, seq: 1, prev: null, time: TODAY as Instant, type, body, commit: null };
        expectFailure('entry_invalid', () => commandOf(entry));
      }
    },
  );

  test('is one that this code knows', () => {
    const { entry } = paper.lines[0] as Paper['lines'][number];
    for (const type of ['log.closed', 'constructor', 'to.string', '__proto__', 'hasOwnProperty']) {
      expectFailure('entry_invalid', () => commandOf({ ...entry, type }));
    }
  });

  test('is refused with a field too many, too few or of another type', () => {
    for (const { entry } of paper.lines) {
      expect(() => commandOf(entry)).not.toThrow();
      expectFailure('entry_invalid', () => commandOf({ ...entry, body: { ...entry.body, remark: '张示例' } }));
      expectFailure('entry_invalid', () => commandOf({ ...entry, body: JSON.parse('{"__proto__":{}}') }));
      for (const name of Object.keys(entry.body).filter((field) => field !== 'saw')) {
        const { [name]: _gone, ...less } = entry.body;
        expectFailure('entry_invalid', () => commandOf({ ...entry, body: less }));
        expectFailure('entry_invalid', () => commandOf({ ...entry, body: { ...entry.body, [name]: { x: 'CANARY' } } }));
      }
    }
  });

  test('never says in a refusal what stood in its fields', () => {
    for (const { entry } of paper.lines) {
      for (const name of Object.keys(entry.body).filter((field) => field !== 'saw')) {
        try {
          commandOf({ ...entry, body: { ...entry.body, [name]: 'CANARY 张示例 13800000000' } });
        } catch (thrown) {
          expect(String(thrown)).not.toMatch(/CANARY|张|138/);
          expect(String(thrown)).toContain(name);
        }
      }
    }
  });

  test('names whose its payload’s parts are', () => {
    expect(partsOf('letter.signed')).toEqual({ signature: 'subject', binding: 'subject' });
    expect(partsOf('access.decided')).toEqual({ reference: 'party' });
    expect(partsOf('log.opened')).toEqual({});
  });

  const blank = openPaper();
  const opened = openedPaper();
  const waiting = openedPaper();
  waiting.write(drafted(), TODAY - MINUTE);
  const commandAt = (type: string) => commands.get(type) as Command;
  const link = { method: 'link', identified_by: null, identified_at: null };
  const binding = (change: Partial<JsonObject>): Command => ({
    type: 'person.key_bound',
    stream: PERSON,
    input: bound(change),
  });
  const onBasis = (reference: boolean) => ask({ ground: { basis: 'judicial', reference } });
  const { ground: _ground, ...refusedInput } = askInput();
  const refusing: Command = { type: 'access.refused', stream: refusedStream(LENDER), input: refusedInput };
  const opening: Command = {
    type: 'relationship.opened',
    stream: relationshipStream(paperId<Handle>(0xd9)),
    input: { grantee: LENDER, subject: 'person', ...call() },
  };
  const adding: Command = {
    type: 'party.key_added',
    stream: partyStream(LENDER),
    input: { key: 'A'.repeat(43), ...call() },
  };
  /** Each type in each of its forms, where it may be written, and the parts of its payload. */
  const NEEDED: readonly (readonly [string, string, Paper, Command, readonly string[]])[] = [
    ['log.opened', '', blank, commandAt('log.opened'), []],
    ['party.registered', '', opened, party(), []],
    ['party.key_added', '', opened, adding, []],
    ['person.key_bound', '', opened, binding({}), ['binding', 'possession', 'identification', 'identity_salt']],
    ['person.key_bound', ' by a link', opened, binding(link), ['binding', 'possession']],
    ['relationship.opened', '', opened, opening, ['identity', 'person']],
    ['letter.drafted', '', opened, drafted(), ['text', 'text_salt']],
    ['letter.signed', '', waiting, signed(), ['signature', 'binding']],
    ['grant.revoked', '', paper, revoked(), ['signature', 'binding']],
    ['access.decided', ' under a grant', paper, ask(), []],
    ['access.decided', ' on a basis', paper, onBasis(false), []],
    ['access.decided', ' on a basis with its document', paper, onBasis(true), ['reference']],
    ['access.refused', '', opened, refusing, ['claimed']],
  ];

  test.each(NEEDED)('%s%s has all parts of its payload, and no other', (type, _how, _ledger, command, needed) => {
    expect([...neededParts(command)].sort()).toEqual([...needed].sort());
    for (const name of needed) expect(partsOf(type as EntryType)).toHaveProperty(name);
  });

  test.each(NEEDED)(
    '%s%s is refused without its payload, and with one that it has not',
    (type, _how, ledger, command, needed) => {
      const now = TODAY as Instant;
      const body = decide(ledger, command, now);
      const again = (commit: Hash | null) => () =>
        decideAgain(ledger, { log: LOG, stream: command.stream, seq: 0, prev: null, time: now, type, body, commit });
      const [right, wrong] = needed.length > 0 ? [COMMIT, null] : [null, COMMIT];
      expect(again(right)).not.toThrow();
      expectFailure('entry_invalid', again(wrong));
      expect(again(wrong)).toThrow(`this ${type} has no payload, or one that it must not have`);
    },
  );

  test('has a line in the table above', () => {
    const types = new Set(NEEDED.map(([type]) => type));
    expect(types).toEqual(new Set([...commands.keys(), 'party.key_added']));
    for (const type of types) expect(isEntryType(type)).toBe(true);
    expect(isEntryType('person.opened')).toBe(false);
  });
});

function bound(change: Partial<JsonObject> = {}) {
  return {
    kind: 'ed25519',
    method: 'identity_provider',
    identified_by: IDENTIFIER,
    identified_at: TODAY,
    enrolled_by: LENDER,
    ...call(),
    ...change,
  } as never;
}

describe('a party', () => {
  test('has one role or more, each once, and never identifies and takes', () => {
    const paper = openedPaper();
    expect(permits(paper, party({ roles: ['grantee', 'bureau'] as never }))).toMatchObject({ name: '示例' });
    refuses('input_invalid', paper, party({ roles: [] }));
    refuses('input_invalid', paper, party({ roles: ['grantee', 'grantee'] as never }));
    refuses('party_role', paper, party({ roles: ['identifier', 'grantee'] as never }));
    refuses('party_role', paper, party({ roles: ['grantee', 'bureau', 'identifier'] as never }));
  });

  test('has a name in one line, with nothing in it that is not seen', () => {
    const { entry } = openedPaper().write(party(), TODAY);
    const named = (name: string) => () => commandOf({ ...entry, body: { ...entry.body, name } });
    for (const name of ['示例消费金融有限公司', 'A b', `${'x'.repeat(PARTY_NAME_MAX)}`])
      expect(named(name)).not.toThrow();
    for (const name of [
      '',
      'a\nb',
      'a\u0000',
      '\u001b[2Ja',
      'a\u202eb',
      'a\u200bb',
      '\ufeffa',
      'a\u2028b',
      'a\u{e0041}',
    ]) {
      expectFailure('entry_invalid', named(name));
    }
    expectFailure('entry_invalid', named('x'.repeat(PARTY_NAME_MAX + 1)));
  });

  test(`has each key once, and ${PARTY_KEYS_MAX} at most`, () => {
    const paper = openedPaper();
    const stream = partyStream(LENDER);
    const add = (n: number): Command => ({
      type: 'party.key_added',
      stream,
      input: { key: `${n}`.padStart(43, 'A'), ...call() },
    });
    for (let n = 0; n < PARTY_KEYS_MAX; n++) paper.write(add(n), TODAY);
    refuses('already_there', paper, add(0));
    refuses('limit_reached', paper, add(PARTY_KEYS_MAX));
  });
});

describe('a person’s key', () => {
  const bind = (change: Partial<JsonObject> = {}): Command => ({
    type: 'person.key_bound',
    stream: PERSON,
    input: bound(change),
  });
  const link = { method: 'link', identified_by: null, identified_at: null };

  test('rests on an identification that says who and when, or on a link that says neither', () => {
    const paper = openedPaper();
    permits(paper, bind());
    permits(paper, bind(link));
    for (const change of [
      { method: 'link' },
      { ...link, method: 'identity_provider' },
      { identified_by: null },
      { identified_at: null },
      { ...link, identified_by: IDENTIFIER },
      { ...link, identified_at: TODAY },
    ]) {
      refuses('input_invalid', paper, bind(change));
    }
  });

  test('is identified by an identifier, and brought by a party that is known', () => {
    const paper = openedPaper();
    refuses('party_role', paper, bind({ identified_by: LENDER }));
    refuses('party_role', paper, bind({ identified_by: BUREAU }));
    refuses('party_unknown', paper, bind({ identified_by: paperId<PartyId>(9) }));
    refuses('party_unknown', paper, bind({ enrolled_by: paperId<PartyId>(9) }));
  });

  test('may be the first on a link alone, never a further one', () => {
    const paper = openedPaper();
    paper.write(bind(link), TODAY);
    refuses('identification_missing', paper, bind(link));
    permits(paper, bind());
  });

  test(`is one of ${PERSON_KEYS_MAX} at most`, () => {
    const paper = openedPaper();
    for (let n = 0; n < PERSON_KEYS_MAX; n++) paper.write(bind(), TODAY);
    refuses('limit_reached', paper, bind());
    expect((paper.state(PERSON) as { keys: { seq: number }[] }).keys.map((key) => key.seq)).toEqual(
      Array.from({ length: PERSON_KEYS_MAX }, (_, n) => n),
    );
  });
});

describe('a relationship', () => {
  test('is opened with a grantee that is registered as one', () => {
    const paper = openedPaper();
    const open = (grantee: PartyId): Command => ({
      type: 'relationship.opened',
      stream: relationshipStream(paperId<Handle>(0xd9)),
      input: { grantee, subject: 'person', ...call() },
    });
    permits(paper, open(OTHER_LENDER));
    refuses('party_role', paper, open(BUREAU));
    refuses('party_unknown', paper, open(paperId<PartyId>(0x99)));
  });

  test('is the principal’s whose grantee it is; unknown and another’s look the same', () => {
    const paper = openedPaper();
    expect(ownRelationship(paper, HANDLE, LENDER)).toBe(relationshipOf(paper));
    expect(ownRelationship(paper, HANDLE, OTHER_LENDER)).toBeUndefined();
    expect(ownRelationship(paper, paperId<Handle>(7), LENDER)).toBeUndefined();
    const messageOf = (act: () => unknown) => {
      try {
        act();
      } catch (thrown) {
        return isFailure(thrown) ? `${thrown.code} ${thrown.message}` : thrown;
      }
      return 'not refused';
    };
    const foreign = drafted({ principal: OTHER_LENDER });
    const unknown = { ...drafted(), stream: relationshipStream(paperId<Handle>(7)) } as Command;
    expect(messageOf(() => permits(paper, foreign))).toBe(messageOf(() => permits(paper, unknown)));
  });
});

describe('a draft', () => {
  const paper = openedPaper();

  test('is the grantee’s, and grants nothing', () => {
    const ledger = openedPaper();
    ledger.write(drafted(), TODAY);
    expect(relationshipOf(ledger).grants).toEqual({});
    expect(ledger.write(ask(), TODAY).entry.body['codes']).toEqual(['NOAUTH']);
    const roleless = changed(ledger, { [partyStream(LENDER)]: { name: 'x', roles: ['bureau'], keys: [] } });
    refuses('party_role', roleless, drafted({ letter: paperId(1) }));
  });

  test('can still be signed: it expires after now', () => {
    refuses('letter_expired', paper, drafted({ expires_at: TODAY as Instant }), TODAY);
    refuses('letter_expired', paper, drafted({ expires_at: (TODAY - 1) as Instant }), TODAY);
    permits(paper, drafted({ expires_at: (TODAY + 1) as Instant }), TODAY);
  });

  test.each([
    ['no grant', []],
    ['no purpose', [terms({ purposes: [] })]],
    ['no item', [terms({ items: [] })]],
    ['a query without source', [terms({ sources: [] })]],
    ['a query with recipients', [terms({ recipients: [BUREAU] })]],
    ['a report without recipient', [{ ...REPORT_TERMS, recipients: [] }]],
    ['a report with sources', [{ ...REPORT_TERMS, sources: [BUREAU] }]],
    ['a score with recipients', [terms({ action: 'SCORE', sources: [], recipients: [BUREAU] })]],
    ['a store with sources', [terms({ action: 'STORE' })]],
    ['an end that is now', [terms({ to: TODAY })]],
    ['an end before its beginning', [terms({ from: TODAY + 2 * DAY, to: TODAY + DAY })]],
    ['an end at its beginning', [terms({ from: TODAY + DAY, to: TODAY + DAY })]],
    ['a bad clause behind a good one', [terms(), { ...REPORT_TERMS, items: [] }]],
  ])('is refused with %s', (_what, grants) => {
    refuses('input_invalid', paper, drafted({ grants }));
  });

  test('may name each action with the doors that it has', () => {
    const doors = (action: Action) => ({
      sources: action === 'QUERY' ? [BUREAU] : [],
      recipients: action === 'REPORT' || action === 'PROVIDE' ? [BUREAU] : [],
    });
    for (const action of ACTIONS) permits(paper, drafted({ grants: [terms({ action, ...doors(action) })] }));
    permits(paper, drafted({ grants: [terms({ from: TODAY, to: TODAY + 1 })] }));
  });

  test('names doors that are parties, and what it saw of each', () => {
    refuses('party_unknown', paper, drafted({ grants: [terms({ sources: [BUREAU, paperId<PartyId>(9)] })] }));
    refuses('party_unknown', paper, drafted({ grants: [{ ...REPORT_TERMS, recipients: [paperId<PartyId>(9)] }] }));
    const one = permits(paper, drafted({ grants: [terms()] }));
    const two = permits(paper, drafted({ grants: [terms({ sources: [OTHER_LENDER] })] }));
    expect(one['saw']).not.toBe(two['saw']);
  });

  test('takes no id that was taken before: a letter, a grant of another draft, one given, one taken back', () => {
    const ledger = signedPaper();
    refuses('already_there', ledger, drafted({ grants: [terms({ grant: paperId(1) })] }));
    const other = (grants: ReturnType<typeof terms>[], letter = paperId<LetterId>(0xe2)) => drafted({ letter, grants });
    refuses('already_there', ledger, other([terms()]));
    refuses('already_there', ledger, other([terms({ grant: paperId(1) }), terms({ grant: paperId(1) })]));
    ledger.write(revoked(), TODAY);
    refuses('already_there', ledger, other([terms()]));
    ledger.write(other([terms({ grant: paperId(2) })]), TODAY);
    refuses('already_there', ledger, other([terms({ grant: paperId(3) })]));
    refuses('already_there', ledger, other([terms({ grant: paperId(2) })], paperId<LetterId>(0xe3)));
    permits(ledger, other([terms({ grant: paperId(3) })], paperId<LetterId>(0xe3)));
  });

  const letters = (from: number, count: number) => Array.from({ length: count }, (_, n) => paperId(from + n));
  const waiting = (ids: readonly string[], expires_at: number) =>
    Object.fromEntries(
      ids.map((id): [string, Pick<Draft, 'grants' | 'expires_at'>] => [id, { grants: [], expires_at }]),
    );
  /** A relationship with so many letters that can still be signed, that can't any more, and that are. */
  const standing = (open: number, expired: number, signedCount: number) =>
    changed(paper, {
      [REL]: {
        ...relationshipOf(signedPaper()),
        grants: {},
        drafts: { ...waiting(letters(0x5000, open), TODAY + 1), ...waiting(letters(0x6000, expired), TODAY) },
        signed: letters(0x7000, signedCount),
      },
    });

  test(`is one of ${DRAFTS_MAX} that wait for a signature at most; those that expired do not count`, () => {
    permits(standing(DRAFTS_MAX - 1, 0, 0), drafted());
    permits(standing(DRAFTS_MAX - 1, 5 * DRAFTS_MAX, 0), drafted());
    refuses('limit_reached', standing(DRAFTS_MAX, 0, 0), drafted());
    refuses('limit_reached', standing(DRAFTS_MAX, 1, 0), drafted());
    // A millisecond later all of them have expired.
    refuses('limit_reached', standing(DRAFTS_MAX, 0, 0), drafted(), TODAY);
    permits(standing(DRAFTS_MAX, 0, 0), drafted(), TODAY + 1);
  });

  test(`comes after ${LETTERS_MAX} signed letters no more; drafts do not count among them`, () => {
    permits(standing(0, 0, LETTERS_MAX - 1), drafted());
    permits(standing(DRAFTS_MAX - 1, LETTERS_MAX, LETTERS_MAX - 1), drafted());
    refuses('limit_reached', standing(0, 0, LETTERS_MAX), drafted());
  });

  test('takes the place of those that expired, and of no other', () => {
    const ledger = openedPaper();
    const until = (n: number, expires_at: number) =>
      drafted({
        letter: paperId<LetterId>(0x100 + n),
        grants: [terms({ grant: paperId<GrantId>(0x200 + n) })],
        expires_at: expires_at as Instant,
      });
    for (let n = 0; n < DRAFTS_MAX; n++) ledger.write(until(n, TODAY + (n === 0 ? MINUTE : DAY)), TODAY);
    refuses('limit_reached', ledger, until(DRAFTS_MAX, TODAY + DAY), TODAY + MINUTE - 1);
    // The expired one still stands in the state until the next draft comes.
    expect(Object.keys(relationshipOf(ledger).drafts)).toContain(paperId(0x100));
    refuses('letter_expired', ledger, signed({ letter: paperId(0x100), given: [true] }), TODAY + MINUTE);
    ledger.write(until(DRAFTS_MAX, TODAY + DAY), TODAY + MINUTE);
    expect(Object.keys(relationshipOf(ledger).drafts).sort()).toEqual(letters(0x101, DRAFTS_MAX));
    refuses('letter_unknown', ledger, signed({ letter: paperId(0x100), given: [true] }), TODAY + MINUTE);
    refuses('limit_reached', ledger, until(DRAFTS_MAX + 1, TODAY + 2 * DAY), TODAY + MINUTE);
    // A signature makes room as well.
    ledger.write(signed({ letter: paperId(0x101), given: [true] }), TODAY + MINUTE);
    permits(ledger, until(DRAFTS_MAX + 1, TODAY + 2 * DAY), TODAY + MINUTE);
  });

  test(`has ${WARNINGS_MAX} warnings, 16 grants, 32 purposes and doors, 128 items at most`, () => {
    const { entry } = openedPaper().write(drafted(), TODAY);
    const accepts = (change: object) => commandOf({ ...entry, body: { ...entry.body, ...change } as JsonObject });
    const codes = (count: number) => Array.from({ length: count }, (_, n) => `c${n}`);
    const ids = (count: number) => Array.from({ length: count }, (_, n) => paperId(n));
    const limits: [number, (count: number) => object][] = [
      [WARNINGS_MAX, (count) => ({ warnings: codes(count) })],
      [16, (count) => ({ grants: ids(count).map((grant) => ({ ...terms(), grant })) })],
      [32, (count) => ({ grants: [{ ...terms(), purposes: codes(count) }] })],
      [128, (count) => ({ grants: [{ ...terms(), items: codes(count) }] })],
      [32, (count) => ({ grants: [{ ...terms(), sources: ids(count) }] })],
      [32, (count) => ({ grants: [{ ...terms(), recipients: ids(count) }] })],
    ];
    for (const [max, change] of limits) {
      expect(() => accepts(change(max))).not.toThrow();
      expectFailure('entry_invalid', () => accepts(change(max + 1)));
    }
  });
});

describe('a signature under a letter', () => {
  function draftedPaper(): Paper {
    const paper = openedPaper();
    paper.write(drafted(), TODAY);
    return paper;
  }
  const at = (ms: number) => ms as Instant;

  test('gives the ticked clauses, and no other', () => {
    const paper = draftedPaper();
    paper.write(signed({ given: [false, true] }), TODAY);
    const { grants, drafts, signed: letters } = relationshipOf(paper);
    expect(Object.keys(grants)).toEqual([REPORT_GRANT]);
    expect(drafts).toEqual({});
    expect(letters).toEqual([LETTER]);
    expect(paper.write(ask(), TODAY).entry.body['codes']).toEqual(['NOAUTH']);
  });

  test('may tick nothing, and then grants nothing', () => {
    const paper = draftedPaper();
    paper.write(signed({ given: [false, false] }), TODAY);
    expect(relationshipOf(paper).grants).toEqual({});
  });

  test('has a tick for each clause', () => {
    for (const given of [[], [true], [true, true, true]]) {
      refuses('input_invalid', draftedPaper(), signed({ given }), TODAY);
    }
  });

  test('is of a letter of this relationship, and comes once', () => {
    const paper = draftedPaper();
    refuses('letter_unknown', paper, signed({ letter: paperId(1) }));
    refuses('letter_unknown', paper, signed({ letter: '__proto__' as LetterId }));
    refuses('letter_unknown', paper, signed({ letter: 'constructor' as LetterId }));
    paper.write(signed(), TODAY);
    refuses('already_signed', paper, signed());
    refuses('already_signed', paper, signed({ given: [false, false] }));
  });

  test('may be 5 minutes ahead of the ledger, not a millisecond more', () => {
    const paper = draftedPaper();
    permits(paper, signed({ signed_at: at(TODAY + FIVE) }), TODAY);
    refuses('signed_ahead', paper, signed({ signed_at: at(TODAY + FIVE + 1) }), TODAY);
  });

  test('ahead of the ledger counts from its own time on, else from the ledger’s', () => {
    const ahead = draftedPaper();
    ahead.write(signed({ signed_at: at(TODAY + FIVE) }), TODAY);
    expect(relationshipOf(ahead).grants[QUERY_GRANT]).toMatchObject({
      signed_at: TODAY + FIVE,
      given_at: TODAY + FIVE,
    });
    const { [QUERY_GRANT]: grant } = relationshipOf(ahead).grants;
    expect(statusOf(grant as Grant, at(TODAY + FIVE - 1))).toBe('pending');
    expect(statusOf(grant as Grant, at(TODAY + FIVE))).toBe('active');
    expect(ahead.write(ask(), TODAY + FIVE - 1).entry.body['codes']).toEqual(['NOT_YET']);
    expect(ahead.write(ask(), TODAY + FIVE).entry.body['codes']).toEqual([]);
    const behind = draftedPaper();
    behind.write(signed({ signed_at: at(TODAY) }), TODAY + MINUTE);
    expect(relationshipOf(behind).grants[QUERY_GRANT]).toMatchObject({ signed_at: TODAY, given_at: TODAY + MINUTE });
  });

  test('may be 5 minutes before its draft by the subject’s clock, not a millisecond more', () => {
    const paper = draftedPaper();
    permits(paper, signed({ signed_at: at(TODAY - FIVE) }), TODAY + DAY / 2);
    refuses('signed_before', paper, signed({ signed_at: at(TODAY - FIVE - 1) }), TODAY + DAY / 2);
  });

  test('comes before the letter expires, by the ledger’s clock and by the subject’s', () => {
    const paper = draftedPaper();
    const { expires_at } = draftInput();
    permits(paper, signed({ signed_at: at(expires_at - 1) }), expires_at - 1);
    refuses('letter_expired', paper, signed({ signed_at: at(expires_at - 1) }), expires_at);
    refuses('letter_expired', paper, signed({ signed_at: expires_at }), expires_at - 1);
    refuses('letter_expired', paper, signed({ signed_at: at(TODAY) }), expires_at);
  });

  test('attests the grade that follows from what it says of the key', () => {
    const paper = draftedPaper();
    permits(paper, signed({ evidence: GRADE_B }));
    for (const evidence of [
      { ...GRADE_B, grade: 'A' },
      { ...GRADE_B, grade: 'D' },
      { ...GRADE_B, identified_by: null },
      { ...GRADE_B, identified_by: LENDER },
      { ...GRADE_B, method: 'link' },
    ] as const) {
      refuses('entry_invalid', paper, signed({ evidence }));
    }
  });

  test(`leaves a relationship with ${GRANTS_MAX} grants at most`, () => {
    const relationship = relationshipOf(draftedPaper());
    const standing = (count: number) =>
      changed(draftedPaper(), {
        [REL]: {
          ...relationship,
          grants: Object.fromEntries(Array.from({ length: count }, (_, n) => [paperId(0x7000 + n), {} as Grant])),
        },
      });
    permits(standing(GRANTS_MAX - 2), signed());
    refuses('limit_reached', standing(GRANTS_MAX - 1), signed());
    permits(standing(GRANTS_MAX - 1), signed({ given: [true, false] }));
    refuses('limit_reached', standing(GRANTS_MAX), signed({ given: [true, false] }));
    permits(standing(GRANTS_MAX), signed({ given: [false, false] }));
  });
});

describe('a revocation', () => {
  const at = (ms: number) => ms as Instant;

  test('ends one grant, for good, and leaves the others', () => {
    const paper = signedPaper();
    paper.write(revoked(), TODAY + 1);
    const { grants } = relationshipOf(paper);
    expect(grants[QUERY_GRANT]?.revoked_at).toBe(TODAY + 1);
    expect(grants[REPORT_GRANT]?.revoked_at).toBeNull();
    refuses('already_revoked', paper, revoked(), TODAY + 2);
  });

  test('is of a grant that was given here', () => {
    const paper = openedPaper();
    paper.write(drafted(), TODAY);
    refuses('grant_unknown', paper, revoked());
    paper.write(signed({ given: [false, true] }), TODAY);
    refuses('grant_unknown', paper, revoked());
    refuses('grant_unknown', paper, revoked({ grant: paperId<GrantId>(1) }));
    refuses('grant_unknown', paper, revoked({ grant: '__proto__' as GrantId }));
    refuses('grant_unknown', paper, revoked({ grant: LETTER as unknown as GrantId }));
    permits(paper, revoked({ grant: REPORT_GRANT }));
  });

  test('comes before the grant ends by itself, and at that instant no more', () => {
    const paper = signedPaper();
    const end = TODAY + 365 * DAY;
    permits(paper, revoked({ signed_at: at(end) }), end - 1);
    refuses('grant_ended', paper, revoked({ signed_at: at(end) }), end);
  });

  test('may be taken back before it begins', () => {
    const paper = openedPaper();
    paper.write(drafted({ grants: [terms({ from: TODAY + DAY })] }), TODAY);
    paper.write(signed({ given: [true] }), TODAY);
    permits(paper, revoked(), TODAY);
  });

  test('may be 5 minutes ahead of the ledger or behind the letter’s signature, not a millisecond more', () => {
    const paper = signedPaper();
    permits(paper, revoked({ signed_at: at(TODAY + DAY + FIVE) }), TODAY + DAY);
    refuses('signed_ahead', paper, revoked({ signed_at: at(TODAY + DAY + FIVE + 1) }), TODAY + DAY);
    permits(paper, revoked({ signed_at: at(TODAY - FIVE) }), TODAY + DAY);
    refuses('signed_before', paper, revoked({ signed_at: at(TODAY - FIVE - 1) }), TODAY + DAY);
  });

  test('attests its evidence truly, and works with any: taking back needs no grade', () => {
    const paper = signedPaper();
    const link = { grade: 'D', kind: 'ed25519', method: 'link', identified_by: null } as const;
    permits(paper, revoked({ evidence: link }));
    refuses('entry_invalid', paper, revoked({ evidence: { ...link, grade: 'B' } }));
  });
});

describe('how a grant stands', () => {
  const grant = (change: Partial<Grant> = {}, from: number | null = null): Grant => ({
    terms: terms({ from, to: TODAY + DAY }),
    letter: LETTER,
    signed_at: TODAY,
    given_at: TODAY,
    grade: 'B',
    revoked_at: null,
    ...change,
  });
  const status = (each: Grant, ms: number) => statusOf(each, ms as Instant);

  test('follows the instants of its terms, from inclusive, to exclusive', () => {
    const later = grant({}, TODAY + MINUTE);
    expect(status(later, TODAY + MINUTE - 1)).toBe('pending');
    expect(status(later, TODAY + MINUTE)).toBe('active');
    expect(status(later, TODAY + DAY - 1)).toBe('active');
    expect(status(later, TODAY + DAY)).toBe('expired');
    expect(status(grant(), TODAY)).toBe('active');
  });

  test('is revoked whatever the time', () => {
    for (const ms of [0, TODAY, TODAY + DAY]) expect(status(grant({ revoked_at: TODAY }), ms)).toBe('revoked');
  });
});

describe('a refused access', () => {
  const { ground: _ground, ...input } = askInput();
  const refusal: Command = { type: 'access.refused', stream: refusedStream(LENDER), input };

  test('is always PARTY, stands in the caller’s own stream, and counts', () => {
    const paper = openedPaper();
    expect(paper.write(refusal, TODAY).entry.body).toMatchObject({ decision: 'deny', codes: ['PARTY'] });
    paper.write(refusal, TODAY);
    expect(paper.state(refusedStream(LENDER))).toEqual({ count: 2 });
    refuses('entry_invalid', paper, { ...refusal, stream: refusedStream(OTHER_LENDER) } as Command);
    const nobody = paperId<PartyId>(9);
    refuses('party_unknown', paper, {
      ...refusal,
      stream: refusedStream(nobody),
      input: { ...input, principal: nobody },
    } as Command);
  });

  test('is decided by the engine in force, by no other', () => {
    const paper = openedPaper();
    const log = paper.state(LOG_STREAM) as JsonObject;
    const by = (engine: number) => ({ ...refusal, input: { ...input, engine } }) as Command;
    for (const command of [by(2), { ...ask({ engine: 2 }) }]) refuses('entry_invalid', paper, command);
    const newer = changed(paper, { [LOG_STREAM]: { ...log, engine: 2 } });
    for (const command of [by(1), ask()]) refuses('entry_invalid', newer, command);
    for (const command of [by(2), ask({ engine: 2 })]) permits(newer, command);
    const logless = changed(paper, { [LOG_STREAM]: undefined });
    for (const command of [by(1), ask()]) refuses('entry_invalid', logless, command);
  });

  test('says neither which handle nor which ground: that would link two streams', () => {
    expect(Object.keys(openedPaper().write(refusal, TODAY).entry.body).sort()).toEqual([
      'access',
      'action',
      'auth',
      'codes',
      'decision',
      'door',
      'engine',
      'idem',
      'items',
      'principal',
      'purpose',
      'saw',
    ]);
    const { entry } = openedPaper().write(refusal, TODAY);
    const told = { ...entry, body: { ...entry.body, ground: { grant: QUERY_GRANT } } };
    expectFailure('entry_invalid', () => decideAgain(openedPaper(), told));
  });
});

test('nobody’s stream but the minted ones takes an entry', () => {
  const paper = signedPaper();
  for (const stream of ['heads', `pack/${paperId(1)}`, personStream(paperId(2))] as never[]) {
    for (const command of [ask(), signed(), revoked(), drafted()])
      refuses('entry_invalid', paper, { ...command, stream });
  }
  expect(signInput().letter).toBe(revokeInput().grant === QUERY_GRANT ? LETTER : undefined);
});
