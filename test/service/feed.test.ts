/** The feed: everybody hears of what it has to hear of, says so, and how long that took is shown. */
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Refused } from '#client/send.ts';
import type { partySignatory } from '#client/sign.ts';
import { digestPermit } from '#core/consent/permit.ts';
import { hashText } from '#core/hash.ts';
import type { Instant } from '#core/instant.ts';
import { askAccess } from '#service/accesses.ts';
import { authenticate } from '#service/caller.ts';
import { acknowledge, readFeed } from '#service/feed.ts';
import { setSuspended } from '#service/parties.ts';
import { redeem, settle } from '#service/releases.ts';
import type { Tx } from '#store/schema.ts';
import {
  calledBy,
  calledByKeeper,
  draft,
  enrolPerson,
  newParty,
  revoke,
  sign,
  signedRequest,
  signedScene,
  twoClauses,
} from '../support/actors.ts';
import { clientTo, hold } from '../support/feed.ts';
import { checkLedger, type Fixture, openFixture } from '../support/ledger-fixture.ts';

const TIME = Date.UTC(2026, 10, 21);
let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture('postgres', { time: TIME });
});
afterEach(async () => {
  await checkLedger(fixture);
  await fixture.close();
});

const refusal = (asked: Promise<unknown>) =>
  asked.catch((thrown) => (thrown instanceof Refused ? thrown.code : thrown));

