/** A ledger and its witnesses: what they cosign, what an outage does, and what they say against it. */
import { sql } from 'kysely';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { Failure } from '#core/failure.ts';
import { formatSignatureLines, parseNote } from '#core/note/note.ts';
import { openCheckpoint } from '#core/tlog/checkpoint.ts';
import { cosign } from '#core/tlog/cosignature.ts';
import { parseTlogProof } from '#core/tlog/proof.ts';
import { openWitnessed } from '#core/tlog/witnessed.ts';
import { parseEvidence } from '#ledger/witness-evidence.ts';
import { inclusionProof } from '#service/proofs.ts';
import { readStanding } from '#service/standing.ts';
import { loadNewestCheckpoint } from '#store/checkpoints.ts';
import { loadHead } from '#store/head.ts';
import { insertWitnessed, loadNewestWitnessed } from '#store/witnessed.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { newParty } from '../support/actors.ts';
import { auditAfter, rewriteHistory, rollBack, unprotect } from '../support/attack.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger, type Fixture, ORIGIN, openFixture, random } from '../support/ledger-fixture.ts';
import { memorySignerState } from '../support/signer-state.ts';
import { newWitness, type TestWitness } from '../support/witness.ts';
import { prepareScene, type Scene } from '../support/witnessed-ledger.ts';

