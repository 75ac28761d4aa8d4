/** Acts by session: what a person may do without signing each time, and what a session's statement has to say. */
import { describe, expect, test } from 'vitest';
import { concat, utf8 } from '#core/bytes.ts';
import { encodeCanonical } from '#core/canonical.ts';
import { type Command, commandOf, decide, neededParts } from '#core/consent/rules.ts';
import { requireSession, SESSION_MS_MAX } from '#core/consent/session.ts';
import { verifySession, verifyStatement } from '#core/consent/signature.ts';
import { sessionSigningBytes, sessionStatement, statementSigningBytes } from '#core/consent/statement.ts';
import { parseSubjectKey } from '#core/consent/subject-key.ts';
import type { PersonId, StatementRef } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { LOG_STREAM, personStream } from '#core/tlog/stream.ts';
import { nativeEd25519, nativeP256 } from '../../../src/native.ts';
import { newPasskey } from '../../support/authenticator.ts';
import { expectFailure, expectRefusal } from '../../support/failure.ts';
import { ed25519Signer, passkeySigner } from './paper-evidence.ts';
import {
  changed,
  GRADE_B,
  GRADE_D,
  holdDrafted,
  LENDER,
  LOG,
  MINUTE,
  type Paper,
  paperId,
  QUERY_GRANT,
  REL,
  relationshipOf,
  revoked,
  signedPaper,
  stated,
  TODAY,
} from './paper-ledger.ts';
import { bound, permits, refuses } from './paper-rules.ts';

const PERSON = personStream(paperId<PersonId>(0xe1));
/** Of a statement that the lender drafts. */
const REF = paperId<StatementRef>(0xab);
const at = (time: number) => time as Instant;
const NOW = TODAY + MINUTE;
const bySession = (change: object = {}) => ({ ...stated(), auth: 'session' as const, ...change });

/** The letter is signed, and a key is bound to the person. */
function paperOf(): Paper {
  const paper = signedPaper();
  paper.write({ type: 'person.key_bound', stream: PERSON, input: bound() }, TODAY);
  return paper;
}

/** Each thing that is done by session, at a time; changed so. */
const ACTS: Readonly<Record<string, (change?: object) => Command>> = {
  'grant.revoked': (change) => revoked({ signed_at: at(NOW), ...bySession(), ...change }),
  'grant.paused': (change) => ({
    type: 'grant.paused',
    stream: REL,
    input: { ref: null, grant: QUERY_GRANT, signed_at: at(NOW), evidence: GRADE_B, ...bySession(), ...change },
  }),
  'relationship.frozen': (change) => ({
    type: 'relationship.frozen',
    stream: REL,
    input: { ref: null, signed_at: at(NOW), evidence: GRADE_B, ...bySession(), ...change },
  }),
  'person.frozen': (change) => ({
    type: 'person.frozen',
    stream: PERSON,
    input: { grade: 'B', signed_at: at(NOW), ...bySession(), ...change },
  }),
};
const acts = Object.entries(ACTS);

