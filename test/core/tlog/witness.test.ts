/** What a witness decides, and what it can prove against a log. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '#core/bytes.ts';
import type { Hash } from '#core/hash.ts';
import { cosignerKey, formatCosignerVkey, formatVkey, verifierKey } from '#core/note/key.ts';
import { formatNote, parseNote, signNote } from '#core/note/note.ts';
import { formatAddCheckpoint } from '#core/tlog/add-checkpoint.ts';
import { formatCheckpoint, signCheckpoint } from '#core/tlog/checkpoint.ts';
import { cosign } from '#core/tlog/cosignature.ts';
import { parsePolicy } from '#core/tlog/policy.ts';
import { formatSplitView, openSplitView, type SplitView } from '#core/tlog/split-view.ts';
import { EMPTY_ROOT, parseSize } from '#core/tlog/tree.ts';
import {
  type Asked,
  decideAddCheckpoint,
  openAddCheckpoint,
  type Seen,
  type WitnessedLogs,
} from '#core/tlog/witness.ts';
import { openWitnessed } from '#core/tlog/witnessed.ts';
import { nativeEd25519 } from '../../../src/native.ts';
import { expectRefusal } from '../../support/failure.ts';
import { crookProof } from './crooked-proofs.ts';
import { makeLeaves, naiveTree } from './naive.ts';

const importKey = (byte: number) => nativeEd25519.importSeed(new Uint8Array(32).fill(byte));
const [logKey, secondKey, strangerKey] = (await Promise.all([3, 4, 5].map(importKey))) as [Key, Key, Key];
type Key = Awaited<ReturnType<typeof importKey>>;
const ORIGIN = 'ledger.example/consent';
const vkey = verifierKey(ORIGIN, logKey.publicKey);
const secondVkey = verifierKey(ORIGIN, secondKey.publicKey);
const logs: WitnessedLogs = new Map([[ORIGIN, [vkey, secondVkey]]]);

const tree = naiveTree(makeLeaves(40));
const forked = naiveTree(makeLeaves(40, 'fork'));
type Tree = typeof tree;
const noteAt = (size: number, of: Tree = tree, key = logKey) =>
  signCheckpoint({ origin: ORIGIN, size: parseSize(size), root: of.root(size) }, key);
const seenAt = async (size: number, of: Tree = tree): Promise<Seen> => ({
  size: parseSize(size),
  root: of.root(size),
  note: await noteAt(size, of),
});
const open = (body: string) => openAddCheckpoint(utf8(body), logs, nativeEd25519);

/** Asks, and expects to be heard. */
async function ask(oldSize: number, proof: readonly Hash[], checkpoint: string): Promise<Asked> {
  const opened = await open(formatAddCheckpoint({ oldSize: parseSize(oldSize), proof, checkpoint }));
  if (opened.kind !== 'asked') throw new Error(`not asked: ${opened.kind}`);
  return opened.asked;
}

const growth = async (from: number, to: number, of: Tree = tree) =>
  ask(from, from === 0 ? [] : of.consistency(from, to), await noteAt(to, of));

