/**
 * Log keys in a ledger: which sign which checkpoint, how every reader follows, and what becomes of the signer's memory. The
 * issuing key is another matter (issuing-keys.test.ts).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { partySignatory } from '#client/sign.ts';
import { openIssuingKeys } from '#client/trust.ts';
import { utf8 } from '#core/bytes.ts';
import { followLogKeys } from '#core/consent/follow-log-keys.ts';
import { LOG_OVERLAP_MS_MIN } from '#core/consent/log-key.ts';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import { useSha256 } from '#core/hash.ts';
import type { Instant } from '#core/instant.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { formatVkey, type KeyId } from '#core/note/key.ts';
import { formatNote, parseNote } from '#core/note/note.ts';
import { signCheckpoint } from '#core/tlog/checkpoint.ts';
import { parseSize, type TreeHead } from '#core/tlog/tree.ts';
import { openAudit } from '#ledger/audit.ts';
import { type AuditSource, databaseSource } from '#ledger/audit-source.ts';
import type { Resources } from '#ledger/tiled-source.ts';
import { rootsAt } from '#ledger/tree-roots.ts';
import type { Context } from '#service/context.ts';
import { readLogKeys } from '#service/issuing-keys.ts';
import { compromiseLogKey } from '#service/log-keys.ts';
import { readFounding } from '#service/proofs.ts';
import { receiptOf } from '#service/receipts.ts';
import { restoreFromMirror } from '#service/restore.ts';
import { readStanding } from '#service/standing.ts';
import { loadCheckpoints } from '#store/checkpoints.ts';
import { loadNewestWitnessed } from '#store/witnessed.ts';
import { createApp } from '../../src/api/app.ts';
import { nativeEd25519, nativeP256, nativeSha256 } from '../../src/native.ts';
import { compareReceipts } from '../../src/node/compare-receipts.ts';
import { fillMirror, openMirror } from '../../src/node/mirror.ts';
import { folderResources, httpResources } from '../../src/node/resources.ts';
import { type Server, serveFetch } from '../../src/node/serve.ts';
import {
  type HeldSignerState,
  holdSignerState,
  readSignerState,
  signerStateFile,
} from '../../src/node/signer-state.ts';
import { openWatch } from '../../src/node/watch.ts';
import { ask, calledByKeeper, newParty, signedScene } from '../support/actors.ts';
import { auditAfter } from '../support/attack.ts';
import { backUp, ceremonyOn, mirrorOf, restoreBackup } from '../support/backup.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger, type Fixture, makeKeys, ORIGIN, openFixture, random } from '../support/ledger-fixture.ts';
import { add, LOG_KEYS_PATH, retire, switchTo, textOf, vkeyOf } from '../support/log-keys.ts';
import { prepareScene } from '../support/witnessed-ledger.ts';

useSha256(nativeSha256);

/** So that what is read over HTTP is signed in the ledger’s time, when the exchange is over. */
const START = Date.now() - LOG_OVERLAP_MS_MIN - 1_000;
const newKey = () => nativeEd25519.importSeed(random(32));

async function declare(context: Context, key: SigningKey, since: number) {
  const body = { vkey: textOf(key), since: since as Instant };
  return compromiseLogKey(context, await calledByKeeper(context, `${LOG_KEYS_PATH}/compromise`, body), body);
}

