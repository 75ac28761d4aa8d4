/** The replay of a log with two names: which entry says which, and what the tree has to do with it (ADR 0028). */
import { beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '#core/canonical.ts';
import { useSha256 } from '#core/hash.ts';
import type { Instant } from '#core/instant.ts';
import { signCheckpoint } from '#core/tlog/checkpoint.ts';
import { entrySigningBytes } from '#core/tlog/entry.ts';
import { LOG_STREAM, partyStream } from '#core/tlog/stream.ts';
import { parseSize } from '#core/tlog/tree.ts';
import type { AuditReport } from '#ledger/audit.ts';
import { openAudit } from '#ledger/audit.ts';
import type { AuditSource } from '#ledger/audit-source.ts';
import { nativeEd25519, nativeP256, nativeSha256 } from '../../src/native.ts';
import { continues, NEW_LOG, type Two, twoKeys } from '../core/consent/continued-paper.ts';
import {
  calledByKeeper,
  DAY,
  hashOf,
  LENDER,
  LOG,
  openedPaper,
  type Paper,
  TODAY,
} from '../core/consent/paper-ledger.ts';
import { reinstated, suspended } from '../core/consent/paper-party.ts';
import type { Keys } from '../core/consent/paper-receipt.ts';
import { naiveTree } from '../core/tlog/naive.ts';

useSha256(nativeSha256);

let keys: Two;
beforeAll(async () => {
  keys = await twoKeys();
});

const LATER = TODAY + DAY;

/** Parties alone: what they are registered by has no payload. The relationship's opening has one, and is the last. */
async function continuedPaper(said: object = {}): Promise<Paper> {
  const paper = openedPaper(keys.old.texts);
  paper.write(await continues(paper, keys, { said }), LATER);
  return paper;
}

interface Checked {
  readonly size: number;
  readonly by: Keys;
  readonly root?: Uint8Array;
}

/** Audits a paper under a vkey, each entry signed by the key of its name, with checkpoints as they were signed. */
async function audit(
  paper: Paper,
  { vkey }: Keys,
  checked: readonly Checked[] = [],
  stops: readonly number[] = [],
): Promise<AuditReport> {
  const tree = naiveTree(paper.lines.map(({ leaf }) => leaf));
  const all = paper.lines.length;
  let size = all;
  const checkpoints = await Promise.all(
    checked.map(async ({ size: at, by, root = tree.root(Math.min(at, all)) }) => {
      const note = await signCheckpoint({ origin: by.vkey.name, size: parseSize(at), root: root as never }, by.log);
      return { size: at, root: root as never, note };
    }),
  );
  const rows = await Promise.all(
    paper.lines.map(async ({ index, leaf, bytes, entry }) => {
      const by = entry.log === NEW_LOG ? keys.next : keys.old;
      return { index, leaf, bytes, signature: await by.issuing.sign(entrySigningBytes(leaf)) };
    }),
  );
  const source: AuditSource = {
    head: async () => ({ size, root: tree.root(size) }),
    entries: async (start, end) => rows.slice(start, end),
    digests: async () => [],
    parts: async () => [],
    requests: async () => [],
    packs: async () => [],
    checkpoints: async (after) => checkpoints.filter((each) => each.size > after),
    tiles: async () => [],
  };
  const options = { vkey, ed25519: nativeEd25519, p256: nativeP256, vault: undefined, entrySignatures: true };
  const running = openAudit(source, options);
  for (size of stops) await running.advance();
  size = all;
  return running.advance();
}

/** What a paper has not: payloads and signed requests. */
async function findingsOf(
  paper: Paper,
  by: Keys = keys.next,
  checked: readonly Checked[] = [],
  stops: readonly number[] = [],
) {
  const { findings } = await audit(paper, by, checked, stops);
  return findings.filter(({ code, message }) => code !== 'payload' && !message.includes('request'));
}

describe('a log with two names', () => {
  it('holds under the new key, each entry by the name and the key in force', async () => {
    const paper = await continuedPaper();
    expect(await findingsOf(paper)).toEqual([]);
    const report = await audit(paper, keys.next);
    expect(report.signatures).toBe(paper.lines.length);
    expect(report.continued).toEqual([expect.objectContaining({ proven: true, time: LATER })]);
    // Of the old key it is no log any more.
    expect((await findingsOf(paper, keys.old)).map(({ code }) => code)).toContain('checkpoint');
  });

  it('has checkpoints of both, each under its own key; what was lost is of no tree here', async () => {
    const paper = await continuedPaper();
    const size = paper.lines.length;
    const good: readonly Checked[] = [
      { size: 3, by: keys.old },
      { size: size - 1, by: keys.old },
      { size, by: keys.next },
      { size: size + 1, by: keys.old, root: new Uint8Array(32) },
    ];
    expect(await findingsOf(paper, keys.next, good.slice(0, 3))).toEqual([]);
    const lost = await audit(paper, keys.next, good);
    // More entries than are here were signed under the old name, as the log says.
    expect(lost.findings.map(({ message }) => message).join()).not.toContain('is of another tree');
    for (const bad of [
      { size: 3, by: keys.old, root: new Uint8Array(32) },
      { size: 3, by: { ...keys.old, log: keys.next.log } },
      { size: 3, by: { ...keys.old, vkey: { ...keys.old.vkey, name: 'paper.assent.example/log-9' } as never } },
    ]) {
      const [finding] = await findingsOf(paper, keys.next, [bad]);
      expect(finding?.code).toBe('checkpoint');
    }
  });

  it('has one verdict on a checkpoint of what was left, wherever what is read ends', async () => {
    const paper = await continuedPaper();
    const size = paper.lines.length;
    const [left, early] = [size - 1, 3];
    const stops = [[], [early - 1], [early], [early + 1], [left - 1], [left], [early, left]];
    for (const stop of stops) {
      // The former name signed these trees; the new one is in none of them, so its key signs none.
      for (const at of [early, left]) {
        expect(await findingsOf(paper, keys.next, [{ size: at, by: keys.old }], stop)).toEqual([]);
        const found = await findingsOf(paper, keys.next, [{ size: at, by: keys.next }], stop);
        expect(found.map(({ code, message }) => [code, message])).toEqual([
          ['checkpoint', `the checkpoint of ${at} entries says another name than the log has there`],
        ]);
      }
      const both: readonly Checked[] = [
        { size: early, by: keys.old },
        { size: left, by: keys.old },
        { size, by: keys.next },
      ];
      expect(await findingsOf(paper, keys.next, both, stop)).toEqual([]);
    }
  });

  it('has the same verdict where the log is longer than a page of the audit', async () => {
    for (const left of [1_023, 1_024, 1_025]) {
      const paper = openedPaper(keys.old.texts);
      for (let at = 0; paper.lines.length < left; at++) paper.write((at % 2 ? reinstated : suspended)(LENDER), TODAY);
      paper.write(await continues(paper, keys), LATER);
      const codes = async (by: Keys) => (await audit(paper, keys.next, [{ size: left, by }])).codes;
      expect(await codes(keys.old)).not.toContain('checkpoint');
      expect(await codes(keys.next)).toContain('checkpoint');
    }
  });

  it.each([
    ['another root', { root: hashOf(5), proof: null }, 'is not this log’s'],
    ['another place', { size: 3, proof: null }, 'stands behind'],
    ['a proof of another tree', { proof: [hashOf(4)] }, 'another new root'],
  ])('says %s: that is found', async (_what, said, message) => {
    const findings = await findingsOf(await continuedPaper(said));
    expect(findings.map((each) => each.message).join()).toContain(message);
    expect(findings.some(({ code }) => code === 'state' || code === 'signature')).toBe(true);
  });

  it('an entry OLD behind the change, or NEW before it, is of another log', async () => {
    const behind = await continuedPaper();
    const body = { ...(behind.lines[2]?.entry.body as JsonObject), ...calledByKeeper() };
    const stream = partyStream(LENDER);
    behind.forge({ log: LOG, stream, type: 'party.suspended', body, time: LATER as Instant });
    expect((await findingsOf(behind)).find(({ message }) => message === 'it belongs to another log')?.index).toBe(
      behind.lines.length - 1,
    );
    const before = openedPaper(keys.old.texts);
    before.forge({ log: NEW_LOG, stream, type: 'party.suspended', body, time: TODAY as Instant });
    before.write(await continues(before, keys), LATER);
    expect((await findingsOf(before)).find(({ message }) => message === 'it belongs to another log')?.index).toBe(
      before.lines.length - 2,
    );
  });

  it('is not continued by who holds the old keys alone', async () => {
    const paper = openedPaper(keys.old.texts);
    const command = await continues(paper, keys, { by: keys.old.log });
    paper.write(command, LATER);
    const findings = await findingsOf(paper);
    expect(findings.map(({ message }) => message).join()).toContain('the recovery key did not sign');
    expect(paper.head(LOG_STREAM)?.seq).toBe(1);
  });
});
