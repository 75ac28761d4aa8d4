/** The life of the issuing key: who may do what with it, and that each entry is signed by the one in force, exactly. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseUtf8, toBase64Url, utf8 } from '#core/bytes.ts';
import {
  ISSUING_KEYS_MAX,
  ISSUING_OVERLAP_MS,
  issuingKeysAt,
  issuingKeysOf,
  liveIssuingKeys,
  possessionBytes,
} from '#core/consent/issuing-key.ts';
import type { LogState } from '#core/consent/log.ts';
import { openLogState } from '#core/consent/log-keys.ts';
import { parseReceipt, type Slice } from '#core/consent/receipt.ts';
import { findTaint } from '#core/consent/receipt-taint.ts';
import type { Command } from '#core/consent/rules.ts';
import { useSha256 } from '#core/hash.ts';
import type { AccessId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { entrySigningBytes, parseEntry } from '#core/tlog/entry.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { nativeEd25519, nativeSha256 } from '../../../src/native.ts';
import { expectFailure, expectRefusal } from '../../support/failure.ts';
import {
  ask,
  calledBy,
  calledByKeeper,
  changed,
  KEEPER,
  LENDER,
  type Line,
  LOG,
  outcomeOf,
  type Paper,
  paperId,
  signedPaper,
  TODAY,
} from './paper-ledger.ts';
import { fileOf, type Keys, keysOf, type Parts, receiptOf, verdictOf } from './paper-receipt.ts';

useSha256(nativeSha256);

const COUNT = 5;
let own: Keys;
/** The first signs from the beginning on. */
let keys: readonly SigningKey[];
beforeAll(async () => {
  own = await keysOf(40);
  const further = Array.from({ length: COUNT - 1 }, (_, n) =>
    nativeEd25519.importSeed(new Uint8Array(32).fill(90 + n)),
  );
  keys = [own.issuing, ...(await Promise.all(further))];
});

const textOf = (at: number) => toBase64Url((keys[at] as SigningKey).publicKey);
const about = (type: Command['type'], input: object): Command =>
  ({ type, stream: LOG_STREAM, input: { ...calledByKeeper(), ...input } }) as unknown as Command;
const adds = async (at: number, change: object = {}) => {
  const key = textOf(at);
  const possession = toBase64Url(await (keys[at] as SigningKey).sign(possessionBytes(LOG, key)));
  return about('log.issuing_key_added', { key, possession, ...change });
};
const switches = (at: number, change: object = {}) => about('log.issuing_key_switched', { key: textOf(at), ...change });
const retires = (at: number, change: object = {}) => about('log.issuing_key_retired', { key: textOf(at), ...change });
const compromises = (at: number, since: number, change: object = {}) =>
  about('log.issuing_key_compromised', { key: textOf(at), since, ...change });
const stateOf = (paper: Paper) => paper.state(LOG_STREAM) as LogState;