describe('the feed', () => {
  it('tells grantee and doors of a revocation; a door gets no handle, and nobody hears of another’s', async () => {
    const { context } = fixture;
    const { lender, bureau, person, query, report, handle, identifier } = await signedScene(context);
    const stranger = await newParty(context, 'bureau');
    const { entry } = await revoke(context, lender, person, query);
    const [toLender, toBureau] = [
      await clientTo(context, lender).feed(null),
      await clientTo(context, bureau).feed(null),
    ];
    expect(toLender.items.map(({ type, grants }) => [type, grants])).toEqual([
      ['letter.signed', [query, report].sort()],
      ['grant.revoked', [query]],
    ]);
    const notice = { seq: entry.index, type: 'grant.revoked', time: TIME, grants: [query], access: null };
    const promise = { leaf: entry.leaf, signature: entry.signature };
    const [signed] = toLender.items;
    expect(toLender.items[1]).toEqual({
      ...{ ...notice, ...promise, party: lender.party, handle },
      previous: signed?.seq,
    });
    expect(toBureau.items).toEqual([{ ...notice, ...promise, party: bureau.party, handle: null, previous: null }]);
    expect(JSON.stringify(toBureau)).not.toContain(handle);
    for (const { party, key } of [stranger, identifier]) {
      expect(await clientTo(context, { party, key }).feed(null)).toMatchObject({ items: [], next: null, more: false });
    }
  });

  it('is read by a cursor: page for page the same as at once, each item with the one before it', async () => {
    const { context } = fixture;
    const { lender, bureau, person, handle, query } = await signedScene(context);
    let now = TIME;
    for (const kind of ['pause', 'resume', 'pause', 'resume'] as const) {
      fixture.setTime(++now);
      await hold(context, { kind, handle, grant: query, lender, person });
    }
    fixture.setTime(++now);
    await hold(context, { kind: 'freeze', handle, grant: null, lender, person });
    fixture.setTime(++now);
    await hold(context, { kind: 'release', handle, grant: null, lender, person });
    const client = clientTo(context, bureau);
    const all = await client.feed(null);
    expect(all.items.map(({ type }) => type)).toEqual([
      'grant.paused',
      'grant.resumed',
      'grant.paused',
      'grant.resumed',
      'relationship.frozen',
      'relationship.released',
    ]);
    expect(all.items.map(({ previous }) => previous)).toEqual([null, ...all.items.slice(0, -1).map(({ seq }) => seq)]);
    const paged = [];
    for (let after: number | null = null, more = true; more; ) {
      const page = await client.feed(after, 4);
      paged.push(...page.items);
      ({ next: after, more } = page);
    }
    expect(paged).toEqual(all.items);
    expect(await client.feed(all.next)).toEqual({ items: [], next: all.next, more: false, size: all.size });
    for (const limit of [0, 501]) expect(await refusal(client.feed(null, limit))).toBe('input_invalid');
  });

  it('tells each door of a freeze in every relationship, of its own grants only', async () => {
    const { context } = fixture;
    const first = await signedScene(context);
    const { person } = first;
    const [lender, bureau] = [await newParty(context, 'grantee'), await newParty(context, 'bureau')];
    const handle = await enrolPerson(context, lender, person);
    const drafted = await draft(context, { lender, handle, grants: twoClauses(bureau, context.clock()) });
    await sign(context, drafted, person, [false, true]);
    await hold(context, { kind: 'freeze', handle: first.handle, grant: null, lender: first.lender, person });
    const heard = async (party: Parameters<typeof clientTo>[1]) =>
      (await clientTo(context, party).feed(null)).items
        .filter(({ type }) => type === 'relationship.frozen')
        .map((item) => [item.grants, item.handle]);
    const both = [first.query, first.report].sort();
    const reported = drafted.grants[1]?.grant;
    expect(await heard(first.lender)).toEqual([[both, first.handle]]);
    expect(await heard(first.bureau)).toEqual([[both, null]]);
    expect(await heard(lender)).toEqual([[[reported], handle]]);
    expect(await heard(bureau)).toEqual([[[reported], null]]);
  });

  it('tells the lender of what a door did, and a party of its own standing', async () => {
    const { context } = fixture;
    const { lender, bureau, queryAccess } = await signedScene(context);
    const asked = await askAccess(
      context,
      await calledBy(context, lender.party, '/v1/accesses', queryAccess),
      queryAccess,
    );
    const permit = hashText(digestPermit(asked.permit as string));
    const path = `/v1/accesses/${asked.access}`;
    const redeemed = await calledBy(context, bureau.party, `${path}/redemption`, { permit });
    await redeem(context, redeemed, { access: asked.access, permit });
    const nothing = { reason: null, items: [], count: 0, response: null } as const;
    const times = { began_at: TIME as Instant, ended_at: TIME as Instant };
    const settlement = { result: 'nothing_found' as const, ...nothing, ...times };
    const settled = await calledBy(context, bureau.party, `${path}/settlement`, settlement);
    await settle(context, settled, { access: asked.access, ...settlement });
    const { items } = await clientTo(context, lender).feed(null);
    expect(items.slice(1).map(({ type, access }) => [type, access])).toEqual([
      ['access.redeemed', asked.access],
      ['access.settled', asked.access],
    ]);
    for (const [what, suspended] of [
      ['suspension', true],
      ['reinstatement', false],
    ] as const) {
      const keeper = await calledByKeeper(context, `/v1/parties/${bureau.party}/${what}`, {});
      await setSuspended(context, keeper, { party: bureau.party, suspended });
    }
    const own = await clientTo(context, bureau).feed(null);
    expect(own.items.map(({ type, handle }) => [type, handle])).toEqual([
      ['party.suspended', null],
      ['party.reinstated', null],
    ]);
  });

  it('is nobody’s but a party’s', async () => {
    const { context } = fixture;
    const { person, handle } = await signedScene(context);
    const subject = { stream: `rel/${handle}`, key: person.key } as unknown as ReturnType<typeof partySignatory>;
    const caller = await authenticate(context, await signedRequest(context, [subject], '/v1/feed', {}));
    await expect(readFeed(context, caller, { after: null, limit: 1 })).rejects.toMatchObject({
      code: 'principal_mismatch',
    });
  });
});

