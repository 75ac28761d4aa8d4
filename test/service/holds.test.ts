/** Holds: a person pauses one grant, or freezes everything everywhere, and alone ends what it began. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { toBase64Url } from '#core/bytes.ts';
import { relationshipIn } from '#core/consent/relationship.ts';
import type { FailureCode } from '#core/failure.ts';
import type { GrantId, Handle, StatementRef } from '#core/ids.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { relationshipStream } from '#core/tlog/stream.ts';
import { readGrant } from '#service/grants.ts';
import { draftHold } from '#service/holds.ts';
import { viewOf } from '#service/view.ts';
import { loadEntries } from '#store/entries.ts';
import { loadHead } from '#store/head.ts';
import { loadStreams } from '#store/streams.ts';
import { loadHandles, loadPersonOf } from '#store/subjects.ts';
import { nativeEd25519 } from '../../src/native.ts';
import {
  ask,
  bindPersonKey,
  calledBy,
  draft,
  enrolPerson,
  newParty,
  newPerson,
  type Party,
  type Person,
  revoke,
  sign,
  signedScene,
  twoClauses,
} from '../support/actors.ts';
import { calledByPerson, reader } from '../support/callers.ts';
import { expectRefusal } from '../support/failure.ts';
import { draftedHold, hold, holdBody, putHold, signedHold } from '../support/holds.ts';
import { checkLedger, type Fixture, openFixture, random, UPPER_DATABASES } from '../support/ledger-fixture.ts';

const NOBODY = '0'.repeat(32);
const newKey = async (person: Person): Promise<Person> => ({
  ...person,
  key: await nativeEd25519.importSeed(random(32)),
});

describe.each(UPPER_DATABASES)('a hold on %s', (database) => {
  let fixture: Fixture;
  let scene: Awaited<ReturnType<typeof signedScene>>;
  beforeAll(async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl'), time: Date.UTC(2026, 10, 21) });
  });
  beforeEach(async () => {
    scene = await signedScene(fixture.context);
  });
  afterEach(async () => {
    const report = await checkLedger(fixture);
    expect(report.attested).toBe(0);
  });
  afterAll(() => fixture.close());

  const now = () => fixture.context.clock();
  const size = async () => (await fixture.store.read(loadHead))!.size;
  /** Asks, and lets the permit lapse: the same access may be asked for again. */
  const codesOf = async (access: Parameters<typeof ask>[1]) => {
    const { codes, until } = await ask(fixture.context, access);
    if (until !== null) fixture.setTime(until);
    return codes;
  };
  const held = (kind: 'pause' | 'resume', person: Pick<Person, 'key'> = scene.person) =>
    hold(fixture.context, scene.lender, person, { handle: scene.handle, kind, grant: scene.query });
  const everything = (kind: 'freeze' | 'release', person: Pick<Person, 'key'> = scene.person) =>
    hold(fixture.context, scene.lender, person, { handle: scene.handle, kind });

  /** Expects a refusal that writes nothing. */
  async function refuses(code: FailureCode, act: () => Promise<unknown>): Promise<void> {
    const before = await size();
    await expectRefusal(code, act());
    expect(await size()).toBe(before);
  }

  /** Whether each relationship of the person that a handle is of is frozen now. */
  async function frozenOf(handle: Handle): Promise<readonly boolean[]> {
    return fixture.store.read(async (tx) => {
      const handles = await loadHandles(tx, (await loadPersonOf(tx, handle))!);
      const streams = handles.map(relationshipStream);
      const view = viewOf(await loadStreams(tx, streams));
      return streams.map((stream) => relationshipIn(view, stream)?.frozen !== null);
    });
  }

  /** The person at another lender, with a signed letter. */
  async function elsewhere(person: Person) {
    const { context } = fixture;
    const lender = await newParty(context, 'grantee');
    const handle = await enrolPerson(context, lender, person);
    const letter = await draft(context, { lender, handle, grants: twoClauses(scene.bureau, now()) });
    await sign(context, letter, person, [true, true]);
    const [query] = letter.grants.map(({ grant }) => grant) as [GrantId];
    return {
      lender,
      handle,
      access: { ...scene.queryAccess, principal: lender.party, handle, ground: { grant: query } },
    };
  }

  /** A person whose only key rests on a link (grade D), at a lender of its own. */
  async function linkBound() {
    const { context } = fixture;
    const person = await newPerson();
    const handle = await enrolPerson(context, scene.lender, person);
    await bindPersonKey(context, { lender: scene.lender, person, handle });
    return { person, handle };
  }

  describe('of one grant', () => {
    it('lets nothing through while it lasts, and everything else as before', async () => {
      const { context } = fixture;
      const caller = await reader(context, scene.lender);
      expect(await codesOf(scene.queryAccess)).toEqual([]);
      const paused = await held('pause');
      expect(paused).toMatchObject({ grant: scene.query, handle: scene.handle, entry: { type: 'grant.paused' } });
      expect(await codesOf(scene.queryAccess)).toEqual(['FROZEN']);
      expect(await codesOf(scene.reportAccess)).toEqual([]);
      expect((await readGrant(context, caller, scene.query)).status).toBe('paused');
      expect((await readGrant(context, caller, scene.report)).status).toBe('active');
      await held('resume');
      expect(await codesOf(scene.queryAccess)).toEqual([]);
      expect((await readGrant(context, caller, scene.query)).status).toBe('active');
    });

    it('does not begin twice, nor end what has not begun', async () => {
      await refuses('hold_mismatch', async () => putOf('resume'));
      await held('pause');
      await refuses('hold_mismatch', async () => putOf('pause'));
      await held('resume');
      await refuses('hold_mismatch', async () => putOf('resume'));
    });

    it('is not of a grant that was taken back, or has ended by itself; and a paused one can be taken back', async () => {
      await held('pause');
      await revoke(fixture.context, scene.lender, scene.person, scene.query);
      await refuses('already_revoked', async () => putOf('resume'));
      expect(await codesOf(scene.queryAccess)).toEqual(['FROZEN', 'REVOKED']);
      fixture.setTime(now() + 366 * 86_400_000);
      const drafted = await draftedHold(fixture.context, scene.lender, {
        handle: scene.handle,
        kind: 'pause',
        grant: scene.report,
      });
      const signed = await signedHold(fixture.context, drafted, scene.person);
      await refuses('grant_ended', () => putHold(fixture.context, drafted, signed));
    });

    /** Drafts first, so that the refusal is of the signed statement alone. */
    const drafts = new Map<string, Awaited<ReturnType<typeof draftedHold>>>();
    beforeEach(async () => {
      for (const kind of ['pause', 'resume'] as const) {
        const asked = { handle: scene.handle, kind, grant: scene.query };
        drafts.set(kind, await draftedHold(fixture.context, scene.lender, asked));
      }
    });
    async function putOf(kind: 'pause' | 'resume') {
      const drafted = drafts.get(kind)!;
      return putHold(fixture.context, drafted, await signedHold(fixture.context, drafted, scene.person));
    }
  });

  describe('on everything', () => {
    it('holds in every relationship of the person, and of no one else', async () => {
      const { context } = fixture;
      const other = await elsewhere(scene.person);
      const stranger = await signedScene(context);
      expect(await codesOf(other.access)).toEqual([]);
      const frozen = await everything('freeze');
      expect(frozen).toMatchObject({ handle: scene.handle, entry: { type: 'relationship.frozen' } });
      expect(frozen.entry.stream).toBe(relationshipStream(scene.handle));
      expect(await frozenOf(scene.handle)).toEqual([true, true]);
      expect(await codesOf(scene.queryAccess)).toEqual(['FROZEN']);
      expect(await codesOf(scene.reportAccess)).toEqual(['FROZEN']);
      expect(await codesOf(other.access)).toEqual(['FROZEN']);
      expect(await codesOf(stranger.queryAccess)).toEqual([]);
      await everything('release');
      expect(await frozenOf(scene.handle)).toEqual([false, false]);
      expect(await codesOf(scene.queryAccess)).toEqual([]);
      expect(await codesOf(other.access)).toEqual([]);
    });

    it('holds what is enrolled later, with its letters, until it is released at any lender', async () => {
      await everything('freeze');
      const later = await elsewhere(scene.person);
      expect(await frozenOf(scene.handle)).toEqual([true, true]);
      expect(await codesOf(later.access)).toEqual(['FROZEN']);
      // Released through the relationship that was enrolled later, for all.
      await hold(fixture.context, later.lender, scene.person, { handle: later.handle, kind: 'release' });
      expect(await codesOf(later.access)).toEqual([]);
      expect(await codesOf(scene.queryAccess)).toEqual([]);
      const last = await elsewhere(scene.person);
      expect(await codesOf(last.access)).toEqual([]);
    });

    it('stays apart from the pause of a grant: ending one leaves the other', async () => {
      await held('pause');
      await everything('freeze');
      await everything('release');
      expect(await codesOf(scene.queryAccess)).toEqual(['FROZEN']);
      expect(await codesOf(scene.reportAccess)).toEqual([]);
      await held('resume');
      expect(await codesOf(scene.queryAccess)).toEqual([]);
    });

    it('does not begin twice, nor end what has not begun', async () => {
      const { context } = fixture;
      const drafts = await Promise.all(
        (['release', 'freeze', 'freeze'] as const).map((kind) =>
          draftedHold(context, scene.lender, { handle: scene.handle, kind }),
        ),
      );
      const [release, first, second] = await Promise.all(
        drafts.map(async (drafted) => [drafted, await signedHold(context, drafted, scene.person)] as const),
      );
      await refuses('hold_mismatch', () => putHold(context, ...release!));
      await putHold(context, ...first!);
      await refuses('hold_mismatch', () => putHold(context, ...second!));
    });

    it('may be begun with a key that rests on a link, and is never ended with it', async () => {
      const { context } = fixture;
      const { person, handle } = await linkBound();
      const strong = await newKey(person);
      await hold(context, scene.lender, person, { handle, kind: 'freeze' });
      expect(await frozenOf(handle)).toEqual([true]);
      const drafted = await draftedHold(context, scene.lender, { handle, kind: 'release' });
      const weak = await signedHold(context, drafted, person);
      await refuses('grade_low', () => putHold(context, drafted, weak));
      await bindPersonKey(context, { lender: scene.lender, person: strong, handle, identifier: scene.identifier });
      await refuses('grade_low', () => putHold(context, drafted, weak));
      await putHold(context, drafted, await signedHold(context, drafted, strong));
      expect(await frozenOf(handle)).toEqual([false]);
    });

    it('that began with a better key is not ended with a weaker one: neither freeze nor pause', async () => {
      const { context } = fixture;
      const { person, handle } = await linkBound();
      const strong = await newKey(person);
      await bindPersonKey(context, { lender: scene.lender, person: strong, handle, identifier: scene.identifier });
      const letter = await draft(context, { lender: scene.lender, handle, grants: twoClauses(scene.bureau, now()) });
      await sign(context, letter, strong, [true, false]);
      const grant = letter.grants[0]!.grant;
      for (const [begin, end, of] of [
        ['freeze', 'release', {}],
        ['pause', 'resume', { grant }],
      ] as const) {
        await hold(context, scene.lender, strong, { handle, kind: begin, ...of });
        const drafted = await draftedHold(context, scene.lender, { handle, kind: end, ...of });
        const weak = await signedHold(context, drafted, person);
        await refuses('grade_low', () => putHold(context, drafted, weak));
        await putHold(context, drafted, await signedHold(context, drafted, strong));
      }
    });
  });

  describe('as a statement', () => {
    it('is taken once: the same signature gets the same answer, whoever brings it, another one none', async () => {
      const { context } = fixture;
      for (const kind of ['pause', 'freeze'] as const) {
        const of = kind === 'pause' ? { grant: scene.query } : {};
        const drafted = await draftedHold(context, scene.lender, { handle: scene.handle, kind, ...of });
        const signed = await signedHold(context, drafted, scene.person);
        const first = await putHold(context, drafted, signed, `one bearer of the ${kind}`);
        const before = await size();
        expect(await putHold(context, drafted, signed, `one bearer of the ${kind}`)).toEqual(first);
        expect(await putHold(context, drafted, signed, 'another bearer')).toEqual(first);
        const later = await signedHold(context, drafted, scene.person, now() + 1);
        await refuses('already_signed', () => putHold(context, drafted, later));
        expect(await size()).toBe(before);
      }
    });

    it('that is brought again after its hold was ended does not begin it anew', async () => {
      const { context } = fixture;
      const drafted = await draftedHold(context, scene.lender, { handle: scene.handle, kind: 'freeze' });
      const signed = await signedHold(context, drafted, scene.person);
      const first = await putHold(context, drafted, signed);
      await everything('release');
      const before = await size();
      expect(await putHold(context, drafted, signed)).toEqual(first);
      expect(await size()).toBe(before);
      expect(await codesOf(scene.queryAccess)).toEqual([]);
    });

    it('is refused when anything in it was changed, or another key signed it', async () => {
      const { context } = fixture;
      const asked = { handle: scene.handle, kind: 'pause', grant: scene.query } as const;
      const drafted = await draftedHold(context, scene.lender, asked);
      const changes = [
        { kind: 'resume' },
        { kind: 'revoke' },
        { ref: NOBODY },
        { grants: [scene.report] },
        { grants: [] },
        { parties: [NOBODY] },
        { nonce: toBase64Url(random(32)) },
        { log: 'other.example/log' },
        { expires_at: now() },
      ];
      for (const change of changes) {
        const other = { ...drafted, statement: { ...drafted.statement, ...change } };
        const signed = await signedHold(context, other, scene.person);
        await refuses('signature_invalid', () => putHold(context, drafted, { ...signed, ref: drafted.ref }));
      }
      const stranger = await signedScene(context);
      const signed = await signedHold(context, drafted, stranger.person);
      await refuses('subject_key_unknown', () => putHold(context, drafted, signed));
    });

    it('is handed in for what it was drafted for, and for nothing else', async () => {
      const { context } = fixture;
      const other = await elsewhere(scene.person);
      const pause = await draftedHold(context, scene.lender, {
        handle: scene.handle,
        kind: 'pause',
        grant: scene.query,
      });
      const freeze = await draftedHold(context, scene.lender, { handle: scene.handle, kind: 'freeze' });
      const paused = await signedHold(context, pause, scene.person);
      const frozen = await signedHold(context, freeze, scene.person);
      await refuses('statement_unknown', () => putHold(context, { ...pause, kind: 'resume' }, paused));
      await refuses('statement_unknown', () => putHold(context, { ...pause, grant: scene.report }, paused));
      await refuses('statement_unknown', () => putHold(context, { ...pause, kind: 'freeze' }, paused));
      await refuses('statement_unknown', () => putHold(context, { ...freeze, kind: 'release' }, frozen));
      await refuses('statement_unknown', () => putHold(context, { ...freeze, handle: other.handle }, frozen));
      for (const ref of [NOBODY, scene.query, scene.drafted.letter]) {
        await refuses('statement_unknown', () => putHold(context, freeze, { ...frozen, ref: ref as StatementRef }));
      }
    });

    it('is refused too late, ahead of time, and as of before it was drafted', async () => {
      const { context } = fixture;
      const asked = { handle: scene.handle, kind: 'freeze', expires_at: now() + 1_000 } as const;
      const drafted = await draftedHold(context, scene.lender, asked);
      const long = await draftedHold(context, scene.lender, { handle: scene.handle, kind: 'freeze' });
      const at = async (signedAt: number) => signedHold(context, long, scene.person, signedAt);
      await refuses('signed_ahead', async () => putHold(context, long, await at(now() + 300_001)));
      await refuses('signed_before', async () => putHold(context, long, await at(now() - 300_001)));
      const signed = await signedHold(context, drafted, scene.person);
      fixture.setTime(now() + 1_000);
      await refuses('letter_expired', () => putHold(context, drafted, signed));
    });

    it('is drafted by the lender of the relationship, and for what is there', async () => {
      const { context } = fixture;
      const other = await signedScene(context);
      const supervisor = await newParty(context, 'supervisor');
      const { handle } = scene;
      const drafts = (by: Pick<Party, 'party'>, of: Parameters<typeof draftedHold>[2]) => draftedHold(context, by, of);
      for (const by of [other.lender, scene.bureau, supervisor]) {
        await refuses('relationship_unknown', () => drafts(by, { handle, kind: 'freeze' }));
      }
      await refuses('relationship_unknown', () => drafts(scene.lender, { handle: NOBODY as Handle, kind: 'freeze' }));
      for (const grant of [other.query, NOBODY as GrantId]) {
        await refuses('grant_unknown', () => drafts(scene.lender, { handle, kind: 'pause', grant }));
      }
      await refuses('input_invalid', () => drafts(scene.lender, { handle, kind: 'pause' }));
      await refuses('input_invalid', () => drafts(scene.lender, { handle, kind: 'freeze', grant: scene.query }));
      await refuses('letter_expired', () => drafts(scene.lender, { handle, kind: 'freeze', expires_at: now() }));
    });

    it('waits for a signature among 16 at most; what expired makes room', async () => {
      const { context } = fixture;
      const asked = { handle: scene.handle, kind: 'freeze', expires_at: now() + 1_000 } as const;
      for (let n = 0; n < 16; n++) await draftedHold(context, scene.lender, asked);
      await refuses('limit_reached', () => draftedHold(context, scene.lender, asked));
      fixture.setTime(now() + 1_000);
      await everything('freeze');
    });
  });

  describe('that the person asks for itself', () => {
    const draftBy = async (person: Pick<Person, 'key'>, handle: Handle, of: Parameters<typeof holdBody>[1]) => {
      const body = holdBody(fixture.context, of);
      const caller = await calledByPerson(fixture.context, { handle, person, path: '/v1/statements', body });
      return draftHold(fixture.context, caller, body);
    };

    it('is drafted by its own signed request, without its lender', async () => {
      const { context } = fixture;
      const { handle, person } = scene;
      const drafted = await draftBy(person, handle, { handle, kind: 'freeze' });
      await putHold(context, drafted, await signedHold(context, drafted, person));
      expect(await codesOf(scene.queryAccess)).toEqual(['FROZEN']);
      const release = await draftBy(person, handle, { handle, kind: 'release' });
      await putHold(context, release, await signedHold(context, release, person));
      const pause = await draftBy(person, handle, { handle, kind: 'pause', grant: scene.query });
      await putHold(context, pause, await signedHold(context, pause, person));
      expect(await codesOf(scene.queryAccess)).toEqual(['FROZEN']);
      expect(await codesOf(scene.reportAccess)).toEqual([]);
    });

    it('keeps the person’s key out of everything that is not sealed', async () => {
      const { handle, person } = scene;
      const drafted = await draftBy(person, handle, { handle, kind: 'freeze' });
      const [row] = await fixture.store.read((tx) => loadEntries(tx, drafted.entry.index, drafted.entry.index + 1));
      expect(parseEntry(row!.bytes).body).toMatchObject({ principal: null, by: [], request: null });
      const requests = await fixture.store.read((tx) => tx.selectFrom('requests').select('request').execute());
      const key = toBase64Url(person.key.publicKey);
      expect(requests.filter(({ request }) => request.includes(key))).toEqual([]);
      expect(requests.length).toBeGreaterThan(3);
    });

    it('is not of another person’s relationship, and not with a key that was never bound', async () => {
      const other = await signedScene(fixture.context);
      const { handle, person } = scene;
      await refuses('relationship_unknown', () => draftBy(person, handle, { handle: other.handle, kind: 'freeze' }));
      await refuses('signature_refused', () => draftBy(other.person, handle, { handle, kind: 'freeze' }));
      const unbound = await newPerson();
      await refuses('signature_refused', () => draftBy(unbound, handle, { handle, kind: 'freeze' }));
    });

    it('is signed by the very handle that it is about, though the person has others', async () => {
      const { handle, person } = scene;
      const other = await elsewhere(person);
      // The request would name a handle that its entry's stream does not: a ledger with it would not hold.
      await refuses('relationship_unknown', () => draftBy(person, other.handle, { handle, kind: 'freeze' }));
    });

    it('is asked for again under the same key without a second entry', async () => {
      const { context } = fixture;
      const { handle, person } = scene;
      const body = holdBody(context, { handle, kind: 'freeze' });
      const asked = { handle, person, path: '/v1/statements', body };
      const first = await draftHold(context, await calledByPerson(context, asked, 'k'), body);
      fixture.setTime(now() + 2_000);
      expect(await draftHold(context, await calledByPerson(context, asked, 'k'), body)).toEqual(first);
      // The lender's key of the same name is another one.
      const lender = await calledBy(context, scene.lender.party, '/v1/statements', body, 'k');
      expect((await draftHold(context, lender, body)).ref).not.toBe(first.ref);
    });
  });
});