describe('an issuing key', () => {
  test('leaves no trace in the state before a second one is added', async () => {
    const paper = signedPaper(own.texts);
    expect(stateOf(paper)).not.toHaveProperty('issuing_keys');
    paper.write(await adds(1), TODAY);
    expect(stateOf(paper).issuing_key).toBe(textOf(0));
    expect(stateOf(paper).issuing_keys).toEqual([
      { key: textOf(0), from: 0, to: null, retired_at: null },
      { key: textOf(1), from: null, to: null, retired_at: null },
    ]);
  });

  test('is added, switched to and retired by two of the keeper only', async () => {
    const paper = signedPaper(own.texts);
    paper.write(await adds(1), TODAY);
    for (const call of [calledBy(KEEPER), calledBy(LENDER), calledBy(LENDER, 'admin')]) {
      const code = call.by[0]?.party === KEEPER ? 'second_signature' : 'principal_mismatch';
      const commands = [await adds(2, call), switches(1, call), retires(1, call), compromises(1, TODAY, call)];
      for (const command of commands) {
        expectFailure(code, () => outcomeOf(paper, command, TODAY));
      }
    }
  });

  test('is a new one: none that the ledger has, had, or has for something else', async () => {
    const paper = signedPaper(own.texts);
    paper.write(await adds(1), TODAY);
    const taken = [textOf(0), textOf(1), own.texts.recovery_key, toBase64Url(own.log.publicKey)];
    for (const key of taken) {
      const command = await adds(2, { key });
      expectFailure('already_there', () => outcomeOf(paper, command, TODAY));
    }
    const weak = await adds(2, { key: 'A'.repeat(43) });
    expectFailure('key_invalid', () => outcomeOf(paper, weak, TODAY));
  });

  test('takes over once: none comes back, none that was retired or never added does', async () => {
    const paper = signedPaper(own.texts);
    expectFailure('key_ended', () => outcomeOf(paper, switches(1), TODAY));
    expectFailure('already_there', () => outcomeOf(paper, switches(0), TODAY));
    paper.write(await adds(1), TODAY);
    paper.write(await adds(2), TODAY);
    paper.write(switches(1), TODAY);
    expectFailure('already_there', () => outcomeOf(paper, switches(0), TODAY + 1));
    expectFailure('already_there', () => outcomeOf(paper, switches(1), TODAY + 1));
    paper.write(retires(2), TODAY);
    expectFailure('already_there', () => outcomeOf(paper, switches(2), TODAY + 1));
    paper.write(await adds(3), TODAY);
    // Ledger time tells in which order keys signed.
    expectFailure('limit_reached', () => outcomeOf(paper, switches(3), TODAY));
    paper.write(switches(3), TODAY + 1);
  });

  test('is retired once what it signed last is past, and never the one that signs', async () => {
    const paper = signedPaper(own.texts);
    expectFailure('limit_reached', () => outcomeOf(paper, retires(0), TODAY));
    paper.write(await adds(1), TODAY);
    paper.write(switches(1), TODAY);
    expectFailure('limit_reached', () => outcomeOf(paper, retires(1), TODAY + 9 * ISSUING_OVERLAP_MS));
    expectFailure('limit_reached', () => outcomeOf(paper, retires(0), TODAY + ISSUING_OVERLAP_MS - 1));
    expect(liveIssuingKeys(stateOf(paper)).map(toBase64Url)).toEqual([textOf(1), textOf(0)]);
    paper.write(retires(0), TODAY + ISSUING_OVERLAP_MS);
    expect(liveIssuingKeys(stateOf(paper)).map(toBase64Url)).toEqual([textOf(1)]);
    expectFailure('already_there', () => outcomeOf(paper, retires(0), TODAY + 2 * ISSUING_OVERLAP_MS));
  });

  test('that was in other hands is taken no more at once; one that signs is replaced before', async () => {
    const paper = signedPaper(own.texts);
    paper.write(await adds(1), TODAY);
    expectFailure('limit_reached', () => outcomeOf(paper, compromises(0, TODAY), TODAY));
    expectFailure('key_ended', () => outcomeOf(paper, compromises(2, TODAY), TODAY));
    paper.write(switches(1), TODAY);
    expectFailure('input_invalid', () => outcomeOf(paper, compromises(0, TODAY + 2), TODAY + 1));
    paper.write(compromises(0, TODAY - 5), TODAY + 1);
    expect(liveIssuingKeys(stateOf(paper)).map(toBase64Url)).toEqual([textOf(1)]);
    expectFailure('already_there', () => outcomeOf(paper, retires(0), TODAY + 2 * ISSUING_OVERLAP_MS));
    // One that was only announced never takes over.
    paper.write(await adds(2), TODAY + 1);
    paper.write(compromises(2, TODAY), TODAY + 1);
    expectFailure('already_there', () => outcomeOf(paper, switches(2), TODAY + 2));
    // What it signed before is verified by it as ever.
    expect(issuingKeysAt(stateOf(paper), (TODAY - 1) as Instant).map(toBase64Url)).toEqual([textOf(0)]);
  });

  test('is compromised since a time that may be moved back, and never forward; when it was retired stays', async () => {
    const paper = signedPaper(own.texts);
    paper.write(await adds(1), TODAY);
    paper.write(switches(1), TODAY);
    paper.write(retires(0), TODAY + ISSUING_OVERLAP_MS);
    const now = TODAY + 2 * ISSUING_OVERLAP_MS;
    paper.write(compromises(0, TODAY - 5), now);
    for (const since of [TODAY - 5, TODAY - 4]) {
      expectFailure('already_there', () => outcomeOf(paper, compromises(0, since), now));
    }
    paper.write(compromises(0, TODAY - 6), now + 1);
    expect(issuingKeysOf(stateOf(paper))[0]).toEqual({
      ...{ key: textOf(0), from: 0, to: TODAY, retired_at: TODAY + ISSUING_OVERLAP_MS },
      compromised_since: TODAY - 6,
    });
  });

  test('is one of so many, and wants engine 2', async () => {
    const paper = signedPaper(own.texts);
    const log = stateOf(paper);
    const full = Array.from({ length: ISSUING_KEYS_MAX }, (_, n) => ({ ...issuingKeysOf(log)[0], key: `${n}` }));
    const command = await adds(1);
    const less = { [LOG_STREAM]: { ...log, issuing_keys: full.slice(1) } };
    outcomeOf(changed(paper, less), command, TODAY);
    const view = changed(paper, { [LOG_STREAM]: { ...log, issuing_keys: full } });
    expectFailure('limit_reached', () => outcomeOf(view, command, TODAY));
    const old = changed(paper, { [LOG_STREAM]: { ...log, engine: 1 } });
    for (const each of [command, switches(1), retires(1), compromises(1, TODAY)])
      expectFailure('engine_old', () => outcomeOf(old, each, TODAY));
  });
});

