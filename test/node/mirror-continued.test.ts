/**
 * A mirror that has a tail which the ledger lost, and follows it under its new name: what it has of the lost tail is evidence,
 * and stays; what it has of the new name is whole, and a tail can be put back from it (ADR 0024, 0028).
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { partySignatory } from '#client/sign.ts';
import { parseUtf8, toHex, utf8 } from '#core/bytes.ts';
import { sha256 } from '#core/hash.ts';
import type { Instant } from '#core/instant.ts';
import { parseSize, type TreeHead } from '#core/tlog/tree.ts';
import type { Resources } from '#ledger/tiled-source.ts';
import { continueUnderNewOrigin } from '#service/continue.ts';
import { restoreFromMirror } from '#service/restore.ts';
import { loadHead } from '#store/head.ts';
import type { Store } from '#store/store.ts';
import { insertTimeStamp } from '#store/time-stamps.ts';
import { formatStamped, ownNote } from '#time-stamp/file.ts';
import { createApp } from '../../src/api/app.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { fillMirror, openMirror, readMirror } from '../../src/node/mirror.ts';
import { folderResources, httpResources } from '../../src/node/resources.ts';
import { type Server, serveFetch } from '../../src/node/serve.ts';
import { withStamps } from '../../src/node/time-stamp/follow.ts';
import { keptStamps } from '../../src/node/time-stamp/judge.ts';
import { ask, newParty, type Party, signedScene } from '../support/actors.ts';
import { type Backup, backUp, type Copy, ceremonyOn, type Mirror, mirrorOf, restoreBackup } from '../support/backup.ts';
import { continuingOn, NEXT_ORIGIN, nextOf, openNext } from '../support/continued.ts';
import { continueParties } from '../support/epochs.ts';
import { checkLedger, type Fixture, ORIGIN, openFixture } from '../support/ledger-fixture.ts';
import { memorySignerState } from '../support/signer-state.ts';

let fixture: Fixture;
let auditor: Party;
let mirror: Mirror;
let again: Fixture;
let server: Server;
let lost: TreeHead;
let note: string;
/** Of the new name, before its own tail. */
let backup: Backup;
const copies: Copy[] = [];

beforeAll(async () => {
  fixture = await openFixture('pglite');
  const { context } = fixture;
  const scene = await signedScene(context);
  auditor = await newParty(context, 'auditor');
  await stampNewest(fixture);
  const left = await backUp(fixture.store);
  // As many entries as the new name will have when it is mirrored first: the two of it are of one size.
  await ask(context, scene.reportAccess);
  await ask(context, scene.reportAccess);
  await stampNewest(fixture);
  mirror = await mirrorOf(fixture, auditor);
  lost = await headOf(fixture.store);
  note = (await fixture.ledger.publisher.published(lost.size, 10_000)).note;
  const { store } = await copyOf(left);
  const state = memorySignerState();
  state.advance(undefined, lost);
  const next = await nextOf(fixture);
  await continueUnderNewOrigin(continuingOn(fixture, { store, state, next, lost: note }));
  again = await openNext(fixture, next, { store });
  await continueParties(again, [auditor]);
  await stampNewest(again);
  const app = createApp(again.context, { hosts: () => true });
  server = await serveFetch((request) => app.fetch(request), { host: '127.0.0.1', port: 0 });
}, 120_000);
afterAll(async () => {
  mirror.remove();
  await server.close();
  await again.ledger.close();
  for (const copy of copies) await copy.close();
  await fixture.close();
});

async function copyOf(rows: Backup): Promise<Copy> {
  const copy = await restoreBackup('pglite', rows, '');
  copies.push(copy);
  return copy;
}

async function headOf(store: Store): Promise<TreeHead> {
  const head = await store.read(loadHead);
  return { size: parseSize(head?.size), root: head?.root as TreeHead['root'] };
}

/** Who stamped is not asked here. */
async function stampNewest({ store, ledger, vkey }: Fixture): Promise<void> {
  const { size } = await headOf(store);
  const { note } = await ledger.publisher.published(size, 10_000);
  const file = parseUtf8(formatStamped(await ownNote(note, [vkey], nativeEd25519), new Uint8Array([size])));
  await store.transaction((tx) => insertTimeStamp(tx, { size, not_later_than: 0 as Instant, file }));
}

const stampsIn = (folder: string) =>
  keptStamps(folder).map(({ size, bytes = new Uint8Array() }) => {
    const note: string = JSON.parse(parseUtf8(bytes)).checkpoint;
    return `${note.split('\n')[0]} ${size}`;
  });

const http = (): Resources =>
  httpResources({ url: server.url, authority: undefined, signers: [partySignatory(auditor.party, auditor.key)] });
const fill = (from: Resources = http(), folder = mirror.folder) =>
  fillMirror(folder, from, { vkey: again.vkey, entrySignatures: true });
const audited = async (folder: string, { vkey }: Pick<Fixture, 'vkey'>) =>
  (await openMirror(folder, { vkey, entrySignatures: true })).round();
const namesIn = (notes: readonly string[]) => notes.map((each) => each.split('\n').slice(0, 2).join(' '));
const formerIn = (folder: string) => join(folder, 'former', toHex(sha256(utf8(ORIGIN))));