describe('log keys', () => {
  const opened: Fixture[] = [];
  const folders: string[] = [];
  let server: Server | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
    for (const each of opened.splice(0).reverse()) await each.close();
    for (const each of folders.splice(0)) rmSync(each, { recursive: true, force: true });
  });
  const open = async (options: Partial<Parameters<typeof openFixture>[1]> = {}) => {
    const fixture = await openFixture('postgres', { postgresUrl: inject('postgresUrl'), ...options });
    opened.push(fixture);
    return fixture;
  };
  const newFolder = () => {
    const folder = mkdtempSync(join(tmpdir(), 'assent-log-keys-'));
    folders.push(folder);
    return folder;
  };

  async function published(fixture: Fixture): Promise<number> {
    const { size } = await fixture.audit();
    await fixture.ledger.publisher.published(size, 10_000);
    return size;
  }

  /** Which of some keys have a line under each checkpoint, by its size. */
  async function linesOf(
    fixture: Fixture,
    keys: readonly SigningKey[],
  ): Promise<ReadonlyMap<number, readonly number[]>> {
    const rows = await fixture.store.read((tx) => loadCheckpoints(tx, 0, 10_000));
    const ids = keys.map((key) => vkeyOf(key).keyId);
    return new Map(
      rows.map(({ size, note }) => [size, parseNote(note).signatures.map(({ keyId }) => ids.indexOf(keyId))] as const),
    );
  }

  /** Exchanged twice: the first is retired, the second was in other hands; receipts of before, between and after. */
  async function exchangedTwice() {
    const [second, third] = [await newKey(), await newKey()];
    const fixture = await open({ furtherLog: [second, third], time: START });
    const { context, keys } = fixture;
    const scene = await signedScene(context);
    const auditor = await newParty(context, 'auditor');
    const asked = async () => (await ask(context, scene.reportAccess)).access;
    const receipts: string[] = [];
    const accesses = [await asked()];
    receipts.push(await receiptOf(context, accesses[0] as never));
    await add(context, second);
    const switched = await switchTo(context, second);
    accesses.push(await asked());
    receipts.push(await receiptOf(context, accesses[1] as never));
    const during = await published(fixture);
    fixture.setTime(START + LOG_OVERLAP_MS_MIN);
    const retired = await retire(context, keys.log);
    accesses.push(await asked());
    receipts.push(await receiptOf(context, accesses[2] as never));
    fixture.setTime(START + LOG_OVERLAP_MS_MIN + 10);
    await add(context, third);
    fixture.setTime(START + LOG_OVERLAP_MS_MIN + 20);
    const again = await switchTo(context, third);
    const compromised = await declare(context, second, START + 5);
    accesses.push(await asked());
    receipts.push(await receiptOf(context, accesses[3] as never));
    const size = await published(fixture);
    return {
      fixture,
      scene,
      auditor,
      accesses,
      receipts,
      during,
      size,
      all: [keys.log, second, third],
      switched,
      retired,
      again,
      compromised,
    };
  }

  it('sign just the checkpoints of their spans, the old line first (attack 79)', async () => {
    const { fixture, all, switched, retired, again, compromised } = await exchangedTwice();
    const lines = await linesOf(fixture, all);
    expect(lines.size).toBeGreaterThan(4);
    for (const [size, found] of lines) {
      const wanted = [
        ...(size <= retired.entry.index ? [0] : []),
        ...(size > switched.entry.index && size <= compromised.entry.index ? [1] : []),
        ...(size > again.entry.index ? [2] : []),
      ];
      expect(found, `of ${size}`).toEqual(wanted);
    }
    expect([...lines.values()]).toEqual(expect.arrayContaining([[0], [0, 1], [1], [2]]));
    const report = await checkLedger(fixture);
    expect(report.logKeys.map(({ vkey }) => vkey)).toEqual(all.map((key) => textOf(key)));
  });

  it('leave old receipts what they were, and lead to new ones from whichever key is trusted (attack 79)', async () => {
    const { fixture, receipts, accesses, all, size } = await exchangedTwice();
    const first = all[0] as SigningKey;
    expect(receipts[0]).not.toContain('log_keys');
    for (const receipt of receipts) {
      const verdict = await verifyReceipt(utf8(receipt), vkeyOf(first), nativeEd25519);
      expect(verdict).toMatchObject({ recorded: 'unwitnessed', problem: null });
    }
    const followed = await Promise.all(
      receipts.map(async (each) => (await verifyReceipt(utf8(each), vkeyOf(first), nativeEd25519)).followed_to),
    );
    expect(followed).toEqual([undefined, undefined, textOf(all[1] as SigningKey), textOf(all[2] as SigningKey)]);
    // Fetched anew, each of them stands under the newest key, and under every other one.
    for (const access of accesses) {
      const anew = utf8(await receiptOf(fixture.context, access));
      for (const key of all) {
        expect(await verifyReceipt(anew, vkeyOf(key), nativeEd25519)).toMatchObject({ problem: null, asOf: size });
      }
      const stranger = vkeyOf(await newKey());
      expect(await verifyReceipt(anew, stranger, nativeEd25519)).toMatchObject({ recorded: 'invalid' });
    }
  });

  it('are learnt by clients from the log, under the vkey that they have', async () => {
    const { fixture, all } = await exchangedTwice();
    const { context } = fixture;
    const slice = await readLogKeys(context);
    expect(slice.key_steps).toHaveLength(6);
    for (const key of all) {
      const { spans } = await followLogKeys(slice, [vkeyOf(key)], nativeEd25519);
      expect(spans.map((each) => formatVkey(each.key))).toEqual(all.map((key) => textOf(key)));
      const client = { logKeys: async () => slice };
      expect(await openIssuingKeys(client, vkeyOf(key), nativeEd25519)).toHaveLength(1);
    }
    await expectRefusal('signature_invalid', followLogKeys(slice, [vkeyOf(await newKey())], nativeEd25519));
    // Who has none yet is shown the oldest that was not in other hands.
    expect((await readStanding(context)).vkey).toBe(textOf(all[0] as SigningKey));
    fixture.setTime(START + 3 * LOG_OVERLAP_MS_MIN);
    await declare(context, all[0] as SigningKey, START);
    expect((await readStanding(context)).vkey).toBe(textOf(all[2] as SigningKey));
    expect((await readFounding(context)).vkey).toBe(textOf(all[2] as SigningKey));
  });

  it('are followed by audit, monitor and mirror, over HTTP, from disk, and under every key (attack 79)', async () => {
    const { fixture, auditor, receipts, accesses, during, size, all } = await exchangedTwice();
    const { context, store } = fixture;
    const app = createApp(context, { hosts: () => true });
    server = await serveFetch((request) => app.fetch(request), { host: '127.0.0.1', port: 0 });
    const signers = [partySignatory(auditor.party, auditor.key)];
    const http = () => httpResources({ url: server?.url ?? '', authority: undefined, signers });
    const rows = await store.read((tx) => loadCheckpoints(tx, 0, 10_000));
    const held = rows.find((row) => row.size === during)?.note ?? '';
    const plain = { entrySignatures: true, ageMax: undefined, clock: Date.now };
    for (const key of all) {
      const vkey = vkeyOf(key);
      const kept = key === all[2] ? [] : [held];
      const round = await (await openWatch({ ...plain, vkey, resources: http(), kept })).round();
      expect({ verdict: round.verdict, findings: round.findings }).toEqual({ verdict: 'holds', findings: [] });
      expect(round.report?.logKeys.map((each) => each.vkey)).toEqual(all.map((key) => textOf(key)));
      const files = [...receipts, ...(await Promise.all(accesses.map((each) => receiptOf(context, each))))];
      const served = round.served?.checkpoint;
      if (served === undefined) throw new Error('nothing was served');
      const compared = await compareReceipts(
        files.map((each, at) => ({ file: `${at}`, bytes: utf8(each) })),
        { vkey, served, resources: http(), report: round.report },
      );
      expect(compared.map(({ verdict }) => verdict)).toEqual(files.map(() => 'holds'));
      // By a policy that says that the first key was in other hands, what only that one leads to is not believed.
      const since = (START - 1) as Instant;
      const plainPolicy = { logs: [], witnesses: [], quorum: undefined };
      const told = { ...plainPolicy, compromised: [{ keyId: vkeyOf(all[0] as SigningKey).keyId, since }] };
      const watch = await openWatch({ ...plain, vkey, resources: http(), kept: [], policy: told });
      expect((await watch.round()).verdict).toBe(key === all[0] ? 'unwitnessed' : 'holds');
      // A mirror that begins today has no checkpoint of before: it is led on by what it keeps of the log's keys.
      const folder = newFolder();
      expect((await fillMirror(folder, http(), { vkey, entrySignatures: true })).verdict).toBe('holds');
      for (const reader of all) {
        const options = { vkey: vkeyOf(reader), entrySignatures: true };
        expect((await (await openMirror(folder, options)).round()).verdict).toBe('holds');
      }
      // Without it, only who has the newest key can audit it.
      rmSync(join(folder, 'v1/log/keys'));
      const blind = await (
        await openMirror(folder, { vkey: vkeyOf(all[2] as SigningKey), entrySignatures: true })
      ).round();
      expect(blind.verdict).toBe('holds');
      const old = { vkey: vkeyOf(all[0] as SigningKey), entrySignatures: true };
      await expect(openMirror(folder, old).then((watch) => watch.round())).rejects.toThrow('no known key');
      expect(size).toBeGreaterThan(during);
    }
  });

  it('are no others because a server says so: what it shows of them is held against the tree (attack 84)', async () => {
    const { fixture, auditor, all } = await exchangedTwice();
    const { context } = fixture;
    const app = createApp(context, { hosts: () => true });
    server = await serveFetch((request) => app.fetch(request), { host: '127.0.0.1', port: 0 });
    const http = httpResources({
      url: server.url,
      authority: undefined,
      signers: [partySignatory(auditor.party, auditor.key)],
    });
    const vkey = vkeyOf(all[0] as SigningKey);
    const crooked = (change: (bytes: Uint8Array) => Uint8Array | undefined): Resources => ({
      async read(path) {
        const bytes = await http.read(path);
        return path === 'v1/log/keys' && bytes !== undefined ? change(bytes) : bytes;
      },
    });
    const plain = { vkey, kept: [], entrySignatures: true, ageMax: undefined, clock: Date.now };
    const lies: readonly ((bytes: Uint8Array) => Uint8Array | undefined)[] = [
      () => undefined,
      () => utf8('not JSON'),
      () => utf8('{}'),
      (bytes) => utf8(new TextDecoder().decode(bytes).replace('"key_steps":[', '"key_steps":["x",')),
      (bytes) =>
        utf8(new TextDecoder().decode(bytes).replaceAll(textOf(all[1] as SigningKey), textOf(all[0] as SigningKey))),
    ];
    for (const lie of lies) {
      const round = await (await openWatch({ ...plain, resources: crooked(lie) })).round();
      expect(round).toMatchObject({ verdict: 'findings', findings: [{ code: 'checkpoint' }] });
    }
  });

  it('are looked for in the audit: each line that is missing, or by a key that had ended, is a finding (attack 78)', async () => {
    const { fixture, all, during, size } = await exchangedTwice();
    const [first, second, third] = all as [SigningKey, SigningKey, SigningKey];
    const signedBy = async (at: number, ...keys: readonly [SigningKey, ...SigningKey[]]) => {
      const rows = await fixture.store.read((tx) => loadCheckpoints(tx, at - 1, 1));
      const { root } = rows[0] as (typeof rows)[number];
      return signCheckpoint({ origin: ORIGIN, size: parseSize(at), root }, ...keys);
    };
    const overwritten = async (at: number, note: string) => {
      return auditAfter(fixture, (tx) => sql`update checkpoints set note = ${note} where size = ${at}`.execute(tx));
    };
    const cases = [
      [during, await signedBy(during, first), `lacks the signature of the log key ${vkeyOf(second).keyId}`],
      [during, await signedBy(during, second), `lacks the signature of the log key ${vkeyOf(first).keyId}`],
      [during, await signedBy(during, third), 'no known key'],
      [size, await signedBy(size, first), 'no known key'],
      [size, await signedBy(size, second, first), 'no known key'],
    ] as const;
    for (const [at, note, why] of cases) {
      const { findings } = await overwritten(at, note);
      expect(findings[0]).toMatchObject({ code: 'checkpoint' });
      expect(findings[0]?.message).toContain(why);
    }
    const good = await signedBy(during, first, second);
    const { text, signatures } = parseNote(good);
    const bent = signatures.map((line, at) =>
      at === 1 ? { ...line, bytes: line.bytes.map((byte) => byte ^ 1) } : line,
    );
    expect((await overwritten(during, formatNote({ text, signatures: bent }))).findings[0]?.message).toContain('bad');
    expect((await overwritten(during, good)).holds).toBe(true);
    await checkLedger(fixture);
  });

  it('are believed in the audit as far as the trusted one leads: a gap is a finding', async () => {
    const { fixture, all, switched, again } = await exchangedTwice();
    const gap = (from: number, to: number) => async (tx: Parameters<typeof fixture.auditIn>[0]) => {
      await sql`delete from checkpoints where size > ${from} and size <= ${to}`.execute(tx);
    };
    // No checkpoint by the first key is left that names the second.
    const { findings } = await auditAfter(fixture, gap(switched.entry.index - 1, again.entry.index));
    expect(findings.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('by no log key that the trusted one leads to'),
    );
    expect(all).toHaveLength(3);
    await checkLedger(fixture);
  });

  it('are believed in the audit alike, wherever what is read ends', async () => {
    const { fixture, all, switched, size } = await exchangedTwice();
    const roots = await fixture.store.read((tx) => {
      const sizes = [switched.entry.index - 1, switched.entry.index, switched.entry.index + 1];
      return rootsAt(databaseSource(tx), sizes, size);
    });
    for (const [at, root] of roots.entries()) {
      const stop = { size: parseSize(switched.entry.index - 1 + at), root };
      for (const key of all) {
        const report = await fixture.store.read(async (tx) => {
          const { tables: _derived, ...source } = databaseSource(tx);
          let heads: readonly TreeHead[] = [stop];
          const options = { ed25519: nativeEd25519, p256: nativeP256, vault: undefined, entrySignatures: false };
          const head: AuditSource['head'] = async () => heads[0] ?? source.head();
          const audit = openAudit({ ...source, head }, { ...options, vkey: vkeyOf(key) });
          await audit.advance();
          heads = [];
          return audit.advance();
        });
        expect([report.size, report.findings]).toEqual([size, []]);
      }
    }
  });

  it('are at hand, or a process that signs is not opened, and no other key is ever signed with', async () => {
    const second = await newKey();
    const fixture = await open({ furtherLog: [second] });
    const { context } = fixture;
    await add(context, second);
    const without = await open({ again: fixture, signerState: null });
    await expectRefusal('log_key_absent', switchTo(without.context, second));
    await switchTo(context, second, 60_000);
    await published(fixture);
    // One that only writes goes on; one that signs does not start.
    await newParty(without.context, 'bureau');
    await expectRefusal('keys_missing', openFixture('postgres', { again: fixture }));
    await expectRefusal('keys_missing', openFixture('postgres', { again: fixture, furtherLog: [await newKey()] }));
    const again = await open({ again: fixture, furtherLog: [second] });
    await newParty(again.context, 'bureau');
    await published(again);
    await checkLedger(again);
  });

  it('stop the checkpoints, and nothing else, where another server lets a key take over that the signer has not', async () => {
    const second = await newKey();
    const fixture = await open();
    const beside = await open({ again: fixture, signerState: null, furtherLog: [second] });
    await add(beside.context, second);
    const size = await published(fixture);
    await switchTo(beside.context, second, 60_000);
    await newParty(beside.context, 'bureau');
    await expect.poll(() => fixture.logged.join('\n'), { timeout: 5_000 }).toContain('signs and is not at hand');
    expect((await fixture.store.read((tx) => loadCheckpoints(tx, size, 10))).length).toBe(0);
    expect(fixture.ledger.fenced()).toBeUndefined();
    await fixture.ledger.close();
    const again = await open({ again: fixture, furtherLog: [second] });
    await published(again);
    await checkLedger(again);
  });

  it('are added by who holds them, for this log, and take over once a checkpoint names them (attack 77)', async () => {
    const [second, third] = [await newKey(), await newKey()];
    const fixture = await open({ furtherLog: [second, third], time: START });
    await expectRefusal('signature_invalid', add(fixture.context, second, 'other.example/log'));
    await add(fixture.context, second);
    await expectRefusal('already_there', add(fixture.context, second));
    await expectRefusal('limit_reached', retire(fixture.context, fixture.keys.log));
    await expectRefusal('key_ended', switchTo(fixture.context, third));
    await published(fixture);
    fixture.ledger.publisher.halt();
    await add(fixture.context, third);
    await expectRefusal('not_published', switchTo(fixture.context, third));
    await switchTo(fixture.context, second);
    const { logKeys } = await checkLedger(fixture);
    expect(logKeys.map(({ from, to }) => [from === null, to])).toEqual([
      [false, null],
      [false, null],
      [true, null],
    ]);
  });

  it('hand the signer’s memory on, on disk, also where the process dies on the way (attacks 31, 79)', async () => {
    const second = await newKey();
    const keys = await makeKeys();
    const folder = newFolder();
    const ids = [vkeyOf(keys.log).keyId, vkeyOf(second).keyId] as [KeyId, KeyId];
    const held = () => {
      const state = holdSignerState(folder, ids);
      if (state === undefined) throw new Error('held elsewhere');
      return state;
    };
    let state = held();
    const fixture = await open({ keys, furtherLog: [second], signerState: state });
    await add(fixture.context, second);
    await published(fixture);
    // It dies after the memory was handed over, and before the new key signed: three times, the last one goes on.
    const dying = (held: HeldSignerState) => ({
      ...held,
      handTo(keyId: KeyId) {
        held.handTo(keyId);
        if (keyId === ids[1]) throw Object.assign(new Error('killed'), { code: 'KILLED' });
      },
    });
    await fixture.ledger.close();
    for (let round = 0; round < 2; round++) {
      const mortal = await open({ again: fixture, furtherLog: [second], signerState: dying(state) });
      if (round === 0) await switchTo(mortal.context, second, 60_000);
      await expect.poll(() => mortal.logged.join('\n'), { timeout: 5_000 }).toContain('publish_failed');
      mortal.ledger.publisher.halt();
      await mortal.ledger.close();
      state.release();
      state = held();
      Object.assign(dying, { load: state.load, advance: state.advance, continuedBy: state.continuedBy });
    }
    const again = await open({ again: fixture, furtherLog: [second], signerState: state });
    const size = await published(again);
    expect(state.load()?.size).toBe(size);
    await again.ledger.close();
    state.release();
    expect(readSignerState(folder, ids)).toMatchObject({ signed: { size } });
    // The old file set back to before: it would sign on, and the new one does. Nothing is signed.
    rmSync(signerStateFile(folder, ids[0]));
    const forged = holdSignerState(folder, [ids[0]]);
    forged?.advance(undefined, { size: parseSize(1), root: (await again.audit()).root });
    forged?.release();
    state = held();
    const fenced = await open({ again: fixture, furtherLog: [second], signerState: state });
    expect(fenced.ledger.fenced()).toContain('both think that they sign');
    await expectRefusal('read_only', newParty(fenced.context, 'bureau'));
    state.release();
    await checkLedger(again);
  });

  it('are believed since a compromise as far as a quorum cosigned before it (attack 78)', async () => {
    const second = await newKey();
    const scene = await prepareScene(['a.example'], 'all', [second]);
    const { keys, settings, policy } = scene;
    const fixture = await open({ keys, witnesses: settings, furtherLog: [second] });
    const { context, vkey } = fixture;
    const { reportAccess } = await signedScene(context);
    const witnessed = async () => {
      const { size } = await fixture.audit();
      const newest = () => fixture.store.read(loadNewestWitnessed);
      await expect.poll(async () => (await newest())?.size, { timeout: 10_000 }).toBe(size);
    };
    const { access } = await ask(context, reportAccess);
    await witnessed();
    const before = utf8(await receiptOf(context, access));
    await add(context, second);
    await witnessed();
    // From here on the first key is in other hands; nobody knows it yet. Witnesses say whole seconds.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const since = (Math.floor(Date.now() / 1_000) * 1_000) as Instant;
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await switchTo(context, second, 60_000);
    await witnessed();
    const during = utf8(await receiptOf(context, access));
    await declare(context, keys.log, since);
    await witnessed();
    const after = utf8(await receiptOf(context, access));
    const told = { ...policy, compromised: [{ keyId: vkey.keyId, since }] };
    const judged = async (file: Uint8Array, by: typeof policy) => {
      const terms = { policy: by, now: Date.now() };
      const { problem, recorded } = await verifyReceipt(file, vkey, nativeEd25519, undefined, terms);
      return [problem, recorded];
    };
    for (const file of [before, during, after]) expect(await judged(file, policy)).toEqual([null, 'witnessed']);
    // The quorum saw the addition before: so the second key is believed, and what it signs.
    for (const file of [before, during, after]) expect(await judged(file, told)).toEqual([null, 'witnessed']);
    const earlier = { ...policy, compromised: [{ keyId: vkey.keyId, since: (since - 60_000) as Instant }] };
    for (const file of [before, during, after]) expect(await judged(file, earlier)).toEqual([null, 'unwitnessed']);
    // Who has the second key from elsewhere does not need the first.
    const log = { key: vkeyOf(second), url: undefined };
    const both = { ...earlier, logs: [...policy.logs, log] };
    for (const file of [during, after]) expect(await judged(file, both)).toEqual([null, 'witnessed']);
    expect(await judged(before, both)).toEqual([null, 'unwitnessed']);
    for (const witness of scene.witnesses) expect(witness.forked).toEqual([]);
    await checkLedger(fixture);
    for (const witness of scene.witnesses) witness.close();
  });

  it('lead a restore over an exchange that an older backup does not know of (attack 79)', async () => {
    const [second, third] = [await newKey(), await newKey()];
    const fixture = await open({ furtherLog: [second, third], time: START });
    const { context, keys } = fixture;
    const scene = await signedScene(context);
    const auditor = await newParty(context, 'auditor');
    await published(fixture);
    const backup = await backUp(fixture.store);
    await add(context, second);
    await switchTo(context, second);
    await published(fixture);
    fixture.setTime(START + LOG_OVERLAP_MS_MIN);
    await retire(context, keys.log);
    const { access } = await ask(context, scene.reportAccess);
    await published(fixture);
    const mirror = await mirrorOf(fixture, auditor);
    folders.push(mirror.folder);
    await fixture.ledger.close();
    const copy = await restoreBackup('postgres', backup, inject('postgresUrl'));
    try {
      const onCopy = { ...fixture, store: copy.store };
      const behind = await openFixture('postgres', {
        again: onCopy,
        wrapStore: () => copy.store,
        furtherLog: [second],
        time: START,
      });
      expect(behind.ledger.fenced()).toContain('was an old backup restored?');
      await behind.ledger.close();
      const state = fixture.signerState;
      const asked = { store: copy.store, mirror: mirror.folder, state };
      // Without what leads from key to key, the newest checkpoint is by nobody that the keeper trusts.
      const blind = await ceremonyOn(fixture, asked);
      const { resources } = blind.mirror;
      const without = {
        read: (path: string) => (path === 'v1/log/keys' ? Promise.resolve(undefined) : resources.read(path)),
      };
      await expectRefusal(
        'signature_invalid',
        restoreFromMirror({ ...blind, mirror: { ...blind.mirror, resources: without } }),
      );
      fixture.setTime(Date.now());
      const done = await restoreFromMirror(await ceremonyOn(fixture, asked));
      expect(done?.entry.entry.type).toBe('log.restored');
      const again = { again: onCopy, wrapStore: () => copy.store, furtherLog: [second, third] };
      const whole = await openFixture('postgres', again);
      expect(whole.ledger.fenced()).toBeUndefined();
      await published(whole);
      await checkLedger(whole);
      const receipt = utf8(await receiptOf(whole.context, access));
      const verdict = await verifyReceipt(receipt, vkeyOf(keys.log), nativeEd25519, nativeP256);
      expect(verdict).toMatchObject({ problem: null, followed_to: textOf(second) });
      await whole.ledger.close();
    } finally {
      await copy.close();
    }
    expect(await folderResources(mirror.folder).read('v1/log/keys')).toBeDefined();
  });
});
