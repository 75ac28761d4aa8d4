/** A new origin before witnesses: what they have cosigned of the old name counts, and the new one is another log to them. */
import { afterEach, describe, expect, inject, it } from 'vitest';
import { toHex, utf8 } from '#core/bytes.ts';
import { sha256 } from '#core/hash.ts';
import { formatCosignerVkey, formatVkey, verifierKey } from '#core/note/key.ts';
import { parsePolicy } from '#core/tlog/policy.ts';
import { parseSize, type TreeHead } from '#core/tlog/tree.ts';
import { auditLedger } from '#ledger/audit.ts';
import { continueUnderNewOrigin } from '#service/continue.ts';
import { loadHead } from '#store/head.ts';
import type { Store } from '#store/store.ts';
import { loadNewestWitnessed } from '#store/witnessed.ts';
import { openWitness } from '../../src/cli/witness/server.ts';
import { nativeEd25519, nativeP256 } from '../../src/native.ts';
import { newParty } from '../support/actors.ts';
import { backUp, restoreBackup } from '../support/backup.ts';
import { continuingOn, NEXT_ORIGIN, nextOf, openNext } from '../support/continued.ts';
import { expectRefusal } from '../support/failure.ts';
import { type Fixture, ORIGIN, openFixture } from '../support/ledger-fixture.ts';
import { memorySignerState } from '../support/signer-state.ts';
import { prepareScene } from '../support/witnessed-ledger.ts';

const postgresUrl = inject('postgresUrl');

describe('a log with witnesses that goes on under another name', () => {
  const open: { close(): void | Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each.close();
  });

  async function untilWitnessed(store: Store): Promise<{ readonly head: TreeHead; readonly note: string }> {
    const row = await store.read(loadHead);
    const head = { size: parseSize(row?.size), root: row?.root as TreeHead['root'] };
    const newest = () => store.read(loadNewestWitnessed);
    await expect.poll(async () => (await newest())?.size, { timeout: 10_000 }).toBe(head.size);
    return { head, note: (await newest())?.note as string };
  }

  function remembering(head: TreeHead) {
    const state = memorySignerState();
    state.advance(undefined, head);
    return state;
  }

  async function lost() {
    const scene = await prepareScene();
    open.push(...scene.witnesses);
    const fixture = await openFixture('postgres', { postgresUrl, keys: scene.keys, witnesses: scene.settings });
    open.push({ close: () => fixture.close().catch(() => {}) });
    await newParty(fixture.context, 'bureau');
    const left = await untilWitnessed(fixture.store);
    const backup = await backUp(fixture.store);
    await newParty(fixture.context, 'bureau');
    const between = await untilWitnessed(fixture.store);
    await newParty(fixture.context, 'bureau');
    const all = await untilWitnessed(fixture.store);
    await fixture.ledger.close();
    const copy = await restoreBackup('postgres', backup, postgresUrl);
    open.push(copy);
    const { policy, settings } = scene;
    const witnesses = { policy, call: settings.call, ed25519: nativeEd25519, clock: Date.now, answerWaitMs: 5_000 };
    return { scene, fixture, left, between, all, store: copy.store, witnesses };
  }

  it('is refused behind a checkpoint that is older than what a witness has cosigned, whatever else was set back', async () => {
    const { fixture, left, between, store, witnesses } = await lost();
    const on = { store, state: remembering(left.head), next: await nextOf(fixture), lost: between.note };
    await expectRefusal('behind', continueUnderNewOrigin(continuingOn(fixture, on, { witnesses })));
    expect((await store.read(loadHead))?.origin).toBe(ORIGIN);
  });

  it('is not moved while a witness does not say what it has cosigned: it may have seen more than is here', async () => {
    const { scene, fixture, all, witnesses } = await lost();
    const { store } = fixture;
    const state = remembering(all.head);
    const next = await nextOf(fixture);
    const moved = { lost: undefined, witnesses };
    const move = () => continueUnderNewOrigin(continuingOn(fixture, { store, state, next, lost: all.note }, moved));
    const answers = scene.network.hosts.get('b.example');
    for (const silent of [undefined, () => new Response('out of order', { status: 503 })]) {
      if (silent === undefined) scene.network.hosts.delete('b.example');
      else scene.network.hosts.set('b.example', silent);
      const refusal = await move().catch((failure: unknown) => failure);
      expect(refusal).toMatchObject({ code: 'behind', message: expect.stringContaining('b.example') });
      expect((await store.read(loadHead))?.origin).toBe(ORIGIN);
      expect([state.load(), state.continuedBy(), next.state.load()]).toEqual([all.head, undefined, undefined]);
    }
    // Where a tail is lost all the same, who is silent is named, and stops nothing.
    scene.network.hosts.set('b.example', answers as never);
    expect((await move()).loss).toMatchObject({ reason: 'moved', unheard: [] });
  });

  it('is cosigned as another log, from size 0 on; and what was lost is said to have been witnessed', async () => {
    const { scene, fixture, left, all, store, witnesses } = await lost();
    const next = await nextOf(fixture);
    const on = { store, state: remembering(all.head), next, lost: all.note };
    await continueUnderNewOrigin(continuingOn(fixture, on, { witnesses }));
    const vkey = verifierKey(NEXT_ORIGIN, next.keys.log.publicKey);
    for (const { name, key, state } of scene.witnesses) {
      const logs = new Map([
        [ORIGIN, [scene.vkey]],
        [NEXT_ORIGIN, [vkey]],
      ]);
      const means = { name, key, state, clock: Date.now, logs, ed25519: nativeEd25519 };
      const { fetch } = openWitness({ ...means, onSplitView: fail, onTrouble: fail });
      scene.network.hosts.set(name.replace('/w', ''), fetch);
    }
    const lines = [
      `log ${formatVkey(vkey)}`,
      ...scene.witnesses.map(({ name, vkey: by }) => {
        const host = name.replace('/w', '');
        return `witness ${host} ${formatCosignerVkey(by)} https://${host}/`;
      }),
      'group q all a.example b.example',
      'quorum q',
    ];
    const policy = parsePolicy(utf8(`${lines.join('\n')}\n`));
    const shownAt = (url: string) => `${url}/${toHex(sha256(utf8(NEXT_ORIGIN)))}/checkpoint`;
    const again: Fixture = await openNext(fixture, next, { store, witnesses: { ...scene.settings, policy, shownAt } });
    open.push({ close: () => again.ledger.close() });
    expect(again.ledger.fenced()).toBeUndefined();
    await newParty(again.context, 'bureau');
    const { head, note } = await untilWitnessed(store);
    expect(note.split('\n')[0]).toBe(NEXT_ORIGIN);
    for (const { state } of scene.witnesses) {
      expect(state.last(NEXT_ORIGIN)?.size).toBe(head.size);
      expect(state.last(ORIGIN)?.size).toBe(all.head.size);
      expect(state.evidence(ORIGIN)).toBeUndefined();
    }
    const { vault } = again.context;
    const terms = { policy, now: Date.now() };
    const report = await store.read((tx) =>
      auditLedger(tx, { vkey, vault, terms, ed25519: nativeEd25519, p256: nativeP256, entrySignatures: true }),
    );
    expect(report.findings).toEqual([]);
    expect(report.continued).toEqual([
      expect.objectContaining({ size: left.head.size, lost: all.head.size, proven: false, witnessed: true }),
    ]);
  });
});

function fail(): never {
  throw new Error('no witness finds anything');
}
