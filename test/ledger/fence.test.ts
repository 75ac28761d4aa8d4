/** The fence and the signer (design §7): what is older or beside what was signed is not written to, and not signed. */
import { sql } from 'kysely';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { type Hash, hashLeaf } from '#core/hash.ts';
import { openCheckpoint } from '#core/tlog/checkpoint.ts';
import { appendLeaves, emptyFrontier, parseSize, rootOf, type Size, type TreeHead } from '#core/tlog/tree.ts';
import { signHead } from '#ledger/signer.ts';
import { proveConsistency } from '#ledger/tree.ts';
import { loadNewestCheckpoint } from '#store/checkpoints.ts';
import { loadEntries } from '#store/entries.ts';
import { loadHead } from '#store/head.ts';
import type { Store } from '#store/store.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { ask, newParty, revoke, signedScene } from '../support/actors.ts';
import { rewriteHistory, rollBack, unprotect } from '../support/attack.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger, DATABASES, type Fixture, ORIGIN, openFixture, random } from '../support/ledger-fixture.ts';
import { memorySignerState } from '../support/signer-state.ts';

async function headOf(store: Store): Promise<TreeHead> {
  const head = await store.read(loadHead);
  return { size: parseSize(head!.size), root: head!.root };
}

const register = (fixture: Fixture) => newParty(fixture.context, 'bureau');