/** A history: what was done, and with which key each line was to be signed. */
interface History {
  readonly paper: Paper;
  readonly signers: readonly number[];
  readonly access: Line;
}

async function play(
  steps: readonly { readonly act: 'add' | 'switch' | 'ask'; readonly wait: number }[],
): Promise<History> {
  const paper = signedPaper(own.texts);
  const signers = paper.lines.map(() => 0);
  let [added, inForce, time] = [0, 0, TODAY];
  let since = 0;
  const write = (command: Command) => {
    signers.push(inForce);
    return paper.write(command, time);
  };
  for (const [n, { act, wait }] of steps.entries()) {
    time += wait;
    if (act === 'add' && added + 1 < COUNT) write(await adds(++added));
    else if (act === 'switch' && inForce < added && time > since) {
      write(switches(inForce + 1));
      [inForce, since] = [inForce + 1, time];
    } else write(ask({ access: paperId<AccessId>(0x5000 + n) }));
  }
  const access = write(ask({ access: paperId<AccessId>(0x4fff) }));
  return { paper, signers, access };
}

/** The receipt of the history's last access, each entry signed by the key that `signerAt` says. */
async function receiptBy({ paper, access }: History, signerAt: (index: number) => number): Promise<Parts> {
  const parts = await receiptOf(paper, own, access);
  return { ...parts, slices: await Promise.all(parts.slices.map((slice) => signedBy(paper, slice, signerAt))) };
}

async function signedBy(paper: Paper, slice: Slice, signerAt: (index: number) => number): Promise<Slice> {
  const lines = paper.lines.filter(({ bytes }) => slice.entries.includes(parseUtf8(bytes)));
  const sign = async ({ index, leaf }: Line) =>
    toBase64Url(await (keys[signerAt(index)] as SigningKey).sign(entrySigningBytes(leaf)));
  return { ...slice, signatures: await Promise.all(lines.map(sign)) };
}

const step = fc.record({
  act: fc.constantFrom('add', 'switch', 'switch', 'ask', 'ask'),
  wait: fc.constantFrom(0, 0, 1, 5),
});
const history = fc.array(step, { minLength: 1, maxLength: 14 });

