/** From the log key that a reader was given to those before and since, and to a receipt under any of them. */
import { beforeAll, describe, expect, test } from 'vitest';
import { utf8 } from '#core/bytes.ts';
import type { Json } from '#core/canonical.ts';
import { followLogKeys } from '#core/consent/follow-log-keys.ts';
import { LOG_OVERLAP_MS_MIN } from '#core/consent/log-key.ts';
import { openLogState } from '#core/consent/log-keys.ts';
import { type FollowableSlice, formatReceipt } from '#core/consent/receipt.ts';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import { useSha256 } from '#core/hash.ts';
import type { AccessId } from '#core/ids.ts';
import { formatCosignerVkey } from '#core/note/key.ts';
import { formatNote, parseNote } from '#core/note/note.ts';
import { parsePolicy } from '#core/tlog/policy.ts';
import { formatTlogProof, parseTlogProof } from '#core/tlog/proof.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { nativeEd25519, nativeSha256 } from '../../../src/native.ts';
import { type PaperWitness, paperWitness } from '../../support/cosigned.ts';
import { expectRefusal } from '../../support/failure.ts';
import { changedAt, leavesOf } from './corrupt.ts';
import { ask, type Line, type Paper, paperId, signedPaper, TODAY } from './paper-ledger.ts';
import {
  adds,
  fileOf,
  followable,
  followedReceipt,
  noteOf,
  own,
  retires,
  rowOf,
  type Shown,
  switches,
  textOf,
  vkeyOf,
} from './paper-log-keys.ts';

useSha256(nativeSha256);

/** The sizes of trees at which something is shown, and accesses before, during and after. */
interface Scene {
  readonly paper: Paper;
  readonly before: Line;
  readonly during: Line;
  readonly after: Line;
  readonly sizes: Readonly<Record<'added' | 'switched' | 'addedAgain' | 'switchedAgain' | 'retired', number>>;
}

let scene: Scene;
beforeAll(async () => {
  const paper = signedPaper(own.texts);
  const asked = (n: number, at: number) => paper.write(ask({ access: paperId<AccessId>(0x5000 + n) }), TODAY + at);
  const sizeAfter = (line: Line) => line.index + 1;
  const before = asked(0, 1);
  const added = sizeAfter(paper.write(await adds(1), TODAY + 2));
  const switched = sizeAfter(paper.write(switches(1, TODAY + 3), TODAY + 3));
  const during = asked(1, 4);
  const later = 2 * LOG_OVERLAP_MS_MIN;
  const retired = sizeAfter(paper.write(retires(0), TODAY + later));
  const addedAgain = sizeAfter(paper.write(await adds(2), TODAY + later + 1));
  const switchedAgain = sizeAfter(paper.write(switches(2, TODAY + later + 2), TODAY + later + 2));
  paper.write(retires(1), TODAY + 2 * later);
  const after = asked(2, 2 * later + 1);
  scene = { paper, before, during, after, sizes: { added, switched, addedAgain, switchedAgain, retired } };
});

const follow = (shown: FollowableSlice, ...at: readonly number[]) =>
  followLogKeys(shown, at.map(vkeyOf), nativeEd25519);

