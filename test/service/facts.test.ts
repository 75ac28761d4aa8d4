/** Facts of a relationship and ties of parties, as the service takes them: whose they are, once each, and audited. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Mandated } from '#core/consent/party.ts';
import type { FactId, GrantId, Handle } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { Day } from '#core/pack/day.ts';
import { startOf } from '#core/pack/reckon.ts';
import { askAccess } from '#service/accesses.ts';
import { askBatch } from '#service/batch.ts';
import type { Context } from '#service/context.ts';
import { explain } from '#service/explanations.ts';
import { attest, type FactStated, openObjection, readFacts, stateNewFact, stateOfFact } from '#service/facts.ts';
import { readFeed } from '#service/feed.ts';
import { draftHold } from '#service/holds.ts';
import { readLetter } from '#service/letter-view.ts';
import { licenseParty, mandateProcessor, setSuspended, succeedParty } from '#service/parties.ts';
import { previewAccess } from '#service/preview.ts';
import { accessReceipt } from '#service/receipts.ts';
import { readAccess } from '#service/releases.ts';
import { loadId } from '#store/ids.ts';
import {
  ask,
  calledBy,
  calledByKeeper,
  draft,
  enrolPerson,
  newParty,
  newPerson,
  type Party,
  revoke,
  sign,
  signedScene,
  twoClauses,
} from '../support/actors.ts';
import { otherSalt } from '../support/attack.ts';
import { calledByPerson, calledWith, reader, readingPerson } from '../support/callers.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger, type Fixture, openFixture, UPPER_DATABASES } from '../support/ledger-fixture.ts';

const NOBODY = '0'.repeat(32) as Handle;
const NO_FACT = NOBODY as string as FactId;
const NOW = Date.UTC(2026, 10, 21) as Instant;
const DAY_MS = 86_400_000;
const SPAN = { from: '2026-01-01' as Day, last: null, years: 3 };

describe.each(UPPER_DATABASES)('what is stated on %s', (database) => {
  let fixture: Fixture;
  let context: Context;
  let scene: Awaited<ReturnType<typeof signedScene>>;
  let stranger: Party;

  beforeAll(async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl'), time: NOW });
    context = fixture.context;
    scene = await signedScene(context);
    stranger = await newParty(context, 'grantee');
  });
  afterAll(async () => {
    await checkLedger(fixture);
    await fixture.close();
  });

  /** What a grantee can state anew, each by the path and body that it signs. */
  const NEW = {
    facility: (by: Party, handle: Handle, key?: string) =>
      signed(by, handle, '/facilities', SPAN, key, (caller, said) =>
        stateNewFact(context, caller, handle, 'facility.bound', said),
      ),
    notice: (by: Party, handle: Handle, key?: string) =>
      signed(by, handle, '/notices', noticeOf(), key, (caller, said) =>
        stateNewFact(context, caller, handle, 'notice.sent', said),
      ),
    subject: (by: Party, handle: Handle, key?: string) =>
      signed(by, handle, '/attestations/subject', ADULT, key, (caller, said) =>
        attest(context, caller, handle, 'subject.attested', said),
      ),
    item: (by: Party, handle: Handle, key?: string) =>
      signed(by, handle, '/attestations/item', ITEM, key, (caller, said) =>
        attest(context, caller, handle, 'item.attested', said),
      ),
    objection: (by: Party, handle: Handle, key?: string) =>
      signed(by, handle, '/objections', { items: ['credit_report'] }, key, (caller, said) =>
        openObjection(context, caller, handle, said),
      ),
  } as const;
  const kinds = Object.keys(NEW) as (keyof typeof NEW)[];

  const ADULT = { band: 'adult', own_income: true, guardian: false } as const;
  const ITEM = { item: 'adverse', ended_on: '2019-06-01' as Day, determined_on: null, region: null };
  const CONTENT = { content: otherSalt(), delivery: otherSalt() };
  const noticeOf = () =>
    ({ kind: 'adverse_report', channel: 'sms', items: ['adverse'], ...CONTENT, sent_at: NOW }) as const;

  async function signed<Said extends object, Answer>(
    by: Party,
    handle: Handle,
    path: string,
    said: Said,
    key: string | undefined,
    write: (
      caller: Awaited<ReturnType<typeof calledBy>>,
      said: Said & { principal: Party['party'] },
    ) => Promise<Answer>,
  ): Promise<Answer> {
    const body = { principal: by.party, ...said };
    return write(await calledBy(context, by.party, `/v1/relationships/${handle}${path}`, body, key), body);
  }

  async function closed(by: Party, handle: Handle, facility: FactId): Promise<FactStated> {
    const path = `/facilities/${facility}/closure`;
    return signed(by, handle, path, {}, undefined, (caller, said) =>
      stateOfFact(context, caller, { handle, fact: facility }, 'facility.closed', said),
    );
  }

  const size = async () => (await fixture.audit()).size;

  describe.each(kinds)('of a %s', (kind) => {
    it('is one entry, and the same answer, when it is asked for again under its key', async () => {
      const key = randomUUID();
      const once = await NEW[kind](scene.lender, scene.handle, key);
      const before = await size();
      expect(await NEW[kind](scene.lender, scene.handle, key)).toEqual(once);
      expect(await size()).toBe(before);
    });

    it('of another’s relationship is answered like of none, and makes no entry', async () => {
      const before = await size();
      const said = await Promise.all(
        [scene.handle, NOBODY].map((handle) =>
          NEW[kind](stranger, handle).catch((thrown) => [thrown.code, thrown.message]),
        ),
      );
      expect(said[0]).toEqual(['relationship_unknown', 'no such relationship']);
      expect(said[1]).toEqual(said[0]);
      expect(await size()).toBe(before);
    });
  });

  it('is not stated by the subject itself, nor by an administrator', async () => {
    const { lender, person, handle } = scene;
    const body = { principal: lender.party, ...ADULT };
    const path = `/v1/relationships/${handle}/attestations/subject`;
    const byPerson = await calledByPerson(context, { handle, person, path, body });
    await expectRefusal('principal_mismatch', attest(context, byPerson, handle, 'subject.attested', body));
    const byAdmin = await calledWith(context, { party: lender.party, key: lender.admin, path, body });
    await expectRefusal('duty_missing', attest(context, byAdmin, handle, 'subject.attested', body));
  });

  it('has an id of the ledger’s own where it is spoken of later, by which it is found', async () => {
    const { lender, handle } = scene;
    const made = [
      await NEW.facility(lender, handle),
      await NEW.notice(lender, handle),
      await NEW.objection(lender, handle),
    ];
    expect(new Set(made.map(({ fact }) => fact)).size).toBe(3);
    for (const { fact, entry } of made) {
      const found = await fixture.store.read((tx) => loadId(tx, fact as string));
      expect(found?.index).toBe(entry.index);
    }
    expect((await NEW.subject(lender, handle)).fact).toBeNull();
  });

  it('of an objection that no calendar reaches has no due time, which the audit says', async () => {
    const { lender, handle } = scene;
    const { due, entry, fact } = await NEW.objection(lender, handle);
    expect(due).toBeNull();
    const saidOf = async () => (await fixture.audit()).conduct.filter(({ index }) => index === entry.index);
    expect(await saidOf()).toMatchObject([{ code: 'due_unknown', party: lender.party }]);
    const path = `/objections/${fact}/answer`;
    await signed(lender, handle, path, { answer: 'confirmed' as const }, undefined, (caller, said) =>
      stateOfFact(context, caller, { handle, fact: fact as FactId }, 'objection.answered', said),
    );
    expect(await saidOf()).toEqual([]);
  });

  it('is closed once, by whom it is of, and not by its id alone', async () => {
    const { lender, handle } = scene;
    const { fact } = await NEW.facility(lender, handle);
    const elsewhere = await enrolPerson(context, stranger, await newPerson());
    await expectRefusal('fact_unknown', closed(stranger, elsewhere, fact as FactId));
    await expectRefusal('relationship_unknown', closed(stranger, handle, fact as FactId));
    await expectRefusal('fact_unknown', closed(lender, handle, NO_FACT));
    await closed(lender, handle, fact as FactId);
    await expectRefusal('fact_ended', closed(lender, handle, fact as FactId));
  });

  it('is closed once, when two ask at the same moment', async () => {
    const { lender, handle } = scene;
    const { fact } = await NEW.facility(lender, handle);
    const both = await Promise.allSettled([1, 2].map(() => closed(lender, handle, fact as FactId)));
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('is read by its grantee and its subject, and by nobody else', async () => {
    const { lender, handle, person, bureau } = scene;
    await NEW.subject(lender, handle);
    const { fact } = await NEW.facility(lender, handle);
    const { time, ...mine } = await readFacts(context, await reader(context, lender), handle);
    expect(await readFacts(context, await readingPerson(context, handle, person), handle)).toMatchObject(mine);
    expect(time).toBeGreaterThan(NOW);
    expect(mine.subject).toEqual(ADULT);
    expect(mine.facilities[fact as string]).toEqual({
      from: startOf(SPAN.from),
      to: startOf('2029-01-02' as Day),
      closed_at: null,
      status: 'live',
    });
    await closed(lender, handle, fact as FactId);
    const after = await readFacts(context, await reader(context, lender), handle);
    expect(after.facilities[fact as string]?.status).toBe('closed');
    const supervisor = await newParty(context, 'supervisor');
    for (const other of [stranger, bureau, supervisor]) {
      await expectRefusal('relationship_unknown', readFacts(context, await reader(context, other), handle));
    }
    await expectRefusal('relationship_unknown', readFacts(context, await reader(context, lender), NOBODY));
  });

  it('is stated and read by a successor, once the keeper has registered it, of no other party', async () => {
    const { lender, handle } = scene;
    const successor = await newParty(context, 'grantee');
    await expectRefusal('relationship_unknown', NEW.facility(successor, handle));
    const body = { predecessor: lender.party };
    const path = `/v1/parties/${successor.party}/successions`;
    const alone = await calledWith(context, { party: successor.party, key: successor.admin, path, body });
    await expectRefusal('principal_mismatch', succeedParty(context, alone, { party: successor.party, ...body }));
    await succeedParty(context, await calledByKeeper(context, path, body), { party: successor.party, ...body });
    const { fact } = await NEW.facility(successor, handle);
    const read = await readFacts(context, await reader(context, successor), handle);
    expect(read.facilities).toHaveProperty(fact as string);
    // Its predecessor's only: another lender's it is still a stranger to.
    const others = await enrolPerson(context, stranger, await newPerson());
    await expectRefusal('relationship_unknown', NEW.facility(successor, others));
    await expectRefusal('relationship_unknown', readFacts(context, await reader(context, successor), others));
  });

  it('is a letter that a successor drafts in its predecessor’s relationship: to it alone it gives, and both hear of its end', async () => {
    const own = await signedScene(context);
    const successor = await newParty(context, 'grantee');
    const grants = twoClauses(own.bureau, NOW);
    const asSuccessor = () => draft(context, { lender: successor, handle: own.handle, grants });
    await expectRefusal('relationship_unknown', asSuccessor());
    await succeed(successor, own.lender);
    const drafted = await asSuccessor();
    expect(drafted.statement['parties']).toEqual([successor.party]);
    const [given] = (await sign(context, drafted, own.person, [true, false])).given;
    const access = { ...own.queryAccess, ground: { grant: given as GrantId } };
    expect(await ask(context, access)).toMatchObject({ decision: 'deny', codes: ['PARTY'] });
    expect(await ask(context, { ...access, principal: successor.party })).toMatchObject({ decision: 'allow' });
    // What the predecessor was given is the successor's, too.
    const before = { ...own.queryAccess, principal: successor.party };
    expect(await ask(context, before)).toMatchObject({ decision: 'allow' });
    const letter = await readLetter(context, await reader(context, own.lender), drafted.letter);
    expect(letter).toMatchObject({ grantee: successor.party, status: 'signed' });
    await revoke(context, own.lender, own.person, given as GrantId);
    for (const party of [successor, own.lender]) {
      const { items } = await readFeed(context, await reader(context, party), { after: null, limit: 100 });
      expect(items.filter(({ type }) => type === 'grant.revoked').map((notice) => notice.grants)).toEqual([[given]]);
    }
  });

  it('is a hold that a successor asks for in its predecessor’s relationship, and no stranger', async () => {
    const own = await signedScene(context);
    const successor = await newParty(context, 'grantee');
    const hold = async (by: Party) => {
      const body = { handle: own.handle, kind: 'pause', grant: own.query, expires_at: NOW + DAY_MS } as const;
      const caller = await calledBy(context, by.party, '/v1/statements', body);
      return draftHold(context, caller, { ...body, expires_at: (NOW + DAY_MS) as Instant });
    };
    await expectRefusal('relationship_unknown', hold(successor));
    await succeed(successor, own.lender);
    expect(await hold(successor)).toMatchObject({ kind: 'pause', grant: own.query });
    await expectRefusal('relationship_unknown', hold(stranger));
  });

  async function succeed({ party }: Party, { party: predecessor }: Party): Promise<void> {
    const caller = await calledByKeeper(context, `/v1/parties/${party}/successions`, { predecessor });
    await succeedParty(context, caller, { party, predecessor });
  }

  describe('by a processor', () => {
    let processor: Party;
    const askAs = async (by: Party, change: object = {}) => {
      const body = { ...scene.queryAccess, ...change };
      return askAccess(context, await calledBy(context, by.party, '/v1/accesses', body), body);
    };
    const give = async (
      { covers = ['access'], ...span }: { from: number; to: number | null; covers?: readonly Mandated[] },
      by = scene.lender,
      key = by.admin,
    ) => {
      const body = { principal: scene.lender.party, ...(span as { from: Instant; to: Instant | null }), covers };
      const path = `/v1/parties/${processor.party}/mandates`;
      const caller = await calledWith(context, { party: by.party, key, path, body });
      return mandateProcessor(context, caller, { party: processor.party, ...body });
    };

    beforeAll(async () => {
      processor = await newParty(context, 'processor');
    });

    it('is asked for its principal within its mandate only, and recorded with its own signer', async () => {
      await expectRefusal('principal_mismatch', askAs(processor));
      await give({ from: NOW + DAY_MS, to: NOW + 2 * DAY_MS });
      // There, and not yet in force: it is the core that says so, under the lock.
      await expectRefusal('principal_mismatch', askAs(processor));
      await give({ from: NOW, to: NOW + DAY_MS });
      const asked = await askAs(processor);
      const { entries } = await fixture.store.read(async (tx) => ({
        entries: await tx.selectFrom('entries').select('bytes').where('index', '=', asked.entry.index).execute(),
      }));
      expect(Buffer.from(entries[0]?.bytes as Uint8Array).toString()).toContain(processor.party);
    });

    it('is given by the principal’s administrator, and never by the processor itself', async () => {
      await expectRefusal('principal_mismatch', give({ from: NOW, to: null }, processor));
      await expectRefusal('duty_missing', give({ from: NOW, to: null }, scene.lender, scene.lender.key));
    });

    it('is a refusal of its principal, sealed, where the handle is another’s', async () => {
      const others = await enrolPerson(context, stranger, await newPerson());
      expect(await askAs(processor, { handle: others })).toMatchObject({ decision: 'deny', codes: ['PARTY'] });
    });

    it('is asked in lists, too', async () => {
      const { principal, ...row } = scene.queryAccess;
      const body = { principal, rows: [row, { ...row, handle: NOBODY }] };
      const caller = await calledBy(context, processor.party, '/v1/accesses/batch', body);
      const { results } = await askBatch(context, caller, body);
      expect(results).toHaveLength(2);
      expect(results[1]).toMatchObject({ decision: 'deny', codes: ['PARTY'] });
    });

    it('is a fact of a kind that its mandate covers, of a relationship of its principal, and no other', async () => {
      const { handle, lender } = scene;
      const stateAs = async <T extends 'facility' | 'subject'>(kind: T, of = handle, by = processor) => {
        const said = kind === 'facility' ? SPAN : ADULT;
        const body = { principal: lender.party, ...said } as never;
        const path = `/v1/relationships/${of}/${kind === 'facility' ? 'facilities' : 'attestations/subject'}`;
        const caller = await calledWith(context, { party: by.party, key: by.key, path, body });
        return kind === 'facility'
          ? stateNewFact(context, caller, of, 'facility.bound', body)
          : attest(context, caller, of, 'subject.attested', body);
      };
      await expectRefusal('principal_mismatch', stateAs('facility'));
      await give({ from: NOW, to: null, covers: ['access', 'facility'] });
      const { fact } = await stateAs('facility');
      const { facilities } = await readFacts(context, await reader(context, lender), handle);
      expect(facilities).toHaveProperty(fact as string);
      await expectRefusal('principal_mismatch', stateAs('subject'));
      await expectRefusal('duty_missing', stateAs('facility', handle, { ...processor, key: processor.admin }));
      const others = await enrolPerson(context, stranger, await newPerson());
      await expectRefusal('relationship_unknown', stateAs('facility', others));
      // What it states it does not read: the rest was never its.
      await expectRefusal('relationship_unknown', readFacts(context, await reader(context, processor), handle));
    });

    it('is previewed as it would be answered, and only while it may be asked', async () => {
      const previewAs = async (by: Party) => {
        const path = '/v1/accesses/preview';
        return previewAccess(context, await calledBy(context, by.party, path, scene.reportAccess), scene.reportAccess);
      };
      expect(await previewAs(processor)).toEqual(await previewAs(scene.lender));
      await expectRefusal('principal_mismatch', previewAs(stranger));
      await give({ from: NOW, to: null, covers: ['facility'] });
      await expectRefusal('principal_mismatch', previewAs(processor));
      await give({ from: NOW, to: null, covers: ['access', 'facility'] });
    });

    it('is read back by the processor that asked for it, alone, while its mandate lasts, and not by another', async () => {
      const { access } = await askAs(processor);
      const other = await newParty(context, 'processor');
      const read = async (by: Party, id = access) => readAccess(context, await reader(context, by), id);
      expect(await read(processor)).toMatchObject({ access });
      await expectRefusal('access_unknown', read(other));
      const own = await ask(context, scene.queryAccess);
      await expectRefusal('access_unknown', read(processor, own.access));
      await expectRefusal('access_unknown', accessReceipt(context, await reader(context, processor), access));
      await expectRefusal('access_unknown', explain(context, await reader(context, processor), access));
      await give({ from: NOW - DAY_MS, to: NOW });
      await expectRefusal('access_unknown', read(processor));
      await give({ from: NOW, to: null, covers: ['access', 'facility'] });
      expect(await read(processor)).toMatchObject({ access });
    });

    it('is not answered again under its key, once its mandate has ended', async () => {
      const key = randomUUID();
      const again = async () => {
        const body = scene.reportAccess;
        return askAccess(context, await calledBy(context, processor.party, '/v1/accesses', body, key), body);
      };
      const once = await again();
      expect(await again()).toEqual(once);
      await give({ from: NOW - DAY_MS, to: NOW });
      await expectRefusal('principal_mismatch', again());
      await give({ from: NOW, to: NOW + DAY_MS });
    });

    it('ends with its mandate, and while its principal is suspended', async () => {
      const suspend = async (suspended: boolean) => {
        const what = suspended ? 'suspension' : 'reinstatement';
        const path = `/v1/parties/${scene.lender.party}/${what}`;
        await setSuspended(context, await calledByKeeper(context, path, {}), { party: scene.lender.party, suspended });
      };
      await suspend(true);
      expect(await askAs(processor)).toMatchObject({ decision: 'deny' });
      await suspend(false);
      fixture.setTime(NOW + DAY_MS);
      await expectRefusal('principal_mismatch', askAs(processor));
      fixture.setTime(NOW);
    });
  });

  it('of a licence is the keeper’s two to register', async () => {
    const body = { kind: 'bank', from: NOW, to: null };
    const path = `/v1/parties/${scene.lender.party}/licences`;
    const { lender } = scene;
    const own = await calledWith(context, { party: lender.party, key: lender.admin, path, body });
    await expectRefusal('principal_mismatch', licenseParty(context, own, { party: lender.party, ...body }));
    const keeper = await calledByKeeper(context, path, body);
    expect(await licenseParty(context, keeper, { party: lender.party, ...body })).toMatchObject({
      party: lender.party,
    });
    // Who reads the facts sees how it stands.
    const licence = { party: lender.party, ...body };
    const { licences } = await readFacts(context, await reader(context, lender), scene.handle);
    expect(licences).toEqual([{ ...licence, status: 'live' }]);
    const ended = { ...body, to: (NOW + 1) as Instant };
    await licenseParty(context, await calledByKeeper(context, path, ended), { party: lender.party, ...ended });
    const later = await readFacts(context, await readingPerson(context, scene.handle, scene.person), scene.handle);
    expect(later.licences).toEqual([{ ...licence, to: NOW + 1, status: 'ended' }]);
  });
});
