/** What the audit says of acts by session, where a keeper with every key of the ledger changed them. */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64Url } from '#core/bytes.ts';
import type { Json, JsonObject } from '#core/canonical.ts';
import { SESSION_MS_MAX } from '#core/consent/session.ts';
import { sessionSigningBytes } from '#core/consent/statement.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { commitTo } from '#core/tlog/payload.ts';
import { askEnding } from '#service/person/statements.ts';
import { pauseBySession, revokeBySession } from '#service/session-acts.ts';
import { freezeBySession } from '#service/session-freeze.ts';
import type { PersonSession } from '#service/sessions.ts';
import { loadDigests } from '#store/payloads.ts';
import type { Tx } from '#store/schema.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { bindPersonKey, type Person, request, signedScene } from '../support/actors.ts';
import { auditAfter, entryRows, goneUnsaid, resealPart, rewriteHistory } from '../support/attack.ts';
import { checkLedger, type Fixture, openFixture, random } from '../support/ledger-fixture.ts';
import { signIn } from '../support/sessions.ts';

let fixture: Fixture;
let scene: Awaited<ReturnType<typeof signedScene>>;
let session: PersonSession;
/** Another key of the same person, at place 1 of its stream; and the session of somebody else. */
let second: Person;
let stranger: PersonSession;
/** Indexes of what was done by session. */
const at = { revoked: 0, paused: 0, person: 0, frozen: 0, asked: 0 };

beforeAll(async () => {
  fixture = await openFixture('postgres', { time: Date.UTC(2026, 10, 21) });
  const { context } = fixture;
  const other = await signedScene(context);
  stranger = (await signIn(context, other.person, other.handle)).session;
  scene = await signedScene(context);
  const { person, handle, lender, identifier } = scene;
  second = { ...person, key: await nativeEd25519.importSeed(random(32)) };
  await bindPersonKey(context, { lender, person: second, handle, identifier });
  fixture.setTime(context.clock() + 60_000);
  session = (await signIn(context, person, handle)).session;
  fixture.setTime(context.clock() + 60_000);
  const { revoked } = await revokeBySession(context, request(), session, { grants: [scene.query] });
  at.revoked = revoked[0]!.entry.index;
  at.paused = (await pauseBySession(context, request(), session, { grant: scene.report })).entry.index;
  await freezeBySession(context, request(), session);
  at.person = at.paused + 1;
  at.frozen = at.paused + 2;
  await askEnding(context, request(), session, { kind: 'release' });
  at.asked = at.frozen + 1;
  await fixture.ledger.publisher.published(at.asked + 1, 5_000);
}, 60_000);
afterAll(async () => {
  await checkLedger(fixture);
  await fixture.close();
});

async function finds(attack: (tx: Tx) => Promise<unknown>, index: number, message: string): Promise<void> {
  const { findings, holds } = await auditAfter(fixture, attack);
  expect(holds).toBe(false);
  expect(findings.filter((each) => each.index === index).map((each) => each.message)).toContainEqual(
    expect.stringContaining(message),
  );
}

/** Seals other values in the place of parts, and makes the entry commit to them. */
const resealing = (index: number, values: Readonly<Record<string, Json>>) => async (tx: Tx) => {
  for (const [name, value] of Object.entries(values)) {
    const digest = await resealPart(tx, fixture, index, name, (part) => ({ ...part, value }));
    await sql`update part_digests set digest = ${digest} where index = ${index} and name = ${name}`.execute(tx);
  }
  const digests = await loadDigests(tx, index, index + 1);
  const commit = commitTo(Object.fromEntries(digests.map((row) => [row.name, row.digest])));
  await rewriteHistory(tx, fixture, (entry, place) => (place === index ? { ...entry, commit } : entry));
};

/** The statement of the session, changed and signed again by a key. */
async function signedBy({ key }: Pick<Person, 'key'>, change: JsonObject): Promise<Record<string, Json>> {
  const changed = { ...session.statement, ...change };
  return { session: changed, signature: toBase64Url(await key.sign(sessionSigningBytes(changed))) };
}