describe('a log whose key was exchanged twice (attack 79)', () => {
  test('is followed from every key that it ever had, to the same keys and spans', async () => {
    const { paper, sizes } = scene;
    const shown = await followable(paper);
    for (const from of [0, 1, 2]) {
      const { spans, checkpoint, signers, log } = await follow(shown, from);
      expect(spans.map(({ key, from, to }) => [key.keyId, from, to])).toEqual([
        [vkeyOf(0).keyId, 0, sizes.retired - 1],
        [vkeyOf(1).keyId, sizes.switched, expect.any(Number)],
        [vkeyOf(2).keyId, sizes.switchedAgain, null],
      ]);
      expect(checkpoint.size).toBe(paper.lines.length);
      expect(signers.map(({ keyId }) => keyId)).toEqual([vkeyOf(2).keyId]);
      expect(log).toEqual(paper.state(LOG_STREAM));
      expect(await openLogState(shown, vkeyOf(from), nativeEd25519)).toEqual(log);
    }
  });

  test('is followed as far as it is shown, from any size on, by who trusts the first key', async () => {
    const { paper } = scene;
    for (let size = scene.before.index; size <= paper.lines.length; size++) {
      const { checkpoint } = await follow(await followable(paper, { size }), 0);
      expect(checkpoint.size).toBe(size);
    }
  });

  test('is followed under later checkpoints of the same time as well, with lines of strangers among its own', async () => {
    const { paper, sizes } = scene;
    const stepSize = (index: number) => (index + 1 === sizes.added ? sizes.retired - 1 : index + 1);
    await follow(await followable(paper, { stepSize }), 0);
    const stranger = await rowOf(77, 'stranger.example/log');
    const shown = await followable(paper);
    const { text, signatures } = parseNote(parseTlogProof(shown.proof).checkpoint);
    const line = { name: stranger.vkey.name, keyId: stranger.vkey.keyId, bytes: new Uint8Array(64) };
    const checkpoint = formatNote({ text, signatures: [line, ...signatures] });
    await follow({ ...shown, proof: formatTlogProof({ ...parseTlogProof(shown.proof), checkpoint }) }, 0);
  });

  test('is not followed by who trusts none of its keys, and to none that was only said to be one (attack 84)', async () => {
    const { paper } = scene;
    const shown = await followable(paper);
    await expectRefusal('signature_invalid', follow(shown, 3));
    const named = await rowOf(180, 'other.example/log');
    await expectRefusal('signature_invalid', followLogKeys(shown, [named.vkey], nativeEd25519));
    // Its keys sign a log that does not name the trusted one.
    const alien = signedPaper({ ...own.texts, log_key: textOf(3) });
    const signedAll = await followable(alien, { signers: () => [0, 3] });
    await expectRefusal('entry_invalid', follow(signedAll, 0));
  });

  test('is not followed over a gap: where no key that is believed signed beyond the addition', async () => {
    const { paper, sizes } = scene;
    const newOnly: Shown = { signers: () => [1] };
    const gap = await followable(paper, { ...newOnly, size: sizes.retired });
    await expectRefusal('signature_invalid', follow(gap, 0));
    const { key_steps: all = [], ...none } = await followable(paper);
    await expectRefusal('proof_invalid', follow(none, 0));
    for (let at = 0; at < all.length; at++) {
      const less = { ...none, key_steps: all.filter((_each, n) => n !== at) };
      await expectRefusal('proof_invalid', follow(less, 0));
      const twice = { ...none, key_steps: [...all.slice(0, at), all[at] as string, ...all.slice(at)] };
      await expectRefusal('proof_invalid', follow(twice, 0));
    }
    await expect(follow({ ...none, key_steps: all.toReversed() }, 0)).rejects.toHaveProperty('name', 'Failure');
  });

  test('takes nothing that a key signed which had ended, or had not taken over (attack 78)', async () => {
    const { paper, sizes } = scene;
    // The retired key alone, over a tree that holds its retirement: the walk begins with it, and ends with it.
    const past = await followable(paper, { size: sizes.retired, signers: () => [0] });
    await expectRefusal('checkpoint_invalid', follow(past, 0));
    const early = await followable(paper, { size: sizes.added, signers: () => [1] });
    await expectRefusal('checkpoint_invalid', follow(early, 1));
    // Of the last: the one before its last signature.
    await follow(await followable(paper, { size: sizes.retired - 1, signers: () => [0] }), 0);
  });

  test('takes no key of another log, whatever signed for it', async () => {
    const other = await rowOf(181, 'other.example/log');
    const shown = await followable(scene.paper);
    const entries = shown.entries.map((text) => text.replaceAll(textOf(1), other.text));
    await expect(follow({ ...shown, entries }, 0)).rejects.toHaveProperty('name', 'Failure');
  });

  test('is shown by just this: changed in any one place it leads nowhere', async () => {
    const shown = (await followable(scene.paper)) as unknown as Json;
    for (const way of leavesOf(shown)) {
      const spoiled = changedAt(shown, way) as unknown as FollowableSlice;
      await expect(follow(spoiled, 0), way.join('.')).rejects.toHaveProperty('name', 'Failure');
    }
  });
});