describe('by session', () => {
  test.each(acts)('%s is permitted, and read back from its entry', (type, act) => {
    const paper = paperOf();
    const { entry } = paper.write(act(), NOW);
    expect(entry).toMatchObject({ type, body: { auth: 'session', signed_at: NOW, by: [], request: null } });
    expect(commandOf(entry)).toEqual({ ...act(), input: { ...act().input, idem: entry.body['idem'] } });
  });

  test('it takes effect as by a statement', () => {
    const [revoke, pause, freeze] = acts.map(([, act]) => act());
    const paper = paperOf();
    paper.write(pause as Command, NOW);
    paper.write(freeze as Command, NOW);
    const hold = { at: NOW, grade: 'B', signed_at: NOW };
    expect(relationshipOf(paper).grants[QUERY_GRANT]?.paused).toEqual(hold);
    expect(relationshipOf(paper).frozen).toEqual(hold);
    paper.write(revoke as Command, NOW);
    expect(relationshipOf(paper).grants[QUERY_GRANT]?.revoked_at).toBe(NOW);
  });

  test.each(acts)('%s is done at the ledger’s time, not before or after', (_type, act) => {
    const paper = paperOf();
    for (const signed_at of [NOW - 1, NOW + 1, 0]) refuses('entry_invalid', paper, act({ signed_at }), NOW);
    permits(paper, act(), NOW);
  });

  test('a grant is taken back at once, also where the device that signed the letter was ahead', () => {
    const paper = changed(signedPaper(), {});
    const relationship = relationshipOf(paper);
    const grant = { ...(relationship.grants[QUERY_GRANT] as object), signed_at: NOW + 4 * MINUTE };
    const ahead = changed(paper, {
      [REL]: { ...relationship, grants: { ...relationship.grants, [QUERY_GRANT]: grant } },
    });
    permits(ahead, (ACTS['grant.revoked'] as () => Command)(), NOW);
  });

  test.each(acts)('%s has the opening of the session as its evidence, and pins the log', (_type, act) => {
    expect(neededParts(act())).toEqual(['session', 'signature', 'binding']);
    const statement = act({ auth: 'statement' });
    expect(neededParts(statement)).not.toContain('session');
    expect(permits(paperOf(), act(), NOW)).toHaveProperty('saw');
  });

  test.each(acts)('%s needs engine 2', (_type, act) => {
    const paper = paperOf();
    const old = changed(paper, { [LOG_STREAM]: { ...paper.state(LOG_STREAM), engine: 1 } });
    refuses('engine_old', old, act(), NOW);
  });

  test.each(acts)('%s is by nobody’s request', (_type, act) => {
    const paper = paperOf();
    const [request] = ['A'.repeat(43)];
    refuses('entry_invalid', paper, act({ request }), NOW);
    const by = [{ party: LENDER, operator: paperId(1), key: 0 }];
    refuses('entry_invalid', paper, act({ by }), NOW);
  });

  test('a statement is asked for by its subject, and by no party; it gives nothing, and needs engine 2', () => {
    const paper = paperOf();
    const asked = (change: object = {}) => holdDrafted({ kind: 'release', principal: null, ...bySession(), ...change });
    expect(neededParts(asked())).toEqual(['session', 'signature', 'binding']);
    expect(permits(paper, asked(), NOW)).toHaveProperty('saw');
    refuses('entry_invalid', paper, asked({ principal: LENDER }), NOW);
    refuses('engine_old', changed(paper, { [LOG_STREAM]: { ...paper.state(LOG_STREAM), engine: 1 } }), asked(), NOW);
    const { grants, frozen } = relationshipOf(paper);
    paper.write(asked(), NOW);
    expect(relationshipOf(paper)).toMatchObject({ grants, frozen });
  });

  test('nothing has a ref, and by statement nothing is paused without', () => {
    const paper = paperOf();
    paper.write(holdDrafted(), NOW);
    const [, pause, freeze] = acts.map(([, act]) => act);
    refuses('entry_invalid', paper, pause?.({ ref: REF }) as Command, NOW);
    refuses('entry_invalid', paper, freeze?.({ ref: REF }) as Command, NOW);
    refuses('entry_invalid', paper, pause?.({ auth: 'statement' }) as Command, NOW);
    permits(paper, pause?.({ auth: 'statement', ref: REF }) as Command, NOW);
  });

  test('the grade is the key’s', () => {
    const paper = paperOf();
    const [, pause, freeze] = acts.map(([, act]) => act);
    for (const act of [pause, freeze]) {
      refuses('entry_invalid', paper, act?.({ evidence: { ...GRADE_B, identified_by: LENDER } }) as Command, NOW);
      permits(paper, act?.({ evidence: GRADE_D }) as Command, NOW);
    }
  });

  test('nothing is done twice, or of what is not there', () => {
    const paper = paperOf();
    const codes = ['already_revoked', 'hold_mismatch', 'hold_mismatch', 'hold_mismatch'] as const;
    for (const [place, code] of [...codes.entries()].reverse()) {
      const [, act] = acts[place] as (typeof acts)[number];
      paper.write(act(), NOW);
      refuses(code, paper, act({ signed_at: NOW + 1 }), NOW + 1);
    }
    const [revoke, pause] = acts.map(([, act]) => act);
    refuses('already_revoked', paper, pause?.() as Command, NOW);
    for (const act of [revoke, pause]) refuses('grant_unknown', paper, act?.({ grant: paperId(9) }) as Command, NOW);
  });

  test.each(['grant.resumed', 'grant.extended', 'grant.narrowed', 'grant.contested', 'grant.affirmed'] as const)(
    '%s is not: it takes a signature',
    (type) => {
      const input = { ref: REF, grant: QUERY_GRANT, signed_at: at(NOW), evidence: GRADE_B, ...bySession() };
      refuses('entry_invalid', paperOf(), { type, stream: REL, input } as Command, NOW);
    },
  );

  test('nothing is released: that takes a signature', () => {
    const paper = paperOf();
    for (const [, act] of acts.slice(2)) paper.write(act(), NOW);
    const later = { signed_at: at(NOW + 1) };
    const [freeze, person] = acts.slice(2).map(([, act]) => act(later)) as [Command, Command];
    refuses('entry_invalid', paper, { ...freeze, type: 'relationship.released' } as Command, NOW + 1);
    refuses('entry_invalid', paper, { ...person, type: 'person.released' } as Command, NOW + 1);
    const signed = { ...stated(), ref: null };
    const release = { ...freeze, type: 'relationship.released', input: { ...freeze.input, ...signed } } as Command;
    expect(() => decide(paper, release, at(NOW + 1))).not.toThrow();
  });
});

