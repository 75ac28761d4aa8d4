/**
 * A ledger that lost entries, and goes on under a new name (ADR 0028): what stood before waits, each until who may say so has
 * confirmed it; what takes away works on.
 */
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { toBase64Url } from '#core/bytes.ts';
import { revocationStatement, statementSigningBytes } from '#core/consent/statement.ts';
import type { FailureCode } from '#core/failure.ts';
import type { GrantId } from '#core/ids.ts';
import { confirmStanding, loadRememberedUntil } from '#service/confirm.ts';
import { readGrant, revokeGrant } from '#service/grants.ts';
import { continueParty } from '#service/parties.ts';
import { readStatuses } from '#service/status.ts';
import { readSubjectKeys } from '#service/subject-keys.ts';
import { loadHead } from '#store/head.ts';
import {
  ask,
  bindPersonKey,
  calledBy,
  calledByKeeper,
  DAY_MS,
  draft,
  newPerson,
  request,
  revoke,
  sign,
  signedScene,
  twoClauses,
} from '../support/actors.ts';
import { reader, readingPerson } from '../support/callers.ts';
import { continueLog, continueParties, OLD_ORIGIN } from '../support/epochs.ts';
import { expectRefusal } from '../support/failure.ts';
import { draftedHold, hold, putHold, signedHold } from '../support/holds.ts';
import { type Fixture, openFixture, UPPER_DATABASES } from '../support/ledger-fixture.ts';
import { present } from '../support/releases.ts';