describe('an acknowledgement', () => {
  it('goes up to a notice of one’s own, forward only, and the same request again is the same answer', async () => {
    const { context } = fixture;
    const { lender, bureau, person, query, report } = await signedScene(context);
    const first = await revoke(context, lender, person, query);
    const second = await revoke(context, lender, person, report);
    const client = clientTo(context, bureau);
    for (const upto of [0, first.entry.index - 1, second.entry.index + 1, 1_000_000]) {
      expect(await refusal(client.acknowledge(upto))).toBe('index_unknown');
    }
    const acknowledged = await client.acknowledge(second.entry.index);
    expect(acknowledged).toMatchObject({
      party: bureau.party,
      upto: second.entry.index,
      entry: { type: 'party.acknowledged', stream: `feed/${bureau.party}`, seq: 0 },
    });
    for (const { entry } of [first, second])
      expect(await refusal(client.acknowledge(entry.index))).toBe('already_there');
    expect(await refusal(clientTo(context, { ...bureau, key: bureau.admin }).acknowledge(first.entry.index))).toBe(
      'duty_missing',
    );
    // As a door that got no answer does: the same request, the same entry.
    const body = { upto: first.entry.index };
    const own = await calledBy(context, lender.party, '/v1/feed/acknowledgement', body, 'the-same-key');
    const { entry } = await acknowledge(context, own, body);
    await clientTo(context, lender).acknowledge(second.entry.index);
    expect((await acknowledge(context, own, body)).entry).toEqual(entry);
  });

  it('is what propagation is measured by, from the entry of the revocation', async () => {
    const { context } = fixture;
    const { lender, bureau, person, query, report } = await signedScene(context);
    const [own, door] = [clientTo(context, lender), clientTo(context, bureau)];
    expect((await own.readGrant(query)).propagation).toBeNull();
    const { entry } = await revoke(context, lender, person, query);
    const nobody = { acknowledged_at: null, after_ms: null };
    expect((await own.readGrant(query)).propagation).toEqual([
      { party: lender.party, ...nobody },
      { party: bureau.party, ...nobody },
    ]);
    fixture.setTime(TIME + 1_870);
    await door.acknowledge(entry.index);
    fixture.setTime(TIME + 5_000);
    const later = await revoke(context, lender, person, report);
    await own.acknowledge(later.entry.index);
    await door.acknowledge(later.entry.index);
    // The first acknowledgement that covers it counts, also if it goes beyond.
    expect((await own.readGrant(query)).propagation).toEqual([
      { party: lender.party, acknowledged_at: TIME + 5_000, after_ms: 5_000 },
      { party: bureau.party, acknowledged_at: TIME + 1_870, after_ms: 1_870 },
    ]);
    expect((await own.readGrant(report)).propagation?.map(({ after_ms }) => after_ms)).toEqual([0, 0]);
  });
});

const STRANGER = '0'.repeat(32);

/** What a keeper could do to the outbox behind the ledger's back. */
const SPOILED = {
  'a notice left out': `delete from notices where index = (select max(index) from notices)`,
  'a notice to another': `update notices set party = '${STRANGER}' where index = (select min(index) from notices)`,
  'another grant': `update notices set grants = '[]'`,
  'a notice too many': `insert into notices values ('${STRANGER}', 1, '[]')`,
  'a notice of what is in no tree': `insert into notices values ('${STRANGER}', 1000, '[]')`,
  'an acknowledgement left out': 'delete from acknowledgements',
  'an earlier acknowledgement': 'update acknowledgements set time = time - 1',
  'an acknowledgement too many': `insert into acknowledgements values ('${STRANGER}', 1, 2, 3)`,
};

describe('the outbox', () => {
  it('is audited: whatever is spoiled of it is found', async () => {
    const { context } = fixture;
    const { lender, bureau, person, query } = await signedScene(context);
    const { entry } = await revoke(context, lender, person, query);
    await clientTo(context, bureau).acknowledge(entry.index);
    for (const [what, statement] of Object.entries(SPOILED)) {
      const codes = await undone(async (tx) => {
        for (const table of ['notices', 'acknowledgements']) {
          await sql.raw(`alter table ${table} disable trigger user`).execute(tx);
          await sql.raw(`grant update, delete on ${table} to current_user`).execute(tx);
        }
        await sql.raw(statement).execute(tx);
        return (await fixture.auditIn(tx)).findings.map(({ code }) => code);
      });
      expect(new Set(codes), what).toEqual(new Set(['state']));
    }
  });

  it('takes no change', async () => {
    const { lender, person, query, bureau } = await signedScene(fixture.context);
    const { entry } = await revoke(fixture.context, lender, person, query);
    await clientTo(fixture.context, bureau).acknowledge(entry.index);
    for (const table of ['notices', 'acknowledgements']) {
      for (const statement of [`update ${table} set index = index`, `delete from ${table}`, `truncate ${table}`]) {
        const thrown = await fixture.store
          .transaction((tx) => sql.raw(statement).execute(tx))
          .catch((error: unknown) => error);
        expect(thrown, statement).toMatchObject({ code: 'store_unavailable', cause: { code: '42501' } });
      }
    }
  });
});

/** Runs work in a transaction that is rolled back. */
async function undone<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  let result: T | undefined;
  const back = new RangeError('rolled back');
  await fixture.store
    .transaction(async (tx) => {
      result = await work(tx);
      throw back;
    })
    .catch((thrown: unknown) => {
      if (thrown !== back) throw thrown;
    });
  return result as T;
}
