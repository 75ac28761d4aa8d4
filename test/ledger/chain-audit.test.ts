/** The audit of chains alone: what it finds, and that runs side by side find what one after another does. */
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type JsonObject, parseCanonical } from '#core/canonical.ts';
import { type Hash, hashLeaf } from '#core/hash.ts';
import { formatVkey } from '#core/note/key.ts';
import { encodeEntry, parseEntry } from '#core/tlog/entry.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { openAudit } from '#ledger/audit.ts';
import { type ChainReport, openChainAudit } from '#ledger/chain-audit.ts';
import { checkRun, type RunChecker } from '#ledger/chain-run.ts';
import { nativeEd25519, nativeP256 } from '../../src/native.ts';
import { type ChainThreads, openChainThreads } from '../../src/node/chain-threads.ts';
import { type ChainedLog, makeChainedLog, sourceOf } from '../support/chained-log.ts';

/** More than two runs, and not whole ones. */
const SIZE = 5_000;
const inline: RunChecker = async (run) => checkRun(run);

describe('an audit of chains', () => {
  let log: ChainedLog;
  let threads: ChainThreads;

  beforeAll(async () => {
    log = await makeChainedLog(SIZE, 700);
    threads = openChainThreads(2);
  });

  afterAll(() => threads.close());

  /** Audits by this thread and by others, which say the same. */
  async function audit(changed: Partial<ChainedLog> = {}): Promise<ChainReport> {
    const source = sourceOf({ ...log, ...changed });
    const options = { vkey: log.vkey, ed25519: nativeEd25519 };
    const here = await openChainAudit(source, { ...options, checkRun: inline }).advance();
    const beside = await openChainAudit(source, { ...options, checkRun: threads.check }).advance();
    expect(beside).toEqual(here);
    return here;
  }

  /** The log with one entry's row changed. */
  function withRow(index: number, change: (row: ChainedLog['entries'][number]) => object): Partial<ChainedLog> {
    return { entries: log.entries.map((row) => (row.index === index ? { ...row, ...change(row) } : row)) };
  }

  /** Another entry in the place of one, filed with its own leaf. */
  function rewritten(index: number, change: object): Partial<ChainedLog> {
    return withRow(index, ({ bytes }) => {
      const other = encodeEntry({ ...parseEntry(bytes), ...change });
      return { bytes: other, leaf: hashLeaf(other) };
    });
  }

  const found = ({ findings }: ChainReport) => findings.map(({ code, index }) => [code, index]);

  it('holds for a log whose chains, tree and checkpoint are right, and says how deep it looked', async () => {
    expect(await audit()).toMatchObject({ depth: 'chains', holds: true, size: SIZE, checkpoints: 1, findingCount: 0 });
  });

  it('goes on from where it was', async () => {
    const source = sourceOf(log);
    const shorter = { size: 3_000, root: log.head.root };
    let head: ChainedLog['head'] = shorter;
    const options = { vkey: log.vkey, ed25519: nativeEd25519, checkRun: threads.check };
    const running = openChainAudit({ ...source, head: async () => head }, options);
    // What was served of the shorter tree is not its root: that is found of it, and not of the longer one.
    expect(found(await running.advance())).toContainEqual(['tree', null]);
    head = log.head;
    expect(await running.advance()).toMatchObject({ holds: true, size: SIZE });
  });

  it.each([1, 700, 2_047, 2_048, 4_999])('names entry %i where one of its bytes is another', async (index) => {
    const at = (bytes: Uint8Array) => bytes.map((byte, i) => (i === bytes.length - 9 ? byte ^ 1 : byte));
    expect(found(await audit(withRow(index, ({ bytes }) => ({ bytes: at(bytes) }))))).toContainEqual(['entry', index]);
  });

  it.each([2_048, 2_900])('names what links to entry %i where that was rewritten with its leaf', async (index) => {
    const report = await audit(rewritten(index, { type: 'access.refused' }));
    expect(found(report)).toContainEqual(['chain', index + 700]);
    expect(report.codes).toEqual(expect.arrayContaining(['chain', 'tree', 'checkpoint']));
  });

  it.each([
    ['whose link leads elsewhere', { prev: new Uint8Array(32) as Hash }, 'chain'],
    ['that skips a place of its stream', { seq: 9 }, 'chain'],
    ['that is before its time', { time: 1 }, 'entry'],
    ['of another log', { log: 'another.test/log' }, 'entry'],
    ['that commits to what has no digests', { commit: new Uint8Array(32) as Hash }, 'payload'],
  ])('names an entry %s, at the edge of a run and within it', async (_what, change, code) => {
    // Neither has a payload.
    for (const index of [2_049, 3_000])
      expect(found(await audit(rewritten(index, change)))).toContainEqual([code, index]);
  });

  it('names an entry whose digests are others, more or none', async () => {
    const other = log.digests.map((row) =>
      row.index === 3_001 ? { ...row, digest: row.digest.map((b) => b ^ 1) as Hash } : row,
    );
    const more = [...log.digests, { index: 3_002, name: 'reason', digest: log.digests[0]!.digest }];
    const none = log.digests.filter(({ index }) => index !== 3_001);
    expect(found(await audit({ digests: other }))).toEqual([['payload', 3_001]]);
    expect(found(await audit({ digests: more }))).toEqual([['payload', 3_002]]);
    expect(found(await audit({ digests: none }))).toEqual([['payload', 3_001]]);
  });

  it('names an entry with a digest or a leaf that is no hash, or is called as nothing may be', async () => {
    const [digest] = log.digests.filter(({ index }) => index === 3_001);
    const longer = (hash: Hash) => Uint8Array.of(...hash, 0) as Hash;
    const long = log.digests.map((row) => (row === digest ? { ...row, digest: longer(row.digest) } : row));
    const more = [...log.digests, { index: 3_002, name: '__proto__', digest: digest!.digest }];
    expect(found(await audit({ digests: long }))).toEqual([['payload', 3_001]]);
    expect(found(await audit({ digests: more }))).toEqual([['payload', 3_002]]);
    const among = [...log.digests, { index: 3_001, name: '__proto__', digest: digest!.digest }];
    expect(found(await audit({ digests: among }))).toEqual([['payload', 3_001]]);
    for (const index of [2_500, 4_095])
      expect(found(await audit(withRow(index, ({ leaf }) => ({ leaf: longer(leaf) }))))).toEqual([['entry', index]]);
  });

  it('names an entry that is filed elsewhere than it says', async () => {
    const moved = withRow(2_500, ({ filed }) => ({ filed: { ...filed, seq: 0 } }));
    expect(found(await audit(moved))).toEqual([['entry', 2_500]]);
  });

  it.each([0, 2_047, 2_048, 4_999])('finds that entry %i is missing', async (index) => {
    const report = await audit({ entries: log.entries.filter((row) => row.index !== index) });
    expect(report.codes).toEqual(expect.arrayContaining(['entry', 'tree']));
  });

  it('finds two entries that were swapped', async () => {
    const [one, other] = [log.entries[2_600]!, log.entries[2_601]!];
    const entries = log.entries.map((row) => {
      if (row.index === 2_600) return { ...other, index: 2_600 };
      return row.index === 2_601 ? { ...one, index: 2_601 } : row;
    });
    expect((await audit({ entries })).codes).toEqual(expect.arrayContaining(['entry', 'tree']));
  });

  it('finds a tile, a checkpoint and a head that are others', async () => {
    const spoiled = (bytes: Uint8Array) => bytes.map((byte, i) => (i === 20 ? byte ^ 1 : byte));
    const tiles = log.tiles.map((tile, i) => (i === 3 ? { ...tile, hashes: spoiled(tile.hashes) } : tile));
    const checkpoints = log.checkpoints.map((row) => ({ ...row, note: row.note.replace(/^(.*\n)[0-9]+/, '$14999') }));
    expect((await audit({ tiles })).codes).toEqual(['tree']);
    expect((await audit({ checkpoints })).codes).toEqual(['checkpoint']);
    expect((await audit({ head: { ...log.head, root: spoiled(log.head.root) as Hash } })).codes).toEqual(['tree']);
  });

  it('finds that the log names another key than the one trusted', async () => {
    const body = parseCanonical(log.entries[0]!.bytes) as { body: Record<string, unknown> };
    const other = 'chained.test/log+4d8cbb1b+AVpH3mbWfsXvN3MGvd0WBTvTRGwJk5mvVr+Zp0uJzqPw';
    expect((await audit(rewritten(0, { body: { ...body.body, log_key: other } }))).codes).toContain('checkpoint');
  });

  it('names an entry that says of the log what no rule could read', async () => {
    const { body } = parseCanonical(log.entries[0]!.bytes) as { body: JsonObject };
    const size = 2_600;
    const said: readonly JsonObject[] = [
      { ...body, size },
      { ...body, size, before: 1, lost: [], root: null },
    ];
    for (const each of said) {
      const report = await audit(rewritten(size, { stream: LOG_STREAM, type: 'log.continued', body: each }));
      expect(found(report)).toEqual(
        expect.arrayContaining([
          ['decision', size],
          ['state', size],
        ]),
      );
    }
  });

  it.each([
    ['log.continued', { size: 10 }],
    ['log.continued', { size: 10, before: 1, lost: [], root: null, proof: [], by: [], keeper_keys: 0 }],
    ['log.log_key_added', { vkey: null, possession: null }],
    ['log.log_key_added', { possession: 7 }],
    ['log.issuing_key_added', { key: [], possession: {} }],
    ['party.keeper_recovered', { recovery: 7, keys: 7, signatures: 7 }],
  ])('a whole audit names an entry %s that no rule could read, too: %o', async (type, said) => {
    const small = await makeChainedLog(20, 5);
    const entries = small.entries.map((row) => {
      const vkey = formatVkey(small.vkey);
      const bytes = encodeEntry({ ...parseEntry(row.bytes), stream: LOG_STREAM, type, body: { vkey, ...said } });
      return row.index === 10 ? { ...row, bytes, leaf: hashLeaf(bytes) } : row;
    });
    const means = { ed25519: nativeEd25519, p256: nativeP256, vault: undefined, entrySignatures: false };
    const whole = openAudit(sourceOf({ ...small, entries }), { vkey: small.vkey, ...means });
    expect((await whole.advance()).findings).toContainEqual(expect.objectContaining({ code: 'decision', index: 10 }));
  });

  it('ends as its checker does, also where that breaks off while more is being read', async () => {
    const source = sourceOf(log);
    const entries: typeof source.entries = async (start, end) => {
      await setTimeout(20);
      return source.entries(start, end);
    };
    const broken: RunChecker = () => Promise.reject(new Error('out of memory'));
    const options = { vkey: log.vkey, ed25519: nativeEd25519, checkRun: broken };
    await expect(openChainAudit({ ...source, entries }, options).advance()).rejects.toThrow('out of memory');
  });

  it('finds nothing to be what a whole audit alone would find: a decision that is made wrongly', async () => {
    const last = SIZE - 1;
    expect((await audit(rewritten(last, { type: 'access.refused' }))).codes).not.toContain('decision');
  });
});

describe('threads that check chains', () => {
  it('tell whoever waits that they have ended, and start again for who asks afterwards', async () => {
    const log = await makeChainedLog(2_100, 20);
    const threads = openChainThreads(1);
    const run = { start: 0, rows: log.entries, digests: log.digests };
    expect((await threads.check(run)).leaves).toHaveLength(2_100);
    // So many that the thread can’t have answered all of them before it ends.
    const asked = Array.from({ length: 16 }, () => threads.check(run));
    const told = Promise.allSettled(asked);
    await threads.close();
    expect((await told).at(-1)).toMatchObject({
      status: 'rejected',
      reason: { message: expect.stringContaining('has ended') },
    });
    expect(await threads.check(run)).toEqual(checkRun(run));
    await threads.close();
  });
});
