/** The end of a person’s key: by itself, by another, or at a counter. */
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '#core/canonical.ts';
import { type KeyOfPerson, readBinding } from '#core/consent/bound-key.ts';
import type { LogState } from '#core/consent/log.ts';
import { PERSON_KEYS_MAX, type Person, personIn } from '#core/consent/person.ts';
import type { Command } from '#core/consent/rules.ts';
import { keyEndStatement } from '#core/consent/statement.ts';
import type { PartyId } from '#core/ids.ts';
import type { Entry } from '#core/tlog/entry.ts';
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
  OTHER_LENDER,
  openedPaper,
  type Paper,
  PERSON,
  paperId,
  sealedBy,
  stated,
  TODAY,
} from './paper-ledger.ts';
import { bound, ended, lost, permits, refuses } from './paper-rules.ts';

const bind = (change: Partial<JsonObject> = {}): Command => ({
  type: 'person.key_bound',
  stream: PERSON,
  input: bound(change),
});
const LINK = { method: 'link', identified_by: null, identified_at: null };
const end = (change: Partial<JsonObject> = {}): Command => ({
  type: 'person.key_ended',
  stream: PERSON,
  input: ended(change),
});
const lose = (change: Partial<JsonObject> = {}): Command => ({
  type: 'person.key_ended',
  stream: PERSON,
  input: lost(change),
});

/** A person with these keys, at the places 0, 1, … */
function personWith(...keys: readonly Partial<JsonObject>[]): Paper {
  const paper = openedPaper();
  for (const key of keys) paper.write(bind(key), TODAY);
  return paper;
}
const placesOf = (paper: Paper) => (personIn(paper, PERSON) as Person).keys.map(({ seq }) => seq);

describe('a person’s key', () => {
  test('is ended by itself or by another, and the rest go on counting', () => {
    const paper = personWith({}, { kind: 'passkey' }, {});
    paper.write(end({ key: 0, signed_by: 2 }), TODAY);
    expect(placesOf(paper)).toEqual([1, 2]);
    paper.write(end({ key: 1, signed_by: 1 }), TODAY);
    expect(placesOf(paper)).toEqual([2]);
    // The last one too: then a counter is the only way back.
    paper.write(end({ key: 2, signed_by: 2 }), TODAY);
    expect(placesOf(paper)).toEqual([]);
  });

  test('is ended once, and not where there never was one', () => {
    const paper = personWith({}, {});
    refuses('subject_key_unknown', paper, end({ key: 2, signed_by: 1 }));
    refuses('subject_key_unknown', openedPaper(), end());
    paper.write(end({ key: 0, signed_by: 1 }), TODAY);
    for (const again of [end({ key: 0, signed_by: 1 }), end({ key: 0, signed_by: 0 }), lose({ key: 0 })]) {
      refuses('subject_key_unknown', paper, again);
    }
  });

  test('ends nothing once it is ended, and if it never was one', () => {
    const paper = personWith({}, {});
    paper.write(end({ key: 0, signed_by: 1 }), TODAY);
    refuses('key_ended', paper, end({ key: 1, signed_by: 0 }));
    refuses('key_ended', paper, end({ key: 1, signed_by: 9 }));
  });

  test('that nobody was identified for ends itself only', () => {
    const paper = personWith(LINK, {});
    refuses('grade_low', paper, end({ key: 1, signed_by: 0 }));
    permits(paper, end({ key: 0, signed_by: 0 }));
    permits(paper, end({ key: 0, signed_by: 1 }));
  });

  test('is ended at a counter, by a party that identifies: itself brings it, or a grantee', () => {
    const paper = personWith({});
    permits(paper, lose());
    permits(paper, lose({ brought_by: IDENTIFIER, ...sealedBy(IDENTIFIER) }));
    refuses('party_role', paper, lose({ identified_by: LENDER }));
    refuses('party_role', paper, lose({ identified_by: BUREAU }));
    refuses('party_unknown', paper, lose({ identified_by: paperId<PartyId>(9) }));
    refuses('party_unknown', paper, lose({ brought_by: paperId<PartyId>(9) }));
    refuses('principal_mismatch', paper, lose({ brought_by: OTHER_LENDER }));
    refuses('duty_missing', paper, lose(sealedBy(LENDER, 'admin')));
  });

  test('is ended in one way at a time, authenticated as that way is', () => {
    const paper = personWith({}, {});
    for (const change of [
      { signed_by: null },
      { identified_by: IDENTIFIER },
      { brought_by: LENDER },
      { identified_by: IDENTIFIER, brought_by: LENDER, signed_by: null },
      calledBy(LENDER),
    ]) {
      refuses('entry_invalid', paper, end(change));
    }
    for (const change of [{ signed_by: 1 }, { identified_by: null }, { brought_by: null }, stated()]) {
      refuses('entry_invalid', paper, lose(change));
    }
  });

  test('is not ended from ahead of the ledger’s time', () => {
    const paper = personWith({});
    refuses('signed_ahead', paper, end({ signed_at: TODAY + DAY }));
    refuses('signed_ahead', paper, lose({ signed_at: TODAY + DAY }));
    permits(paper, lose({ signed_at: TODAY - 100 * DAY }));
  });

  test('is ended from engine 2 on', () => {
    const paper = personWith({});
    const log = paper.state(LOG_STREAM) as LogState;
    refuses('engine_old', changed(paper, { [LOG_STREAM]: { ...log, engine: 1 } }), end());
  });

  test('that ended makes room for another, which a link does not fill', () => {
    const paper = personWith(...Array.from({ length: PERSON_KEYS_MAX }, () => ({})));
    refuses('limit_reached', paper, bind());
    paper.write(end({ key: 0, signed_by: 0 }), TODAY);
    permits(paper, bind());
    const alone = personWith({});
    alone.write(lose(), TODAY);
    refuses('identification_missing', alone, bind(LINK));
    permits(alone, bind());
  });

  test('leaves a freeze as it is', () => {
    const paper = personWith({});
    paper.write(
      { type: 'person.frozen', stream: PERSON, input: { grade: 'B', signed_at: TODAY, ...stated() } as never },
      TODAY,
    );
    const { frozen } = personIn(paper, PERSON) as Person;
    paper.write(end(), TODAY);
    expect(personIn(paper, PERSON)).toEqual({ keys: [], frozen });
  });
});

