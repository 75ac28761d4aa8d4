/**
 * A restore of a ledger whose witnesses are there (design §7; log/attacks.md 4, 18 to 22, 25): the quorum cosigns again
 * behind it, and no witness ever sees a second tree of it, whatever was set back with the database.
 */
import { afterEach, describe, expect, inject, it } from 'vitest';
import { type Hash, hashText } from '#core/hash.ts';
import type { PolicyWitness } from '#core/tlog/policy.ts';
import { parseSize, type TreeHead } from '#core/tlog/tree.ts';
import { openWitnessed } from '#core/tlog/witnessed.ts';
import type { Hearing } from '#ledger/hear-witnesses.ts';
import type { SignerState } from '#ledger/signer.ts';
import { parseEvidence } from '#ledger/witness-evidence.ts';
import { type CeremonyOptions, restoreFromMirror } from '#service/restore.ts';
import { loadHead } from '#store/head.ts';
import type { Store } from '#store/store.ts';
import { loadNewestWitnessed } from '#store/witnessed.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { ask, newParty, type Party, revoke, signedScene } from '../support/actors.ts';
import { type Backup, backUp, ceremonyOn, type Mirror, mirrorOf, restoreBackup } from '../support/backup.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger, type Fixture, ORIGIN, openFixture } from '../support/ledger-fixture.ts';
import { memorySignerState } from '../support/signer-state.ts';
import { newWitness, type TestWitness } from '../support/witness.ts';
import { prepareScene, type Scene } from '../support/witnessed-ledger.ts';

const postgresUrl = inject('postgresUrl');

