/** Who may read what (service/scope.ts): the parties of a thing, and for everyone else it is as if it were not there. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { FailureCode } from '#core/failure.ts';
import type { AccessId, GrantId, LetterId, PartyId } from '#core/ids.ts';
import type { AccessView } from '#service/accesses.ts';
import type { Caller } from '#service/caller.ts';
import { receiptCapability } from '#service/capabilities.ts';
import type { Context } from '#service/context.ts';
import { explain } from '#service/explanations.ts';
import { readGrant } from '#service/grants.ts';
import { readLetter } from '#service/letter-view.ts';
import { readParty, succeedParty } from '#service/parties.ts';
import { accessReceipt } from '#service/receipts.ts';
import { receiptByCapability } from '#service/receipts-by-capability.ts';
import { readEntries } from '#service/relationships.ts';
import { readAccess } from '#service/releases.ts';
import { readStatuses } from '#service/status.ts';
import { ask, calledByKeeper, enrolPerson, newParty, type Party, signedScene } from '../support/actors.ts';
import { reader, readingPerson } from '../support/callers.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger, type Fixture, openFixture, random, UPPER_DATABASES } from '../support/ledger-fixture.ts';

const NOBODY = '0'.repeat(32);
const ROLES = [
  'lender',
  'successor',
  'person',
  'person elsewhere',
  'door',
  'supervisor',
  'keeper',
  'identifier',
  'other lender',
  'other successor',
  'other person',
] as const;
type Role = (typeof ROLES)[number];

describe.each(UPPER_DATABASES)('what is read on %s', (database) => {
  let fixture: Fixture;
  let context: Context;
  let scene: Awaited<ReturnType<typeof signedScene>>;
  let allowed: Awaited<ReturnType<typeof ask>>;
  let refused: AccessView;
  const callers = new Map<Role, Caller>();

  beforeAll(async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl') });
    context = fixture.context;
    scene = await signedScene(context);
    const other = await signedScene(context);
    const { lender, bureau, identifier, person, handle } = scene;
    // The person is at another lender, too: it reads everything of its own through either.
    const elsewhere = await newParty(context, 'grantee');
    const second = await enrolPerson(context, elsewhere, person);
    callers.set('lender', await reader(context, lender));
    callers.set('successor', await reader(context, await successorOf(lender)));
    callers.set('other successor', await reader(context, await successorOf(elsewhere)));
    callers.set('person', await readingPerson(context, handle, person));
    callers.set('person elsewhere', await readingPerson(context, second, person));
    callers.set('door', await reader(context, bureau));
    callers.set('supervisor', await reader(context, await newParty(context, 'supervisor')));
    callers.set('keeper', await calledByKeeper(context, '/v1/read', {}));
    callers.set('identifier', await reader(context, identifier));
    callers.set('other lender', await reader(context, elsewhere));
    callers.set('other person', await readingPerson(context, other.handle, other.person));
    allowed = await ask(context, scene.queryAccess);
    // The other lender asks for this one's handle, at the same door.
    refused = await ask(context, { ...scene.queryAccess, principal: elsewhere.party });
  });
  afterAll(async () => {
    await checkLedger(fixture);
    await fixture.close();
  });

  /** A party that the keeper registered as this one's successor. */
  async function successorOf({ party: predecessor }: Party): Promise<Party> {
    const successor = await newParty(context, 'grantee');
    const { party } = successor;
    const caller = await calledByKeeper(context, `/v1/parties/${party}/successions`, { predecessor });
    await succeedParty(context, caller, { party, predecessor });
    return successor;
  }

  /** Expects that these read it, and that to all others, and under any other id, it is not there. */
  async function isReadBy(
    roles: readonly Role[],
    unknown: FailureCode,
    read: (caller: Caller) => Promise<unknown>,
    readNothing: (caller: Caller) => Promise<unknown>,
  ): Promise<void> {
    for (const role of ROLES) {
      const caller = callers.get(role)!;
      if (roles.includes(role)) expect(await read(caller), role).toBeDefined();
      else await expectRefusal(unknown, read(caller));
      await expectRefusal(unknown, readNothing(caller));
    }
    // What is refused to a stranger says the same as what is not there.
    const stranger = callers.get('other person')!;
    const messages = await Promise.all([read, readNothing].map((each) => each(stranger).catch(String)));
    expect(messages[0]).toBe(messages[1]);
  }

  it('is a letter by its lender, who succeeded it, and its subject, and not by who supervises: its text says who someone is', async () => {
    const { letter } = scene.drafted;
    const read = (caller: Caller) => readLetter(context, caller, letter);
    await isReadBy(['lender', 'successor', 'person', 'person elsewhere'], 'letter_unknown', read, (caller) =>
      readLetter(context, caller, NOBODY as LetterId),
    );
    const views = await Promise.all((['lender', 'person'] as const).map((role) => read(callers.get(role)!)));
    expect(views[0]).toEqual(views[1]);
    expect(views[0]?.text).toContain('授权书');
  });

  it('is a grant by its lender, who succeeded it, its subject, and who supervises', async () => {
    const roles = ['lender', 'successor', 'person', 'person elsewhere', 'supervisor'] as const;
    const read = (caller: Caller) => readGrant(context, caller, scene.query);
    await isReadBy(roles, 'grant_unknown', read, (caller) => readGrant(context, caller, NOBODY as GrantId));
    expect(await read(callers.get('supervisor')!)).toMatchObject({ handle: scene.handle, status: 'active' });
  });

  it('are a relationship’s entries by its lender, who succeeded it, its subject, and who supervises', async () => {
    const roles = ['lender', 'successor', 'person', 'person elsewhere', 'supervisor'] as const;
    const read = (caller: Caller) => readEntries(context, caller, { handle: scene.handle, from: 0 });
    await isReadBy(roles, 'relationship_unknown', read, (caller) =>
      readEntries(context, caller, { handle: NOBODY as typeof scene.handle, from: 0 }),
    );
    const { entries } = await read(callers.get('person elsewhere')!);
    expect(entries.map(({ type }) => type)).toContain('access.decided');
  });

  it('is an access by its lender, who succeeded it, its door, its subject, and who supervises', async () => {
    const roles = ['lender', 'successor', 'person', 'person elsewhere', 'door', 'supervisor'] as const;
    const read = (caller: Caller) => readAccess(context, caller, allowed.access);
    await isReadBy(roles, 'access_unknown', read, (caller) => readAccess(context, caller, NOBODY as AccessId));
    // The permit is its lender's alone, and said once.
    const { permit: _permit, until: _until, ...access } = allowed;
    const open = { redemptions: [], settlement: null, due_at: null, overdue: false };
    for (const role of roles) expect(await read(callers.get(role)!)).toEqual({ ...access, ...open });
  });

  it('is a refused access by who asked, its door, and who supervises, and not by whose handle was claimed', async () => {
    await isReadBy(
      ['other lender', 'door', 'supervisor'],
      'access_unknown',
      (caller) => readAccess(context, caller, refused.access),
      (caller) => readAccess(context, caller, scene.query as string as AccessId),
    );
  });

  it('is a receipt by its lender, who succeeded it, its subject, and who supervises: the door sees its access, and not the rest', async () => {
    const roles = ['lender', 'successor', 'person', 'person elsewhere', 'supervisor'] as const;
    const read = (caller: Caller) => accessReceipt(context, caller, allowed.access);
    await isReadBy(roles, 'access_unknown', read, (caller) => accessReceipt(context, caller, NOBODY as AccessId));
    await isReadBy(
      ['other lender', 'supervisor'],
      'access_unknown',
      (caller) => accessReceipt(context, caller, refused.access),
      (caller) => accessReceipt(context, caller, NOBODY as AccessId),
    );
  });

  it('is a receipt by whoever holds its capability, and by no guess', async () => {
    const capability = receiptCapability(context, allowed.access);
    const receipt = await receiptByCapability(context, capability);
    expect(receipt).toBe(await accessReceipt(context, callers.get('lender')!, allowed.access));
    const bytes = Buffer.from(capability, 'base64url');
    const guesses = [
      '',
      allowed.access,
      `${capability}A`,
      Buffer.concat([bytes.subarray(0, 16), random(16)]).toString('base64url'),
      Buffer.concat([Buffer.from(refused.access, 'hex'), bytes.subarray(16)]).toString('base64url'),
      bytes.subarray(0, 31).toString('base64url'),
      receiptCapability({ keys: { ...context.keys, capability: random(32) } }, allowed.access),
    ];
    for (const guess of guesses) await expectRefusal('access_unknown', receiptByCapability(context, guess));
  });

  it('is how grants stand for their lender, who succeeded it, and their doors', async () => {
    for (const role of ['lender', 'successor', 'door'] as const) {
      const { statuses } = await readStatuses(context, callers.get(role)!, [scene.query]);
      expect(statuses, role).toEqual([{ grant: scene.query, status: 'active' }]);
    }
    for (const role of ['other lender', 'other successor', 'identifier'] as const) {
      const { statuses } = await readStatuses(context, callers.get(role)!, [scene.query]);
      expect(statuses, role).toEqual([{ grant: scene.query, status: 'unknown' }]);
    }
  });

  it('is why an access was decided so for whose it is, and not for its door', async () => {
    const roles = ['lender', 'successor', 'person', 'person elsewhere', 'supervisor'] as const;
    const read = (caller: Caller) => explain(context, caller, allowed.access);
    await isReadBy(roles, 'access_unknown', read, (caller) => explain(context, caller, NOBODY as AccessId));
  });

  it('is a party by itself, its keeper, and who supervises', async () => {
    const read = (caller: Caller) => readParty(context, caller, scene.lender.party);
    for (const role of ['lender', 'keeper', 'supervisor'] as const) {
      expect(await read(callers.get(role)!)).toMatchObject({ roles: ['grantee'], suspended_at: null });
      await expectRefusal('party_unknown', readParty(context, callers.get(role)!, NOBODY as PartyId));
    }
    for (const role of ['door', 'identifier', 'other lender', 'person', 'other person'] as const) {
      await expectRefusal('party_unknown', read(callers.get(role)!));
    }
  });

  it('is nothing by a handle with another person’s key: handles and keys go together', async () => {
    const other = await signedScene(context);
    await expectRefusal('signature_refused', readingPerson(context, scene.handle, other.person));
    await expectRefusal('signature_refused', readingPerson(context, other.handle, scene.person));
  });
});