const ALL = ['revoked', 'paused', 'person', 'frozen', 'asked'] as const;

describe('the audit', () => {
  it('verifies the session of each act, and derives all of it again', async () => {
    const { findings, attested } = await fixture.audit();
    expect([findings, attested]).toEqual([[], 0]);
    const entries = (await fixture.store.read(entryRows)).map(({ bytes }) => parseEntry(bytes));
    expect(ALL.map((name) => entries[at[name]]?.type)).toEqual([
      'grant.revoked',
      'grant.paused',
      'person.frozen',
      'relationship.frozen',
      'hold.drafted',
    ]);
    for (const name of ALL) expect(entries[at[name]]?.body['auth']).toBe('session');
    // Nothing of the session stands in an entry.
    const text = JSON.stringify(entries);
    expect(text).not.toContain(session.statement['nonce']);
    expect(text).not.toContain(session.signature);
  });

  it.each(ALL)('(%s) finds a session that says something else than was signed', async (name) => {
    for (const change of [{ nonce: 'N'.repeat(64) }, { started_at: session.started_at + 1 }]) {
      await finds(resealing(at[name], { session: { ...session.statement, ...change } }), at[name], 'did not sign this');
    }
    await finds(resealing(at[name], { signature: toBase64Url(random(64)) }), at[name], 'did not sign this');
    await finds(
      resealing(at[name], { session: { ...session.statement, kind: 'revoke' } }),
      at[name],
      'no other field than',
    );
  });

  it.each(ALL)('(%s) finds a session that was signed, but not for this', async (name) => {
    const { person } = scene;
    const time = session.started_at + 60_000;
    const cases: readonly (readonly [JsonObject, string])[] = [
      [{ log: 'other.example/log' }, 'its session is of another log'],
      [{ started_at: time + 1 }, 'its session started later'],
      [{ started_at: time - SESSION_MS_MAX }, 'its session had ended'],
    ];
    for (const [change, message] of cases) {
      await finds(resealing(at[name], await signedBy(person, change)), at[name], message);
    }
    const last = await auditAfter(
      fixture,
      resealing(at[name], await signedBy(person, { started_at: time - SESSION_MS_MAX + 1 })),
    );
    expect(last.findings).toEqual([]);
  });

  it.each(ALL)('(%s) finds another key in the place of the one that signed', async (name) => {
    const { stream } = session.binding;
    await finds(resealing(at[name], { binding: { stream, seq: 1 } }), at[name], 'did not sign this');
    await finds(resealing(at[name], await signedBy(second, {})), at[name], 'did not sign this');
    await finds(resealing(at[name], { binding: { stream, seq: 2 } }), at[name], 'a key that was not bound');
    const { statement, signature, binding } = stranger;
    await finds(
      resealing(at[name], { session: statement, signature, binding }),
      at[name],
      'with the key of someone else',
    );
  });

  // What is only asked for says no grade.
  it.each(ALL.filter((name) => name !== 'asked'))(
    '(%s) finds better evidence than the key is good for',
    async (name) => {
      const grade = name === 'person' ? { grade: 'A' } : {};
      const forged = {
        evidence: { grade: 'B', kind: 'passkey', method: 'identity_provider', identified_by: scene.identifier.party },
      };
      const change = name === 'person' ? grade : forged;
      await finds(
        (tx) =>
          rewriteHistory(tx, fixture, (entry, index) =>
            index === at[name] ? { ...entry, body: { ...entry.body, ...change } } : entry,
          ),
        at[name],
        'the grade of its evidence is derived otherwise',
      );
    },
  );

  it.each(ALL)(
    '(%s) does not call derived what is gone: it is attested, and that it is gone is found',
    async (name) => {
      for (const part of ['session', 'signature', 'binding']) {
        const report = await auditAfter(fixture, (tx) =>
          sql`delete from parts where index = ${at[name]} and name = ${part}`.execute(tx),
        );
        expect([report.findings, report.attested]).toEqual([[goneUnsaid(at[name], part)], 1]);
      }
    },
  );
});
