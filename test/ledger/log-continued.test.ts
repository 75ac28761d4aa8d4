/**
 * The ceremony of a new origin (ADR 0028): a backup of yesterday, a tail that nobody has, and the log goes on under another
 * name, whole and proven as far as it can be, under three keys, or nothing at all.
 */
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { provePartyKey } from '#client/device.ts';
import { partySignatory } from '#client/sign.ts';
import { utf8 } from '#core/bytes.ts';
import type { LogState } from '#core/consent/log.ts';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import { type Failure, Failure as Refusal } from '#core/failure.ts';
import { hashText } from '#core/hash.ts';
import type { GrantId } from '#core/ids.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { signCheckpoint } from '#core/tlog/checkpoint.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { parseSize, type TreeHead } from '#core/tlog/tree.ts';
import { giveUpContinuation } from '#ledger/continue-log.ts';
import { type EndableState, signHead } from '#ledger/signer.ts';
import { authenticate } from '#service/caller.ts';
import { type ContinuationOptions, continueUnderNewOrigin } from '#service/continue.ts';
import { addPartyKey } from '#service/parties.ts';
import { formerCheckpoint } from '#service/proofs.ts';
import { accessReceipt } from '#service/receipts.ts';
import { restoreFromMirror } from '#service/restore.ts';
import { loadNewestCheckpoint } from '#store/checkpoints.ts';
import { loadHead } from '#store/head.ts';
import type { Store } from '#store/store.ts';
import { loadStreams } from '#store/streams.ts';
import { nativeEd25519, nativeP256 } from '../../src/native.ts';
import { ask, bindPersonKey, calledByKeeper, newParty, revoke, signedRequest, signedScene } from '../support/actors.ts';
import { unprotect } from '../support/attack.ts';
import { type Backup, backUp, type Copy, restoreBackup, signingBy } from '../support/backup.ts';
import { continuingOn, NEXT_ORIGIN, type Next, nextOf, openNext, proveOn } from '../support/continued.ts';
import { continueParties } from '../support/epochs.ts';
import { expectFailure, expectRefusal } from '../support/failure.ts';
import { hold } from '../support/holds.ts';
import {
  checkLedger,
  DATABASES,
  type Fixture,
  keeperOf,
  ORIGIN,
  openFixture,
  random,
} from '../support/ledger-fixture.ts';
import { memorySignerState } from '../support/signer-state.ts';

const postgresUrl = inject('postgresUrl');