describe.each(UPPER_DATABASES)('a log that was continued on %s', (database) => {
  let fixture: Fixture;
  let scene: Awaited<ReturnType<typeof signedScene>>;
  const opened: Fixture[] = [];
  beforeEach(async () => {
    fixture = await openFixture(database, { postgresUrl: inject('postgresUrl'), time: Date.UTC(2026, 10, 21) });
    opened.push(fixture);
    scene = await signedScene(fixture.context);
  });
  afterAll(async () => {
    for (const each of opened) await each.close();
  });

  const now = () => fixture.context.clock();
  const size = async () => (await fixture.store.read(loadHead))?.size;
  const everybody = () => [scene.identifier, scene.lender, scene.bureau];
  /** The log is continued an hour later, and its parties go on. */
  async function goOn() {
    fixture.setTime(now() + 3_600_000);
    await continueLog(fixture);
    await continueParties(fixture, everybody());
  }
  const affirm = () => bindPersonKey(fixture.context, { ...scene, person: scene.person });
  const confirm = (grant: GrantId) =>
    hold(fixture.context, scene.lender, scene.person, { handle: scene.handle, kind: 'confirm', grant });
  const codes = async () => (await ask(fixture.context, scene.queryAccess)).codes;
  const status = async () =>
    (await readGrant(fixture.context, await reader(fixture.context, scene.lender), scene.query)).status;

  /** Expects a refusal that writes nothing. */
  async function refuses(code: FailureCode, act: () => Promise<unknown>): Promise<void> {
    const before = await size();
    await expectRefusal(code, act());
    expect(await size()).toBe(before);
  }

  it('takes nothing of a party before two of the keeper continue it, and then with the keys that they name', async () => {
    await continueLog(fixture);
    await refuses('key_waiting', () => ask(fixture.context, scene.queryAccess));
    await refuses('key_waiting', () => reader(fixture.context, scene.bureau));
    const { party, key, admin } = scene.lender;
    const keys = [toBase64Url(admin.publicKey)];
    const path = `/v1/parties/${party}/continuation`;
    const caller = await calledByKeeper(fixture.context, path, { keys });
    await continueParty(fixture.context, caller, { party, keys });
    await refuses('key_waiting', () => reader(fixture.context, { party, key }));
    await continueParties(fixture, [scene.lender]);
    expect(await codes()).toEqual(['SOURCE', 'SUSPENDED']);
    const again = await calledByKeeper(fixture.context, path, { keys });
    await refuses('already_there', () => continueParty(fixture.context, again, { party, keys }));
    const own = await calledBy(fixture.context, party, path, { keys });
    await refuses('principal_mismatch', () => continueParty(fixture.context, own, { party, keys }));
  });

  it('denies a grant of before, at the decision and at hand-over, until its subject confirms it', async () => {
    const out = await ask(fixture.context, scene.queryAccess);
    expect(out.decision).toBe('allow');
    await continueLog(fixture);
    await continueParties(fixture, everybody());
    const { permit, access } = out;
    const presented = await present(fixture.context, scene.bureau, { access, permit: permit as string });
    expect(presented).toMatchObject({ decision: 'deny', codes: ['SUSPENDED'] });
    fixture.setTime(now() + 3_600_000);
    const denied = await ask(fixture.context, scene.queryAccess);
    expect(denied.codes).toEqual(['SUSPENDED']);
    expect(await status()).toBe('suspended');
    const asked = await readStatuses(fixture.context, await reader(fixture.context, scene.bureau), [scene.query]);
    expect(asked.statuses).toEqual([{ grant: scene.query, status: 'suspended' }]);
    await affirm();
    const made = await confirm(scene.query);
    expect(made).toMatchObject({ grant: scene.query, handle: scene.handle });
    expect([await status(), await codes()]).toEqual(['active', []]);
    expect((await ask(fixture.context, scene.reportAccess)).codes).toEqual(['SUSPENDED']);
    await refuses('hold_mismatch', () => confirm(scene.query));
  });

  it('lets a person’s key of before take away, and nothing else, until its holder is identified anew', async () => {
    await goOn();
    const { context } = fixture;
    const asked = (kind: 'pause' | 'resume' | 'confirm' | 'freeze' | 'release', grant?: GrantId) => ({
      handle: scene.handle,
      kind,
      ...(grant === undefined ? {} : { grant }),
    });
    const says = (kind: Parameters<typeof asked>[0], grant?: GrantId) =>
      hold(context, scene.lender, scene.person, asked(kind, grant));
    await says('pause', scene.report);
    await says('freeze');
    const drafted = await draftedHold(context, scene.lender, asked('confirm', scene.query));
    const signed = await signedHold(context, drafted, scene.person);
    await refuses('key_suspended', () => putHold(context, drafted, signed));
    for (const [kind, grant] of [
      ['resume', scene.report],
      ['release', undefined],
    ] as const) {
      const waiting = await draftedHold(context, scene.lender, asked(kind, grant));
      const late = await signedHold(context, waiting, scene.person);
      await refuses('key_suspended', () => putHold(context, waiting, late));
    }
    const letter = await draft(context, {
      lender: scene.lender,
      handle: scene.handle,
      grants: twoClauses(scene.bureau, now()),
    });
    await refuses('key_suspended', () => sign(context, letter, scene.person, [true, true]));
    const person = await readingPerson(context, scene.handle, scene.person);
    expect((await readSubjectKeys(context, person, scene.handle)).keys).toMatchObject([{ suspended: true }]);
    // Somebody else is identified, or with another key: it is not this one that gives again.
    const other = await newPerson();
    await refuses('signature_invalid', () => bindPersonKey(context, { ...scene, identified: other }));
    await affirm();
    expect((await readSubjectKeys(context, person, scene.handle)).keys[0]).not.toHaveProperty('suspended');
    await refuses('already_there', affirm);
    await says('resume', scene.report);
    await says('release');
    await putHold(context, drafted, signed);
    await sign(context, letter, scene.person, [true, true]);
  });

  it('takes a revocation that was signed over the name of before: it may be the only copy', async () => {
    const { context } = fixture;
    const signedAt = now();
    const over = (log: string) => revocationStatement({ log, ref: scene.query, grantee: scene.lender.party, signedAt });
    const signature = async (log: string) => toBase64Url(await scene.person.key.sign(statementSigningBytes(over(log))));
    const body = async (log: string) => ({
      grant: scene.query,
      key: toBase64Url(scene.person.key.publicKey),
      signature: await signature(log),
      signed_at: signedAt,
    });
    const old = await body(OLD_ORIGIN);
    await refuses('signature_invalid', () => revokeGrant(context, request(), old));
    await goOn();
    const other = await body('test.assent.example/none');
    await refuses('signature_invalid', () => revokeGrant(context, request(), other));
    await revokeGrant(context, request(), old);
    expect(await status()).toBe('revoked');
    await affirm();
    await refuses('already_revoked', () => confirm(scene.query));
  });

  it('gives nothing by a letter or statement that was drafted before, and takes back what was confirmed', async () => {
    const { context } = fixture;
    const letter = await draft(context, {
      lender: scene.lender,
      handle: scene.handle,
      grants: twoClauses(scene.bureau, now()),
    });
    await goOn();
    await affirm();
    await refuses('letter_expired', () => sign(context, letter, scene.person, [true, true]));
    await confirm(scene.query);
    await revoke(context, scene.lender, scene.person, scene.query);
    expect(await status()).toBe('revoked');
  });

  it('confirms a relationship without any grant of it', async () => {
    await goOn();
    await affirm();
    const { context } = fixture;
    const drafted = await draftedHold(context, scene.lender, { handle: scene.handle, kind: 'confirm' });
    const signed = await signedHold(context, drafted, scene.person);
    const elsewhere = '0'.repeat(32) as never;
    await refuses('statement_unknown', () =>
      confirmStanding(context, request(), { ...signed, grant: null, handle: elsewhere }),
    );
    await refuses('statement_unknown', () => confirmStanding(context, request(), { ...signed, grant: scene.query }));
    const made = await confirmStanding(context, request(), { ...signed, grant: null, handle: scene.handle });
    expect(made.grant).toBeNull();
    expect(await codes()).toEqual(['SUSPENDED']);
  });

  it('knows up to which moment it remembers all', async () => {
    expect(await fixture.store.read(loadRememberedUntil)).toBeNull();
    const last = now();
    fixture.setTime(last + DAY_MS);
    await continueLog(fixture);
    expect(await fixture.store.read(loadRememberedUntil)).toBe(last);
  });
});
