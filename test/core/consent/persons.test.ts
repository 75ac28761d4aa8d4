/** Parties, persons’ keys and relationships: what they are opened with. */
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '#core/canonical.ts';
import { PARTY_KEYS_MAX } from '#core/consent/call.ts';
import { evidenceOf } from '#core/consent/evidence.ts';
import type { LogState } from '#core/consent/log.ts';
import { PARTY_NAME_MAX } from '#core/consent/party.ts';
import { type BoundKey, PERSON_KEYS_MAX } from '#core/consent/person.ts';
import { ownRelationship } from '#core/consent/relationship.ts';
import { type Command, commandOf, neededParts } from '#core/consent/rules.ts';
import { isFailure } from '#core/failure.ts';
import type { Handle, PartyId } from '#core/ids.ts';
import { LOG_STREAM, relationshipStream } from '#core/tlog/stream.ts';
import { expectFailure } from '../../support/failure.ts';
import {
  BUREAU,
  changed,
  drafted,
  HANDLE,
  hashOf,
  IDENTIFIER,
  keysOfParty,
  LENDER,
  OTHER_LENDER,
  openedPaper,
  PERSON,
  paperId,
  relationshipOf,
  sealedBy,
  stated,
  TODAY,
} from './paper-ledger.ts';
import { bound, keyAdded, party, permits, refuses } from './paper-rules.ts';

describe('a party', () => {
  test('has one role or more, each once, and never identifies and takes', () => {
    const paper = openedPaper();
    expect(permits(paper, party({ roles: ['grantee', 'bureau'] }))).toMatchObject({ name: '示例' });
    refuses('input_invalid', paper, party({ roles: [] }));
    refuses('input_invalid', paper, party({ roles: ['grantee', 'grantee'] }));
    refuses('party_role', paper, party({ roles: ['identifier', 'grantee'] }));
    refuses('party_role', paper, party({ roles: ['grantee', 'bureau', 'identifier'] }));
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
    const add = (n: number) => keyAdded(`${n}`.padStart(43, 'A'));
    for (let n = keysOfParty(LENDER).length; n < PARTY_KEYS_MAX; n++) paper.write(add(n), TODAY);
    refuses('already_there', paper, add(2));
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
    const nobody = paperId<PartyId>(9);
    refuses('party_unknown', paper, bind({ enrolled_by: nobody }));
    refuses('party_unknown', paper, bind({ enrolled_by: nobody, ...sealedBy(nobody) }));
  });

  test('may be the first on a link alone, never a further one', () => {
    const paper = openedPaper();
    paper.write(bind(link), TODAY);
    refuses('identification_missing', paper, bind(link));
    permits(paper, bind());
  });

  describe('that the person brings itself', () => {
    const byStatement = { ...stated(), enrolled_by: IDENTIFIER };
    const byLink = { ...stated(), auth: 'session', ...link };

    test('stands on who identified it, who is then who brought it', () => {
      const paper = openedPaper();
      permits(paper, bind(byStatement));
      permits(paper, bind({ ...byStatement, kind: 'passkey' }));
      refuses('entry_invalid', paper, bind({ ...byStatement, enrolled_by: LENDER }));
      refuses('entry_invalid', paper, bind({ ...byStatement, ...link }));
      refuses('party_role', paper, bind({ ...byStatement, identified_by: LENDER, enrolled_by: LENDER }));
      refuses('input_invalid', paper, bind({ ...byStatement, identified_at: null }));
    });

    test('or on a link alone, as its first: of grade D, whoever gave the link', () => {
      const paper = openedPaper();
      refuses('entry_invalid', paper, bind({ ...byStatement, auth: 'session' }));
      refuses('party_unknown', paper, bind({ ...byLink, enrolled_by: paperId<PartyId>(9) }));
      const { entry } = paper.write(bind({ ...byLink, kind: 'passkey' }), TODAY);
      const [key] = (paper.state(PERSON) as { keys: BoundKey[] }).keys;
      expect([entry.body['by'], entry.body['request']]).toEqual([[], null]);
      for (const grantee of [LENDER, OTHER_LENDER]) expect(evidenceOf(key!, grantee).grade).toBe('D');
      refuses('identification_missing', paper, bind(byLink));
      permits(paper, bind(byStatement));
    });

    test('is of grade B where the provider is nobody’s grantee, and D for what it would take itself', () => {
      const paper = openedPaper();
      paper.write(bind(byStatement), TODAY);
      const [key] = (paper.state(PERSON) as { keys: BoundKey[] }).keys;
      expect([LENDER, IDENTIFIER].map((grantee) => evidenceOf(key!, grantee).grade)).toEqual(['B', 'D']);
    });

    test('keeps no request, and names its parts', () => {
      const paper = openedPaper();
      const parts = (change: Partial<JsonObject>) => neededParts(bind(change));
      expect(parts(byStatement)).toEqual(['binding', 'possession', 'identification', 'identity_salt']);
      expect(parts(byLink)).toEqual(['binding', 'possession']);
      expect(parts(link)).toEqual(['binding', 'possession', 'request']);
      refuses('entry_invalid', paper, bind({ ...byStatement, request: hashOf(1) }));
      refuses('entry_invalid', paper, bind({ ...byLink, ...sealedBy(LENDER), auth: 'session' }));
    });

    test('is known from engine 2 on', () => {
      const paper = openedPaper();
      const log = paper.state(LOG_STREAM) as LogState;
      const old = changed(paper, { [LOG_STREAM]: { ...log, engine: 1 } });
      for (const change of [byStatement, byLink]) refuses('engine_old', old, bind(change));
      permits(old, bind());
    });
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
      input: { grantee, subject: 'person', frozen: null, ...sealedBy(grantee) },
    });
    permits(paper, open(OTHER_LENDER));
    refuses('party_role', paper, open(BUREAU));
    refuses('party_unknown', paper, open(paperId<PartyId>(0x99)));
  });

  test('says what is flagged of its subject’s document, in order, each once, and nothing where there is nothing', () => {
    const paper = openedPaper();
    const stream = relationshipStream(paperId<Handle>(0xd9));
    const flagged = (...flags: readonly string[]) =>
      ({
        type: 'relationship.opened',
        stream,
        input: { grantee: LENDER, subject: 'person', frozen: null, flags, ...sealedBy(LENDER) },
      }) as unknown as Command;
    for (const flags of [[], ['number_old', 'legacy_import'], ['number_old', 'number_old']]) {
      refuses('entry_invalid', paper, flagged(...flags));
    }
    const log = paper.state(LOG_STREAM) as LogState;
    refuses('engine_old', changed(paper, { [LOG_STREAM]: { ...log, engine: 1 } }), flagged('number_old'));
    paper.write(flagged('area_unknown', 'legacy_import', 'number_old'), TODAY);
    expect(paper.state(stream)).toMatchObject({ flags: ['area_unknown', 'legacy_import', 'number_old'] });
    expect(relationshipOf(paper)).not.toHaveProperty('flags');
    refuses('identifier_old', paper, { ...drafted(), stream } as Command);
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