describe('a mirror with a tail that was lost', () => {
  it.each(['before it is set aside', 'while it is set aside', 'before the new checkpoint is there'])(
    'begins again after a crossing that broke off %s, with all that it had',
    async (at) => {
      const folder = mkdtempSync(join(tmpdir(), 'assent-mirror-'));
      try {
        cpSync(mirror.folder, folder, { recursive: true });
        const whole = http();
        const broken: Resources = {
          async read(path) {
            if (path === 'v1/log/keys') throw new Error('the power is gone');
            return whole.read(path);
          },
        };
        await expect(fill(broken, folder)).rejects.toThrow('the power is gone');
        expect((await audited(folder, fixture)).verdict).toBe('holds');
        if (at === 'while it is set aside') {
          mkdirSync(`${formerIn(folder)}.part`, { recursive: true });
          renameSync(join(folder, 'tile'), join(`${formerIn(folder)}.part`, 'tile'));
        }
        if (at === 'before the new checkpoint is there') {
          await fill(whole, folder);
          cpSync(join(formerIn(folder), 'checkpoint'), join(folder, 'checkpoint'));
        }
        expect((await fill(whole, folder)).verdict).toBe('holds');
        expect((await audited(folder, again)).verdict).toBe('holds');
        expect((await audited(formerIn(folder), fixture)).verdict).toBe('holds');
        expect(readdirSync(join(folder, 'former'))).toHaveLength(1);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );

  it('follows the new name from a tree of the same size, and keeps both checkpoints', async () => {
    expect((await headOf(again.store)).size).toBe(lost.size);
    const round = await fill();
    expect(round.report?.findings ?? round.findings).toEqual([]);
    expect(round.verdict).toBe('holds');
    const { kept } = await readMirror(mirror.folder);
    expect(namesIn(kept).sort()).toEqual([`${ORIGIN} ${lost.size}`, `${NEXT_ORIGIN} ${lost.size}`].sort());
    expect(kept).toContain(note);
    // Filled again, and audited: nothing takes anything’s place.
    expect((await fill()).verdict).toBe('holds');
    expect((await readMirror(mirror.folder)).kept).toEqual(kept);
    const own = await audited(mirror.folder, again);
    expect([own.verdict, own.report?.continued]).toEqual(['holds', [expect.objectContaining({ lost: lost.size })]]);
  });

  it('has the lost tail in a folder of its own: a whole mirror of the former name', async () => {
    const former = await audited(formerIn(mirror.folder), fixture);
    expect(former).toMatchObject({ verdict: 'holds', served: { note, checkpoint: { size: lost.size } } });
    expect(former.report?.size).toBe(lost.size);
    expect(existsSync(join(formerIn(mirror.folder), 'former'))).toBe(false);
  });

  it('keeps the time-stamps of what goes on and of the new name, and those of the lost tail with that', async () => {
    const { stamps } = await fill();
    expect(stamps).toMatchObject({ held: 0, findings: [] });
    const left = Number(stampsIn(mirror.folder)[0]?.split(' ')[1]);
    expect(stampsIn(mirror.folder)).toEqual([`${ORIGIN} ${left}`, `${NEXT_ORIGIN} ${lost.size}`]);
    expect(stampsIn(formerIn(mirror.folder))).toEqual([`${ORIGIN} ${left}`, `${ORIGIN} ${lost.size}`]);
    // An authority of a court is asked about them elsewhere: all are of this history.
    const round = await audited(mirror.folder, again);
    const served = { stamps: keptStamps(mirror.folder), problem: undefined };
    const by = { vkey: again.vkey, resources: folderResources(mirror.folder), certificates: undefined };
    expect((await withStamps(round, served, by)).stamps).toMatchObject({ held: 2, findings: [] });
  });

  it('puts back a tail of the new name, also where its notes lie as they did', async () => {
    backup = await backUp(again.store);
    await newParty(again.context, 'bureau');
    const { size } = await headOf(again.store);
    await again.ledger.publisher.published(size, 10_000);
    expect((await fill()).verdict).toBe('holds');
    const flat = mkdtempSync(join(tmpdir(), 'assent-mirror-'));
    try {
      // As it was filed before: one note of a size, and nothing apart.
      cpSync(mirror.folder, flat, { recursive: true });
      rmSync(join(flat, 'former'), { recursive: true });
      for (const name of readdirSync(join(flat, 'checkpoints'))) {
        if (!/^[0-9]+$/.test(name)) rmSync(join(flat, 'checkpoints', name));
      }
      expect(namesIn((await readMirror(flat)).kept)).toEqual([`${ORIGIN} ${lost.size}`, `${NEXT_ORIGIN} ${size}`]);
      for (const folder of [mirror.folder, flat]) {
        const { store } = await copyOf(backup);
        const state = memorySignerState();
        state.advance(undefined, await headOf(again.store));
        const change = { origin: NEXT_ORIGIN, vkey: again.vkey, erasures: again.erasures };
        const done = await restoreFromMirror(await ceremonyOn(again, { store, mirror: folder, state }, change));
        expect(done).toMatchObject({ tail: { from: { size: lost.size }, to: { size } } });
        expect((await headOf(store)).size).toBe(size + 1);
      }
    } finally {
      rmSync(flat, { recursive: true, force: true });
    }
  });

  it('shows what was signed of the old name beyond what the log says was lost', async () => {
    const path = join(mirror.folder, 'checkpoints', String(lost.size));
    const kept = readFileSync(path, 'utf8');
    writeFileSync(path, kept.replace(/^(.*)\n\d+\n/, `$1\n${lost.size + 1}\n`));
    expect((await audited(mirror.folder, again)).report?.codes).toContain('checkpoint');
    writeFileSync(path, kept);
    await checkLedger(again);
  });
});