describe('of any history of issuing keys (attacks 78, 79)', () => {
  test('just the key in force before an entry is the one that signs it', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const { paper, signers } = await play(steps);
        const log = stateOf(paper);
        const ends = new Set(issuingKeysOf(log).map(({ to }) => to));
        for (const { index, entry } of paper.lines) {
          const at = issuingKeysAt(log, entry.time).map(toBase64Url);
          const right = textOf(signers[index] as number);
          if (ends.has(entry.time)) expect(at).toContain(right);
          else expect(at).toEqual([right]);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a receipt verifies as it was signed, and with no entry signed by a key of another time', async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.nat(), fc.nat(), async (steps, which, other) => {
        const played = await play(steps);
        const { paper, signers } = played;
        const right = (index: number) => signers[index] as number;
        expect((await verdictOf(await receiptBy(played, right), own)).recorded).toBe('unwitnessed');
        const shown = (await receiptOf(paper, own, played.access)).slices.flatMap(({ entries }) => entries);
        const line = paper.lines.find(({ bytes }) => parseUtf8(bytes) === shown[which % shown.length]) as Line;
        const wrong = (right(line.index) + 1 + (other % (COUNT - 1))) % COUNT;
        const isSwitch = ({ entry }: Line) => entry.type === 'log.issuing_key_switched';
        // In the millisecond of a switch time does not tell: there the audit does.
        if (paper.lines.some((each) => isSwitch(each) && each.entry.time === line.entry.time)) return;
        const forged = await receiptBy(played, (index) => (index === line.index ? wrong : right(index)));
        expect(await verdictOf(forged, own)).toMatchObject({
          recorded: 'invalid',
          problem: { code: 'signature_invalid' },
        });
      }),
      { numRuns: 40 },
    );
  });
});

test('a receipt whose last entry the old key signed, or whose first the new one, is refused (attack 78)', async () => {
  const played = await play([
    { act: 'add', wait: 1 },
    { act: 'switch', wait: 1 },
    { act: 'add', wait: 1 },
  ]);
  const right = (index: number) => played.signers[index] as number;
  const ends = [
    [played.access.index, 0],
    [0, 1],
  ] as const;
  for (const [forged, wrong] of ends) {
    const parts = await receiptBy(played, (index) => (index === forged ? wrong : right(index)));
    expect(await verdictOf(parts, own)).toMatchObject({ recorded: 'invalid', problem: { code: 'signature_invalid' } });
  }
});

describe('the keys that a client learns', () => {
  const rotated = async () => {
    const played = await play([
      { act: 'add', wait: 1 },
      { act: 'switch', wait: 1 },
      { act: 'ask', wait: 1 },
    ]);
    const { slices } = await receiptBy(played, (index) => played.signers[index] as number);
    return { ...played, slice: slices.find(({ stream }) => stream === LOG_STREAM) as Slice };
  };

  test('are those that the log names, the one in force first', async () => {
    const { slice } = await rotated();
    const log = await openLogState(slice, own.vkey, nativeEd25519);
    expect(liveIssuingKeys(log).map(toBase64Url)).toEqual([textOf(1), textOf(0)]);
  });

  test('are taken from no other log, under no other vkey, and not with an entry changed or left out (attack 84)', async () => {
    const { slice } = await rotated();
    const strangers = await keysOf(70);
    await expectRefusal('signature_invalid', openLogState(slice, strangers.vkey, nativeEd25519));
    const last = parseEntry(utf8(slice.entries.at(-1) as string));
    expect(last.type).toBe('log.issuing_key_switched');
    const cut = { ...slice, entries: slice.entries.slice(0, -1), signatures: slice.signatures.slice(0, -1) };
    await expectRefusal('proof_invalid', openLogState(cut, own.vkey, nativeEd25519));
    const renamed = slice.entries.map((text) => text.replaceAll(textOf(1), textOf(2)));
    await expect(openLogState({ ...slice, entries: renamed }, own.vkey, nativeEd25519)).rejects.toThrow();
    const swapped = { ...slice, signatures: slice.signatures.toReversed() };
    await expectRefusal('signature_invalid', openLogState(swapped, own.vkey, nativeEd25519));
  });

  test('signed for themselves, in this log: else a receipt that adds one is refused (attack 77)', async () => {
    for (const log of ['other.example/log', LOG]) {
      const paper = signedPaper(own.texts);
      const possession = toBase64Url(
        await (keys[log === LOG ? 2 : 1] as SigningKey).sign(possessionBytes(log, textOf(1))),
      );
      paper.write(await adds(1, { possession }), TODAY);
      const access = paper.write(ask({ access: paperId<AccessId>(0x4fff) }), TODAY + 1);
      const parts = await receiptBy({ paper, access, signers: [] }, () => 0);
      expect(await verdictOf(parts, own)).toMatchObject({
        recorded: 'invalid',
        problem: { code: 'signature_invalid' },
      });
    }
  });

  test('are none of a time before they took over, even by a millisecond', async () => {
    const { paper } = await rotated();
    const log = stateOf(paper);
    const [, second] = issuingKeysOf(log);
    const from = second?.from as number;
    const at = (time: number) => issuingKeysAt(log, time as Instant).map(toBase64Url);
    expect(at(from - 1)).toEqual([textOf(0)]);
    expect(at(from)).toEqual([textOf(0), textOf(1)]);
    expect(at(from + 1)).toEqual([textOf(1)]);
  });
});

