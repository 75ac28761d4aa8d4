/** Declining: a letter as a whole, or items of a clause, by the subject's own signature, whoever relays it. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { signDecline, signLetterStatement } from '#client/device.ts';
import type { Tick } from '#core/consent/statement.ts';
import type { GrantId } from '#core/ids.ts';
import { declineLetter } from '#service/declines.ts';
import { readFeed } from '#service/feed.ts';
import { readGrant } from '#service/grants.ts';
import { readLetter } from '#service/letter-view.ts';
import { signLetter } from '#service/letters.ts';
import { publishPack } from '#service/packs.ts';
import { loadHead } from '#store/head.ts';
import { readShipped } from '../../src/cli/packs/publish.ts';
import {
  ask,
  calledBy,
  calledByKeeper,
  draft,
  newPerson,
  request,
  signedScene,
  twoClauses,
} from '../support/actors.ts';
import { reader } from '../support/callers.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger, type Fixture, openFixture, UPPER_DATABASES } from '../support/ledger-fixture.ts';

describe.each(UPPER_DATABASES)('declining on %s', (database) => {
  let fixture: Fixture;
  let scene: Awaited<ReturnType<typeof signedScene>>;
  let drafted: Awaited<ReturnType<typeof draft>>;
  beforeAll(async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl'), time: Date.UTC(2026, 10, 21) });
  });
  beforeEach(async () => {
    scene = await signedScene(fixture.context);
    const grants = twoClauses(scene.bureau, fixture.context.clock());
    drafted = await draft(fixture.context, { lender: scene.lender, handle: scene.handle, grants });
  });
  // The audit decides everything again, and verifies every signature.
  afterEach(() => checkLedger(fixture));
  afterAll(() => fixture.close());

  const now = () => fixture.context.clock();
  const size = async () => (await fixture.store.read(loadHead))?.size;
  const read = async () => readLetter(fixture.context, await reader(fixture.context, scene.lender), drafted.letter);
  const decline = async (person = scene.person, key?: string) => {
    const signed = await signDecline(person.key, drafted, now());
    return declineLetter(fixture.context, request(key), { letter: drafted.letter, ...signed });
  };
  const sign = async (...ticks: readonly Tick[]) => {
    const signed = await signLetterStatement(scene.person.key, drafted, ticks, now());
    return signLetter(fixture.context, request(), { letter: drafted.letter, ...signed });
  };

  it('closes the letter, which then shows as declined with all its clauses', async () => {
    const answer = await decline();
    expect(answer).toMatchObject({ letter: drafted.letter, handle: scene.handle, entry: { type: 'letter.declined' } });
    const letter = await read();
    expect(letter.status).toBe('declined');
    expect(letter.grants.map(({ status }) => status)).toEqual(['declined', 'declined']);
    await expectRefusal('letter_declined', sign(true, true));
    await expectRefusal(
      'grant_unknown',
      readGrant(fixture.context, await reader(fixture.context, scene.lender), drafted.grants[0]?.grant as GrantId),
    );
  });

  it('is done once: the same signature again gets the same answer, whoever brings it, another gets none', async () => {
    const signed = await signDecline(scene.person.key, drafted, now());
    const put = (change: object = {}) =>
      declineLetter(fixture.context, request(), { letter: drafted.letter, ...signed, ...change });
    const first = await put();
    const before = await size();
    expect(await put()).toEqual(first);
    expect(await size()).toBe(before);
    const later = await signDecline(scene.person.key, drafted, now() + 1);
    await expectRefusal('already_signed', put(later));
  });

  it('takes the subject’s own key over exactly this, and a signed letter no more', async () => {
    await expectRefusal('subject_key_unknown', decline(await newPerson()));
    const signed = await signDecline(scene.person.key, drafted, now());
    const put = (change: object) =>
      declineLetter(fixture.context, request(), { letter: drafted.letter, ...signed, ...change });
    await expectRefusal('signature_invalid', put({ signed_at: signed.signed_at + 1 }));
    const other = await signDecline(scene.person.key, { ...drafted, grants: drafted.grants.slice(1) }, now());
    await expectRefusal('signature_invalid', put(other));
    const letter = await signLetterStatement(scene.person.key, drafted, [false, false], now());
    await expectRefusal('signature_invalid', put({ signature: letter.signature }));
    await sign(true, false);
    await expectRefusal('already_signed', decline());
  });

  it('is heard of by the grantee', async () => {
    await decline();
    const caller = await calledBy(fixture.context, scene.lender.party, '/v1/feed', {});
    const feed = await readFeed(fixture.context, caller, { after: -1, limit: 500 });
    expect(JSON.stringify(feed)).toContain('letter.declined');
  });

  it('leaves single items out of a clause: the grant stands without them, and the letter shows them', async () => {
    const [query] = drafted.grants;
    const [left, ...rest] = (query as NonNullable<typeof query>).items;
    const answer = await sign({ declined_items: [left as string] }, true);
    expect(answer.given).toEqual(drafted.grants.map(({ grant }) => grant));
    const grant = await readGrant(
      fixture.context,
      await reader(fixture.context, scene.lender),
      query?.grant as GrantId,
    );
    expect(grant.terms.items).toEqual(rest);
    expect((await read()).grants.map(({ declined_items }) => declined_items)).toEqual([[left], []]);
    const access = { ...scene.queryAccess, ground: { grant: query?.grant as GrantId } };
    expect(await ask(fixture.context, { ...access, items: [left as string] })).toMatchObject({
      decision: 'deny',
      codes: ['SCOPE'],
    });
  });

  it('of every item of a clause is not giving it; the signature covers what was left out', async () => {
    const [query, report] = drafted.grants;
    const signed = await signLetterStatement(
      scene.person.key,
      drafted,
      [{ declined_items: query?.items ?? [] }, true],
      now(),
    );
    const put = (grants: typeof signed.grants) =>
      signLetter(fixture.context, request(), { ...signed, letter: drafted.letter, grants });
    // Who relays it can't put an item back in.
    await expectRefusal('signature_invalid', put(signed.grants.map(({ grant, given }) => ({ grant, given }))));
    await expectRefusal(
      'signature_invalid',
      put(signed.grants.map((each) => ({ ...each, declined_items: each.declined_items?.slice(1) ?? [] }))),
    );
    const answer = await put(signed.grants);
    expect(answer).toMatchObject({ given: [report?.grant], declined: [query?.grant] });
  });
});

describe('under the shipped law', () => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await openFixture('postgres', { time: Date.UTC(2026, 10, 21) });
    // Those of law: with those of trade in force, letters are made from their templates.
    for (const pack of readShipped().filter(({ templates }) => templates.length === 0)) {
      await publishPack(fixture.context, await calledByKeeper(fixture.context, '/v1/packs', { pack }), pack);
    }
  });
  afterAll(() => fixture.close());

  it('what was refused is not asked for again for seven days, by this lender; a letter that expired is', async () => {
    const { context } = fixture;
    const scene = await signedScene(context);
    const asked = () => {
      const grants = twoClauses(scene.bureau, context.clock());
      return draft(context, { lender: scene.lender, handle: scene.handle, grants });
    };
    const first = await asked();
    const refused = Date.UTC(2027, 0, 1, 15, 59);
    fixture.setTime(refused - 60_000);
    const waiting = await asked();
    fixture.setTime(refused);
    await expectRefusal(
      'letter_expired',
      declineLetter(context, request(), {
        letter: first.letter,
        ...(await signDecline(scene.person.key, first, refused)),
      }),
    );
    const signed = await signDecline(scene.person.key, waiting, refused);
    await declineLetter(context, request(), { letter: waiting.letter, ...signed });
    await expectRefusal('quiet_period', asked());
    // The day of the refusal in Asia/Shanghai is not counted: seven whole days follow it.
    fixture.setTime(Date.UTC(2027, 0, 8, 15, 59, 59, 999));
    await expectRefusal('quiet_period', asked());
    fixture.setTime(Date.UTC(2027, 0, 8, 16));
    await asked();
    await checkLedger(fixture);
  });
});