describe.each(DATABASES)('the fence on %s', (database) => {
  /** The fence knows no difference between the databases: on the slower one to start, only its main cases run. */
  const isServer = database === 'postgres';
  const open: Fixture[] = [];
  afterEach(async () => {
    // A fixture that was opened again shares the store of the first: that one is closed last.
    for (const each of open.splice(0).reverse()) await each.close().catch(() => {});
  });

  async function started(options: Parameters<typeof openFixture>[1] = {}): Promise<Fixture> {
    const fixture = await openFixture(database, { postgresUrl: inject('postgresUrl'), ...options });
    open.push(fixture);
    return fixture;
  }

  /** A ledger with a few parties, all of it published. */
  async function published(): Promise<Fixture> {
    const fixture = await started();
    for (let i = 0; i < 5; i++) await register(fixture);
    await fixture.ledger.publisher.published((await headOf(fixture.store)).size, 5_000);
    return fixture;
  }

  async function expectFenced(fixture: Fixture, why: string): Promise<void> {
    expect(fixture.ledger.fenced()).toContain(why);
    expect(fixture.logged.join('\n')).toContain('fenced');
    await expectRefusal('read_only', register(fixture));
  }

  it.runIf(isServer)('signs what was committed last before it closes, and refuses nothing on the way', async () => {
    for (let round = 0; round < 6; round++) {
      const fixture = await started();
      const again = await started({ again: fixture, signerState: null });
      for (let i = 0; i < 3; i++) {
        await register(fixture);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 120));
      }
      await register(fixture);
      await fixture.ledger.close();
      const { size } = await headOf(again.store);
      expect((await again.store.read(loadNewestCheckpoint))?.size).toBe(size);
      expect(fixture.logged).toEqual([]);
    }
  });

  it('lets a ledger that is what was signed, or more, go on', async () => {
    const fixture = await published();
    await register(fixture);
    const again = await started({ again: fixture });
    expect(again.ledger.fenced()).toBeUndefined();
    await register(again);
    await checkLedger(again);
  });

  it('opens read-only on a database older than what the signer signed, and says so (attack 18)', async () => {
    const fixture = await published();
    await rollBack(fixture, 3);
    const before = await headOf(fixture.store);
    const again = await started({ again: fixture });
    await expectFenced(again, 'was an old backup restored?');
    expect(await headOf(again.store)).toEqual(before);
    const newest = await again.store.read(loadNewestCheckpoint);
    expect(newest?.size ?? 0).toBeLessThanOrEqual(3);
  });

  it.runIf(isServer)('opens read-only on a database that is empty while the signer remembers a tree', async () => {
    const fixture = await published();
    const other = await started({ signerState: fixture.signerState });
    expect(other.ledger.fenced()).toContain('holds 0 entries');
    expect(other.logged.join('\n')).toContain('fenced');
    // Nobody is registered here, so that no signature is accepted: the write comes from within.
    const write = { claims: [], touches: [], plan: () => [] };
    await expectRefusal('read_only', other.ledger.submit(write));
    expect(await other.store.read(loadHead)).toBeUndefined();
  });

  it.runIf(isServer)('opens read-only where checkpoints are published and the signer has no memory', async () => {
    const fixture = await published();
    const again = await started({ again: fixture, signerState: memorySignerState() });
    await expectFenced(again, 'state is missing');
  });

  it.runIf(isServer)(
    'opens read-only on a database behind its own checkpoints, also in a process that does not sign',
    async () => {
      const fixture = await published();
      const { rows } = await fixture.store.read((tx) => sql<object>`select * from checkpoints`.execute(tx));
      await rollBack(fixture, 3);
      await fixture.store.transaction(async (tx) => {
        for (const row of rows as { size: number; root: Uint8Array; note: string }[]) {
          await sql`insert into checkpoints (size, root, note, served) values (${row.size}, ${row.root}, ${row.note}, true)
          on conflict do nothing`.execute(tx);
        }
      });
      await expectFenced(await started({ again: fixture, signerState: null }), 'already published');
    },
  );

  it('opens read-only on a fork of the same size, and on one that grew longer', async () => {
    const fixture = await published();
    const { size } = await headOf(fixture.store);
    await fixture.store.transaction(async (tx) => {
      await unprotect(tx);
      await rewriteHistory(tx, fixture, (entry, index) =>
        index === 2 ? { ...entry, body: { ...entry.body, name: '另一家' } } : entry,
      );
    });
    await expectFenced(await started({ again: fixture }), 'another tree');
    const forger = await started({ again: fixture, signerState: memorySignerState() });
    expect(forger.ledger.fenced()).toContain('missing');
    // A keeper who clears the signer's memory and the checkpoints goes on; whoever kept the old memory does not.
    await fixture.store.transaction((tx) => sql`delete from checkpoints`.execute(tx));
    const longer = await started({ again: fixture, signerState: memorySignerState() });
    await register(longer);
    expect((await headOf(longer.store)).size).toBe(size + 1);
    await expectFenced(await started({ again: fixture }), 'does not continue');
  });

  it('refuses a batch on a head that is smaller than what this process has answered (attack 21)', async () => {
    const fixture = await published();
    const { size } = await headOf(fixture.store);
    await rollBack(fixture, size - 1);
    await expectRefusal('read_only', register(fixture));
    expect((await headOf(fixture.store)).size).toBe(size - 1);
  });

  it('refuses a batch on another tree of the same size than this process has answered', async () => {
    const fixture = await published();
    const { size } = await headOf(fixture.store);
    await fixture.store.transaction(async (tx) => {
      await unprotect(tx);
      await rewriteHistory(tx, fixture, (entry, index) =>
        index === 1 ? { ...entry, body: { ...entry.body, name: '另一家' } } : entry,
      );
    });
    expect((await headOf(fixture.store)).size).toBe(size);
    await expectRefusal('read_only', register(fixture));
  });

  it.runIf(isServer)('refuses a batch on a head smaller than what it has signed for another', async () => {
    const fixture = await published();
    const other = await started({ again: fixture, signerState: null });
    await register(other);
    await register(other);
    const { size } = await headOf(fixture.store);
    await fixture.ledger.publisher.published(size, 5_000);
    expect(fixture.signerState.load()?.size).toBe(size);
    await rollBack(fixture, size - 2);
    await expectRefusal('read_only', register(fixture));
    expect((await headOf(fixture.store)).size).toBe(size - 2);
  });

  it.runIf(isServer)('stops writing when the signer refuses, and says why', async () => {
    const fixture = await published();
    const { size } = await headOf(fixture.store);
    // Somebody else signed another tree with this key: the signer's memory is ahead of this database.
    fixture.signerState.advance(fixture.signerState.load(), {
      size: parseSize(size + 7),
      root: hashLeaf(random(4)),
    });
    await register(fixture);
    await expect.poll(() => fixture.ledger.fenced(), { timeout: 5_000 }).toContain('already signed');
    await expectRefusal('read_only', register(fixture));
    expect(fixture.logged.join('\n')).toContain('fenced');
  });

  it.runIf(isServer)('refuses a database of another log, and keys of another ledger', async () => {
    const fixture = await published();
    const strangers = await started();
    const options = { again: strangers, url: fixture.url as string, signerState: memorySignerState() };
    await expectRefusal('keys_missing', openFixture(database, options));
    await fixture.store.transaction((tx) => sql`update head set origin = 'other.example/log'`.execute(tx));
    await expectRefusal('config_invalid', openFixture(database, { again: fixture }));
    await fixture.store.transaction((tx) => sql`update head set origin = ${ORIGIN}`.execute(tx));
  });

  it.runIf(isServer)('serves reads and proofs while it is read-only, and allows nothing', async () => {
    const fixture = await started();
    const scene = await signedScene(fixture.context);
    await revoke(fixture.context, scene.lender, scene.person, scene.query);
    const { size } = await headOf(fixture.store);
    await fixture.ledger.publisher.published(size, 5_000);
    // The backup is from before the revocation.
    await rollBack(fixture, size - 1);
    const again = await started({ again: fixture });
    await expectRefusal('read_only', ask(again.context, scene.queryAccess));
    await expectRefusal('read_only', newParty(again.context, 'bureau'));
  });
});