describe('a restore of a ledger that has witnesses', () => {
  const open: { close(): void | Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each.close();
  });

  async function headOf(store: Store): Promise<TreeHead> {
    const head = await store.read(loadHead);
    return { size: parseSize(head?.size), root: head?.root as Hash };
  }

  const witnessedSize = async (store: Store) => (await store.read(loadNewestWitnessed))?.size ?? 0;

  async function untilWitnessed({ store }: Fixture): Promise<TreeHead> {
    const head = await headOf(store);
    await expect.poll(() => witnessedSize(store), { timeout: 10_000 }).toBe(head.size);
    return head;
  }

  function remembering(head: TreeHead): SignerState {
    const state = memorySignerState();
    state.advance(undefined, head);
    return state;
  }

  /** A ledger whose quorum has cosigned all of it, then more, and more again; and what was kept of it on the way. */
  interface Lost {
    readonly scene: Scene;
    readonly fixture: Fixture;
    readonly acts: Awaited<ReturnType<typeof signedScene>>;
    readonly backup: Backup;
    readonly from: TreeHead;
    /** Of a time between the backup and the end. */
    readonly older: Mirror;
    readonly between: TreeHead;
    readonly mirror: Mirror;
    readonly to: TreeHead;
  }

  async function lost(): Promise<Lost> {
    const scene = await prepareScene();
    open.push(...scene.witnesses);
    const fixture = await openFixture('postgres', { postgresUrl, keys: scene.keys, witnesses: scene.settings });
    open.push({ close: () => fixture.close().catch(() => {}) });
    const { context, store } = fixture;
    const auditor = await newParty(context, 'auditor');
    const acts = await signedScene(context);
    expect((await ask(context, acts.reportAccess)).decision).toBe('allow');
    const from = await untilWitnessed(fixture);
    const backup = await backUp(store);
    await newParty(context, 'bureau');
    const between = await untilWitnessed(fixture);
    const older = await keptMirror(fixture, auditor);
    await revoke(context, acts.lender, acts.person, acts.report);
    const to = await untilWitnessed(fixture);
    const mirror = await keptMirror(fixture, auditor);
    await fixture.ledger.close();
    expect(fixture.signerState.load()).toEqual(to);
    return { scene, fixture, acts, backup, from, older, between, mirror, to };
  }

  async function keptMirror(fixture: Fixture, auditor: Party): Promise<Mirror> {
    const mirror = await mirrorOf(fixture, auditor);
    open.push({ close: () => mirror.remove() });
    return mirror;
  }

  async function setBack({ backup }: Lost): Promise<Store> {
    const copy = await restoreBackup('postgres', backup, postgresUrl);
    open.push(copy);
    return copy.store;
  }

  /** The server again, on this database, with its witnesses. */
  async function reopen({ scene, fixture }: Lost, store: Store, signerState: SignerState): Promise<Fixture> {
    const again = await openFixture('postgres', {
      ...{ again: fixture, witnesses: scene.settings, signerState, wrapStore: () => store },
    });
    open.push({ close: () => again.ledger.close() });
    return again;
  }

  /** How the command asks them. */
  function hearing({ scene: { policy, settings } }: Lost): Hearing {
    return { policy, call: settings.call, ed25519: nativeEd25519, clock: Date.now, answerWaitMs: 5_000 };
  }

  /** As the command does it, which asks the witnesses, and the shelf what one of them said. */
  async function ceremony(
    of: Lost,
    store: Store,
    state: SignerState,
    change: Partial<CeremonyOptions> & { readonly from?: Mirror } = {},
  ) {
    const { scene, fixture, mirror } = of;
    const { from = mirror, ...others } = change;
    const witnesses = hearing(of);
    const said = scene.shelf.load();
    const evidence = said === undefined ? undefined : parseEvidence(said);
    return restoreFromMirror(
      await ceremonyOn(fixture, { store, mirror: from.folder, state }, { evidence, witnesses, ...others }),
    );
  }

  const remembered = ({ scene }: Lost) => scene.witnesses.map(({ state }) => state.last(ORIGIN)?.size);

  /** No witness has seen a second tree of this log, or anything that it could not judge. */
  function expectOneHistory({ scene }: Lost): void {
    for (const { forked, troubles, state } of scene.witnesses) {
      expect(forked).toEqual([]);
      expect(troubles).toEqual([]);
      expect(state.evidence(ORIGIN)).toBeUndefined();
    }
  }

  async function expectCosigned(of: Lost, again: Fixture): Promise<void> {
    expect(again.ledger.fenced()).toBeUndefined();
    await newParty(again.context, 'bureau');
    const head = await untilWitnessed(again);
    expect(head.size).toBeGreaterThan(of.to.size + 1);
    const newest = await again.ledger.publisher.newest();
    const { checkpoint, quorum } = await openWitnessed(newest?.note ?? '', of.scene.policy, nativeEd25519);
    expect(checkpoint.size).toBe(head.size);
    expect(quorum).toEqual({ met: true, organisations: ['a.example', 'b.example'] });
    expect(remembered(of)).toEqual([head.size, head.size]);
    expectOneHistory(of);
    expect(again.ledger.fenced()).toBeUndefined();
    // What was taken back in the tail is taken back still (I11).
    expect((await ask(again.context, of.acts.reportAccess)).codes).toContain('REVOKED');
    // Every checkpoint that was ever cosigned, those of before the loss among them, is of the one tree (I5).
    await untilWitnessed(again);
    await checkLedger(again);
  }

  it('18: is cosigned again by the quorum, which never sees a second tree', async () => {
    const of = await lost();
    const store = await setBack(of);
    const state = remembering(of.to);
    const fenced = await reopen(of, store, state);
    expect(fenced.ledger.fenced()).toContain('was an old backup restored?');
    await expectRefusal('read_only', ask(fenced.context, of.acts.reportAccess));
    await fenced.ledger.close();
    expect(remembered(of)).toEqual([of.to.size, of.to.size]);
    const done = await ceremony(of, store, state);
    expect(done?.entry.entry.body).toMatchObject({
      ...{ from_size: of.from.size, size: of.to.size, root: hashText(of.to.root), signed_size: of.to.size },
    });
    expect(done?.tail.unheard).toEqual([]);
    // The ceremony itself signs no checkpoint and has none cosigned: the server does, when it is started.
    expect(remembered(of)).toEqual([of.to.size, of.to.size]);
    expect(state.load()).toEqual(of.to);
    await expectCosigned(of, await reopen(of, store, state));
  });

  it('19, 20: is cosigned again where the signer’s memory was set back, too, and a witness told it so', async () => {
    const of = await lost();
    const store = await setBack(of);
    const state = remembering(of.from);
    const fenced = await reopen(of, store, state);
    expect(fenced.ledger.fenced()).toContain(`has cosigned ${of.to.size} entries, more than were ever signed here`);
    await expectRefusal('read_only', ask(fenced.context, of.acts.reportAccess));
    await fenced.ledger.close();
    expect(state.load()).toEqual(of.from);
    expect(parseEvidence(of.scene.shelf.load() ?? '')).toMatchObject({ kind: 'ahead', their_size: of.to.size });
    // A mirror that has less than the witness saw would make a second tree.
    const untouched = await backUp(store);
    const isSignerSetBack = true;
    await expectRefusal('behind', ceremony(of, store, state, { from: of.older, isSignerSetBack }));
    expect(await backUp(store)).toEqual(untouched);
    const done = await ceremony(of, store, state, { isSignerSetBack });
    expect(done?.entry.entry.body).toMatchObject({ size: of.to.size, signed_size: of.from.size });
    // The evidence stays, and stops nothing any more: the database holds what it names.
    expect(of.scene.shelf.load()).toBeDefined();
    await expectCosigned(of, await reopen(of, store, state));
  });

  it('19, 28: is refused from a mirror that is older than what a witness has cosigned, and writes nothing', async () => {
    const of = await lost();
    const store = await setBack(of);
    const state = remembering(of.from);
    const untouched = await backUp(store);
    const { hosts } = of.scene.network;
    const [a, b] = of.scene.witnesses as readonly [TestWitness, TestWitness];
    const isSignerSetBack = true;
    const tooOld = { from: of.older, isSignerSetBack };
    await expectRefusal('behind', ceremony(of, store, state, tooOld));
    hosts.delete('a.example');
    await expectRefusal('behind', ceremony(of, store, state, tooOld));
    // One that has cosigned another tree of this size says so by either version of the protocol.
    for (const status of [409, 422]) {
      hosts.set('b.example', () => new Response('x', { status }));
      await expectRefusal('proof_invalid', ceremony(of, store, state, { isSignerSetBack }));
    }
    expect(await backUp(store)).toEqual(untouched);
    expect(state.load()).toEqual(of.from);
    // What says nothing of where it is stops nothing, and is named; and who is asked cosigns nothing new.
    const fresh = await newWitness('c.example/w', [of.scene.vkey]);
    open.push(fresh);
    hosts.set('a.example', a.fetch).set('b.example', b.fetch).set('c.example', fresh.fetch);
    const witnesses = [...hearing(of).policy.witnesses];
    const [like] = witnesses as [PolicyWitness];
    const silent: readonly (readonly [string, (() => Response | Promise<Response>) | undefined])[] = [
      ['down.example', undefined],
      ['mute.example', () => new Promise(() => {})],
      ['ill.example', () => new Response('x', { status: 500 })],
      ['junk.example', () => new Response('<html></html>')],
      ['odd.example', () => sized('many')],
      ['same.example', () => sized(`${of.to.size}\n`)],
      ['stranger.example', () => new Response('x', { status: 404 })],
    ];
    for (const [host, answer] of silent) {
      if (answer !== undefined) hosts.set(host, answer);
      witnesses.push({ ...like, name: host, url: `https://${host}/` });
    }
    witnesses.push({ ...like, name: 'c', url: 'https://c.example/', key: fresh.vkey });
    witnesses.push({ ...like, name: 'believed', url: undefined });
    const policy = { ...hearing(of).policy, witnesses };
    const done = await ceremony(of, store, state, { isSignerSetBack, witnesses: { ...hearing(of), policy } });
    expect(done?.tail.unheard).toEqual([...silent.map(([host]) => host), 'believed']);
    expect(fresh.state.last(ORIGIN)).toBeUndefined();
    expect(remembered(of)).toEqual([of.to.size, of.to.size]);
    await expectCosigned(of, await reopen(of, store, state));
  });

  const sized = (body: string) => new Response(body, { status: 409, headers: { 'content-type': 'text/x.tlog.size' } });

  it('19, 28: from a mirror that is too old, while no witness answers, is stopped by them before it signs', async () => {
    const of = await lost();
    const store = await setBack(of);
    const state = remembering(of.from);
    const there = new Map(of.scene.network.hosts);
    of.scene.network.hosts.clear();
    const done = await ceremony(of, store, state, { from: of.older, isSignerSetBack: true });
    expect(done?.tail.unheard).toEqual(['a.example', 'b.example']);
    for (const [host, answers] of there) of.scene.network.hosts.set(host, answers);
    expect(done?.tail.to).toMatchObject(of.between);
    const fenced = await reopen(of, store, state);
    expect(fenced.ledger.fenced()).toContain(`has cosigned ${of.to.size} entries, more than were ever signed here`);
    await expectRefusal('read_only', ask(fenced.context, of.acts.reportAccess));
    await fenced.ledger.close();
    // Nothing of the second tree is signed or shown; the witnesses stand where they stood.
    expect(state.load()).toMatchObject(of.between);
    expect(remembered(of)).toEqual([of.to.size, of.to.size]);
    expectOneHistory(of);
    // That database is of another history now, for good: the newer mirror is put behind the backup again.
    await expectRefusal('proof_invalid', ceremony(of, store, state, { isSignerSetBack: true }));
    const anew = await setBack(of);
    await ceremony(of, anew, state, { isSignerSetBack: true });
    await expectCosigned(of, await reopen(of, anew, state));
  });

  it('31, 87: broken off while a witness is down, is whole when run again, and cosigned once it is back', async () => {
    const of = await lost();
    const store = await setBack(of);
    const state = remembering(of.to);
    const down = of.scene.network.hosts.get('b.example');
    of.scene.network.hosts.delete('b.example');
    let count = 0;
    const failing: Store = {
      ...store,
      async transaction(work) {
        if (++count === 2) throw new Error('the connection is lost');
        return store.transaction(work);
      },
    };
    await expect(ceremony(of, failing, state)).rejects.toThrow('the connection is lost');
    const fenced = await reopen(of, store, state);
    await expectRefusal('read_only', ask(fenced.context, of.acts.reportAccess));
    await fenced.ledger.close();
    const done = await ceremony(of, store, state);
    expect(done?.tail.unheard).toEqual(['b.example']);
    const again = await reopen(of, store, state);
    await newParty(again.context, 'bureau');
    const { size } = await headOf(store);
    expect((await again.ledger.publisher.published(size, 10_000)).size).toBe(size);
    // One of two is no quorum: what readers are served is what both had seen before, never less.
    expect(await witnessedSize(store)).toBeLessThanOrEqual(of.to.size);
    expect(again.ledger.fenced()).toBeUndefined();
    of.scene.network.hosts.set('b.example', down as NonNullable<typeof down>);
    await expectCosigned(of, again);
  });
});