describe.each(DATABASES)('a new origin on %s', (database) => {
  const isServer = database === 'postgres';
  let fixture: Fixture;
  let scene: Awaited<ReturnType<typeof signedScene>>;
  let backup: Backup;
  let left: TreeHead;
  let lost: TreeHead;
  let note: string;
  let early: { readonly access: string; readonly receipt: string };
  let late: { readonly receipt: string };
  /** A key of the keeper that signs nothing of the ceremony. */
  let third: SigningKey;
  /** A database that was set back and stays so: everything on it is refused. */
  let spare: Copy;
  let untouched: Backup;
  const copies: Copy[] = [];
  const opened: Fixture[] = [];

  beforeAll(async () => {
    fixture = await openFixture(database, { postgresUrl });
    const { context } = fixture;
    scene = await signedScene(context);
    third = await addKeeperKey(context);
    early = await asked();
    await fixture.store.transaction((tx) =>
      sql`insert into sessions (token, nonce, person, seq, statement, signature, started_at, last_used_at)
        values (${random(32)}, 'n', 'p', 0, '{}', 's', ${context.clock()}, ${context.clock()})`.execute(tx),
    );
    left = await headOf(fixture.store);
    backup = await backUp(fixture.store);
    late = await asked();
    await revoke(context, scene.lender, scene.person, scene.report);
    lost = await headOf(fixture.store);
    note = (await fixture.ledger.publisher.published(lost.size, 10_000)).note;
    spare = await restoreBackup(database, backup, postgresUrl);
    untouched = await backUp(spare.store);
  }, 120_000);
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.ledger.close();
    for (const each of copies.splice(0)) await each.close();
  });
  afterAll(async () => {
    await spare.close();
    await fixture.close();
  });

  async function addKeeperKey(context: Fixture['context']): Promise<SigningKey> {
    const key = await nativeEd25519.importSeed(random(32));
    const { party } = fixture.keys.founder;
    const body = { ...(await provePartyKey(key, ORIGIN)), duty: 'admin', operator: null } as const;
    const caller = await calledByKeeper(context, `/v1/parties/${party}/keys`, body);
    await addPartyKey(context, caller, { ...body, party });
    return key;
  }

  async function asked() {
    const { context } = fixture;
    const { access } = await ask(context, scene.reportAccess);
    await fixture.ledger.publisher.published((await headOf(fixture.store)).size, 10_000);
    return { access, receipt: await receiptOf(fixture, access) };
  }

  function receiptOf({ context }: Fixture, access: string): Promise<string> {
    const { party } = scene.lender;
    const caller = { kind: 'party', party, roles: ['grantee'], duty: 'query', signers: [], request: {} };
    return accessReceipt(context, caller as never, access as never);
  }

  async function headOf(store: Store): Promise<TreeHead> {
    const head = await store.read(loadHead);
    return { size: parseSize(head?.size), root: head?.root as TreeHead['root'] };
  }

  async function setBack(): Promise<Store> {
    const copy = await restoreBackup(database, backup, postgresUrl);
    copies.push(copy);
    return copy.store;
  }

  function remembering(head: TreeHead = lost): EndableState {
    const state = memorySignerState();
    state.advance(undefined, head);
    return state;
  }

  interface Tried {
    readonly store: Store;
    readonly state?: EndableState;
    readonly next?: Next;
    readonly change?: Partial<ContinuationOptions>;
  }
  async function ceremony({ store, state = remembering(), next, change }: Tried) {
    const on = { store, state, next: next ?? (await nextOf(fixture)), lost: change?.lost ?? note };
    return continueUnderNewOrigin(continuingOn(fixture, on, change));
  }

  async function reopen(store: Store, next: Next): Promise<Fixture> {
    const again = await openNext(fixture, next, { store });
    opened.push(again);
    return again;
  }

  async function logOf(store: Store): Promise<LogState> {
    return store.read(async (tx) => (await loadStreams(tx, [LOG_STREAM]))[0]?.state as LogState);
  }

  async function verdictOf(receipt: string, { vkey }: Pick<Fixture, 'vkey'>) {
    return verifyReceipt(utf8(receipt), vkey, nativeEd25519, nativeP256);
  }

  it('goes on from what is left: in one tree, under another name, with what was there as it was', async () => {
    const store = await setBack();
    const state = remembering();
    const next = await nextOf(fixture);
    const done = await ceremony({ store, state, next, change: { prove: proveOn(fixture.store) } });
    expect(done.entry.index).toBe(left.size);
    expect(done.entry.entry).toMatchObject({ log: NEXT_ORIGIN, type: 'log.continued', stream: LOG_STREAM });
    expect(done.entry.entry.body).toMatchObject({
      ...{ size: left.size, root: hashText(left.root), lost: note, epoch: 1, engine: 3, keeper_keys: [0, 1] },
      ...{ ended: [2], erasures: [], reason: 'tail_lost', auth: 'http-sig' },
    });
    expect(done.entry.entry.body['proof']).not.toBeNull();
    const after = await backUp(store);
    const rowsOf = (rows: Backup, table: string) => JSON.parse(rows.get(table) as string) as Record<string, unknown>[];
    for (const table of ['entries', 'tiles', 'parts', 'part_digests', 'notices', 'packs', 'ids'] as const) {
      const upTo = rowsOf(after, table).filter(({ index = 0 }) => (index as number) < left.size);
      expect(upTo, table).toEqual(rowsOf(untouched, table));
    }
    expect(rowsOf(after, 'sessions')).toEqual([]);
    expect(rowsOf(untouched, 'sessions')).toHaveLength(1);
    expect(await logOf(store)).toMatchObject({ epoch: 1, engine: 3, origins: [{ origin: ORIGIN, to: left.size }] });
    expect(state.continuedBy()).toBe(NEXT_ORIGIN);
    expect(next.state.load()).toEqual(left);

    const again = await reopen(store, next);
    expect(again.ledger.fenced()).toBeUndefined();
    expect(again.ledger.origin).toBe(NEXT_ORIGIN);
    await newParty(again.context, 'bureau');
    await again.ledger.publisher.published(left.size + 2, 10_000);
    const report = await checkLedger(again);
    expect(report.continued).toEqual([
      expect.objectContaining({ size: left.size, lost: lost.size, proven: true, witnessed: null }),
    ]);
    expect(report.signatures).toBe(report.size);
    // Both names’ checkpoints are of this tree.
    expect(report.checkpoints).toBeGreaterThan(1);
    const newest = await store.read(loadNewestCheckpoint);
    expect(newest?.note.split('\n')[0]).toBe(NEXT_ORIGIN);
    // Of the keeper's keys those count that the recovery key named, for what is read, too.
    const signers = (key: SigningKey) => [partySignatory(fixture.keys.founder.party, key)];
    const reads = async (key: SigningKey) =>
      authenticate(again.context, await signedRequest(again.context, signers(key), '/v1/parties', {}, ''));
    await expectRefusal('key_ended', reads(third));
    expect(await reads(keeperOf(fixture.context)[0]?.key as SigningKey)).toMatchObject({ kind: 'party' });
    // The archive of the former name.
    const former = await formerCheckpoint(again.context, fixture.vkey.keyId);
    expect(former.split('\n').slice(0, 2)).toEqual([ORIGIN, expect.any(String)]);
    await expectRefusal('not_found', formerCheckpoint(again.context, again.vkey.keyId));
  });

  it('has receipts of before and after, and those of before it stay true under the old key', async () => {
    const store = await setBack();
    const next = await nextOf(fixture);
    await ceremony({ store, next });
    const again = await reopen(store, next);
    await continueParties(again, [scene.identifier, scene.lender, scene.bureau]);
    const { access } = await ask(again.context, scene.reportAccess);
    await again.ledger.publisher.published((await headOf(store)).size, 10_000);
    for (const each of [early.access, access]) {
      const receipt = await receiptOf(again, each);
      const verdict = await verdictOf(receipt, again);
      expect(verdict.problem).toBeNull();
      expect(verdict.continued).toEqual([expect.objectContaining({ proven: false })]);
      expect((await verdictOf(receipt, fixture)).problem).not.toBeNull();
    }
    // What was recorded in the tail was recorded, and is of no tree that goes on.
    for (const { receipt } of [early, late]) {
      expect(await verdictOf(receipt, fixture)).toMatchObject({ problem: null, recorded: 'unwitnessed' });
      expect((await verdictOf(receipt, again)).problem).toMatchObject({ code: 'receipt_invalid' });
    }
  });

  it('allows nothing until it is confirmed: parties by the keeper, a key by who identified, a grant by its subject', async () => {
    const store = await setBack();
    const next = await nextOf(fixture);
    await ceremony({ store, next });
    const again = await reopen(store, next);
    const { context } = again;
    const { lender, person, handle, query, report } = scene;
    await expectRefusal('key_waiting', ask(context, scene.queryAccess));
    await continueParties(again, [scene.identifier, lender, scene.bureau]);
    const denied = await ask(context, scene.queryAccess);
    expect(denied).toMatchObject({ decision: 'deny', codes: ['SUSPENDED'] });
    const confirm = (grant: GrantId) => hold(context, lender, person, { handle, kind: 'confirm', grant });
    await expectRefusal('key_suspended', confirm(query));
    await bindPersonKey(context, { ...scene, person });
    await confirm(query);
    const allowed = await ask(context, scene.queryAccess);
    expect(allowed).toMatchObject({ decision: 'allow', codes: [] });
    // The report was revoked in the tail, which nobody remembers: it waits, and comes to life by nobody but its subject.
    expect((await ask(context, scene.reportAccess)).codes).toContain('SUSPENDED');
    await revoke(context, lender, person, report);
    await expectRefusal('already_revoked', confirm(report));
    await again.ledger.publisher.published((await headOf(store)).size, 10_000);
    for (const each of [denied, allowed]) {
      const verdict = await verdictOf(await receiptOf(again, each.access), again);
      expect(verdict).toMatchObject({ problem: null, decision: 're-derived' });
    }
    const audited = await checkLedger(again);
    expect(audited.continued).toHaveLength(1);
  });

  it('is moved with nothing lost: every grant stands, and it is said that nothing was lost', async () => {
    const copy = await restoreBackup(database, await backUp(fixture.store), postgresUrl);
    copies.push(copy);
    const next = await nextOf(fixture);
    const state = remembering();
    const moved = { prove: undefined, lost: undefined };
    const options = continuingOn(fixture, { store: copy.store, state, next, lost: note }, moved);
    const done = await continueUnderNewOrigin(options);
    expect(done.loss).toMatchObject({ reason: 'moved', left: lost, lost: { size: lost.size } });
    expect(done.entry.entry.body).toMatchObject({ reason: 'moved', epoch: 0, size: lost.size, ended: [], proof: [] });
    const again = await reopen(copy.store, next);
    const { access, decision } = await ask(again.context, scene.queryAccess);
    expect(decision).toBe('allow');
    await again.ledger.publisher.published((await headOf(copy.store)).size, 10_000);
    const report = await checkLedger(again);
    expect(report.continued).toEqual([expect.objectContaining({ size: lost.size, lost: lost.size, proven: true })]);
    for (const each of [early.access, access]) {
      expect((await verdictOf(await receiptOf(again, each), again)).problem).toBeNull();
    }
    expect(await verdictOf(late.receipt, fixture)).toMatchObject({ problem: null });
    expect(state.continuedBy()).toBe(NEXT_ORIGIN);
  });

  it('is not moved while something is lost, or not signed yet', async () => {
    const moved = { lost: undefined };
    const store = await setBack();
    const on = { store, state: remembering(), next: await nextOf(fixture), lost: note };
    await expectRefusal('behind', continueUnderNewOrigin(continuingOn(fixture, on, moved)));
    await store.transaction(async (tx) => {
      await unprotect(tx);
      await tx.deleteFrom('checkpoints').where('size', '=', left.size).execute();
    });
    const state = remembering(left);
    await expectRefusal('not_published', continueUnderNewOrigin(continuingOn(fixture, { ...on, state }, moved)));
  });

  it('closes the old signer: who starts with the old keys, or restores the backup again, is stopped', async () => {
    const store = await setBack();
    const state = remembering();
    const next = await nextOf(fixture);
    await ceremony({ store, state, next });
    const { keys } = fixture;
    await expectRefusal(
      'config_invalid',
      openFixture(database, { again: fixture, wrapStore: () => store, keys, signerState: state }),
    );
    const older = await setBack();
    const again = await openFixture(database, { again: fixture, wrapStore: () => older, signerState: state });
    opened.push(again);
    expect(again.ledger.fenced()).toContain(`goes on as ${NEXT_ORIGIN}`);
    await expectRefusal('read_only', ask(again.context, scene.reportAccess));
    await expectRefusal('signer_refused', ceremony({ store: older, state, next: await nextOf(fixture) }));
    // Nor by a memory that was set back itself: the new name has another tree already.
    await expectRefusal('superseded', ceremony({ store, next: await nextOf(fixture) }));
  });

  describe.runIf(isServer || database === 'pglite')('is refused, and nothing is written', () => {
    async function expectRefused(code: Failure['code'], tried: Omit<Tried, 'store'>): Promise<void> {
      const state = tried.state ?? remembering();
      const remembered = state.load();
      await expectRefusal(code, ceremony({ ...tried, state, store: spare.store }));
      expect(state.load()).toEqual(remembered);
      expect([state.continuedBy(), state.begun()]).toEqual([undefined, undefined]);
      expect(await backUp(spare.store)).toEqual(untouched);
    }
    const signed = (size: number, root = lost.root, key = fixture.keys.log, origin = ORIGIN) =>
      signCheckpoint({ origin, size: parseSize(size), root }, key);

    it('without two administrators of the keeper', async () => {
      const [one, other] = keeperOf(fixture.context) as never as [never, never];
      for (const [code, signers] of [
        ['second_signature', [one]],
        ['second_signature', [one, one]],
        ['signature_refused', []],
        ['principal_mismatch', [{ stream: `party/${scene.lender.party}`, key: scene.lender.key }]],
      ] as const) {
        await expectRefused(code, { change: { sign: signingBy(signers as never) } });
      }
      const sign: ContinuationOptions['sign'] = (asked) => signingBy([one, other])({ ...asked, body: '{}' });
      await expectRefused('signature_refused', { change: { sign } });
      await expectRefused('limit_reached', { change: { keeperKeys: continuingKeys().slice(1) } });
      await expectRefused('signature_refused', { change: { keeperKeys: ['A'.repeat(43)] } });
    });
    const continuingKeys = () => fixture.keys.founder.keys.map(({ key }) => key);

    it('by another recovery key', async () => {
      await expectRefused('signature_refused', { change: { recovery: fixture.keys.log } });
    });

    it('under a name or a key that the log has', async () => {
      const next = await nextOf(fixture, ORIGIN);
      await expectRefused('already_there', { next });
      const { keys } = fixture;
      await expectRefused('already_there', { next: { ...(await nextOf(fixture)), keys } });
    });

    it('where nothing is lost, or what is shown is none of its checkpoints', async () => {
      const shown = async (code: Failure['code'], lostNote: Promise<string> | string) =>
        expectRefused(code, { change: { lost: await lostNote } });
      const state = remembering(left);
      await expectRefused('checkpoint_invalid', { state, change: { lost: await signed(left.size, left.root) } });
      await expectRefused('checkpoint_invalid', { state, change: { lost: await signed(left.size - 1) } });
      await shown('signature_invalid', signed(lost.size, lost.root, fixture.keys.issuing));
      await shown('signature_invalid', signed(lost.size, lost.root, fixture.keys.log, NEXT_ORIGIN));
      await shown('note_invalid', 'none');
    });

    it('by an older checkpoint than what is signed or cosigned, or by another tree', async () => {
      await expectRefused('behind', { change: { lost: await signed(lost.size - 1) } });
      const evidence = { kind: 'ahead', witness: 'w', their_size: lost.size + 1, their_checkpoint: null };
      await expectRefused('behind', { change: { evidence: evidence as never } });
      const contradicted = { ...evidence, kind: 'contradicted', their_size: left.size };
      await expectRefused('proof_invalid', { change: { evidence: contradicted as never } });
      await expectRefused('proof_invalid', { change: { lost: await signed(lost.size, left.root) } });
      const other = remembering({ size: parseSize(left.size - 1), root: lost.root });
      await expectRefused('proof_invalid', { state: other });
    });

    it('by a proof of another tree, or by hashes that are missing', async () => {
      const wrong = async () => [] as never;
      await expectRefused('proof_invalid', { change: { prove: wrong } });
      const missing = async () => {
        throw new Refusal('not_published', 'tile 0/0 is missing or cut');
      };
      await expectRefused('not_published', { change: { prove: missing } });
    });

    it('without the signer’s memory, or with one of the new name that is of another tree', async () => {
      await expectRefused('keys_missing', { state: memorySignerState() });
      const next = await nextOf(fixture);
      next.state.advance(undefined, lost);
      await expectRefused('signer_refused', { next });
    });

    it('on a database that does not hold by itself, or that somebody else writes to', async () => {
      const store = await setBack();
      await store.transaction(async (tx) => {
        await sql`alter table entries disable trigger entries_append_only`.execute(tx);
        await sql`grant update on entries to current_user`.execute(tx);
        await sql`update entries set signature = ${random(64)} where index = 3`.execute(tx);
      });
      await expectRefusal('entry_invalid', ceremony({ store }));
      const written = await setBack();
      const next = await nextOf(fixture);
      const writes = async () => {
        const beside = await openFixture(database, { again: fixture, wrapStore: () => written, signerState: null });
        await newParty(beside.context, 'bureau');
        await beside.ledger.close();
      };
      const { makeKeys } = continuingOn(fixture, { store: written, state: remembering(), next, lost: note });
      const change = { makeKeys: async () => writes().then(makeKeys) };
      await expectRefusal('superseded', ceremony({ store: written, next, change }));
    });
  });

  const broken = (): never => {
    throw new Error('the power is gone');
  };
  /** A database that loses its power in the transaction. */
  function dying(plain: Store, at: string): Store {
    return {
      ...plain,
      async transaction(work) {
        if (at === 'before it is written') {
          return plain.transaction(async (tx) => {
            await tx.deleteFrom('sessions').execute();
            return broken();
          });
        }
        if (at === 'before its commit') return plain.transaction(async (tx) => work(tx).then(broken));
        await plain.transaction(work);
        return broken();
      },
    };
  }

  it.each(['before its transaction', 'before it is written', 'before its commit', 'before the old memory is closed'])(
    'broken off %s, it is begun again, or found done',
    async (at) => {
      const plain = await setBack();
      const state = remembering();
      const next = await nextOf(fixture);
      const isDone = at === 'before the old memory is closed';
      const store = isDone || at === 'before its transaction' ? plain : dying(plain, at);
      const change =
        at === 'before its transaction' ? { onProven: broken } : isDone ? { state: { ...state, end: broken } } : {};
      await expect(ceremony({ store, state, next, change })).rejects.toThrow('the power is gone');
      expect(state.continuedBy()).toBeUndefined();
      // Where no commit was asked for, nothing was begun.
      expect(state.begun()?.name).toBe(at.endsWith('commit') || isDone ? NEXT_ORIGIN : undefined);
      expect((await plain.read(loadHead))?.origin).toBe(isDone ? NEXT_ORIGIN : ORIGIN);
      if (isDone) await expectRefusal('superseded', ceremony({ store: plain, state, next }));
      else await ceremony({ store: plain, state, next });
      const again = await reopen(plain, next);
      expect(again.ledger.fenced()).toBeUndefined();
      await checkLedger(again);
    },
  );

  describe('where nobody knows whether it was done, and a database of before it is there', () => {
    /** All of it is signed: nothing but what was begun says that this is not the newest there is. */
    async function moveBrokenOff(at: string) {
      const whole = await backUp(fixture.store);
      const copyOf = async () => {
        const copy = await restoreBackup(database, whole, postgresUrl);
        copies.push(copy);
        return copy.store;
      };
      const [plain, older] = [await copyOf(), await copyOf()];
      const [state, next] = [remembering(), await nextOf(fixture)];
      const move = (store: Store, to = next) =>
        continueUnderNewOrigin(continuingOn(fixture, { store, state, next: to, lost: note }, { lost: undefined }));
      await expect(move(dying(plain, at))).rejects.toThrow('the power is gone');
      const giveUp = (name: string = NEXT_ORIGIN) =>
        giveUpContinuation({ origin: ORIGIN, next: name, state, stateOf: () => next.state });
      return { plain, older, state, next, move, giveUp };
    }
    const openOld = async (store: Store, state: EndableState) => {
      const again = await openFixture(database, { again: fixture, wrapStore: () => store, signerState: state });
      opened.push(again);
      return again;
    };

    it.each(['before its commit', 'after its commit'])('the old name signs nothing: %s', async (at) => {
      const { older, state, move } = await moveBrokenOff(at);
      const again = await openOld(older, state);
      expect(again.ledger.fenced()).toContain(`a change of name to ${NEXT_ORIGIN} was begun`);
      await expectRefusal('read_only', ask(again.context, scene.reportAccess));
      const head = await headOf(older);
      await expectRefusal(
        'signer_refused',
        signHead({ origin: ORIGIN, logKey: fixture.keys.log, state }, head, undefined),
      );
      // Nor is a tail put back, or another name chosen, before that is decided.
      const mirrored = { signed: state.load(), state } as never;
      await expectRefusal('signer_refused', restoreFromMirror(mirrored));
      await expectRefusal('signer_refused', move(older, await nextOf(fixture, `${ORIGIN}-3`)));
    });

    it.each(['before its commit', 'after its commit'])('it is run again under its name: %s', async (at) => {
      const { older, state, next, move } = await moveBrokenOff(at);
      await move(older);
      expect(state.continuedBy()).toBe(NEXT_ORIGIN);
      const again = await reopen(older, next);
      expect(again.ledger.fenced()).toBeUndefined();
      await checkLedger(again);
    });

    it('what fails in between says nothing of what was begun before', async () => {
      const { older, state, move } = await moveBrokenOff('after its commit');
      await expect(move(dying(older, 'before it is written'))).rejects.toThrow('the power is gone');
      expect(state.begun()?.name).toBe(NEXT_ORIGIN);
    });

    it.each(['before its commit', 'after its commit'])('it is given up, and its name never signs: %s', async (at) => {
      const { plain, older, state, next, move, giveUp } = await moveBrokenOff(at);
      expectFailure('signer_refused', () => giveUp(`${ORIGIN}-3`));
      // It dies on the way: neither name signs, until it is given up again.
      const dead = { ...state, withdraw: broken };
      const parts = { origin: ORIGIN, next: NEXT_ORIGIN, stateOf: () => next.state };
      expect(() => giveUpContinuation({ ...parts, state: dead })).toThrow('the power is gone');
      await expectRefusal('signer_refused', move(older));
      giveUp();
      expectFailure('signer_refused', () => giveUp());
      if (at === 'after its commit') {
        const other = await reopen(plain, next);
        expect(other.ledger.fenced()).toContain(`this log goes on as ${ORIGIN}`);
      }
      await expectRefusal('signer_refused', move(older));
      const again = await openOld(older, state);
      expect(again.ledger.fenced()).toBeUndefined();
      await ask(again.context, scene.queryAccess);
      await again.ledger.publisher.published((await headOf(older)).size, 10_000);
      await again.ledger.close();
      const third = await nextOf(fixture, `${ORIGIN}-3`);
      await move(older, third);
      expect(state.continuedBy()).toBe(third.origin);
    });

    it('it is not given up once its name has signed a tree of its own', async () => {
      const { plain, state, next, giveUp } = await moveBrokenOff('after its commit');
      const again = await reopen(plain, next);
      await newParty(again.context, 'bureau');
      await again.ledger.publisher.published((await headOf(plain)).size, 10_000);
      expectFailure('signer_refused', () => giveUp());
      expect(state.begun()?.name).toBe(NEXT_ORIGIN);
    });
  });
});
