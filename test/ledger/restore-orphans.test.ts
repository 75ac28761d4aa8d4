/**
 * Relationships that a lost tail opened (docs/adr/0024): the entries are back, and who the person is, is not. What was given
 * stands, nobody signs it away, and whom it concerns stops it by a finding; the person begins anew under another handle.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { utf8 } from '#core/bytes.ts';
import type { Terms } from '#core/consent/terms.ts';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import type { GrantId, Handle } from '#core/ids.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import type { Orphan } from '#ledger/restore-orphans.ts';
import type { AccessAnswer } from '#service/accesses.ts';
import { askBatch } from '#service/batch.ts';
import { stateFinding } from '#service/findings.ts';
import { previewAccess } from '#service/preview.ts';
import { receiptOf } from '#service/receipts.ts';
import { restoreFromMirror } from '#service/restore.ts';
import { loadEntriesAt } from '#store/entries.ts';
import { nativeEd25519 } from '../../src/native.ts';
import {
  ask,
  bindPersonKey,
  calledBy,
  draft,
  enrolPerson,
  newParty,
  type Party,
  revoke,
  sign,
  signedScene,
  twoClauses,
} from '../support/actors.ts';
import { backUp, type Copy, ceremonyOn, type Mirror, mirrorOf, restoreBackup } from '../support/backup.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger, type Fixture, openFixture } from '../support/ledger-fixture.ts';
import { askPermit, present, type Scene } from '../support/releases.ts';

const postgresUrl = inject('postgresUrl');

describe('a relationship that a lost tail opened', () => {
  let before: Fixture;
  let fixture: Fixture;
  let copy: Copy;
  let mirror: Mirror;
  let scene: Scene;
  /** For the lender alone, through no door. */
  let score: GrantId;
  /** Asked for in the tail, and not handed over yet. */
  let pending: AccessAnswer;
  let orphans: readonly Orphan[];

  beforeAll(async () => {
    before = await openFixture('postgres', { postgresUrl });
    const { context, signerState: state } = before;
    const auditor = await newParty(context, 'auditor');
    const backup = await backUp(before.store);
    scene = await signedScene(context);
    const [query] = twoClauses(scene.bureau, context.clock()) as [Omit<Terms, 'grant'>];
    const scoring = { ...query, action: 'SCORE', items: ['credit_info'], sources: [] } as const;
    const { lender, handle } = scene;
    const letter = await draft(context, { lender, handle, grants: [scoring] });
    await sign(context, letter, scene.person, [true]);
    score = letter.grants[0]?.grant as GrantId;
    const other = await signedScene(context);
    await revoke(context, other.lender, other.person, other.report);
    pending = await askPermit(context, scene.queryAccess);
    mirror = await mirrorOf(before, auditor);
    await before.ledger.close();
    copy = await restoreBackup('postgres', backup, postgresUrl);
    const { store } = copy;
    const done = await restoreFromMirror(await ceremonyOn(before, { store, mirror: mirror.folder, state }));
    orphans = done?.tail.lost.relationships ?? [];
    expect(orphans.map(({ handle }) => handle)).toEqual([scene.handle, other.handle]);
    expect(orphans[1]?.grants.map(({ grant }) => grant)).toEqual([other.query]);
    fixture = await openFixture('postgres', { again: before, wrapStore: () => store, signerState: state });
  }, 180_000);
  afterAll(async () => {
    await fixture.ledger.close();
    await copy.close();
    mirror.remove();
    await before.close();
  });

  async function find(party: Party, grant: GrantId, kind: 'recorded' | 'lifted' = 'recorded') {
    const { context } = fixture;
    const body = { principal: party.party };
    const path = `/v1/grants/${grant}/finding${kind === 'recorded' ? '' : '/lifting'}`;
    return stateFinding(context, await calledBy(context, party.party, path, body), { grant, kind, ...body });
  }

  const askedFor = (access: Scene['queryAccess']) => ask(fixture.context, access);
  const scoreAccess = () => {
    return {
      ...scene.queryAccess,
      ground: { grant: score },
      action: 'SCORE',
      items: ['credit_info'],
      door: null,
    } as const;
  };

  it('is named by the plan, with its grants and with who can stop each of them', () => {
    const { handle, lender, bureau, query, report } = scene;
    expect(orphans[0]).toMatchObject({ handle, grantee: lender.party });
    const concerned = new Map(orphans[0]?.grants.map((each) => [each.grant, each.concerned]));
    expect(concerned).toEqual(
      new Map([
        [query, [lender.party, bureau.party]],
        [report, [lender.party, bureau.party]],
        [score, [lender.party]],
      ]),
    );
    for (const { until } of orphans[0]?.grants ?? []) expect(until).toBeGreaterThan(fixture.context.clock());
  });

  it('lets nothing out by a door, since a permit names the person; what needs none is allowed still', async () => {
    const denied = await askedFor(scene.reportAccess);
    expect(denied).toMatchObject({ decision: 'deny', codes: ['SUBJECT'], permit: null });
    const { entry } = denied;
    const [row] = await fixture.store.read((tx) => loadEntriesAt(tx, [entry.index]));
    expect(parseEntry(row?.bytes ?? new Uint8Array()).body).toMatchObject({
      ...{ access: denied.access, decision: 'deny', codes: ['SUBJECT'], subject: 'unknown', until: null },
    });
    await expectRefusal('relationship_unknown', present(fixture.context, scene.bureau, pending));
    expect((await askedFor(scoreAccess())).decision).toBe('allow');
    await checkLedger(fixture);
  });

  it('says in its receipt that nobody is known, which nobody takes out of it', async () => {
    const { context, vkey } = fixture;
    const { access, entry } = await askedFor(scene.reportAccess);
    await fixture.ledger.publisher.published(entry.index + 1, 10_000);
    const receipt = await receiptOf(context, access);
    const verdictOf = (text: string) => verifyReceipt(utf8(text), vkey, nativeEd25519);
    expect(await verdictOf(receipt)).toMatchObject({ problem: null, access: { decision: 'deny', codes: ['SUBJECT'] } });
    const without = receipt.replaceAll('\\"subject\\":\\"unknown\\",', '');
    expect(without).not.toBe(receipt);
    expect((await verdictOf(without)).problem).not.toBeNull();
  });

  it('is denied in a list, whose other rows are not disturbed, and in a preview, which is no entry', async () => {
    const { context } = fixture;
    const { principal, ...row } = scene.reportAccess;
    const { principal: _same, ...allowed } = scoreAccess();
    const body = { principal, rows: [row, allowed] };
    const caller = await calledBy(context, principal, '/v1/accesses/batch', body);
    const { results } = await askBatch(context, caller, body);
    expect(results.map(({ codes, permit }) => [codes, permit])).toEqual([
      [['SUBJECT'], null],
      [[], null],
    ]);
    const { size } = await fixture.audit();
    const asking = await calledBy(context, principal, '/v1/accesses/preview', scene.reportAccess);
    expect(await previewAccess(context, asking, scene.reportAccess)).toMatchObject({
      ...{ decision: 'deny', codes: ['SUBJECT'] },
    });
    expect((await fixture.audit()).size).toBe(size);
  });

  it('is not taken back by any signature, also of a person that is identified anew, who begins anew', async () => {
    const { context } = fixture;
    const { lender, bureau, identifier, person, reportAccess } = scene;
    await expectRefusal('relationship_unknown', revoke(context, lender, person, score));
    const handle: Handle = await enrolPerson(context, lender, person);
    expect(handle).not.toBe(scene.handle);
    await bindPersonKey(context, { lender, person, handle, identifier });
    await expectRefusal('relationship_unknown', revoke(context, lender, person, score));
    expect((await askedFor(scoreAccess())).decision).toBe('allow');
    // Under the new handle all is as it ever was.
    const drafted = await draft(context, { lender, handle, grants: twoClauses(bureau, context.clock()) });
    await sign(context, drafted, person, [true, true]);
    const again = drafted.grants[1]?.grant as GrantId;
    const access = { ...reportAccess, handle, ground: { grant: again } };
    expect((await askedFor(access)).permit).not.toBeNull();
    await revoke(context, lender, person, again);
    expect((await askedFor(access)).codes).toContain('REVOKED');
    await checkLedger(fixture);
  });

  it('is stopped by a door alone, and its grantee can’t undo that', async () => {
    const { lender, bureau, query, queryAccess } = scene;
    await find(bureau, query);
    // What was asked for in the tail is open still, so the same again is a duplicate besides.
    const denied = { decision: 'deny', codes: ['DUP', 'FROZEN', 'SUBJECT'] };
    expect(await askedFor(queryAccess)).toMatchObject(denied);
    await expectRefusal('hold_mismatch', find(lender, query, 'lifted'));
    await find(lender, query);
    await find(lender, query, 'lifted');
    expect(await askedFor(queryAccess)).toMatchObject(denied);
    await checkLedger(fixture);
  });

  it('is stopped by its grantee alone, and by nobody whom the grant does not concern', async () => {
    const { lender, bureau } = scene;
    await expectRefusal('grant_unknown', find(bureau, score));
    expect((await askedFor(scoreAccess())).decision).toBe('allow');
    await find(lender, score);
    expect(await askedFor(scoreAccess())).toMatchObject({ decision: 'deny', codes: ['FROZEN'] });
    await checkLedger(fixture);
  });
});