describe('a binding that is kept', () => {
  const paper = personWith({});
  const { entry } = paper.lines.at(-1) as { readonly entry: Entry };
  const KEY = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo';
  const binding = {
    v: 1,
    log: LOG,
    handle: HANDLE,
    key: KEY,
    identity: null,
    method: 'identity_provider',
    identified_by: IDENTIFIER,
    identified_at: TODAY,
  };

  test('says which key was bound, through which relationship', () => {
    const read: KeyOfPerson = readBinding(entry, binding);
    expect(read).toMatchObject({ text: KEY, handle: HANDLE, key: { kind: 'ed25519' } });
  });

  test.each<[string, JsonObject]>([
    ['another log', { log: 'other.example/log' }],
    ['another method', { method: 'link' }],
    ['another party', { identified_by: LENDER }],
    ['another time', { identified_at: TODAY + 1 }],
    ['no key', { key: null }],
  ])('is not one of %s', (_what, change) => {
    expectFailure('entry_invalid', () => readBinding(entry, { ...binding, ...change }));
  });

  test('is not one of another kind of key', () => {
    const passkey = { ...entry, body: { ...entry.body, kind: 'passkey' } };
    expectFailure('entry_invalid', () => readBinding(passkey, binding));
    expectFailure('key_invalid', () => readBinding(entry, { ...binding, key: 'A'.repeat(43) }));
  });
});

test('the statement of a key’s end names log, relationship, key and time, and at a counter who was identified by whom', () => {
  const said = { log: LOG, handle: HANDLE, key: 'K', signedAt: TODAY };
  expect(keyEndStatement({ ...said, identity: null, identifiedBy: null })).toEqual({
    v: 1,
    log: LOG,
    handle: HANDLE,
    key: 'K',
    identity: null,
    identified_by: null,
    signed_at: TODAY,
  });
  expect(keyEndStatement({ ...said, identity: 'I', identifiedBy: IDENTIFIER })).toMatchObject({
    identity: 'I',
    identified_by: IDENTIFIER,
  });
});