describe('the signer', () => {
  const head = (size: number, root: Hash = hashLeaf(random(4))): TreeHead => ({ size: size as Size, root });

  async function signer(last?: TreeHead) {
    const state = memorySignerState();
    if (last !== undefined) state.advance(undefined, last);
    return { origin: ORIGIN, logKey: await nativeEd25519.importSeed(random(32)), state };
  }

  it('signs the first head it sees, and the same one again', async () => {
    const one = await signer();
    const first = head(7);
    const note = await signHead(one, first, undefined);
    expect(one.state.load()).toEqual(first);
    expect(await signHead(one, first, undefined)).toBe(note);
  });

  it('refuses a smaller tree, another root of the same size, and growth without or with a wrong proof', async () => {
    const last = head(7);
    const one = await signer(last);
    for (const [next, growth] of [
      [head(6), undefined],
      [head(0), undefined],
      [head(7), undefined],
      [head(9), undefined],
      [head(9), []],
      [head(9), [hashLeaf(random(1)), hashLeaf(random(2)), hashLeaf(random(3))]],
    ] as const) {
      await expectRefusal('signer_refused', signHead(one, next, growth as never));
      expect(one.state.load()).toEqual(last);
    }
  });

  it('signs growth of a real tree, and never with the proof of another', async () => {
    const fixture = await openFixture('postgres', { postgresUrl: inject('postgresUrl') });
    try {
      for (let i = 0; i < 9; i++) await register(fixture);
      const [small, large] = [await treeOf(fixture, 4), await treeOf(fixture, 10)];
      const proof = await fixture.store.read((tx) => proveConsistency(tx, 4 as Size, 10 as Size));
      const one = await signer(small);
      await expectRefusal('signer_refused', signHead(one, { ...large, root: hashLeaf(random(1)) }, proof));
      for (let i = 0; i < proof.length; i++) {
        const spoiled = proof.map((hash, at) => (at === i ? hashLeaf(random(1)) : hash));
        await expectRefusal('signer_refused', signHead(one, large, spoiled as never));
      }
      expect(await signHead(one, large, proof)).toContain(`${ORIGIN}\n10\n`);
      expect(one.state.load()).toEqual(large);
    } finally {
      await fixture.close();
    }
  });

  it('refuses when another process has moved its memory on meanwhile', async () => {
    const one = await signer();
    const slow = { ...one, state: { ...one.state, load: () => undefined } };
    await signHead(one, head(3), undefined);
    await expectRefusal('signer_refused', signHead(slow, head(3), undefined));
  });
});

async function treeOf(fixture: Fixture, size: number): Promise<TreeHead> {
  const rows = await fixture.store.read((tx) => loadEntries(tx, 0, size));
  const frontier = appendLeaves(
    emptyFrontier(),
    rows.map((row) => row.leaf),
  );
  return { size: size as Size, root: rootOf(frontier) };
}

describe('a published checkpoint', () => {
  it('opens under the log’s key and covers what was committed', async () => {
    const fixture = await openFixture('postgres', { postgresUrl: inject('postgresUrl') });
    await register(fixture);
    const { size, root } = await headOf(fixture.store);
    const row = await fixture.ledger.publisher.published(size, 5_000);
    expect(await openCheckpoint(row.note, fixture.vkey, nativeEd25519)).toEqual({ origin: ORIGIN, size, root });
    await fixture.close();
  });
});
