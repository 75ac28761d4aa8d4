/**
 * Time-stamps that a mirror has kept go back with the tail (docs/adr/0029), over an exchange of the log key and a change of the
 * log's name: each by the log key in force at its size, and none that the tree, that key or the authority does not prove.
 */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseUtf8, utf8 } from '#core/bytes.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import type { VerifierKey } from '#core/note/key.ts';
import { signCheckpoint } from '#core/tlog/checkpoint.ts';
import { parseSize, type TreeHead } from '#core/tlog/tree.ts';
import { planRestore } from '#ledger/restore-plan.ts';
import type { SignerState } from '#ledger/signer.ts';
import { continueUnderNewOrigin } from '#service/continue.ts';
import { restoreFromMirror } from '#service/restore.ts';
import { type CheckpointRow, loadNewestCheckpoint } from '#store/checkpoints.ts';
import { loadHead } from '#store/head.ts';
import { insertTimeStamp, loadTimeStamps, type TimeStampRow } from '#store/time-stamps.ts';
import { formatStamped, ownNote } from '#time-stamp/file.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { askTsa } from '../../src/node/time-stamp/ask.ts';
import { stampPath } from '../../src/node/time-stamp/judge.ts';
import { planStamps, putBackStamps } from '../../src/node/time-stamp/put-back.ts';
import { ask, newParty, signedScene } from '../support/actors.ts';
import { type Backup, backUp, type Copy, ceremonyOn, type Mirror, mirrorOf, restoreBackup } from '../support/backup.ts';
import { continuingOn, type Next, nextOf, openNext } from '../support/continued.ts';
import { type Fixture, ORIGIN, openFixture, random } from '../support/ledger-fixture.ts';
import { add, switchTo, vkeyOf } from '../support/log-keys.ts';
import { memorySignerState } from '../support/signer-state.ts';
import { certificatesIn, HAS_OPENSSL, openTsa, type TestTsa } from '../support/tsa.ts';