describe('what is asked of a witness', () => {
  test('is heard if a trusted key of a known log signed it', async () => {
    expect((await growth(0, 7)).checkpoint).toEqual({ origin: ORIGIN, size: 7, root: tree.root(7) });
    expect((await ask(0, [], await noteAt(7, tree, secondKey))).checkpoint.size).toBe(7);
  });

  test('of an unknown origin is not', async () => {
    const note = await signNote(
      `other.example/log\n7\n${(await noteAt(7)).split('\n')[2]}\n`,
      'other.example/log',
      logKey,
    );
    expect(await open(`old 0\n\n${note}`)).toEqual({ kind: 'origin_unknown' });
  });

  test('without a trusted signature is not, nor with one that is bad', async () => {
    const stranger = await noteAt(7, tree, strangerKey);
    expect(await open(`old 0\n\n${stranger}`)).toEqual({ kind: 'untrusted' });
    const good = parseNote(await noteAt(7));
    const other = parseNote(await noteAt(8));
    expect(await open(`old 0\n\n${formatNote({ ...good, signatures: other.signatures })}`)).toEqual({
      kind: 'untrusted',
    });
    // A good one and a bad one, both by trusted keys.
    const bad = parseNote(await noteAt(8, tree, secondKey)).signatures;
    const both = formatNote({ ...good, signatures: [...good.signatures, ...bad] });
    expect(await open(`old 0\n\n${both}`)).toEqual({ kind: 'untrusted' });
  });

  test('may bear signatures of others, which are not kept', async () => {
    const good = parseNote(await noteAt(7));
    const stranger = parseNote(await noteAt(7, tree, strangerKey)).signatures;
    const cosignature = await cosign(good.text, 'w.example', strangerKey, 1_780_000_000);
    const crowded = formatNote({ ...good, signatures: [...stranger, ...good.signatures, cosignature] });
    expect((await ask(0, [], crowded)).seen.note).toBe(await noteAt(7));
  });

  test('may have extension lines, and they are cosigned with it', async () => {
    const text = `${formatCheckpoint({ origin: ORIGIN, size: parseSize(7), root: tree.root(7) })}extension 1\n`;
    const asked = await ask(0, [], await signNote(text, ORIGIN, logKey));
    expect(asked.text).toBe(text);
    const empty = await signNote(`${text}\nafter an empty line\n`, ORIGIN, logKey);
    expect((await open(`old 0\n\n${empty}`)).kind).toBe('malformed');
  });

  test('is malformed if it can’t be read, whoever signed', async () => {
    const note = await noteAt(7);
    for (const body of [
      '',
      'old 0\n',
      `old 00\n\n${note}`,
      `old 0\nx\n\n${note}`,
      `old 0\n\n${note}x`,
      `\r\nold 0\n\n${note}`,
    ]) {
      expect((await open(body)).kind).toBe('malformed');
    }
    for (const size of ['07', '+7', '9007199254740993']) {
      const crooked = await signNote(`${ORIGIN}\n${size}\n${note.split('\n')[2]}\n`, ORIGIN, logKey);
      expect((await open(`old 0\n\n${crooked}`)).kind).toBe('malformed');
    }
  });
});