describe('a receipt of before, during and after an exchange', () => {
  const verify = (file: Uint8Array, at: number) => verifyReceipt(file, vkeyOf(at), nativeEd25519);

  test('verifies under the key that its reader has, and says which key that leads to (attack 79)', async () => {
    const { paper, before, during, after, sizes } = scene;
    const cases = [
      [before, sizes.added - 1, [0], undefined],
      [before, sizes.added, [0], undefined],
      [before, sizes.switched, [0, 1], undefined],
      [during, during.index + 1, [0, 1], undefined],
      [during, sizes.retired, [0, 1], 1],
      [before, paper.lines.length, [0, 1, 2], 2],
      [after, paper.lines.length, [0, 1, 2], 2],
    ] as const;
    for (const [access, size, readers, to] of cases) {
      const file = fileOf(await followedReceipt(paper, access, { size }));
      for (const reader of readers) {
        const verdict = await verify(file, reader);
        expect(verdict).toMatchObject({ recorded: 'unwitnessed', problem: null, asOf: size });
        if (to === undefined || to === reader) expect(verdict).not.toHaveProperty('followed_to');
        else expect(verdict.followed_to).toBe(textOf(to));
      }
      if (!(readers as readonly number[]).includes(2)) {
        expect(await verify(file, 2)).toMatchObject({ recorded: 'invalid' });
      }
    }
  });

  test('of before is what it was, byte for byte: it shows no keys', async () => {
    const { paper, before, sizes } = scene;
    const parts = await followedReceipt(paper, before, { size: sizes.added - 1 });
    expect(parts).not.toHaveProperty('log_keys');
  });

  test('is refused without what leads to its key, or with that of another log or history', async () => {
    const { paper, during, after } = scene;
    const parts = await followedReceipt(paper, after);
    const { log_keys, ...without } = parts;
    expect(await verify(fileOf(without), 2)).toMatchObject({ problem: { code: 'receipt_invalid' } });
    expect(await verify(fileOf(without), 0)).toMatchObject({ problem: { code: 'signature_invalid' } });
    // A decision that saw the exchange, under a checkpoint that the first key signed alone.
    const { log_keys: _none, ...early } = await followedReceipt(paper, during, {
      size: during.index + 1,
      signers: () => [0],
    });
    expect(await verify(fileOf(early), 0)).toMatchObject({ problem: { code: 'receipt_invalid' } });
    const elsewhere = signedPaper(own.texts);
    elsewhere.write(await adds(3), TODAY);
    const other = { ...parts, log_keys: await followable(elsewhere) };
    expect(await verify(fileOf(other), 0)).toMatchObject({ recorded: 'invalid' });
    expect(
      await verify(fileOf({ ...parts, log_keys: { ...(log_keys as FollowableSlice), stream: 'heads' as never } }), 0),
    ).toMatchObject({
      problem: { code: 'proof_invalid' },
    });
  });

  test('convicts its keeper where two trees of one size are signed, by whatever key', async () => {
    const { paper, after, during } = scene;
    const parts = await followedReceipt(paper, after);
    const fork = signedPaper(own.texts);
    while (fork.lines.length < paper.lines.length)
      fork.write(ask({ access: paperId<AccessId>(0x7000 + fork.lines.length) }), TODAY + 1);
    const other = await noteOf(fork, paper.lines.length, { signers: () => [2] });
    const under = (proof: string) => formatTlogProof({ ...parseTlogProof(proof), checkpoint: other });
    const [first, ...rest] = parts.slices;
    const slices = [{ ...(first as (typeof parts.slices)[number]), proof: under(first?.proof ?? '') }, ...rest];
    expect(await verify(fileOf({ ...parts, slices }), 0)).toMatchObject({ recorded: 'diverged' });
    expect(during.index).toBeLessThan(after.index);
  });

  test('is changed nowhere that is shown of its keys without being refused', async () => {
    const { paper, after } = scene;
    const { log_keys, ...parts } = await followedReceipt(paper, after);
    const shown = log_keys as unknown as Json;
    const ways = leavesOf(shown).filter(([name], at) => name === 'proof' || name === 'key_steps' || at % 7 === 0);
    for (const way of ways) {
      const spoiled = { ...parts, log_keys: changedAt(shown, way) } as unknown as Parameters<typeof formatReceipt>[0];
      expect(await verify(utf8(formatReceipt(spoiled)), 0), way.join('.')).toMatchObject({ recorded: 'invalid' });
    }
  });
});