describe('of a key that was compromised later, a receipt says when it is shown the keys of today', () => {
  /** Asked for one millisecond after another, the key exchanged between the second and the third. */
  const scene = async (since: number) => {
    const played = await play([
      { act: 'add', wait: 0 },
      { act: 'ask', wait: 1 },
      { act: 'ask', wait: 1 },
      { act: 'switch', wait: 1 },
    ]);
    const { paper, signers, access } = played;
    const signedAt = (index: number) => signers[index] ?? 1;
    const shown = fileOf(await receiptBy(played, signedAt));
    const earlier = await logSlice(paper, signedAt);
    paper.write(compromises(0, since), TODAY + 9);
    return { paper, access, shown, signedAt, earlier, later: await logSlice(paper, signedAt) };
  };

  async function logSlice(paper: Paper, signedAt: (index: number) => number): Promise<Slice> {
    const access = paper.write(ask({ access: paperId<AccessId>(0x6000 + paper.lines.length) }), TODAY + 9);
    const { slices } = await receiptBy({ paper, signers: [], access }, signedAt);
    return slices.find(({ stream }) => stream === LOG_STREAM) as Slice;
  }

  test('which entries are tainted: those from then on, to the last that the key signed, and it stays recorded', async () => {
    for (const since of [0, TODAY, TODAY + 1, TODAY + 2, TODAY + 3, TODAY + 4]) {
      const { paper, shown, later } = await scene(since);
      expect(await verdictOf(shown, own)).toMatchObject({ recorded: 'unwitnessed', problem: null });
      const found = await findTaint(shown, later, own.vkey, nativeEd25519);
      const texts = new Set(parseReceipt(shown).slices.flatMap(({ entries }) => entries));
      const wanted = paper.lines
        .filter(({ bytes, entry }) => texts.has(parseUtf8(bytes)) && since <= entry.time && entry.time <= TODAY + 3)
        .map(({ entry }) => ({ stream: entry.stream, seq: entry.seq, key: textOf(0), since }));
      expect(new Set(found)).toEqual(new Set(wanted));
      expect(found.length).toBe(wanted.length);
      expect(found.length > 0).toBe(since <= TODAY + 3);
    }
  });

  test('and nothing, by keys that are older, of another history, or not the log’s', async () => {
    const { shown, earlier, later } = await scene(TODAY);
    const find = (slice: Slice, vkey = own.vkey) => findTaint(shown, slice, vkey, nativeEd25519);
    expect(await find(earlier)).toEqual([]);
    const young = signedPaper(own.texts);
    await expectRefusal('input_invalid', find(await logSlice(young, () => 0)));
    young.write(await adds(2), TODAY);
    await expectRefusal('entry_invalid', find(await logSlice(young, () => 0)));
    await expectRefusal('signature_invalid', find(later, (await keysOf(70)).vkey));
    const swapped = { ...later, signatures: later.signatures.toReversed() };
    await expectRefusal('signature_invalid', find(swapped));
  });
});