describe('a ledger and its witnesses', () => {
  const open: { close(): void | Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each.close();
  });

  async function prepared(names?: readonly string[], quorum?: string): Promise<Scene> {
    const scene = await prepareScene(names, quorum);
    open.push(...scene.witnesses);
    return scene;
  }

  async function started(scene: Scene, options: Parameters<typeof openFixture>[1] = {}): Promise<Fixture> {
    const fixture = await openFixture('postgres', {
      postgresUrl: inject('postgresUrl'),
      keys: scene.keys,
      witnesses: scene.settings,
      ...options,
    });
    open.push({ close: () => fixture.close().catch(() => {}) });
    return fixture;
  }

  const write = (fixture: Fixture) => newParty(fixture.context, 'bureau');
  const sizeOf = async ({ store }: Fixture) => (await store.read(loadHead))?.size ?? 0;
  const witnessedSize = async ({ store }: Fixture) => (await store.read(loadNewestWitnessed))?.size ?? 0;

  async function untilWitnessed(fixture: Fixture): Promise<number> {
    const size = await sizeOf(fixture);
    await expect.poll(() => witnessedSize(fixture), { timeout: 10_000 }).toBe(size);
    return size;
  }

  it('serves checkpoints with the cosignatures of the quorum, and so do proofs', async () => {
    const scene = await prepared();
    const fixture = await started(scene);
    for (let i = 0; i < 3; i++) {
      await write(fixture);
      const size = await untilWitnessed(fixture);
      const newest = await fixture.ledger.publisher.newest();
      const { checkpoint, quorum } = await openWitnessed(newest?.note ?? '', scene.policy, nativeEd25519);
      expect(checkpoint.size).toBe(size);
      expect(quorum).toEqual({ met: true, organisations: ['a.example', 'b.example'] });
    }
    const { tlog_proof } = await inclusionProof(fixture.context, 0);
    const proved = await openWitnessed(parseTlogProof(tlog_proof ?? '').checkpoint, scene.policy, nativeEd25519);
    expect(proved.quorum.met).toBe(true);
    expect((await readStanding(fixture.context)).witnessed).toEqual({ size: await sizeOf(fixture), unmetSince: null });
    await checkLedger(fixture);
  });

  it('acknowledges writes while witnesses are down, says since when, and is witnessed again (attack 87)', async () => {
    const scene = await prepared();
    const fixture = await started(scene);
    await write(fixture);
    const before = await untilWitnessed(fixture);
    scene.network.hosts.delete('b.example');
    const since = Date.now();
    await write(fixture);
    await write(fixture);
    const size = await sizeOf(fixture);
    // Published under the log's key, as ever; what readers are served is what the quorum saw last.
    expect((await fixture.ledger.publisher.published(size, 5_000)).size).toBe(size);
    expect((await fixture.ledger.publisher.newest())?.size).toBe(before);
    expect((await fixture.ledger.publisher.published(before, 0)).note).toContain('— a.example/w');
    const later = { ...fixture.context, clock: () => (Date.now() + 3_600_000) as never };
    const { witnessed, fenced } = await readStanding(later);
    expect([witnessed?.size, fenced]).toEqual([before, null]);
    expect(Math.abs((witnessed?.unmetSince ?? 0) - since)).toBeLessThan(10_000);
    expect(fixture.logged.join('\n')).toContain('witness_unreachable');
    scene.network.hosts.set('b.example', (scene.witnesses[1] as TestWitness).fetch);
    expect(await untilWitnessed(fixture)).toBe(size);
    await checkLedger(fixture);
  });

  it('needs the quorum, not all of them, and asks each one thing at a time', async () => {
    const scene = await prepared(['a.example', 'b.example', 'c.example'], '2');
    scene.network.hosts.set('c.example', () => new Promise(() => {}));
    const fixture = await started(scene);
    for (let i = 0; i < 5; i++) {
      await write(fixture);
      await untilWitnessed(fixture);
    }
    expect(scene.network.inFlightMax).toBe(1);
    const { quorum } = await openWitnessed(
      (await fixture.ledger.publisher.newest())?.note ?? '',
      scene.policy,
      nativeEd25519,
    );
    expect(quorum.organisations).toEqual(['a.example', 'b.example']);
  });

  it('learns from a witness where it is, and proves from there (attack 85)', async () => {
    const scene = await prepared();
    const fixture = await started(scene);
    await write(fixture);
    await untilWitnessed(fixture);
    scene.network.hosts.delete('b.example');
    await write(fixture);
    await fixture.ledger.publisher.published(await sizeOf(fixture), 5_000);
    await fixture.ledger.close();
    // Another process knows nothing of them, and they are at different sizes.
    scene.network.hosts.set('b.example', (scene.witnesses[1] as TestWitness).fetch);
    const again = await started(scene, { again: fixture });
    await untilWitnessed(again);
    await write(again);
    await untilWitnessed(again);
    expect(again.ledger.fenced()).toBeUndefined();
  });

  it('says that a witness has forgotten what it cosigned, and goes on (attack 88)', async () => {
    const scene = await prepared();
    const fixture = await started(scene);
    await write(fixture);
    await untilWitnessed(fixture);
    const [, lost] = scene.witnesses as readonly [TestWitness, TestWitness];
    const reset = await newWitness(lost.name, [scene.vkey], { key: lost.key });
    open.push(reset);
    scene.network.hosts.set('b.example', reset.fetch);
    await write(fixture);
    await untilWitnessed(fixture);
    expect(fixture.logged.join('\n')).toContain('witness_forgot');
  });

  it('stores what was cosigned once its database is there again, though nothing grows', async () => {
    const scene = await prepared();
    let isDown = false;
    const fixture = await started(scene, {
      wrapStore: (store) => ({
        ...store,
        transaction(work) {
          if (isDown) return Promise.reject(new Failure('store_unavailable', 'down'));
          return store.transaction(work);
        },
      }),
    });
    const { fetch } = scene.witnesses[1] as TestWitness;
    await write(fixture);
    await untilWitnessed(fixture);
    scene.network.hosts.set('b.example', (request) => {
      isDown = true;
      return fetch(request);
    });
    const size = await sizeOf(fixture);
    await write(fixture);
    await expect.poll(() => fixture.logged.join('\n'), { timeout: 5_000 }).toContain('witness_not_heard');
    expect(await witnessedSize(fixture)).toBe(size);
    isDown = false;
    await untilWitnessed(fixture);
  });

  it('never serves a smaller checkpoint after a larger one (attack 24)', async () => {
    const scene = await prepared();
    const fixture = await started(scene);
    await write(fixture);
    const size = await untilWitnessed(fixture);
    const row = await fixture.store.read(loadNewestWitnessed);
    await fixture.store.transaction((tx) => insertWitnessed(tx, { ...row!, size: size - 1, note: 'older' }));
    await fixture.store.transaction((tx) => insertWitnessed(tx, { ...row!, note: 'other' }));
    expect(await fixture.store.read(loadNewestWitnessed)).toEqual(row);
  });

  it('serves nothing smaller where its policy is taken away, and given back while no witness answers (attack 24)', async () => {
    const scene = await prepared();
    const served: (number | undefined)[] = [];
    const serve = async (fixture: Fixture) => {
      await write(fixture);
      // Signed, and so what a process without a policy serves.
      await fixture.ledger.publisher.published(await sizeOf(fixture), 5_000);
      served.push((await fixture.ledger.publisher.newest())?.size);
    };
    const first = await started(scene);
    await write(first);
    served.push(await untilWitnessed(first));
    await first.ledger.close();
    const alone = await started(scene, { again: first, witnesses: undefined });
    await serve(alone);
    expect(served[1]).toBe((served[0] as number) + 1);
    await alone.ledger.close();
    const hosts = [...scene.network.hosts];
    scene.network.hosts.clear();
    const back = await started(scene, { again: first });
    await serve(back);
    // What is signed beyond it waits for the quorum, as ever.
    expect(served[2]).toBe(served[1]);
    // A process beside it serves the same, whatever its own settings are.
    const beside = await started(scene, { again: first, witnesses: undefined, signerState: null });
    expect((await beside.ledger.publisher.newest())?.size).toBe(served[2]);
    for (const [host, answers] of hosts) scene.network.hosts.set(host, answers);
    const size = await untilWitnessed(back);
    expect(await back.ledger.publisher.newest()).toEqual(await back.store.read(loadNewestWitnessed));
    expect(size).toBeGreaterThan(served[2] as number);
    await checkLedger(back);
  });

  it('serves nothing smaller where the first quorum cosigns less than was served before it (attack 24)', async () => {
    const scene = await prepared();
    scene.network.hosts.clear();
    const fixture = await started(scene);
    await write(fixture);
    const { row, served } = await fixture.store.read(async (tx) => ({
      row: await loadNewestCheckpoint(tx),
      served: await fixture.ledger.publisher.newest().then((each) => each?.size),
    }));
    expect(served).toBe(row?.size);
    await write(fixture);
    await fixture.ledger.publisher.published(await sizeOf(fixture), 5_000);
    const before = (await fixture.ledger.publisher.newest())?.size;
    expect(before).toBe(await sizeOf(fixture));
    // A quorum that has cosigned the older one is heard only now.
    await fixture.store.transaction((tx) => insertWitnessed(tx, row!));
    expect((await fixture.ledger.publisher.newest())?.size).toBe(before);
  });

  it('is audited as a whole: what readers were served is of the same tree (attacks 15, 16)', async () => {
    const scene = await prepared();
    const fixture = await started(scene);
    for (let i = 0; i < 3; i++) {
      await write(fixture);
      await untilWitnessed(fixture);
    }
    await checkLedger(fixture);
    const attacks = [
      sql`update witnessed set note = (select note from checkpoints order by size limit 1)`,
      sql`update witnessed set note = replace(note, 'consent', 'other') || 'x'`,
      sql`update witnessed set root = decode(repeat('00', 32), 'hex')`,
      sql`insert into witnessed select size + 700, root, note from witnessed order by size desc limit 1`,
    ];
    for (const attack of attacks) {
      const { findings } = await auditAfter(fixture, (tx) => attack.execute(tx));
      expect(findings.map(({ code }) => code)).toContain('checkpoint');
    }
    await checkLedger(fixture);
  });

  it('stops the other processes of the ledger, too, when a witness contradicts it', async () => {
    const scene = await prepared();
    const fixture = await started(scene);
    await write(fixture);
    await untilWitnessed(fixture);
    const other = await started(scene, { again: fixture, signerState: null });
    await write(other);
    await untilWitnessed(other);
    expect(other.ledger.fenced()).toBeUndefined();
    scene.network.hosts.set('a.example', () => new Response('x', { status: 422 }));
    await write(other);
    await expect.poll(() => fixture.ledger.fenced(), { timeout: 10_000 }).toContain('does not continue');
    await expect.poll(() => other.ledger.fenced(), { timeout: 10_000 }).toContain('does not continue');
    await expectRefusal('read_only', write(other));
  });

  describe('answered by one witness with', () => {
    const at = (timeSeconds: number) => async (request: Request, key: TestWitness) => {
      const body = await request.text();
      const { text } = parseNote(body.slice(body.indexOf('\n\n') + 2));
      return new Response(formatSignatureLines([await cosign(text, key.name, key.key, timeSeconds)]));
    };
    const now = () => Math.floor(Date.now() / 1_000);
    const size =
      (body: string, type = 'text/x.tlog.size') =>
      () =>
        new Response(body, { status: 409, headers: { 'content-type': type } });
    const endless = () =>
      new Response(new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array(65_536).fill(0x61)) }));
    const bad: readonly (readonly [
      string,
      (request: Request, witness: TestWitness) => Response | Promise<Response>,
    ])[] = [
      ['nothing', () => new Response('')],
      ['junk', () => new Response('<html></html>')],
      ['bytes that are no text', () => new Response(Uint8Array.of(0xff, 0xfe))],
      ['an endless body', endless],
      [
        'a cosignature by another key',
        async (request, witness) => at(now())(request, { ...witness, key: await nativeEd25519.importSeed(random(32)) }),
      ],
      [
        'a cosignature of another checkpoint',
        async (_, { name, key }) => new Response(formatSignatureLines([await cosign('x\n1\ny\n', name, key, now())])),
      ],
      ['a cosignature of tomorrow', (request, witness) => at(now() + 86_400)(request, witness)],
      ['a cosignature of yesterday', (request, witness) => at(now() - 86_400)(request, witness)],
      ['the checkpoint instead of a cosignature', async (request) => new Response(await request.text())],
      ['a size that is none', size('many\n')],
      ['a size with a sign', size('+1\n')],
      ['a size beyond all numbers', size(`${2n ** 64n}\n`)],
      ['size 0 for ever', size('0\n')],
      ['size 1 for ever', size('1\n')],
      ['a size in another media type', size('0\n', 'text/html')],
      ['400', () => new Response('x', { status: 400 })],
      ['403', () => new Response('x', { status: 403 })],
      ['404', () => new Response('x', { status: 404 })],
      ['422 to its first checkpoint', () => new Response('x', { status: 422 })],
      ['429', () => new Response('x', { status: 429 })],
      ['500', () => new Response('x', { status: 500 })],
      [
        'a redirect',
        () => new Response(null, { status: 302, headers: { location: 'https://a.example/add-checkpoint' } }),
      ],
      ['silence', () => new Promise<Response>(() => {})],
    ];

    it.each(bad)('%s: it counts for nothing, and stops nothing (attacks 85, 86)', async (_, answer) => {
      const scene = await prepared();
      const crooked = scene.witnesses[1] as TestWitness;
      scene.network.hosts.set('b.example', (request) => answer(request, crooked));
      const fixture = await started({ ...scene, settings: { ...scene.settings, answerWaitMs: 200, startWaitMs: 100 } });
      await write(fixture);
      const total = await sizeOf(fixture);
      expect((await fixture.ledger.publisher.published(total, 5_000)).size).toBe(total);
      await expect.poll(() => scene.witnesses[0]?.state.last(ORIGIN)?.size, { timeout: 5_000 }).toBe(total);
      await expect.poll(() => fixture.logged.join('\n'), { timeout: 5_000 }).toMatch(/witness_(?:failed|refused)/);
      expect(await witnessedSize(fixture)).toBe(0);
      expect(fixture.ledger.fenced()).toBeUndefined();
      expect(scene.shelf.load()).toBeUndefined();
      // And it is heard again once it is itself.
      if (fixture.logged.join('\n').includes('witness_refused')) return;
      scene.network.hosts.set('b.example', crooked.fetch);
      await untilWitnessed(fixture);
    });
  });

  describe('rolled back', () => {
    /** A ledger whose witnesses have seen all of it, and whose database, signer included, is of an earlier day. */
    async function rolledBack(
      scene: Scene,
    ): Promise<{ fixture: Fixture; seen: number; state: ReturnType<typeof memorySignerState> }> {
      const fixture = await started(scene);
      for (let i = 0; i < 4; i++) await write(fixture);
      const seen = await untilWitnessed(fixture);
      await fixture.ledger.close();
      await rollBack(fixture, 3);
      const head = await fixture.store.read(loadHead);
      const state = memorySignerState();
      state.advance(undefined, { size: head!.size as never, root: head!.root });
      return { fixture, seen, state };
    }

    it('with its signer’s memory, it is stopped by its witnesses before it signs anything (attacks 19, 20)', async () => {
      const scene = await prepared();
      const { fixture, seen, state } = await rolledBack(scene);
      // The day's checkpoint is there, as it was.
      const { insertCheckpoint } = await import('#store/checkpoints.ts');
      const { signCheckpoint } = await import('#core/tlog/checkpoint.ts');
      const head = (await fixture.store.read(loadHead))!;
      const note = await signCheckpoint({ origin: ORIGIN, size: head.size as never, root: head.root }, scene.keys.log);
      await fixture.store.transaction((tx) => insertCheckpoint(tx, { size: head.size, root: head.root, note }));

      const again = await started(scene, { again: fixture, signerState: state });
      expect(again.ledger.fenced()).toContain(`has cosigned ${seen} entries, more than were ever signed here`);
      await expectRefusal('read_only', write(again));
      expect(state.load()?.size).toBe(3);
      await expect
        .poll(() => parseEvidence(scene.shelf.load() ?? '').their_checkpoint, { timeout: 5_000 })
        .not.toBeNull();
      const evidence = parseEvidence(scene.shelf.load() ?? '');
      expect(evidence).toMatchObject({
        kind: 'ahead',
        their_size: seen,
        status: 409,
        answer: `${seen}\n`,
        checkpoint: note,
      });
      // What the witness shows is signed by this log itself: nobody needs to believe the witness.
      const shown = await openCheckpoint(evidence.their_checkpoint ?? '', scene.vkey, nativeEd25519);
      expect(shown.size).toBe(seen);
    });

    it('stays stopped while the evidence is there, whether or not a witness answers', async () => {
      const scene = await prepared();
      const { fixture, state } = await rolledBack(scene);
      scene.shelf.keep('{}');
      await expectRefusal('config_invalid', started(scene, { again: fixture, signerState: state }));
      scene.shelf.take();
      scene.network.hosts.clear();
      const blind = await started(scene, { again: fixture, signerState: state });
      // Nobody answers: it can't know yet. The first witness that is there again stops it.
      expect(blind.ledger.fenced()).toBeUndefined();
      await write(blind);
      for (const [at, witness] of scene.witnesses.entries()) {
        scene.network.hosts.set(at === 0 ? 'a.example' : 'b.example', witness.fetch);
      }
      await expect.poll(() => blind.ledger.fenced(), { timeout: 10_000 }).toContain('the witness');
      await expectRefusal('read_only', write(blind));
      const signed = state.load()?.size;
      await blind.ledger.close();
      scene.network.hosts.clear();
      const later = await started(scene, { again: fixture, signerState: state });
      expect(later.ledger.fenced()).toContain('the witness');
      await later.ledger.close();
      expect(state.load()?.size).toBe(signed);
    });

    it('and forked, it is stopped by the first witness that saw the other tree (attacks 4, 22, 26)', async () => {
      const scene = await prepared();
      const fixture = await started(scene);
      for (let i = 0; i < 3; i++) await write(fixture);
      const seen = await untilWitnessed(fixture);
      await fixture.ledger.close();
      // A keeper with all keys and all rights makes another history, and clears what remembers the old one.
      await fixture.store.transaction(async (tx) => {
        await unprotect(tx);
        await rewriteHistory(tx, fixture, (entry, index) =>
          index === 2 ? { ...entry, body: { ...entry.body, name: '另一家' } } : entry,
        );
      });
      const head = (await fixture.store.read(loadHead))!;
      const state = memorySignerState();
      state.advance(undefined, { size: head.size as never, root: head.root });
      expect((await fixture.store.read(loadNewestCheckpoint))?.size).toBe(seen);
      const again = await started(scene, { again: fixture, signerState: state });
      expect(again.ledger.fenced()).toContain('does not continue the one it cosigned');
      await expectRefusal('read_only', write(again));
      // The witness holds the proof that needs no belief.
      expect(scene.witnesses.some(({ forked }) => forked.includes(ORIGIN))).toBe(true);
    });

    it('is told so by a size alone, later, too, and writes nothing from then on', async () => {
      const scene = await prepared();
      const fixture = await started(scene);
      await write(fixture);
      const size = await untilWitnessed(fixture);
      scene.network.hosts.set(
        'a.example',
        () =>
          new Response(`${size + 700}\n`, {
            status: 409,
            headers: { 'content-type': 'text/x.tlog.size; charset=utf-8' },
          }),
      );
      await write(fixture);
      await expect.poll(() => fixture.ledger.fenced(), { timeout: 10_000 }).toContain(`${size + 700} entries`);
      await expectRefusal('read_only', write(fixture));
      expect(parseEvidence(scene.shelf.load() ?? '')).toMatchObject({ kind: 'ahead', witness: 'a.example' });
      expect(fixture.logged.join('\n')).toContain('fenced');
      // Somebody who was not told writes on: nothing of that is signed, also not at the end.
      const untold = await started(scene, { again: fixture, signerState: null, witnesses: undefined });
      await write(untold);
      const signed = fixture.signerState.load()?.size;
      expect(signed).toBeLessThan(await sizeOf(untold));
      await fixture.ledger.close();
      expect(fixture.signerState.load()?.size).toBe(signed);
    });
  });

  it('damaged evidence is no reason to go on', () => {
    for (const text of ['', '{}', 'x']) {
      expect(() => parseEvidence(text)).toThrow(Failure);
    }
  });
});