describe('a witness', () => {
  test('trusts the first checkpoint that it sees, and then only growth that is proved', async () => {
    expect(decideAddCheckpoint(undefined, await growth(0, 7))).toEqual({ kind: 'cosign', to: await seenAt(7) });
    for (let from = 1; from <= 12; from++) {
      for (let to = from; to <= 24; to++) {
        const decision = decideAddCheckpoint(await seenAt(from), await growth(from, to));
        expect(decision).toMatchObject({ kind: 'cosign', to: { size: to } });
      }
    }
  });

  test('cosigns the same checkpoint again, at a later time', async () => {
    expect(decideAddCheckpoint(await seenAt(7), await growth(7, 7))).toMatchObject({ kind: 'cosign', to: { size: 7 } });
  });

  test('refuses every spoiled proof (attacks 67, 70)', async () => {
    for (const [from, to] of [
      [1, 2],
      [3, 8],
      [4, 8],
      [7, 23],
      [8, 8],
      [16, 31],
    ] as const) {
      const note = await noteAt(to);
      for (const { name, hashes } of crookProof(tree.consistency(from, to))) {
        if (hashes.length > 63) continue;
        const decision = decideAddCheckpoint(await seenAt(from), await ask(from, hashes, note));
        expect([name, decision.kind]).toEqual([name, 'unproved']);
      }
    }
    const many = decideAddCheckpoint(await seenAt(7), await ask(7, Array(63).fill(tree.root(1)), await noteAt(23)));
    expect(many.kind).toBe('unproved');
  });

  test('takes no proof from nothing', async () => {
    const asked = await ask(0, [tree.root(3)], await noteAt(7));
    expect(decideAddCheckpoint(undefined, asked).kind).toBe('unproved');
    const empty: Seen = { size: parseSize(0), root: EMPTY_ROOT, note: await noteAt(0) };
    expect(decideAddCheckpoint(empty, asked).kind).toBe('unproved');
    expect(decideAddCheckpoint(empty, await growth(0, 7)).kind).toBe('cosign');
  });

  test('says which size it is at to who begins elsewhere, smaller or larger (attack 85)', async () => {
    const last = await seenAt(7);
    for (const from of [0, 1, 6, 8]) {
      const decision = decideAddCheckpoint(last, await growth(from, 9));
      expect(decision).toEqual({ kind: 'conflict', size: 7, evidence: undefined });
    }
    expect(decideAddCheckpoint(undefined, await growth(3, 9))).toEqual({
      kind: 'conflict',
      size: 0,
      evidence: undefined,
    });
    // A rollback: the log goes on from an older tree than the witness has cosigned.
    expect(decideAddCheckpoint(await seenAt(9), await growth(5, 7))).toMatchObject({ kind: 'conflict', size: 9 });
  });

  test('refuses an old size beyond the new one, before anything else', async () => {
    const asked = await ask(9, [], await noteAt(7));
    for (const last of [undefined, await seenAt(7), await seenAt(9)]) {
      expect(decideAddCheckpoint(last, asked)).toEqual({ kind: 'old_above_new' });
    }
  });

  test('refuses an empty tree with a root', async () => {
    const text = formatCheckpoint({ origin: ORIGIN, size: parseSize(0), root: tree.root(1) });
    const asked = await ask(0, [], await signNote(text, ORIGIN, logKey));
    expect(decideAddCheckpoint(undefined, asked).kind).toBe('unproved');
    expect(decideAddCheckpoint(undefined, await growth(0, 0)).kind).toBe('cosign');
  });

  test('refuses another tree of the size that it has cosigned, and holds the proof (attack 25)', async () => {
    const decision = decideAddCheckpoint(await seenAt(7), await growth(7, 7, forked));
    expect(decision).toEqual({ kind: 'split_view', evidence: [await noteAt(7), await noteAt(7, forked)] });
    // The proof comes also with a request that asks from the wrong place.
    const elsewhere = decideAddCheckpoint(await seenAt(7), await growth(3, 7, forked));
    expect(elsewhere).toMatchObject({ kind: 'conflict', evidence: [await noteAt(7), await noteAt(7, forked)] });
  });

  test('refuses a fork that grew on (attacks 26, 27)', async () => {
    for (const [from, to] of [
      [7, 8],
      [7, 23],
    ] as const) {
      expect(decideAddCheckpoint(await seenAt(from), await growth(from, to, forked)).kind).toBe('unproved');
      const stolen = await ask(from, tree.consistency(from, to), await noteAt(to, forked));
      expect(decideAddCheckpoint(await seenAt(from), stolen).kind).toBe('unproved');
    }
  });

  test('whose memory follows its decisions never cosigns two trees that are not one (invariant I5)', async () => {
    const steps = fc.array(fc.record({ from: fc.nat({ max: 12 }), to: fc.nat({ max: 12 }), honest: fc.boolean() }), {
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(steps, async (asks) => {
        let last: Seen | undefined;
        const views = new Set<boolean>();
        for (const { from, to, honest } of asks) {
          if (from > to) continue;
          const decision = decideAddCheckpoint(last, await growth(from, to, honest ? tree : forked));
          if (decision.kind !== 'cosign') continue;
          expect(decision.to.size).toBeGreaterThanOrEqual(last?.size ?? 0);
          last = decision.to;
          if (to > 0) views.add(honest);
        }
        expect(views.size).toBeLessThanOrEqual(1);
      }),
      { numRuns: 40 },
    );
  });
});

describe('the evidence of a split view', async () => {
  const notes: SplitView = [await noteAt(7), await noteAt(7, forked)];
  const evidence = formatSplitView(notes);
  const openIt = (text: string, keys = [vkey, secondVkey]) => openSplitView(text, keys, nativeEd25519);

  test('convinces whoever has the log’s key', async () => {
    const [one, other] = await openIt(evidence);
    expect([one.size, other.size]).toEqual([7, 7]);
    expect(one.root).not.toEqual(other.root);
  });

  test('is no evidence against another log', async () => {
    await expectRefusal('signature_invalid', openIt(evidence, [verifierKey(ORIGIN, strangerKey.publicKey)]));
    await expectRefusal('signature_invalid', openIt(evidence, [verifierKey('other.example', logKey.publicKey)]));
  });

  test('needs two trees of one size', async () => {
    await expectRefusal('proof_invalid', openIt(formatSplitView([notes[0], notes[0]])));
    await expectRefusal('proof_invalid', openIt(formatSplitView([notes[0], await noteAt(8, forked)])));
  });

  test('can’t be forged, or changed anywhere', async () => {
    const stranger = await noteAt(7, forked, strangerKey);
    await expectRefusal('signature_invalid', openIt(formatSplitView([notes[0], stranger])));
    for (let at = 0; at < evidence.length; at += 3) {
      const spoiled = `${evidence.slice(0, at)}${evidence[at] === '7' ? '8' : '7'}${evidence.slice(at + 1)}`;
      await expect(openIt(spoiled)).rejects.toHaveProperty('name', 'Failure');
    }
  });

  test.each([
    ['', 'nothing'],
    ['{}', 'nothing in it'],
    [evidence.replace('v1', 'v2'), 'another version'],
    [`${evidence}\n`, 'a newline behind it'],
    [` ${evidence}`, 'a space before it'],
    [JSON.stringify({ format: 'assent/split-view/v1', notes: [notes[0]] }), 'one note'],
    [JSON.stringify({ format: 'assent/split-view/v1', notes: [...notes, notes[0]] }), 'three notes'],
    [JSON.stringify({ format: 'assent/split-view/v1', more: 1, notes }), 'another field'],
    [JSON.stringify({ notes, format: 'assent/split-view/v1' }), 'its fields in another order'],
  ])('is in one form: %#, %s', async (text) => {
    await expectRefusal('input_invalid', openIt(text));
  });
});

describe('a witnessed checkpoint', async () => {
  const witnesses = [cosignerKey('a.example', secondKey.publicKey), cosignerKey('b.example', strangerKey.publicKey)];
  const policyOf = (quorum: string) =>
    parsePolicy(
      utf8(
        `log ${formatVkey(vkey)}\n${witnesses.map((key, at) => `witness w${at} ${formatCosignerVkey(key)}\n`).join('')}group q ${quorum} w0 w1\nquorum q\n`,
      ),
    );
  const note = parseNote(await noteAt(7));
  const lines = [
    await cosign(note.text, 'a.example', secondKey, 1_780_000_000),
    await cosign(note.text, 'b.example', strangerKey, 1_780_000_001),
  ] as const;
  const withLines = (...more: typeof note.signatures) =>
    formatNote({ ...note, signatures: [...note.signatures, ...more] });

  test('says who cosigned, when, and whether that is enough', async () => {
    const both = await openWitnessed(withLines(...lines), policyOf('all'), nativeEd25519);
    expect(both).toMatchObject({
      checkpoint: { size: 7 },
      quorum: { met: true, organisations: ['a.example', 'b.example'] },
    });
    expect(both.cosignatures.map(({ timeSeconds }) => timeSeconds)).toEqual([1_780_000_000, 1_780_000_001]);
    const one = await openWitnessed(withLines(lines[1]), policyOf('all'), nativeEd25519);
    expect(one.quorum).toEqual({ met: false, organisations: ['b.example'] });
    expect((await openWitnessed(withLines(lines[1]), policyOf('any'), nativeEd25519)).quorum.met).toBe(true);
    expect((await openWitnessed(withLines(), policyOf('any'), nativeEd25519)).quorum.met).toBe(false);
  });

  test('is first of all the log’s: cosignatures don’t stand in for its signature', async () => {
    const unsigned = formatNote({ ...note, signatures: lines });
    await expectRefusal('signature_invalid', openWitnessed(unsigned, policyOf('all'), nativeEd25519));
    const stranger = await noteAt(7, tree, strangerKey);
    await expectRefusal('signature_invalid', openWitnessed(stranger, policyOf('any'), nativeEd25519));
  });

  test('with a spoiled cosignature is refused whole', async () => {
    for (let at = 0; at < 72; at++) {
      const bytes = lines[0].bytes.with(at, lines[0].bytes[at]! ^ 1);
      const spoiled = withLines({ ...lines[0], bytes }, lines[1]);
      await expectRefusal('signature_invalid', openWitnessed(spoiled, policyOf('any'), nativeEd25519));
    }
  });
});
