/**
 * Watching a log that was continued under another name, with a key of before (ADR 0032): how it was continued is replayed at once,
 * what came later once the keeper says that the auditor goes on. What is not seen is held against its hashes.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { partySignatory } from '#client/sign.ts';
import { signCheckpoint } from '#core/tlog/checkpoint.ts';
import { parseSize, type TreeHead } from '#core/tlog/tree.ts';
import { CHECKPOINT_PATH, type Resources } from '#ledger/tiled-source.ts';
import { continueUnderNewOrigin } from '#service/continue.ts';
import { loadHead } from '#store/head.ts';
import { createApp } from '../../src/api/app.ts';
import { httpResources, Waiting } from '../../src/node/resources.ts';
import { type Server, serveFetch } from '../../src/node/serve.ts';
import { openWatch, type WatchOptions } from '../../src/node/watch.ts';
import { ask, newParty, type Party, signedScene } from '../support/actors.ts';
import { backUp, type Copy, restoreBackup } from '../support/backup.ts';
import { continuingOn, NEXT_ORIGIN, nextOf, openNext } from '../support/continued.ts';
import { continueParties } from '../support/epochs.ts';
import { type Fixture, openFixture } from '../support/ledger-fixture.ts';
import { memorySignerState } from '../support/signer-state.ts';

let fixture: Fixture;
let auditor: Party;
let copy: Copy;
let again: Fixture;
let server: Server;
let left: TreeHead;
let lost: TreeHead;
/** What is signed under the new name while the auditor waits, at an earlier time and a later one. */
let first: Signed;
let later: Signed;

interface Signed {
  readonly head: TreeHead;
  readonly note: string;
}

beforeAll(async () => {
  fixture = await openFixture('pglite');
  const { context } = fixture;
  const scene = await signedScene(context);
  auditor = await newParty(context, 'auditor');
  left = await headOf(fixture);
  const backup = await backUp(fixture.store);
  await ask(context, scene.reportAccess);
  lost = await headOf(fixture);
  const { note } = await fixture.ledger.publisher.published(lost.size, 10_000);
  copy = await restoreBackup('pglite', backup, '');
  const { store } = copy;
  const state = memorySignerState();
  state.advance(undefined, lost);
  const next = await nextOf(fixture);
  await continueUnderNewOrigin(continuingOn(fixture, { store, state, next, lost: note }));
  again = await openNext(fixture, next, { store });
  first = await grown();
  later = await grown();
  const app = createApp(again.context, { hosts: () => true });
  server = await serveFetch((request) => app.fetch(request), { host: '127.0.0.1', port: 0 });
}, 120_000);
afterAll(async () => {
  await server.close();
  await again.ledger.close();
  await copy.close();
  await fixture.close();
});

async function headOf({ store }: Fixture): Promise<TreeHead> {
  const head = await store.read(loadHead);
  return { size: parseSize(head?.size), root: head?.root as TreeHead['root'] };
}

/** Two more parties under the new name, and what is signed then. */
async function grown(): Promise<Signed> {
  for (const role of ['grantee', 'provider'] as const) await newParty(again.context, role);
  const head = await headOf(again);
  await again.ledger.publisher.published(head.size, 10_000);
  return { head, note: await signed(head) };
}

const signed = ({ size, root }: TreeHead) => signCheckpoint({ origin: NEXT_ORIGIN, size, root }, again.keys.log);

const http = (): Resources =>
  httpResources({ url: server.url, authority: undefined, signers: [partySignatory(auditor.party, auditor.key)] });

/** The same, of which some files are otherwise. */
const httpBut = (change: (path: string, bytes: Uint8Array | undefined) => Uint8Array | undefined): Resources => {
  const from = http();
  return { read: async (path) => change(path, await from.read(path)) };
};

const watching = (change: Partial<WatchOptions> = {}) =>
  openWatch({
    ...{ vkey: again.vkey, resources: http(), kept: [], entrySignatures: true, partly: true },
    ...{ ageMax: undefined, clock: Date.now, ...change },
  });

const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

