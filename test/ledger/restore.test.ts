/**
 * The restore ceremony (design §7, I11; log/attacks.md 18 to 30): a database that was set back gets its tail from a mirror,
 * whole and proven, under two keys, or nothing at all.
 */
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { concat } from '#core/bytes.ts';
import type { JsonObject } from '#core/canonical.ts';
import { Failure } from '#core/failure.ts';
import { hashLeaf, hashText } from '#core/hash.ts';
import { signCheckpoint } from '#core/tlog/checkpoint.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { parseSize, type TreeHead } from '#core/tlog/tree.ts';
import type { ErasureShelf } from '#ledger/erasure-journal.ts';
import type { MirrorFiles } from '#ledger/restore-plan.ts';
import type { SignerState } from '#ledger/signer.ts';
import type { WitnessEvidence } from '#ledger/witness-evidence.ts';
import { publishPack } from '#service/packs.ts';
import { type CeremonyOptions, restoreFromMirror } from '#service/restore.ts';
import { loadHead } from '#store/head.ts';
import type { Store } from '#store/store.ts';
import { readShipped } from '../../src/cli/packs/publish.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { readMirror } from '../../src/node/mirror.ts';
import { ask, calledByKeeper, newParty, type Party, revoke, signedScene } from '../support/actors.ts';
import { appendForged, auditAfter } from '../support/attack.ts';
import {
  type Backup,
  backUp,
  type Copy,
  ceremonyOn,
  type Mirror,
  mirrorOf,
  restoreBackup,
  signingBy,
} from '../support/backup.ts';
import { expectRefusal } from '../support/failure.ts';
import {
  checkLedger,
  DATABASES,
  type Fixture,
  keeperOf,
  ORIGIN,
  openFixture,
  random,
} from '../support/ledger-fixture.ts';
import { askPermit, newQuery, present, settleAs } from '../support/releases.ts';
import { memorySignerState } from '../support/signer-state.ts';

/** What was derived of entries and has to be there again, row by row. */
const DERIVED = [
  'entries',
  'access_steps',
  'tiles',
  'ids',
  'notices',
  'acknowledgements',
  'part_digests',
  'packs',
] as const;

const postgresUrl = inject('postgresUrl');

