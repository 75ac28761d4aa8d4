/** A key that another key of its person adds: it stands on what that one stands on, and on nothing better. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '#core/canonical.ts';
import { evidenceOf, GRADES } from '#core/consent/evidence.ts';
import { KEY_ADD_MS_MAX, keyAddStatement } from '#core/consent/key-add.ts';
import type { LogState } from '#core/consent/log.ts';
import {
  ADDED_KEYS_MAX,
  type BoundKey,
  boundKeyIn,
  PERSON_KEYS_MAX,
  type Person,
  personIn,
} from '#core/consent/person.ts';
import { type Command, commandOf, neededParts } from '#core/consent/rules.ts';
import type { PartyId } from '#core/ids.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { expectFailure } from '../../support/failure.ts';
import {
  BUREAU,
  calledBy,
  changed,
  DAY,
  HANDLE,
  IDENTIFIER,
  LENDER,
  LOG,
  MINUTE,
  OTHER_LENDER,
  openedPaper,
  type Paper,
  PERSON,
  paperId,
  sealedBy,
  TODAY,
} from './paper-ledger.ts';
import { addedKey, bound, ended, permits, refuses } from './paper-rules.ts';

const LINK = { method: 'link', identified_by: null, identified_at: null };
const keyBound = (input: never): Command => ({ type: 'person.key_bound', stream: PERSON, input });
const bind = (change: Partial<JsonObject> = {}) => keyBound(bound(change));
const add = (change: Partial<JsonObject> = {}) => keyBound(addedKey(change));
const end = (change: Partial<JsonObject>): Command => ({
  type: 'person.key_ended',
  stream: PERSON,
  input: ended(change),
});

function personWith(...commands: readonly Command[]): Paper {
  const paper = openedPaper();
  for (const command of commands) paper.write(command, TODAY);
  return paper;
}
const keysOf = (paper: Paper) => (personIn(paper, PERSON) as Person).keys;
const GRANTEES = [LENDER, OTHER_LENDER, BUREAU, IDENTIFIER];
const gradesOf = (key: BoundKey) => GRANTEES.map((grantee) => GRADES.indexOf(evidenceOf(key, grantee).grade));

describe('a key that another key adds', () => {
  test('says which one, and stands on who identified the person for that one', () => {
    const paper = personWith(bind(), add({ kind: 'passkey' }), add({ signed_by: 1 }));
    const common = { method: 'identity_provider', identified_by: IDENTIFIER };
    expect(keysOf(paper)).toEqual([
      { seq: 0, kind: 'ed25519', ...common, enrolled_by: LENDER },
      { seq: 1, kind: 'passkey', ...common, signed_by: 0, enrolled_by: null },
      { seq: 2, kind: 'ed25519', ...common, signed_by: 1, enrolled_by: null },
    ]);
    expect(evidenceOf(keysOf(paper)[2] as BoundKey, LENDER)).toMatchObject({ grade: 'B', identified_by: IDENTIFIER });
    expect(evidenceOf(keysOf(paper)[2] as BoundKey, IDENTIFIER).grade).toBe('D');
  });

  test('is of grade D, and opens no more, where that one rests on a link', () => {
    const paper = personWith(bind(LINK), add());
    const [, added] = keysOf(paper) as [BoundKey, BoundKey];
    expect(added).toMatchObject({ method: 'link', identified_by: null });
    expect(evidenceOf(added, LENDER).grade).toBe('D');
    paper.write(bind(), TODAY);
    refuses('grade_low', paper, end({ key: 2, signed_by: 1 }));
  });

  test('is never of a better grade than that one, for any grantee, however long the chain', () => {
    const step = fc.record({
      what: fc.constantFrom('add', 'add', 'add', 'bind', 'end'),
      signer: fc.nat(12),
      other: fc.nat(12),
      kind: fc.constantFrom('ed25519', 'passkey'),
    });
    fc.assert(
      fc.property(fc.boolean(), fc.array(step, { maxLength: 24 }), (isLink, steps) => {
        const paper = personWith(bind(isLink ? LINK : {}));
        const grades = new Map([[0, gradesOf(keysOf(paper)[0] as BoundKey)]]);
        for (const { what, signer, other, kind } of steps) {
          const keys = keysOf(paper);
          const counts = keys.some(({ seq }) => seq === signer);
          const head = paper.lines.length;
          if (what === 'bind') paper.write(bind({ kind }), TODAY);
          else if (what === 'end') tryWrite(paper, end({ key: other, signed_by: signer }));
          else tryWrite(paper, add({ signed_by: signer, kind }));
          const [line] = paper.lines.slice(head);
          if (line === undefined || line.entry.type !== 'person.key_bound') continue;
          const own = boundKeyIn(personIn(paper, PERSON), line.entry.seq) as BoundKey;
          grades.set(own.seq, gradesOf(own));
          if (what !== 'add') continue;
          expect(counts).toBe(true);
          // A greater number is a lower grade.
          expect(grades.get(own.seq)).toEqual(grades.get(signer));
        }
      }),
      { numRuns: 200 },
    );
  });

  test('is not added by one that ended, or never was; what that one added before goes on counting', () => {
    const paper = personWith(bind(), add(), end({ key: 0, signed_by: 0 }));
    refuses('key_ended', paper, add({ signed_by: 0 }));
    refuses('key_ended', paper, add({ signed_by: 9 }));
    refuses('key_ended', openedPaper(), add());
    expect(keysOf(paper)).toMatchObject([{ seq: 1, signed_by: 0, identified_by: IDENTIFIER }]);
    permits(paper, add({ signed_by: 1 }));
  });

  test('stands on no party and no time besides: such an entry is none', () => {
    const paper = personWith(bind());
    permits(paper, add());
    const { signed_by: _by, ...unsigned } = addedKey() as unknown as JsonObject;
    const { signed_at: _at, ...timeless } = addedKey() as unknown as JsonObject;
    for (const input of [unsigned, timeless]) refuses('entry_invalid', paper, keyBound(input as never));
    for (const change of [
      { identified_by: IDENTIFIER },
      { identified_at: TODAY },
      { enrolled_by: LENDER },
      sealedBy(LENDER),
      calledBy(LENDER),
      { auth: 'session' },
    ]) {
      refuses('entry_invalid', paper, add(change));
    }
    for (const change of [{ enrolled_by: null }, { signed_by: 0 }, { signed_at: TODAY }]) {
      refuses('entry_invalid', paper, bind(change));
    }
    refuses('party_unknown', paper, bind({ enrolled_by: paperId<PartyId>(9) }));
  });

  test('is signed for just now: not ahead, and 5 minutes later at most', () => {
    const paper = personWith(bind());
    refuses('signed_ahead', paper, add({ signed_at: TODAY + 6 * MINUTE }));
    refuses('signature_stale', paper, add({ signed_at: TODAY - KEY_ADD_MS_MAX }));
    refuses('signature_stale', paper, add({ signed_at: TODAY - DAY }));
    permits(paper, add({ signed_at: TODAY - KEY_ADD_MS_MAX + 1 }));
  });

  test(`is one of ${ADDED_KEYS_MAX} at most; those that rest on a link are counted apart, and leave room`, () => {
    const paper = personWith(bind(LINK), bind());
    for (const signed_by of [0, 1]) {
      for (let n = 0; n < ADDED_KEYS_MAX; n++) paper.write(add({ signed_by }), TODAY);
      refuses('limit_reached', paper, add({ signed_by }));
      refuses('limit_reached', paper, add({ signed_by: keysOf(paper).length - 1 }));
    }
    expect(PERSON_KEYS_MAX).toBeGreaterThan(2 * ADDED_KEYS_MAX);
    permits(paper, bind());
    paper.write(end({ key: 2, signed_by: 1 }), TODAY);
    permits(paper, add({ signed_by: 0 }));
    while (keysOf(paper).length < PERSON_KEYS_MAX) paper.write(bind(), TODAY);
    refuses('limit_reached', paper, add({ signed_by: 0 }));
  });

  test('keeps what both keys signed, and no request', () => {
    expect(neededParts(add())).toEqual(['binding', 'possession', 'approval']);
  });

  test('is known from engine 2 on', () => {
    const paper = personWith(bind());
    const log = paper.state(LOG_STREAM) as LogState;
    refuses('engine_old', changed(paper, { [LOG_STREAM]: { ...log, engine: 1 } }), add());
  });

  test('is not read with a place or a time that is none', () => {
    const { entry } = personWith(bind(), add()).lines.at(-1) as Paper['lines'][number];
    for (const change of [{ signed_by: -1 }, { signed_by: null }, { signed_at: null }, { more: 1 }]) {
      expectFailure('entry_invalid', () => commandOf({ ...entry, body: { ...entry.body, ...change } }));
    }
  });
});

function tryWrite(paper: Paper, command: Command): boolean {
  const size = paper.lines.length;
  try {
    paper.write(command, TODAY);
  } catch {
    return false;
  }
  return paper.lines.length > size;
}

test('what adds a key names log, relationship, key, and from when to when it counts', () => {
  expect(keyAddStatement({ log: LOG, handle: HANDLE, key: 'K', signedAt: TODAY })).toEqual({
    ...{ v: 1, log: LOG, handle: HANDLE, key: 'K' },
    ...{ signed_at: TODAY, expires_at: TODAY + 5 * MINUTE },
  });
});
