/** Clocks (design §4): ledger time never goes back, and a ledger whose clocks disagree stops rather than guesses. */
import { afterAll, afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { Instant } from '#core/instant.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { signLetter } from '#service/letters.ts';
import { loadEntries } from '#store/entries.ts';
import { loadHead } from '#store/head.ts';
import {
  ask,
  bindPersonKey,
  DAY_MS,
  draft,
  enrolPerson,
  newPerson,
  request,
  revoke,
  sign,
  signature,
  signedScene,
  twoClauses,
} from '../support/actors.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger, DATABASES, type Fixture, openFixture } from '../support/ledger-fixture.ts';

const NOW = Date.UTC(2026, 10, 21, 12);

describe.each(DATABASES)('time on %s', (database) => {
  let fixture: Fixture;
  let scene: Awaited<ReturnType<typeof signedScene>>;
  beforeEach(async () => {
    fixture ??= await openFixture(database, { postgresUrl: inject('postgresUrl'), time: NOW });
    const head = await fixture.store.read(loadHead);
    fixture.setTime(Math.max(NOW, head?.time ?? 0));
    scene = await signedScene(fixture.context);
  });
  afterEach(async () => {
    await checkLedger(fixture);
  });
  afterAll(() => fixture.close());

  const lastTime = async () => (await fixture.store.read(loadHead))!.time;

  it('stays where it was while the clock is up to 5 s behind, and stops beyond', async () => {
    const last = await lastTime();
    for (const behind of [1, 4_999, 5_000]) {
      fixture.setTime(last - behind);
      expect((await ask(fixture.context, scene.queryAccess)).entry.time).toBe(last);
    }
    fixture.setTime(last - 5_001);
    await expectRefusal('clock_unsound', ask(fixture.context, scene.queryAccess));
    await expectRefusal('clock_unsound', revoke(fixture.context, scene.lender, scene.person, scene.query, last));
    fixture.setTime(last + 1);
    expect((await ask(fixture.context, scene.queryAccess)).entry.time).toBe(last + 1);
  });

  it('stops while the clocks of server and database are more than 5 s apart, either way', async () => {
    for (const [apart, access] of [
      [5_000, scene.queryAccess],
      [-5_000, scene.reportAccess],
    ] as const) {
      fixture.setApart(apart);
      expect((await ask(fixture.context, access)).decision).toBe('allow');
    }
    const before = await fixture.store.read(loadHead);
    for (const apart of [5_001, -5_001, 6_000, 3_600_000, -3_600_000]) {
      fixture.setApart(apart);
      await expectRefusal('clock_unsound', ask(fixture.context, scene.queryAccess));
    }
    fixture.setApart(0);
    expect((await fixture.store.read(loadHead))!.size).toBe(before!.size);
  });

  it('never decreases over the entries, whatever the clock does', async () => {
    let time: number = await lastTime();
    for (let step = 0; step < 30; step++) {
      time += Math.floor(Math.random() * 9_000) - 4_000;
      fixture.setTime(time);
      await ask(fixture.context, scene.queryAccess).catch(() => {});
      time = Math.max(time, (await lastTime()) - 5_000);
    }
    const rows = await fixture.store.read((tx) => loadEntries(tx, 0, Number.MAX_SAFE_INTEGER));
    const times = rows.map((row) => parseEntry(row.bytes).time);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('refuses what a subject signed more than 5 minutes ahead, and takes what is just 5 minutes ahead (attack 92)', async () => {
    const { context } = fixture;
    const grants = twoClauses(scene.bureau, context.clock());
    const drafted = await draft(context, { lender: scene.lender, handle: scene.handle, grants });
    const now = context.clock();
    for (const [ahead, code] of [
      [300_001, 'signed_ahead'],
      [-300_001, 'signed_before'],
    ] as const) {
      const signed = await signature(drafted, scene.person, [true, true], now + ahead);
      await expectRefusal(code, signLetter(context, request(), { letter: drafted.letter, ...signed }));
    }
    const signed = await signature(drafted, scene.person, [true, true], now + 300_000);
    await signLetter(context, request(), { letter: drafted.letter, ...signed });
    await expectRefusal('signed_ahead', revoke(context, scene.lender, scene.person, scene.query, now + 300_001));
    await expectRefusal('signed_before', revoke(context, scene.lender, scene.person, scene.query, now - 300_001));
    await revoke(context, scene.lender, scene.person, scene.query, now + 300_000);
  });

  it('refuses an identification that is more than 5 minutes ahead', async () => {
    const { context } = fixture;
    const { lender, identifier } = scene;
    const person = await newPerson();
    const handle = await enrolPerson(context, lender, person);
    const at = context.clock() + 300_001;
    await expectRefusal('signed_ahead', bindPersonKey(context, { lender, person, handle, identifier, at }));
    await bindPersonKey(context, { lender, person, handle, identifier, at: at - 1 });
  });

  it('denies at the very instant at which a grant ends, and allows one millisecond before', async () => {
    const { context } = fixture;
    const to = (context.clock() + 10_000) as Instant;
    const from = (context.clock() + 5_000) as Instant;
    const grants = twoClauses(scene.bureau, context.clock()).map((terms) => ({ ...terms, from, to }));
    const drafted = await draft(context, { lender: scene.lender, handle: scene.handle, grants });
    await sign(context, drafted, scene.person, [true, false]);
    const access = { ...scene.queryAccess, ground: { grant: drafted.grants[0]!.grant } };
    const codesAt = async (time: number, item: string) => {
      fixture.setTime(time);
      return (await ask(context, { ...access, items: [item] })).codes;
    };
    expect(await codesAt(from - 1, 'credit_info')).toEqual(['NOT_YET']);
    expect(await codesAt(from, 'credit_info')).toEqual([]);
    expect(await codesAt(to - 1, 'credit_report')).toEqual([]);
    // The permits ended with the grant, so neither access is a duplicate any longer.
    expect(await codesAt(to, 'credit_info')).toEqual(['EXPIRED']);
    expect(await codesAt(to, 'credit_report')).toEqual(['EXPIRED']);
    await expectRefusal('grant_ended', revoke(context, scene.lender, scene.person, drafted.grants[0]!.grant));
  });

  it('refuses a letter at the very instant at which it expires', async () => {
    const { context } = fixture;
    const expires_at = context.clock() + DAY_MS;
    const grants = twoClauses(scene.bureau, context.clock());
    const [one, two] = await Promise.all(
      [1, 2].map(() => draft(context, { lender: scene.lender, handle: scene.handle, grants, expires_at })),
    );
    fixture.setTime(expires_at - 1);
    await sign(context, one!, scene.person, [true, true]);
    const early = await signature(two!, scene.person, [true, true], expires_at - 1);
    fixture.setTime(expires_at);
    await expectRefusal('letter_expired', signLetter(context, request(), { letter: two!.letter, ...early }));
    await expectRefusal(
      'letter_expired',
      draft(context, { lender: scene.lender, handle: scene.handle, grants, expires_at }),
    );
  });
});
