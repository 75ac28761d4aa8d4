/** A mirror that follows a log from one name to the next: what it kept of the old one is judged with the new one. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { partySignatory } from '#client/sign.ts';
import { signCheckpoint } from '#core/tlog/checkpoint.ts';
import { parseSize, type TreeHead } from '#core/tlog/tree.ts';
import { databaseSource } from '#ledger/audit-source.ts';
import type { Resources } from '#ledger/tiled-source.ts';
import { rootsAt } from '#ledger/tree-roots.ts';
import { continueUnderNewOrigin } from '#service/continue.ts';
import { loadHead } from '#store/head.ts';
import { createApp } from '../../src/api/app.ts';
import { fillMirror, openMirror } from '../../src/node/mirror.ts';
import { httpResources } from '../../src/node/resources.ts';
import { type Server, serveFetch } from '../../src/node/serve.ts';
import { ask, newParty, type Party, signedScene } from '../support/actors.ts';
import { backUp, type Copy, type Mirror, mirrorOf, restoreBackup } from '../support/backup.ts';
import { continuingOn, nextOf, openNext } from '../support/continued.ts';
import { continueParties } from '../support/epochs.ts';
import { type Fixture, ORIGIN, openFixture } from '../support/ledger-fixture.ts';
import { memorySignerState } from '../support/signer-state.ts';

let fixture: Fixture;
let auditor: Party;
let mirror: Mirror;
let copy: Copy;
let again: Fixture;
let server: Server;
let left: TreeHead;
let lost: TreeHead;

beforeAll(async () => {
  fixture = await openFixture('pglite');
  const { context } = fixture;
  const scene = await signedScene(context);
  auditor = await newParty(context, 'auditor');
  mirror = await mirrorOf(fixture, auditor);
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
  await continueParties(again, [auditor]);
  await again.ledger.publisher.published(left.size + 2, 10_000);
  const app = createApp(again.context, { hosts: () => true });
  server = await serveFetch((request) => app.fetch(request), { host: '127.0.0.1', port: 0 });
}, 120_000);
afterAll(async () => {
  mirror.remove();
  await server.close();
  await again.ledger.close();
  await copy.close();
  await fixture.close();
});

async function headOf({ store }: Fixture): Promise<TreeHead> {
  const head = await store.read(loadHead);
  return { size: parseSize(head?.size), root: head?.root as TreeHead['root'] };
}

const http = (): Resources =>
  httpResources({ url: server.url, authority: undefined, signers: [partySignatory(auditor.party, auditor.key)] });

async function roundWith(notes: Readonly<Record<number, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'assent-mirror-'));
  try {
    await fillMirror(folder, http(), { vkey: again.vkey, entrySignatures: true });
    for (const [size, note] of Object.entries(notes)) writeFileSync(join(folder, 'checkpoints', size), note);
    return await (await openMirror(folder, { vkey: again.vkey, entrySignatures: true })).round();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const signed = ({ size, root }: TreeHead, key = fixture.keys.log) =>
  signCheckpoint({ origin: ORIGIN, size, root }, key);

describe('a mirror of a log that goes on under another name', () => {
  it('goes on in the same folder by the new key, and says how it goes on', async () => {
    const round = await fillMirror(mirror.folder, http(), { vkey: again.vkey, entrySignatures: true });
    expect(round.report?.findings ?? round.findings).toEqual([]);
    expect(round.verdict).toBe('holds');
    expect(round.report?.continued).toEqual([expect.objectContaining({ size: left.size, lost: lost.size })]);
    // The old name’s checkpoint and the new one’s.
    expect(round.report?.checkpoints).toBe(2);
  });

  it('finds what was signed under the old name of another tree, or by another key; and takes what was lost as lost', async () => {
    const good = await roundWith({ [left.size]: await signed(left), [lost.size]: await signed(lost) });
    expect(good.verdict).toBe('holds');
    const other = await roundWith({ [left.size]: await signed({ ...left, root: lost.root }) });
    expect(other.report?.codes).toContain('checkpoint');
    const forged = await roundWith({ [left.size]: await signed(left, again.keys.log) });
    expect(forged.report?.codes).toContain('checkpoint');
    // The former name signs nothing of the tree that goes on: the old key has signed two trees then.
    const { size } = await headOf(again);
    const [root] = (await again.store.read((tx) => rootsAt(databaseSource(tx), [lost.size], size))) as [
      TreeHead['root'],
    ];
    const second = await roundWith({ [lost.size]: await signed({ size: lost.size, root }) });
    expect(second.report?.codes).toContain('checkpoint');
    // More was signed than the log says was lost.
    const more = await roundWith({ [left.size]: await signed({ ...lost, size: parseSize(lost.size + 1) }) });
    expect(more.report?.codes).toContain('checkpoint');
  });
});