describe.each(UPPER_DATABASES)('a freeze on %s', (database) => {
  let fixture: Fixture;
  let second: Fixture | undefined;
  beforeAll(async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl') });
    if (database === 'postgres') second = await openFixture(database, { again: fixture, signerState: null });
  });
  afterAll(async () => {
    await checkLedger(fixture);
    await second?.close();
    await fixture.close();
  });

  const ROUNDS = 20;
  const LENDERS = 5;

  /** Lets a random number of turns and milliseconds go by, so that runs interleave in many ways. */
  async function pause(most: number): Promise<void> {
    for (let turns = Math.floor(Math.random() * 30); turns > 0; turns--) await Promise.resolve();
    if (Math.random() < 0.6) await new Promise((resolve) => setTimeout(resolve, Math.random() * most));
  }

  it('that races with enrolments leaves no relationship open once it is answered, nor a release one held', async () => {
    const { context } = fixture;
    const identifier = await newParty(context, 'identifier');
    const lenders = await Promise.all(Array.from({ length: 2 * LENDERS + 1 }, () => newParty(context, 'grantee')));
    const [first, ...others] = lenders as [Party, ...Party[]];
    const contexts = [context, second?.context ?? context] as const;
    const met = { before: 0, after: 0 };
    // As many more rounds as it takes until both orders were met.
    for (let round = 0; round < ROUNDS || (Math.min(met.before, met.after) === 0 && round < 4 * ROUNDS); round++) {
      const person = await newPerson();
      const handle = await enrolPerson(context, first, person);
      await bindPersonKey(context, { lender: first, person, handle, identifier });
      const states = () =>
        fixture.store.read(async (tx) => {
          const handles = await loadHandles(tx, (await loadPersonOf(tx, handle))!);
          const view = viewOf(await loadStreams(tx, handles.map(relationshipStream)));
          return handles.map((each) => relationshipIn(view, relationshipStream(each))?.frozen !== null);
        });
      for (const [at, kind] of (['freeze', 'release'] as const).entries()) {
        const drafted = await draftedHold(context, first, { handle, kind });
        const signed = await signedHold(context, drafted, person);
        const enrolling = others.slice(at * LENDERS, (at + 1) * LENDERS).map(async (lender, i) => {
          await pause(60);
          await enrolPerson(contexts[i % 2]!, lender, person);
        });
        await pause(20);
        await putHold(contexts[round % 2]!, drafted, signed);
        const known = await states();
        expect(new Set(known), `${kind} in round ${round}`).toEqual(new Set([kind === 'freeze']));
        await Promise.all(enrolling);
        const all = await states();
        expect(new Set(all), `${kind} in round ${round}`).toEqual(new Set([kind === 'freeze']));
        expect(all.length).toBe(1 + (at + 1) * LENDERS);
        if (known.length > 1 + at * LENDERS) met.before++;
        if (known.length < all.length) met.after++;
      }
    }
    // The test says something only if both orders were met.
    expect(met.before).toBeGreaterThan(0);
    expect(met.after).toBeGreaterThan(0);
  });
});