describe.each(DATABASES)('a restore on %s', (database) => {
  /** The ceremony knows no difference between the databases: on the slower one to start, only its main cases run. */
  const isServer = database === 'postgres';
  let fixture: Fixture;
  let scene: Awaited<ReturnType<typeof signedScene>>;
  let backup: Backup;
  let whole: Backup;
  let older: Mirror;
  let mirror: Mirror;
  /** A database that was set back and stays so: everything on it is refused. */
  let spare: Copy;
  let untouched: Backup;
  let from: TreeHead;
  let to: TreeHead;
  const copies: Copy[] = [];
  const opened: Fixture[] = [];

  beforeAll(async () => {
    fixture = await openFixture(database, { postgresUrl });
    const { context } = fixture;
    scene = await signedScene(context);
    const auditor: Party = await newParty(context, 'auditor');
    await Promise.all(Array.from({ length: 130 }, () => ask(context, scene.reportAccess)));
    await fixture.store.transaction((tx) =>
      sql`insert into sessions (token, nonce, person, seq, statement, signature, started_at, last_used_at)
        values (${random(32)}, 'n', 'p', 0, '{}', 's', ${context.clock()}, ${context.clock()})`.execute(tx),
    );
    await fixture.store.transaction((tx) =>
      sql`insert into device_invitations (person, token, handle, expires_at)
        values ('p', ${random(32)}, 'h', ${context.clock()})`.execute(tx),
    );
    from = await headOf(fixture.store);
    backup = await backUp(fixture.store);
    await ask(context, scene.reportAccess, 'asked in the tail');
    older = await mirrorOf(fixture, auditor);
    await writeTail();
    to = await headOf(fixture.store);
    mirror = await mirrorOf(fixture, auditor);
    whole = await backUp(fixture.store);
    spare = await restoreBackup(database, backup, postgresUrl);
    untouched = await backUp(spare.store);
  }, 180_000);
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.ledger.close();
    for (const each of copies.splice(0)) await each.close();
  });
  afterAll(async () => {
    mirror.remove();
    older.remove();
    await spare.close();
    await fixture.close();
  });

  /** Something of everything that leaves rows behind, over more than one page. */
  async function writeTail(): Promise<void> {
    const { context } = fixture;
    await signedScene(context);
    const { access, permit } = await askPermit(context, await newQuery(context, scene));
    await present(context, scene.bureau, { access, permit });
    await settleAs(context, scene.bureau, access, 'released');
    const [pack] = await readShipped();
    await publishPack(context, await calledByKeeper(context, '/v1/packs', { pack } as never), pack as never);
    await Promise.all(Array.from({ length: 130 }, () => ask(context, scene.reportAccess)));
    await revoke(context, scene.lender, scene.person, scene.report);
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

  /** The signer's memory of a tree, apart from the other tests'. */
  function remembering(head: TreeHead = to): SignerState {
    const state = memorySignerState();
    state.advance(undefined, head);
    return state;
  }

  async function ceremony(store: Store, state: SignerState, change: Partial<CeremonyOptions> = {}) {
    return restoreFromMirror(await ceremonyOn(fixture, { store, mirror: mirror.folder, state }, change));
  }

  async function reopen(store: Store, state: SignerState | null): Promise<Fixture> {
    const again = await openFixture(database, { again: fixture, wrapStore: () => store, signerState: state });
    opened.push(again);
    return again;
  }

  async function expectFenced(store: Store, state: SignerState | null): Promise<void> {
    const again = await reopen(store, state);
    expect(again.ledger.fenced()).toContain('was an old backup restored?');
    await expectRefusal('read_only', ask(again.context, scene.reportAccess));
    await again.ledger.close();
  }

  async function expectWhole(store: Store, state: SignerState): Promise<Fixture> {
    const again = await reopen(store, state);
    expect(again.ledger.fenced()).toBeUndefined();
    await checkLedger(again);
    await newParty(again.context, 'bureau');
    await checkLedger(again);
    return again;
  }

  it('18, 30: puts the tail back byte for byte, says so in the log, and the server comes up writable', async () => {
    const store = await setBack();
    const state = remembering();
    await expectFenced(store, state);
    const done = await ceremony(store, state);
    expect(done?.entry.index).toBe(to.size);
    expect(done?.entry.entry.body).toMatchObject({
      ...{ from_size: from.size, from_root: hashText(from.root), size: to.size, root: hashText(to.root) },
      ...{ source: 'mirror', signed_size: to.size, erasures: 0, auth: 'http-sig' },
      by: keeperOf(fixture.context).map(({ stream }) => ({ party: stream.slice('party/'.length) })),
    });
    expect(done?.tail.lost.parts).toBeGreaterThan(0);
    expect(done?.tail.lost.relationships.length).toBe(1);
    const after = await backUp(store);
    const rowsOf = (rows: Backup, table: string) => JSON.parse(rows.get(table) as string) as JsonObject[];
    for (const table of DERIVED) {
      const upTo = rowsOf(after, table).filter(({ index = 0 }) => (index as number) < to.size);
      expect(upTo, table).toEqual(rowsOf(whole, table));
    }
    const states = (rows: Backup) => rowsOf(rows, 'streams').filter(({ stream }) => stream !== LOG_STREAM);
    expect(states(after)).toEqual(states(whole));
    const requests = new Set(rowsOf(after, 'requests').map(({ digest }) => digest));
    expect(rowsOf(whole, 'requests').filter(({ digest }) => !requests.has(digest))).toEqual([]);
    for (const table of ['sessions', 'device_invitations'] as const) {
      expect(rowsOf(backup, table)).toHaveLength(1);
      expect(rowsOf(after, table)).toEqual([]);
    }
    expect(rowsOf(after, 'restoration')).toEqual([]);
    await expectWhole(store, state);
  });

  it.runIf(isServer)(
    '18: answers a request of the tail again as it was answered, and makes nothing twice (I6)',
    async () => {
      const store = await setBack();
      const state = remembering();
      await ceremony(store, state);
      const again = await expectWhole(store, state);
      const { size } = await headOf(store);
      const first = await ask(fixture.context, scene.reportAccess, 'asked in the tail');
      const repeated = await ask(again.context, scene.reportAccess, 'asked in the tail');
      expect(repeated.entry).toEqual(first.entry);
      // The revocation's evidence was sealed in its payload: what its key was used for, nobody knows any more.
      await expectRefusal('already_revoked', revoke(again.context, scene.lender, scene.person, scene.report));
      expect((await headOf(store)).size).toBe(size);
    },
  );

  it.runIf(isServer)('30: is refused without two administrators of the keeper, and nothing is written', async () => {
    const { store } = spare;
    const state = remembering();
    const [one, other] = keeperOf(fixture.context) as [ReturnType<typeof keeperOf>[0], ReturnType<typeof keeperOf>[0]];
    const stranger = { ...other, key: await nativeEd25519.importSeed(random(32)) };
    for (const [code, signers] of [
      ['second_signature', [one]],
      ['second_signature', [one, one]],
      ['signature_refused', [one, stranger]],
      ['signature_refused', []],
      ['principal_mismatch', [{ stream: `party/${scene.lender.party}`, key: scene.lender.key }]],
    ] as const) {
      await expectRefusal(code, ceremony(store, state, { sign: signingBy(signers as never) }));
    }
    // Two good signatures, under something else.
    for (const change of [{ body: '{}' }, { path: '/v1/log/engine' }, { idempotencyKey: 'another' }]) {
      const sign: CeremonyOptions['sign'] = (asked) => signingBy([one, other])({ ...asked, ...change });
      await expectRefusal('signature_refused', ceremony(store, state, { sign }));
    }
    expect(await backUp(store)).toEqual(untouched);
    expect(state.load()).toEqual(to);
    await expectFenced(store, state);
  });

  describe.runIf(isServer)('from a mirror that is not what it must be', () => {
    /** The mirror, but that each file of a kind answers what a test makes of it. */
    async function crooked(file: RegExp, change: (bytes: Uint8Array) => Uint8Array | undefined): Promise<MirrorFiles> {
      const files = await readMirror(mirror.folder);
      return {
        ...files,
        resources: {
          async read(path) {
            const bytes = await files.resources.read(path);
            if (bytes === undefined || !file.test(path)) return bytes;
            return change(bytes);
          },
        },
      };
    }

    async function expectRefused(code: Failure['code'], change: Partial<CeremonyOptions>): Promise<void> {
      const state = change.state ?? remembering();
      const remembered = state.load();
      await expectRefusal(code, ceremony(spare.store, state, change));
      expect(state.load()).toEqual(remembered);
      expect(await backUp(spare.store)).toEqual(untouched);
    }

    const spoiled = (at: number) => (bytes: Uint8Array) => {
      const changed = new Uint8Array(bytes);
      const place = at < 0 ? changed.length + at : at;
      changed[place] = (changed[place] as number) ^ 1;
      return changed;
    };
    const PARTIAL = `tile/entries/.*.p/`;
    it.each([
      ['38: a byte of an entry that the database lacks', new RegExp(PARTIAL), spoiled(-9)],
      ['38: a byte of an entry that the database has', /^tile\/entries\/000$/, spoiled(40)],
      ['15: a leaf of the tail', /^tile\/0\/.*\.p\//, spoiled(3)],
      ['15: a full tile', /^tile\/0\/000$/, spoiled(64)],
      ['15: a tile of the level above', /^tile\/1\//, spoiled(5)],
      ['39: a truncated bundle', new RegExp(PARTIAL), (bytes: Uint8Array) => bytes.subarray(0, -20)],
      [
        '39: a bundle with trailing bytes',
        new RegExp(PARTIAL),
        (bytes: Uint8Array) => concat(bytes, bytes.subarray(0, 1)),
      ],
      ['39: a missing bundle', /^tile\/entries\/000$/, () => undefined],
      ['39: a missing tile', /^tile\/0\/000$/, () => undefined],
      ['a byte of what stands beside entries', /^v1\/log\/beside\/.*\.p\//, spoiled(-30)],
      ['nothing beside entries', /^v1\/log\/beside\/000$/, () => undefined],
      ['a byte of a pack', /^v1\/packs\/.+/, spoiled(30)],
      ['no pack', /^v1\/packs\/.+/, () => undefined],
    ] as const)('%s: is refused, and nothing is written', async (_name, file, change) => {
      await expectRefused('proof_invalid', { mirror: await crooked(file, change) });
    });

    it('25, 26, 27: another tree under the log’s own signature, of the same size or another, is refused', async () => {
      const files = await readMirror(mirror.folder);
      const forged = (size: number) =>
        signCheckpoint({ origin: ORIGIN, size: parseSize(size), root: hashLeaf(random(3)) }, fixture.keys.log);
      await expectRefused('proof_invalid', { mirror: { ...files, newest: await forged(to.size) } });
      await expectRefused('proof_invalid', { mirror: { ...files, kept: [...files.kept, await forged(to.size - 3)] } });
      // The mirror is whole; what the signer, or the database, remembers is of another history.
      await expectRefused('proof_invalid', { state: remembering({ ...to, root: hashLeaf(random(3)) }) });
      await expectRefused('proof_invalid', {
        state: remembering({ size: parseSize(to.size - 5), root: hashLeaf(random(3)) }),
        isSignerSetBack: true,
      });
      const stranger = await nativeEd25519.importSeed(random(32));
      const note = await signCheckpoint({ origin: ORIGIN, ...to }, stranger);
      await expectRefused('signature_invalid', { mirror: { ...files, newest: note } });
      await expectRefused('note_invalid', { mirror: { ...files, newest: files.newest?.slice(0, -9) } });
      await expectRefused('not_published', { mirror: { ...files, newest: undefined } });
    });

    it('16, 28: a mirror that is older than what was signed, published or witnessed is refused', async () => {
      const files = await readMirror(older.folder);
      await expectRefused('behind', { mirror: files });
      const back = { ...(await readMirror(mirror.folder)), newest: files.newest };
      await expectRefused('behind', { mirror: back, state: remembering(from) });
      const evidence: WitnessEvidence = {
        ...({ format: 'assent/witness-evidence/v1', kind: 'ahead', witness: 'w1', vkey: 'v', at: 1 } as const),
        ...{ checkpoint: 'c', their_size: to.size + 1, status: 409, answer: null, their_checkpoint: null },
      };
      await expectRefused('behind', { evidence });
      await expectRefused('proof_invalid', { evidence: { ...evidence, kind: 'contradicted', their_size: 3 } });
      const theirs = { origin: ORIGIN, size: parseSize(to.size - 1), root: hashLeaf(random(3)) };
      const their_checkpoint = await signCheckpoint(theirs, fixture.keys.log);
      await expectRefused('proof_invalid', { evidence: { ...evidence, their_size: theirs.size, their_checkpoint } });
    });

    it('19: a mirror ahead of the signer’s memory is refused, until two of the keeper say why', async () => {
      await expectRefused('signer_refused', { state: remembering(from) });
      await expectRefused('keys_missing', { state: memorySignerState() });
    });

    it('39: a file that is another on the second reading is refused, and the fence stays', async () => {
      const own = await setBack();
      const state = remembering();
      const read = new Map<string, number>();
      const files = await readMirror(mirror.folder);
      const resources = {
        async read(path: string) {
          const bytes = await files.resources.read(path);
          read.set(path, (read.get(path) ?? 0) + 1);
          return bytes !== undefined && path.startsWith('tile/entries/') && (read.get(path) as number) > 2
            ? spoiled(-9)(bytes)
            : bytes;
        },
      };
      await expectRefusal('proof_invalid', ceremony(own, state, { mirror: { ...files, resources } }));
      await expectFenced(own, state);
    });

    it('a backup that does not hold by itself is refused', async () => {
      const own = await setBack();
      await own.transaction((tx) => sql`update streams set state = '{}' where stream like 'rel/%'`.execute(tx));
      await expectRefusal('entry_invalid', ceremony(own, remembering()));
    });
  });

  it.runIf(isServer)('19: goes on where the signer’s memory was set back, too, and says so in the log', async () => {
    const store = await setBack();
    const state = remembering(from);
    const done = await ceremony(store, state, { isSignerSetBack: true });
    expect(done?.entry.entry.body).toMatchObject({ signed_size: from.size, size: to.size });
    await expectWhole(store, state);
  });

  it.runIf(isServer)('restores a database that is empty', async () => {
    const copy = await restoreBackup(database, new Map(), postgresUrl);
    copies.push(copy);
    const state = remembering();
    const done = await ceremony(copy.store, state);
    expect(done?.entry.entry.body).toMatchObject({ from_size: 0, size: to.size });
    await expectWhole(copy.store, state);
  });

  it.runIf(isServer)('answers that nothing is missing where nothing is, and writes nothing', async () => {
    const before = await backUp(fixture.store);
    expect(await ceremony(fixture.store, remembering())).toBeUndefined();
    expect(await backUp(fixture.store)).toEqual(before);
  });

  it.runIf(isServer)('99: stays fenced until the journal of erasures is re-applied', async () => {
    const store = await setBack();
    const state = remembering();
    const unreadable: ErasureShelf = {
      append() {},
      load() {
        throw new Failure('store_unavailable', 'the journal can’t be read');
      },
    };
    await expectRefusal('store_unavailable', ceremony(store, state, { erasures: unreadable }));
    await expectFenced(store, state);
    const done = await ceremony(store, state);
    expect(done?.entry.entry.body).toMatchObject({ erasures: 0, from_size: from.size });
    await expectWhole(store, state);
  });

  describe.runIf(isServer)('broken off', () => {
    /** A store whose n-th transaction fails, before it is committed or after. */
    function failing(store: Store, at: number, isPersisted: boolean): Store {
      let count = 0;
      return {
        ...store,
        async transaction(work) {
          count++;
          if (count !== at) return store.transaction(work);
          if (isPersisted) await store.transaction(work);
          throw new Failure('store_unavailable', 'the connection is lost');
        },
      };
    }

    it.each([
      [1, false],
      [1, true],
      [2, false],
      [2, true],
      [3, false],
    ] as const)(
      '31, 34: at transaction %i, persisted: %s, stays fenced, and goes on when it is run again',
      async (at, isPersisted) => {
        const store = await setBack();
        const state = remembering(from);
        const isSignerSetBack = true;
        await expectRefusal('store_unavailable', ceremony(failing(store, at, isPersisted), state, { isSignerSetBack }));
        const isBegun = at > 1 || isPersisted;
        if (isBegun) {
          await expectFenced(store, state);
          await expectFenced(store, null);
        }
        const done = await ceremony(store, state, { isSignerSetBack });
        expect(done?.entry.entry.body).toMatchObject({ from_size: from.size, signed_size: from.size });
        expect(done?.tail.now.size).toBe(at === 3 || (at === 2 && isPersisted) ? 256 : from.size);
        await expectWhole(store, state);
      },
    );

    it('33: after its last commit, whose answer is lost, is whole', async () => {
      const store = await setBack();
      const state = remembering();
      await expectRefusal('store_unavailable', ceremony(failing(store, 3, true), state));
      await expectWhole(store, state);
      expect((await headOf(store)).size).toBeGreaterThan(to.size);
    });

    it('22: by another that writes meanwhile, one of both is whole, and the other one wrote nothing', async () => {
      const store = await setBack();
      const state = remembering();
      const both = await Promise.allSettled([ceremony(store, state), ceremony(store, state)]);
      expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      await expectWhole(store, state);
    });
  });

  it.runIf(isServer)('30: an entry of a restore that never was is found by the audit', async () => {
    const body = await restoredBody();
    const { size } = await headOf(fixture.store);
    const forged = (change: object) =>
      auditAfter(fixture, (tx) =>
        appendForged(tx, fixture, { stream: LOG_STREAM, type: 'log.restored', body: { ...body, ...change } }),
      );
    const found = async (change: object) => (await forged(change)).findings.map(({ message }) => message).join('\n');
    const stands = { size, root: hashText((await headOf(fixture.store)).root) };
    expect(await found(stands)).not.toContain('put back');
    expect(await found({ ...stands, size: size - 1 })).toContain('entries were put back, and stands behind');
    expect(await found({ ...stands, root: hashText(hashLeaf(random(2))) })).toContain('are not this log’s');
    expect(await found({ ...stands, from_root: hashText(hashLeaf(random(2))) })).toContain('are not this log’s');
  });

  async function restoredBody(): Promise<JsonObject> {
    const store = await setBack();
    const done = await ceremony(store, remembering());
    const { saw: _seen, ...body } = (done as { entry: { entry: { body: JsonObject } } }).entry.entry.body;
    return { ...body, idem: hashText(hashLeaf(random(4))) };
  }
});
