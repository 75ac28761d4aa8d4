/** A lost checkpoint that a later log key signed: what leads to it from the key that what is left knows, and what does not. */
import { beforeAll, describe, expect, it } from 'vitest';
import { parseUtf8 } from '#core/bytes.ts';
import { type LostKeys, openLost } from '#core/consent/lost-keys.ts';
import { hashLeaf, useSha256 } from '#core/hash.ts';
import type { Instant } from '#core/instant.ts';
import { signCheckpoint } from '#core/tlog/checkpoint.ts';
import { encodeEntry } from '#core/tlog/entry.ts';
import { parseInclusionProof } from '#core/tlog/inclusion.ts';
import { formatTlogProof, parseTlogProof } from '#core/tlog/proof.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { parseIndex, parseSize } from '#core/tlog/tree.ts';
import { lostKeysIn } from '#ledger/lost-keys.ts';
import { nativeEd25519, nativeSha256 } from '../../src/native.ts';
import { type Paper, signedPaper, TODAY } from '../core/consent/paper-ledger.ts';
import { adds, followable, noteOf, own, retires, switches, textOf, vkeyOf } from '../core/consent/paper-log-keys.ts';
import { expectRefusal } from '../support/failure.ts';

useSha256(nativeSha256);

const DAY = 86_400_000;
type Step = LostKeys[number];

/** The log with what is lost: its key exchanged twice, each time with the one before retired. */
let paper: Paper;
let lost: string;
/** Signed by the first two. */
let overlap: string;
let steps: readonly [Step, Step];

beforeAll(async () => {
  paper = signedPaper(own.texts);
  paper.write(await adds(1), TODAY + 1);
  paper.write(switches(1, TODAY + 2), TODAY + 2);
  overlap = await noteOf(paper, paper.lines.length);
  paper.write(retires(0), TODAY + 3 * DAY);
  paper.write(await adds(2), TODAY + 3 * DAY);
  paper.write(switches(2, TODAY + 3 * DAY), TODAY + 3 * DAY);
  paper.write(retires(1), TODAY + 6 * DAY);
  lost = await noteOf(paper, paper.lines.length);
  steps = lostKeysIn(await followable(paper), lost, vkeyOf(0)) as unknown as typeof steps;
});

const opened = (said: { before?: string; lost?: string; lost_keys?: LostKeys }) =>
  openLost({ before: textOf(0), lost, ...said }, nativeEd25519);

describe('what leads to the key that signed what is lost', () => {
  it('is the entries that added it and those before it, each under a key before it', async () => {
    expect(steps).toHaveLength(2);
    expect((await opened({ lost_keys: steps })).size).toBe(paper.lines.length);
    await expectRefusal('signature_invalid', opened({}));
    // From the second key on there is one step, and from the last one none.
    const shown = await followable(paper);
    const later = lostKeysIn(shown, lost, vkeyOf(1));
    expect(later).toEqual([steps[1]]);
    expect((await opened({ before: textOf(1), lost_keys: later as LostKeys })).size).toBe(paper.lines.length);
    expect(lostKeysIn(shown, lost, vkeyOf(2))).toBeUndefined();
    expect(lostKeysIn(undefined, lost, vkeyOf(0))).toBeUndefined();
    expect((await opened({ before: textOf(2) })).size).toBe(paper.lines.length);
  });

  it('is no more than has to be', async () => {
    expect(lostKeysIn(await followable(paper), overlap, vkeyOf(0))).toBeUndefined();
    const [first, second] = steps;
    for (const said of [
      { lost: overlap, lost_keys: [first] },
      { before: textOf(2), lost_keys: [] },
      { before: textOf(1), lost: overlap, lost_keys: [second] },
    ]) {
      await expectRefusal('proof_invalid', opened(said));
    }
  });

  it('is in its order, whole, and under a key that is believed by then', async () => {
    const [first, second] = steps;
    for (const lost_keys of [[second], [second, first], [first], []]) {
      await expectRefusal('signature_invalid', opened({ lost_keys }));
    }
    // Whoever has the last key can’t name itself.
    const forged = formatTlogProof({ ...parseTlogProof(first.proof), checkpoint: lost });
    await expectRefusal('signature_invalid', opened({ lost_keys: [{ ...first, proof: forged }, second] }));
  });

  it('is in the tree, of this log, and adds a key that signed for itself', async () => {
    const [first, second] = steps;
    const other = paper.lines.find(({ entry }) => entry.type === 'log.log_key_switched');
    const switched = (await followable(paper)).entries.find((text) => text.includes('log.log_key_switched')) as string;
    const proofOfSwitch = (await followable(paper)).key_steps?.[1] as string;
    expect(parseTlogProof(proofOfSwitch).index).toBe(other?.index);
    for (const [code, entry, proof] of [
      ['proof_invalid', first.entry.replace(textOf(1), textOf(3)), first.proof],
      ['proof_invalid', second.entry, first.proof],
      ['proof_invalid', switched, proofOfSwitch],
      ['proof_invalid', first.entry, first.proof.replace(/index (\d+)/, 'index 1')],
      ['proof_invalid', first.entry, 'none'],
      ['entry_invalid', '{}', first.proof],
    ] as const) {
      await expectRefusal(code, opened({ lost_keys: [{ entry, proof }, second] }));
    }
    const forged = signedPaper(own.texts);
    forged.write(await adds(1, { possession: 'A'.repeat(86) }), TODAY + 1);
    const [step] = (await followable(forged)).key_steps as readonly [string];
    const entry = (await followable(forged)).entries.at(-1) as string;
    const lone = { lost: await noteOf(forged, forged.lines.length, { signers: () => [1] }) };
    await expectRefusal('signature_invalid', opened({ ...lone, lost_keys: [{ entry, proof: step }] }));
  });

  it.each([{ possession: null }, { possession: 7 }, { vkey: null, possession: '' }, { vkey: ['+'], possession: '' }])(
    'is refused where no rule ever read it: %o',
    async (said) => {
      const [log] = textOf(0).split('+') as [string];
      const link = { seq: 0, prev: null, time: TODAY as Instant };
      const bytes = encodeEntry({
        log,
        stream: LOG_STREAM,
        ...link,
        type: 'log.log_key_added',
        body: { vkey: textOf(1), ...said },
        commit: null,
      });
      const tree = { origin: log, size: parseSize(1), root: hashLeaf(bytes) };
      const checkpoint = await signCheckpoint(tree, own.log);
      const proof = formatTlogProof({ index: parseIndex(0), proof: parseInclusionProof([]), checkpoint });
      await expectRefusal('key_invalid', opened({ lost_keys: [{ entry: parseUtf8(bytes), proof }] }));
    },
  );
});