describe('a log key that was in other hands, by the policy of who reads (attack 78)', () => {
  const SINCE = TODAY + 1_000_000;
  const since = new Date(SINCE).toISOString();
  let bureau: PaperWitness;
  beforeAll(async () => {
    bureau = await paperWitness('bureau.example/w', 0x51);
  });

  const policyOf = (logs: readonly number[], compromised: readonly string[], quorum = 'bureau') =>
    parsePolicy(
      utf8(
        [
          ...logs.map((at) => `log ${textOf(at)}`),
          ...compromised,
          `witness bureau ${formatCosignerVkey(bureau.vkey)}`,
          `quorum ${quorum}`,
          '',
        ].join('\n'),
      ),
    );
  const lineOf = (at: number, time = since) => `#assent compromised ${vkeyOf(at).keyId} ${time}`;
  const by = (time: number) => () => [[bureau, Math.floor(time / 1_000)]] as const;
  const judge = async (policy: ReturnType<typeof policyOf>, file: Uint8Array, at = 0) => {
    const verdict = await verifyReceipt(file, vkeyOf(at), nativeEd25519, undefined, { policy, now: SINCE });
    return [verdict.problem, verdict.recorded, verdict.witnessing?.quorum];
  };

  test('counts where the quorum cosigned before it, and not where it did later, or never', async () => {
    const { paper, before } = scene;
    const policy = policyOf([0], [lineOf(0)]);
    const shown = (cosigners: Shown['cosigners']) => {
      const asked = { size: before.index + 1 };
      return followedReceipt(paper, before, cosigners === undefined ? asked : { ...asked, cosigners });
    };
    expect(await judge(policy, fileOf(await shown(by(SINCE - 1_000))))).toEqual([null, 'witnessed', 'met']);
    for (const cosigners of [by(SINCE), by(SINCE + 1_000), undefined]) {
      expect(await judge(policy, fileOf(await shown(cosigners)))).toEqual([null, 'unwitnessed', 'not met']);
    }
    // Without the line, the quorum counts whenever it cosigned.
    expect(await judge(policyOf([0], []), fileOf(await shown(by(SINCE + 1_000))))).toEqual([null, 'witnessed', 'met']);
    // Where nobody has to cosign, nothing shows that it was before.
    const none = policyOf([0], [lineOf(0)], 'none');
    expect(await judge(none, fileOf(await shown(by(SINCE - 1_000))))).toEqual([null, 'unwitnessed', 'not met']);
    // Of another key it says nothing.
    expect(await judge(policyOf([0], [lineOf(3)]), fileOf(await shown(by(SINCE + 1_000))))).toEqual([
      ...[null, 'witnessed', 'met'],
    ]);
  });

  test('leads to no other key by what it signed since: its holder may have named any', async () => {
    const { paper, after, sizes } = scene;
    const later = by(SINCE + 1_000);
    const file = fileOf(await followedReceipt(paper, after, { cosigners: later }));
    // Trusted is the first key alone, and what names the next one was cosigned only later.
    expect(await judge(policyOf([0], [lineOf(0)]), file)).toEqual([null, 'unwitnessed', 'not met']);
    // It was cosigned before.
    const cosigners = (size: number) => (size === sizes.added ? by(SINCE - 1_000)() : later());
    const bridged = fileOf(await followedReceipt(paper, after, { cosigners }));
    expect(await judge(policyOf([0], [lineOf(0)]), bridged)).toEqual([null, 'witnessed', 'met']);
    // Or the reader has the next key from elsewhere: in its policy, or as what it trusts.
    expect(await judge(policyOf([0, 1], [lineOf(0)]), file)).toEqual([null, 'witnessed', 'met']);
    expect(await judge(policyOf([2], [lineOf(0)]), file, 2)).toEqual([null, 'witnessed', 'met']);
  });

  test('counts beside another that is not, and since the later time where both are', async () => {
    const { paper, during } = scene;
    const size = during.index + 1;
    const file = fileOf(await followedReceipt(paper, during, { size, cosigners: by(SINCE + 5_000) }));
    expect(await judge(policyOf([0, 1], [lineOf(0)]), file)).toEqual([null, 'witnessed', 'met']);
    const both = (time: number) => policyOf([0, 1], [lineOf(0), lineOf(1, new Date(time).toISOString())]);
    expect(await judge(both(SINCE + 5_001), file)).toEqual([null, 'witnessed', 'met']);
    expect(await judge(both(SINCE + 5_000), file)).toEqual([null, 'unwitnessed', 'not met']);
  });

  test('is named by a comment to others; one that can’t be read is refused, and the earliest time counts', async () => {
    const earlier = new Date(SINCE - 5_000).toISOString();
    const twice = policyOf([0], [lineOf(0), lineOf(0, earlier), '#assent is the name of our software']);
    expect(twice.compromised).toEqual([{ keyId: vkeyOf(0).keyId, since: SINCE - 5_000 }]);
    expect(policyOf([0], ['# assent compromised nobody', '#'])).not.toHaveProperty('compromised');
    const id = vkeyOf(0).keyId;
    for (const line of [
      '#assent compromised',
      `#assent compromised ${id}`,
      `#assent compromised ${id.toUpperCase()}x ${since}`,
      `#assent compromised ${id.slice(1)} ${since}`,
      `#assent compromised ${id} yesterday`,
      `#assent compromised ${id} 2026-13-01T00:00:00Z`,
      `#assent compromised ${id} 2026-02-30T00:00:00Z`,
      `#assent compromised ${id} 2026-11-21T24:00:00Z`,
      `#assent compromised ${id} 2026-11-21T08:00Z`,
      `#assent compromised ${id} 2026-11-21T08:00:00+08:00`,
      `#assent compromised ${id} 2026-11-21`,
      `#assent compromised ${id} ${since} again`,
    ]) {
      expect(() => policyOf([0], [line]), line).toThrow('#assent compromised');
    }
  });
});