const SIGNERS = [
  ['an Ed25519 key', await ed25519Signer(5)],
  ['a passkey of ES256', passkeySigner()],
  ['a passkey of Ed25519', passkeySigner(newPasskey('app.lender.example', 'EdDSA'))],
] as const;

describe('the statement of a session', () => {
  const statement = sessionStatement({ log: LOG, nonce: 'N'.repeat(64), startedAt: TODAY });

  test('is signed under a context of its own', () => {
    const bytes = concat(
      utf8('assent/session/v1\n'),
      utf8(`{"log":"${LOG}","nonce":"${'N'.repeat(64)}","started_at":${TODAY},"v":1}`),
    );
    expect(sessionSigningBytes(statement)).toEqual(bytes);
    expect(sessionSigningBytes(statement).subarray('assent/session/v1\n'.length)).toEqual(encodeCanonical(statement));
  });

  test.each(SIGNERS)('by %s is verified as what it is, and as nothing else', async (_what, signer) => {
    const crypto = { ed25519: nativeEd25519, p256: nativeP256 };
    const key = parseSubjectKey(signer.key);
    const signature = await signer.sign(sessionSigningBytes(statement));
    await verifySession(crypto, { session: statement, key, signature });
    await expectRefusal('signature_invalid', verifyStatement(crypto, { statement, key, signature }));
    const other = await signer.sign(statementSigningBytes(statement));
    await expectRefusal('signature_invalid', verifySession(crypto, { session: statement, key, signature: other }));
    for (const change of [{ nonce: 'M' }, { started_at: TODAY + 1 }, { log: 'other.example/log' }, { v: 2 }]) {
      const session = { ...statement, ...change };
      await expectRefusal('signature_invalid', verifySession(crypto, { session, key, signature }));
    }
  });

  test('counts from its beginning on, for less than twelve hours', () => {
    expect(SESSION_MS_MAX).toBe(12 * 60 * MINUTE);
    const when = (time: number) => () => requireSession({ log: LOG, time: at(time) }, statement);
    expectFailure('entry_invalid', when(TODAY - 1));
    expect(when(TODAY)()).toEqual(statement);
    expect(when(TODAY + SESSION_MS_MAX - 1)()).toEqual(statement);
    expectFailure('entry_invalid', when(TODAY + SESSION_MS_MAX));
  });

  test('is of this log, and has these fields and no other', () => {
    const entry = { log: LOG, time: at(TODAY) };
    expectFailure('entry_invalid', () => requireSession({ ...entry, log: 'other.example/log' }, statement));
    for (const change of [
      { v: 2 },
      { nonce: '' },
      { nonce: 7 },
      { started_at: '0' },
      { started_at: -1 },
      { kind: 'x' },
    ]) {
      expectFailure('entry_invalid', () => requireSession(entry, { ...statement, ...change }));
    }
    const { nonce: _none, ...rest } = statement;
    expectFailure('entry_invalid', () => requireSession(entry, rest));
  });
});