describe('an auditor that waits', () => {
  it.each(['whole', 'chains'] as const)(
    'sees at once how the log was continued (%s), and that more is signed',
    async (depth) => {
      const round = await (await watching({ depth, ageMax: 1, clock: () => Date.now() + 60_000 })).round();
      expect(round.findings).toEqual([]);
      expect(round.report).toMatchObject({ holds: true, size: left.size + 1, findings: [] });
      expect(round.report?.continued).toEqual([expect.objectContaining({ size: left.size, lost: lost.size })]);
      // Stale nobody can call it who does not see its last entry.
      expect([round.verdict, round.readable]).toEqual(['partial', left.size + 1]);
      expect(round.served?.checkpoint.size).toBe(later.head.size);
    },
  );

  it('goes on from what it held before, by the hashes of what it does not see', async () => {
    for (const kept of [first, later]) {
      expect((await (await watching({ kept: [kept.note] })).round()).verdict).toBe('partial');
    }
    // One of no more than is shown is held against the entries, too.
    const root = (await (await watching()).round()).report?.root as TreeHead['root'];
    const known = await signed({ size: parseSize(left.size + 1), root });
    const round = await (await watching({ kept: [known] })).round();
    expect([round.verdict, round.report?.checkpoints]).toEqual(['partial', 1]);
    for (const size of [left.size + 1, first.head.size]) {
      const other = await signed({ size: parseSize(size), root: lost.root });
      const forked = await (await watching({ kept: [other] })).round();
      expect([forked.verdict, forked.report]).toEqual(['findings', null]);
      expect(forked.findings).toEqual([expect.objectContaining({ code: 'checkpoint' })]);
    }
  });

  it('finds hashes that do not lead to what is signed, and entries that are not those of the hashes', async () => {
    const last = `tile/0/000.p/${later.head.size}`;
    for (const at of [0, left.size * 32, (later.head.size - 1) * 32]) {
      const resources = httpBut((path, bytes) => (path === last && bytes ? flipped(bytes, at) : bytes));
      const round = await (await watching({ resources })).round();
      expect([round.verdict, round.findings]).toEqual(['findings', [expect.objectContaining({ code: 'tree' })]]);
    }
    const without = await (
      await watching({ resources: httpBut((path, bytes) => (path === last ? undefined : bytes)) })
    ).round();
    expect(without.findings).toEqual([expect.objectContaining({ code: 'tree' })]);
    const bundle = `tile/entries/000.p/${left.size + 1}`;
    const changed = httpBut((path, bytes) => (path === bundle && bytes ? flipped(bytes, bytes.length - 30) : bytes));
    const round = await (await watching({ resources: changed })).round();
    expect([round.verdict, round.readable]).toEqual(['findings', left.size + 1]);
    expect(round.report?.codes).toContain('tree');
  });

  it('takes no word for what it is shown: of none, of all, or of no number nothing is replayed', async () => {
    for (const readable of [0, -1, 1.5, later.head.size, later.head.size + 1]) {
      const resources: Resources = {
        async read(path) {
          if (path === CHECKPOINT_PATH) return http().read(path);
          throw new Waiting('it waits', undefined, readable);
        },
      };
      await expect((await watching({ resources })).round()).rejects.toMatchObject({ code: 'key_waiting' });
    }
  });

  it('is refused where a whole copy is wanted', async () => {
    const round = (await watching({ partly: false })).round();
    await expect(round).rejects.toMatchObject({ code: 'key_waiting', readable: left.size + 1 });
  });

  it('sees the rest in the same watch, once the keeper continues it', async () => {
    const watch = await watching({ kept: [first.note] });
    expect((await watch.round()).verdict).toBe('partial');
    const more = await grown();
    const round = await watch.round();
    expect([round.verdict, round.held?.checkpoint.size]).toEqual(['partial', later.head.size]);
    await continueParties(again, [auditor]);
    const { size } = await headOf(again);
    await again.ledger.publisher.published(size, 10_000);
    const whole = await watch.round();
    expect(whole.report?.findings ?? whole.findings).toEqual([]);
    expect([whole.verdict, whole.readable, whole.report?.size]).toEqual(['holds', undefined, size]);
    // Those that it held meanwhile are held against the entries now.
    expect(whole.report?.checkpoints).toBe(4);
    expect(more.head.size).toBeLessThan(size);
  });
});