describe.skipIf(!HAS_OPENSSL)('time-stamps that a restored database lacks', () => {
  let tsa: TestTsa;
  let other: TestTsa;
  let fixture: Fixture;
  /** The same log under its next name. */
  let again: Fixture;
  let next: Next;
  let second: SigningKey;
  let mirror: Mirror;
  let backup: Backup;
  /** Of the first log key, of both while one replaces the other, of the next name; the last two are in the tail. */
  let stamped: readonly TimeStampRow[];
  const opened: Copy[] = [];
  const closing: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    [tsa, other] = [await openTsa({ accuracy: 'secs:1' }), await openTsa()];
    second = await nativeEd25519.importSeed(random(32));
    const state = memorySignerState();
    fixture = await openFixture('pglite', { furtherLog: [second], signerState: state });
    const { context, keys } = fixture;
    const scene = await signedScene(context);
    const auditor = await newParty(context, 'auditor');
    const of = [vkeyOf(keys.log), vkeyOf(second)];
    await stampNewest(fixture, of);
    await add(context, second);
    await published(fixture);
    await switchTo(context, second, 60_000);
    await stampNewest(fixture, of);
    const copy = await restoreBackup('pglite', await backUp(fixture.store), '');
    closing.push(copy.close);
    next = await nextOf(fixture);
    const { note } = await newest(fixture);
    const on = { store: copy.store, state, next, lost: note };
    await continueUnderNewOrigin(continuingOn(fixture, on, { prove: undefined, lost: undefined }));
    again = await openNext(fixture, next, { store: copy.store });
    await stampNewest(again, [again.vkey]);
    backup = new Map([...(await backUp(again.store)), ['time_stamps', '[]']]);
    await ask(again.context, scene.reportAccess);
    await stampNewest(again, [again.vkey]);
    await ask(again.context, scene.reportAccess);
    await stampNewest(again, [again.vkey]);
    stamped = await rowsOf(again.store);
    mirror = await mirrorOf(again, auditor);
  }, 180_000);
  afterAll(async () => {
    mirror.remove();
    for (const each of opened) await each.close();
    await again.ledger.close();
    await fixture.ledger.close();
    for (const close of closing) await close();
    await fixture.store.close();
    await Promise.all([tsa.close(), other.close()]);
  });
  /** The mirror's folder, which a test spoils. */
  let folder: string;
  beforeEach(() => {
    folder = `${mirror.folder}-spoiled`;
    rmSync(folder, { recursive: true, force: true });
    cpSync(mirror.folder, folder, { recursive: true });
    return () => rmSync(folder, { recursive: true, force: true });
  });

  async function published({ ledger, store }: Fixture): Promise<number> {
    const size = (await store.read(loadHead))?.size ?? 0;
    await ledger.publisher.published(size, 10_000);
    return size;
  }
  const newest = async ({ store }: Fixture) => (await store.read(loadNewestCheckpoint)) as CheckpointRow;
  const rowsOf = (store: Fixture['store']) => store.read((tx) => loadTimeStamps(tx, 0, 100));
  const believed = () => certificatesIn(tsa.ca);

  async function stampOf(note: string, by: TestTsa = tsa) {
    const settings = { url: by.url, certificates: certificatesIn(by.ca), policy: undefined };
    const means = { fetch, random, clock: Date.now };
    const { token, stamp } = await askTsa(settings, utf8(note), means, AbortSignal.timeout(20_000));
    return { file: parseUtf8(formatStamped(note, token)), not_later_than: stamp.notLaterThan };
  }

  async function stampNewest(on: Fixture, vkeys: readonly VerifierKey[]): Promise<void> {
    const size = await published(on);
    const { note } = await newest(on);
    const made = await stampOf(await ownNote(note, vkeys, nativeEd25519));
    await on.store.transaction((tx) => insertTimeStamp(tx, { size, ...made }));
  }

  /** A database of the backup, and the signer that remembers all. */
  async function setBack(): Promise<{ readonly store: Copy['store']; readonly state: SignerState }> {
    const copy = await restoreBackup('pglite', backup, '');
    opened.push(copy);
    const state = memorySignerState();
    state.advance(undefined, next.state.load() as TreeHead);
    return { store: copy.store, state };
  }
  const ceremony = (on: Awaited<ReturnType<typeof setBack>>) =>
    ceremonyOn(again, { ...on, mirror: folder }, { origin: next.origin });
  const sizes = () => stamped.map(({ size }) => size);
  const keep = (size: number, file: string) => writeFileSync(join(folder, stampPath(size)), file);

  it('are told before, and are back byte for byte after the tail, those of the former name and key among them', async () => {
    const on = await setBack();
    const options = await ceremony(on);
    const tail = await planRestore(options);
    expect(tail).toBeDefined();
    const planned = await planStamps(on.store, folder, believed(), tail);
    expect(planned).toEqual({ sizes: sizes(), refused: [], unjudged: 0 });
    expect(await rowsOf(on.store)).toEqual([]);
    expect((await restoreFromMirror(options))?.entry.entry.type).toBe('log.restored');
    expect(await planStamps(on.store, folder, believed(), undefined)).toEqual(planned);
    expect(await putBackStamps(on.store, folder, believed())).toEqual(planned);
    expect(await rowsOf(on.store)).toEqual(stamped);
    // Again: nothing is lacking.
    expect(await putBackStamps(on.store, folder, believed())).toEqual({ sizes: [], refused: [], unjudged: 0 });
  });

  it('stay in the mirror while nobody says whose are believed, and go back later', async () => {
    const on = await setBack();
    const options = await ceremony(on);
    const unjudged = { sizes: [], refused: [], unjudged: stamped.length };
    expect(await planStamps(on.store, folder, undefined, await planRestore(options))).toEqual(unjudged);
    await restoreFromMirror(options);
    expect(await putBackStamps(on.store, folder, undefined)).toEqual(unjudged);
    expect(await rowsOf(on.store)).toEqual([]);
    expect((await putBackStamps(on.store, folder, certificatesIn(other.ca))).refused.map(({ size }) => size)).toEqual(
      sizes(),
    );
    expect(await restoreFromMirror(await ceremony(on))).toBeUndefined();
    expect((await putBackStamps(on.store, folder, believed())).sizes).toEqual(sizes());
  });

  it('do not go back where the tree, the log key of their size or the authority does not prove them', async () => {
    const on = await setBack();
    const options = await ceremony(on);
    const [first, both, moved, inTail, last] = stamped as readonly [
      TimeStampRow,
      TimeStampRow,
      TimeStampRow,
      TimeStampRow,
      TimeStampRow,
    ];
    const rootOf = ({ file }: TimeStampRow) => String(JSON.parse(file).checkpoint).split('\n')[2] as string;
    const signed = async (row: TimeStampRow, origin: string, key: SigningKey, root = rootOf(row)) =>
      signCheckpoint(
        { origin, size: parseSize(row.size), root: Buffer.from(root, 'base64') as Uint8Array as TreeHead['root'] },
        key,
      );
    const beyond = last.size + 1_000;
    const spoiled: readonly (readonly [number, string, RegExp])[] = [
      // A key that signed no tree of that size yet, and one that signs none any more.
      [first.size, (await stampOf(await signed(first, ORIGIN, second))).file, /no checkpoint of this log/],
      [moved.size, (await stampOf(await signed(moved, ORIGIN, second))).file, /no checkpoint of this log/],
      // Another tree under the right key, and more than there is.
      [inTail.size, (await stampOf(await signed(inTail, next.origin, next.keys.log, rootOf(first)))).file, /beginning/],
      [
        beyond,
        (await stampOf(await signed({ ...last, size: beyond }, next.origin, next.keys.log))).file,
        /rolled back/,
      ],
      // One that nobody believes stamped it.
      [last.size, (await stampOf(JSON.parse(last.file).checkpoint, other)).file, /not pinned|neither in the token/],
      // Filed under another size, and no time-stamp at all.
      [first.size + 1, first.file, /is of the tree of/],
      [1, '{}', /no time-stamp/],
    ];
    for (const [size, file] of spoiled) keep(size, file);
    const told = spoiled
      .map(([size, , message]) => ({ size, message: expect.stringMatching(message) }))
      .sort((a, b) => a.size - b.size);
    const planned = await planStamps(on.store, folder, believed(), await planRestore(options));
    expect(planned).toEqual({ sizes: [both.size], refused: told, unjudged: 0 });
    await restoreFromMirror(options);
    expect(await putBackStamps(on.store, folder, believed())).toEqual({ ...planned, refused: told });
    expect(await rowsOf(on.store)).toEqual([both]);
    // The true ones find their places free.
    cpSync(mirror.folder, folder, { recursive: true });
    await putBackStamps(on.store, folder, believed());
    expect(await rowsOf(on.store)).toEqual(stamped);
    expect(readFileSync(join(folder, stampPath(both.size)), 'utf8')).toBe(both.file);
  });
});
