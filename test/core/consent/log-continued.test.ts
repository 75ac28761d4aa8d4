/** A log that goes on under another name: who says so, after what, and what every reader judges of it (ADR 0028). */
import { beforeAll, describe, expect, test } from 'vitest';
import { toBase64Url, utf8 } from '#core/bytes.ts';
import type { JsonObject } from '#core/canonical.ts';
import { sayContinued } from '#core/consent/continued-text.ts';
import { verifyEntryProofs } from '#core/consent/entry-proofs.ts';
import { issuingKeysAt, liveIssuingKeys } from '#core/consent/issuing-key.ts';
import { type LogState, logIn } from '#core/consent/log.ts';
import { type Continuation, continuationBytes, continuationOf, judgeContinued } from '#core/consent/log-continued.ts';
import { lastLossOf, originAt, originsOf } from '#core/consent/origins.ts';
import { activeKeys, type Party, partyIn, recoveryKeysOf } from '#core/consent/party.ts';
import { type Command, commandOf, decide, decideAgain } from '#core/consent/rules.ts';
import type { WitnessTerms } from '#core/consent/witnessing.ts';
import { parseHashText, useSha256 } from '#core/hash.ts';
import type { OperatorId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { formatCosignerVkey, formatVkey, verifierKey } from '#core/note/key.ts';
import { formatNote, parseNote } from '#core/note/note.ts';
import { signCheckpoint } from '#core/tlog/checkpoint.ts';
import { cosign } from '#core/tlog/cosignature.ts';
import { parsePolicy } from '#core/tlog/policy.ts';
import { LOG_STREAM, partyStream } from '#core/tlog/stream.ts';
import { parseSize } from '#core/tlog/tree.ts';
import { nativeEd25519, nativeSha256 } from '../../../src/native.ts';
import { paperWitness } from '../../support/cosigned.ts';
import { expectFailure, expectRefusal } from '../../support/failure.ts';
import { naiveTree } from '../tlog/naive.ts';
import { type Changes, continues, lostNote, MOVED, NEW_LOG, type Two, twoKeys } from './continued-paper.ts';
import { goOn } from './paper-epoch.ts';
import {
  ask,
  calledBy,
  calledByKeeper,
  changed,
  DAY,
  hashOf,
  KEEPER,
  LENDER,
  type Line,
  LOG,
  outcomeOf,
  type Paper,
  paperId,
  REL,
  signedPaper,
  TODAY,
} from './paper-ledger.ts';
import { keysOf, letterReceiptOf, type Parts, receiptOf, verdictOf } from './paper-receipt.ts';

useSha256(nativeSha256);

let keys: Two;
let stranger: SigningKey;
beforeAll(async () => {
  keys = await twoKeys();
  stranger = await nativeEd25519.importSeed(new Uint8Array(32).fill(90));
});

const LATER = TODAY + DAY;
const paperOfOld = () => signedPaper(keys.old.texts);
const textOf = ({ publicKey }: SigningKey) => toBase64Url(publicKey);

async function continuedPaper(changes: Changes = {}): Promise<{ readonly paper: Paper; readonly line: Line }> {
  const paper = paperOfOld();
  return { paper, line: paper.write(await continues(paper, keys, changes), LATER) };
}

/** An access once the log was continued, by a party that goes on. */
function askLater(paper: Paper): Line {
  paper.write(goOn(LENDER), LATER);
  return paper.write(ask({ engine: 3 }), LATER);
}

/** The third key of the keeper, an administrator's as well. */
function addKeeperKey(paper: Paper): void {
  const input = {
    key: textOf(stranger),
    operator: paperId<OperatorId>(0x7777),
    duty: 'admin',
    ...calledByKeeper(),
  } as const;
  paper.write({ type: 'party.key_added', stream: partyStream(KEEPER), input }, TODAY);
}

describe('a log is continued', () => {
  test('under its new name, by the new keys, in the next epoch; what was stays as it was', async () => {
    const before = paperOfOld();
    const was = before.state(LOG_STREAM) as LogState;
    const { paper, line } = await continuedPaper();
    const log = paper.state(LOG_STREAM) as LogState;
    const { origins, issuing_keys, ...rest } = log;
    expect(rest).toEqual({ ...was, ...keys.next.texts, engine: 3, epoch: 1 });
    expect(origins).toEqual([
      {
        origin: LOG,
        log_key: was.log_key,
        ...{ to: line.index, at: LATER, lost: line.index + 3 },
        ...{ recovery_key: was.recovery_key, ended: [] },
      },
    ]);
    expect(issuing_keys).toEqual([
      { key: was.issuing_key, from: 0, to: LATER, retired_at: LATER },
      { key: log.issuing_key, from: LATER, to: null, retired_at: null },
    ]);
    expect(liveIssuingKeys(log)).toHaveLength(1);
    expect(issuingKeysAt(log, TODAY as never).map(toBase64Url)).toEqual([was.issuing_key]);
    expect(line.entry.log).toBe(NEW_LOG);
    expect(originsOf(log).map(({ origin }) => origin)).toEqual([LOG, NEW_LOG]);
    expect([line.index - 1, line.index].map((at) => originAt(originsOf(log), at))).toEqual([LOG, NEW_LOG]);
    expect(paper.state(REL)).toEqual(before.state(REL));
    const accessed = askLater(paper);
    expect(accessed.entry.log).toBe(NEW_LOG);
  });

  test('with nothing lost: all stands as it did, in the same epoch, by the same engine and with the same keys', async () => {
    const paper = paperOfOld();
    const { note } = await lostNote(paper, keys, 0);
    const said = { ...MOVED, lost: note };
    const line = paper.write(await continues(paper, keys, { said }), LATER);
    expect(await judgeContinued(nativeEd25519, line.entry, { index: line.index })).toMatchObject({
      ...{ size: line.index, lost: line.index, proven: true },
    });
    const log = paper.state(LOG_STREAM) as LogState;
    expect(log).toMatchObject({
      engine: 3,
      origins: [{ origin: LOG, to: line.index, lost: line.index, ended: [] }],
    });
    expect(log).not.toHaveProperty('epoch');
    expect(lastLossOf(log)).toBeUndefined();
    const access = paper.write(ask({ engine: 3 }), LATER);
    expect(access.entry).toMatchObject({ log: NEW_LOG, body: { decision: 'allow' } });
    const receipt = await receiptOf(paper, keys.next, access, { before: keys.old });
    expect(await verdictOf(receipt, keys.next)).toMatchObject({
      problem: null,
      continued: [{ size: line.index, lost: line.index }],
    });
  });

  test.each([
    ['checkpoint_invalid', { more: 1 }],
    ['entry_invalid', { said: { epoch: 1 } }],
    ['entry_invalid', { said: { engine: 4 } }],
    ['entry_invalid', { said: { proof: null } }],
    ['entry_invalid', { said: { erasures: [{ stream: REL, through: 1, classes: ['letters'] }] } }],
    ['entry_invalid', { keeper: true }],
    ['checkpoint_invalid', { said: { root: hashOf(7) } }],
  ] as const)('is not moved where that would change something: %s %j', async (code, given) => {
    const { more = 0, said = {}, keeper = false } = given as { more?: number; said?: object; keeper?: boolean };
    const paper = paperOfOld();
    // A third key of the keeper counts, and is not named.
    if (keeper) addKeeperKey(paper);
    const { note } = await lostNote(paper, keys, more);
    const command = await continues(paper, keys, { said: { ...MOVED, lost: note, ...said } });
    expectFailure(code, () => paper.write(command, LATER));
  });

  test('a second time', async () => {
    const { paper } = await continuedPaper();
    const third = await keysOf(70, `${NEW_LOG}-3`);
    const recovery = await nativeEd25519.importSeed(new Uint8Array(32).fill(62));
    const again: Two = { old: keys.next, next: third, recovery };
    const size = paper.lines.length;
    const note = await signCheckpoint(
      { origin: NEW_LOG, size: parseSize(size + 1), root: parseHashText(hashOf(1)) },
      keys.next.log,
    );
    const said = { epoch: 2, lost: note, proof: null };
    expectFailure('entry_invalid', () => paper.write(stale, LATER));
    const line = paper.write(await continues(paper, again, { said }), LATER);
    await verifyEntryProofs(nativeEd25519, line.entry);
    const log = paper.state(LOG_STREAM) as LogState;
    expect(log.epoch).toBe(2);
    expect(log.origins?.map(({ to }) => to)).toEqual([size - 1, size]);
    // No name and no key ever comes back.
    const back = async (next: Two['next']) =>
      paper.write(await continues(paper, { old: third, next, recovery }, { said: { ...said, epoch: 3 } }), LATER);
    await expectRefusal('already_there', back(keys.old));
  });
  let stale: Command;
  beforeAll(async () => {
    const { paper } = await continuedPaper();
    stale = await continues(paper, keys);
  });

  test('and ends the keeper’s keys that the recovery key does not name; those that come later count', async () => {
    const paper = paperOfOld();
    addKeeperKey(paper);
    const line = paper.write(await continues(paper, keys), LATER);
    expect(line.entry.body['ended']).toEqual([2]);
    const keeper = partyIn(paper, KEEPER) as Party;
    expect(keeper.keys.map(({ ended_at }) => ended_at)).toEqual([null, null, LATER]);
    expect(activeKeys(keeper, logIn(paper))).not.toContain(textOf(stranger));
    const by = [calledByKeeper().by[0], { party: KEEPER, operator: paperId<OperatorId>(0x7777), key: 2 }];
    const suspend = (call: object): Command =>
      ({ type: 'party.suspended', stream: partyStream(LENDER), input: { ...calledByKeeper(), ...call } }) as never;
    expectFailure('key_ended', () => outcomeOf(paper, suspend({ by }), LATER));
    paper.write(suspend({}), LATER);
    const fourth = {
      key: hashOf(4444),
      operator: paperId<OperatorId>(0x7778),
      duty: 'admin',
      epoch: 1,
      ...calledByKeeper(),
    };
    paper.write({ type: 'party.key_added', stream: partyStream(KEEPER), input: fourth } as Command, LATER);
    expect(activeKeys(partyIn(paper, KEEPER) as Party, logIn(paper))).toContain(hashOf(4444));
  });

  test('and spends the recovery key: the one that it names is the next, also after a recovery', async () => {
    const { paper } = await continuedPaper();
    expect(recoveryKeysOf(paper)).toEqual([keys.old.texts.recovery_key, keys.next.texts.recovery_key]);
    const recovered = paperOfOld();
    const keeper = recovered.state(partyStream(KEEPER)) as Party;
    const spent = { key: hashOf(71), spent: [keys.old.texts.recovery_key] };
    const log = { ...(paper.state(LOG_STREAM) as LogState) };
    const origins = log.origins?.map((each) => ({ ...each, recovery_key: hashOf(71) })) ?? [];
    const states: Record<string, unknown> = {
      [LOG_STREAM]: { ...log, origins },
      [partyStream(KEEPER)]: { ...keeper, recovery: spent },
    };
    const view = { head: () => undefined, state: (stream: string) => states[stream] as JsonObject };
    expect(recoveryKeysOf(view).at(-1)).toBe(keys.next.texts.recovery_key);
    expect(recoveryKeysOf(view)).toContain(hashOf(71));
  });
});

describe('a log is not continued', () => {
  const refused: readonly [string, Parameters<typeof expectFailure>[0], () => Changes][] = [
    [
      'by one administrator',
      'second_signature',
      () => ({ call: { ...calledByKeeper(), by: calledByKeeper().by.slice(1) } }),
    ],
    ['by nobody', 'entry_invalid', () => ({ call: { ...calledByKeeper(), auth: 'none', by: [], request: null } })],
    ['by another party', 'principal_mismatch', () => ({ call: calledBy(LENDER) })],
    ['from another vkey', 'entry_invalid', () => ({ said: { before: keys.next.texts.log_key } })],
    ['under its own name', 'already_there', () => ({ said: { log_key: nameOf(LOG, stranger) } })],
    ['with its own log key', 'already_there', () => ({ said: { log_key: nameOf(NEW_LOG, keys.old.log) } })],
    ['under no vkey', 'key_invalid', () => ({ said: { log_key: 'none' } })],
    ['with its own issuing key', 'already_there', () => ({ said: { issuing_key: keys.old.texts.issuing_key } })],
    [
      'with a recovery key that is used',
      'already_there',
      () => ({ said: { recovery_key: keys.old.texts.recovery_key } }),
    ],
    ['with one key for two', 'already_there', () => ({ said: { recovery_key: keys.next.texts.issuing_key } })],
    ['with its log key to issue', 'already_there', () => ({ said: { issuing_key: textOf(keys.next.log) } })],
    ['in another epoch', 'entry_invalid', () => ({ said: { epoch: 2 } })],
    ['at another engine', 'entry_invalid', () => ({ said: { engine: 4 } })],
    ['with one key of the keeper', 'limit_reached', () => ({ said: { keeper_keys: [0] } })],
    ['with a key that is not there', 'key_ended', () => ({ said: { keeper_keys: [0, 1, 5] } })],
    ['with a key twice', 'input_invalid', () => ({ said: { keeper_keys: [0, 0, 1] } })],
    ['after no checkpoint', 'checkpoint_invalid', () => ({ said: { lost: 'none' } })],
  ];
  test.each(refused)('%s', async (_what, code, changes) => {
    const paper = paperOfOld();
    const command = await continues(paper, keys, changes());
    expectFailure(code, () => paper.write(command, LATER));
    expect((paper.state(LOG_STREAM) as LogState).origins).toBeUndefined();
  });

  test('where nothing is lost, or what is lost is another log’s', async () => {
    const paper = paperOfOld();
    const { note } = await lostNote(paper, keys, 0);
    const none = await continues(paper, keys, { said: { lost: note } });
    expectFailure('checkpoint_invalid', () => paper.write(none, LATER));
    const other = await signCheckpoint(
      { origin: NEW_LOG, size: parseSize(paper.lines.length + 1), root: parseHashText(hashOf(1)) },
      keys.old.log,
    );
    const foreign = await continues(paper, keys, { said: { lost: other } });
    expectFailure('checkpoint_invalid', () => paper.write(foreign, LATER));
  });

  test('by a key of the keeper that the recovery key does not name', async () => {
    const paper = paperOfOld();
    addKeeperKey(paper);
    const call = {
      ...calledByKeeper(),
      by: [calledByKeeper().by[0], { party: KEEPER, operator: paperId(0x7777), key: 2 }],
    };
    const command = await continues(paper, keys, { call });
    expectFailure('key_ended', () => paper.write(command, LATER));
  });

  test('in another stream', async () => {
    const paper = paperOfOld();
    const command = { ...(await continues(paper, keys)), stream: partyStream(KEEPER) } as Command;
    expectFailure('entry_invalid', () => paper.write(command, LATER));
  });

  test('with what was decided otherwise', async () => {
    const paper = paperOfOld();
    const [head, was] = [paper.head(LOG_STREAM), paper.state(LOG_STREAM)];
    const line = paper.write(await continues(paper, keys), LATER);
    const before = {
      ...changed(paper, { [LOG_STREAM]: was }),
      head: (stream: string) => (stream === LOG_STREAM ? head : paper.head(stream as never)),
    };
    expect(() => decideAgain(before, line.entry)).not.toThrow();
    for (const change of [{ recovery: textOf(stranger) }, { ended: [1] }, { epoch: 2 }]) {
      const body = { ...line.entry.body, ...change } as JsonObject;
      expectFailure('entry_invalid', () => decideAgain(before, { ...line.entry, body }));
    }
    for (const change of [{ reason: 'mislaid' }, { more: 1 }, { erasures: [{}] }, { proof: ['x'] }]) {
      expectFailure('entry_invalid', () => commandOf({ ...line.entry, body: { ...line.entry.body, ...change } }));
    }
  });
});

function nameOf(name: string, { publicKey }: SigningKey): string {
  return formatVkey(verifierKey(name, publicKey));
}

describe('every reader judges how a log was continued', () => {
  const judged = async (changes: Changes = {}, more = {}) => {
    const { line } = await continuedPaper(changes);
    return judgeContinued(nativeEd25519, line.entry, more);
  };

  test('and says from what, after what, and how far it is proven', async () => {
    const size = paperOfOld().lines.length;
    const said = { before: keys.old.texts.log_key, log_key: keys.next.texts.log_key, size, lost: size + 3 };
    expect(await judged()).toEqual({ ...said, proven: true, witnessed: null });
    expect(await judged({ said: { proof: null } })).toEqual({ ...said, proven: false, witnessed: null });
    const { paper, line } = await continuedPaper();
    const root = naiveTree(paper.lines.map(({ leaf }) => leaf)).root(line.index);
    expect(await judgeContinued(nativeEd25519, line.entry, { index: size, root })).toMatchObject({ proven: true });
  });

  test('whether a quorum had cosigned what is lost', async () => {
    const policy = { logs: [], witnesses: [], groups: [], quorum: undefined } as unknown as WitnessTerms['policy'];
    expect(await judged({}, { terms: { policy, now: LATER } })).toMatchObject({ witnessed: false });
    const witness = await paperWitness('bureau.example/w', 0x51);
    const asks = parsePolicy(utf8(`witness bureau ${formatCosignerVkey(witness.vkey)}\nquorum bureau\n`));
    const { note } = await lostNote(paperOfOld(), keys);
    const { text, signatures } = parseNote(note);
    // However long ago it did: nothing was cosigned since.
    const line = await cosign(text, witness.vkey.cosigner, witness.key, Math.floor(TODAY / 1_000));
    const cosigned = formatNote({ text, signatures: [...signatures, line] });
    const terms = { policy: asks, now: LATER + 365 * DAY, ageMax: 1 };
    expect(await judged({ said: { proof: null } }, { terms })).toMatchObject({ witnessed: false });
    expect(await judged({ said: { lost: cosigned, proof: null } }, { terms })).toMatchObject({ witnessed: true });
    // A line that is none of the witness's is not passed over.
    const other = await cosign(`${text}x`, witness.vkey.cosigner, witness.key, 9);
    const forged = formatNote({ text, signatures: [...signatures, other] });
    await expectRefusal('checkpoint_invalid', judged({ said: { lost: forged, proof: null } }, { terms }));
  });

  test('another tree, and another place', async () => {
    const size = paperOfOld().lines.length;
    await expectRefusal('proof_invalid', judged({}, { root: parseHashText(hashOf(9)) }));
    await expectRefusal('proof_invalid', judged({}, { index: size + 1 }));
    // A root that it only says: the proof from it does not hold.
    await expectRefusal('proof_invalid', judged({ said: { root: hashOf(9) } }));
  });

  test('a proof of another tree', async () => {
    const { line } = await continuedPaper();
    const proof = line.entry.body['proof'] as string[];
    const wrong = [proof.slice(1), [...proof, hashOf(1)], proof.map((each, at) => (at === 0 ? hashOf(2) : each)), []];
    for (const each of wrong) await expectRefusal('proof_invalid', judged({ said: { proof: each } }));
  });

  test('a checkpoint of at most what is left, under another key, or of another log', async () => {
    const { line } = await continuedPaper();
    const change = async (origin: string, size: number, key: SigningKey) => {
      const lost = await signCheckpoint({ origin, size: parseSize(size), root: parseHashText(hashOf(1)) }, key);
      return judgeContinued(nativeEd25519, { body: { ...line.entry.body, lost, proof: null } });
    };
    await expectRefusal('checkpoint_invalid', change(LOG, line.index, keys.old.log));
    await expectRefusal('checkpoint_invalid', change(LOG, line.index - 1, keys.old.log));
    await expectRefusal('signature_invalid', change(LOG, line.index + 3, stranger));
    await expectRefusal('checkpoint_invalid', change(NEW_LOG, line.index + 3, keys.old.log));
  });

  test('a recovery key of another log, and what was changed after it signed', async () => {
    const { line } = await continuedPaper({ by: stranger });
    await expectRefusal('signature_invalid', verifyEntryProofs(nativeEd25519, line.entry));
    const { line: good } = await continuedPaper();
    await expect(verifyEntryProofs(nativeEd25519, good.entry)).resolves.toBeUndefined();
    const changes: JsonObject[] = [
      { size: good.index - 1 },
      { keeper_keys: [0, 1, 2] },
      { issuing_key: textOf(stranger) },
      { epoch: 2 },
      { erasures: [{ stream: REL, through: 1, classes: ['letters'] }] },
      { recovery_signature: 'A'.repeat(86) },
    ];
    for (const change of changes) {
      const body = { ...good.entry.body, proof: null, ...change };
      await expectRefusal('signature_invalid', judgeContinued(nativeEd25519, { body }));
    }
  });

  test('one administrator, or one that the recovery key did not name', async () => {
    const { line } = await continuedPaper();
    const by = line.entry.body['by'] as { key: number }[];
    for (const each of [by.slice(1), [by[0], { ...by[1], key: 7 }]]) {
      await expectRefusal(
        'key_ended',
        judgeContinued(nativeEd25519, { body: { ...line.entry.body, by: each } as JsonObject }),
      );
    }
  });
});

describe('a receipt of a log that was continued', () => {
  /** An access before, and one after. */
  async function accessed() {
    const paper = paperOfOld();
    const early = paper.write(ask({ engine: 3 }), TODAY);
    paper.write(await continues(paper, keys), LATER);
    const late = askLater(paper);
    return { paper, early, late };
  }
  const by = () => ({ before: keys.old });

  test('is verified under the new vkey, of what was before and after, and says how it goes on', async () => {
    const { paper, early, late } = await accessed();
    for (const line of [early, late]) {
      const receipt = await receiptOf(paper, keys.next, line, by());
      expect(Object.hasOwn(receipt, 'continued')).toBe(line === early);
      const verdict = await verdictOf(receipt, keys.next);
      expect(verdict.problem).toBeNull();
      expect(verdict).toMatchObject({ recorded: 'unwitnessed', decision: 're-derived', asOf: paper.lines.length });
      expect(verdict.continued).toEqual([expect.objectContaining({ proven: true, witnessed: null, time: LATER })]);
    }
    const [answer] = paper.lines.filter(({ entry }) => entry.type === 'letter.signed');
    const letter = await letterReceiptOf(paper, keys.next, answer as Line, by());
    expect((await verdictOf(letter, keys.next)).problem).toBeNull();
  });

  test('of before is verified under the old vkey still, as it was made then', async () => {
    const { paper, early } = await accessed();
    const receipt = await receiptOf(paper, keys.old, early, { size: early.index + 1 });
    const verdict = await verdictOf(receipt, keys.old);
    expect(verdict).toMatchObject({ problem: null, recorded: 'unwitnessed' });
    expect(verdict).not.toHaveProperty('continued');
    // Neither vkey vouches for the other's.
    expect((await verdictOf(receipt, keys.next)).problem).toMatchObject({ code: 'receipt_invalid' });
    const later = await receiptOf(paper, keys.next, early, by());
    expect((await verdictOf(later, keys.old)).problem).toMatchObject({ code: 'receipt_invalid' });
  });

  test('an old entry under the new checkpoint shows that the log goes on, or is refused', async () => {
    const { paper, early, late } = await accessed();
    const receipt = await receiptOf(paper, keys.next, early, by());
    const { continued, ...without } = receipt;
    expect((await verdictOf(without, keys.next)).recorded).toBe('invalid');
    // What it shows is the log's own stream, and goes on from what was then.
    const other = { ...receipt, continued: receipt.slices[0] } as Parts;
    expect((await verdictOf(other, keys.next)).recorded).toBe('invalid');
    const short = { ...continued, entries: continued?.entries.slice(1) } as NonNullable<Parts['continued']>;
    expect((await verdictOf({ ...receipt, continued: short }, keys.next)).recorded).toBe('invalid');
    const unsigned = { ...continued, signatures: continued?.signatures.map(() => 'A'.repeat(86)) } as typeof short;
    expect((await verdictOf({ ...receipt, continued: unsigned }, keys.next)).recorded).toBe('invalid');
    // Of what came after there is nothing to go on to.
    const after = await receiptOf(paper, keys.next, late, by());
    const more = { ...after, ...(continued === undefined ? {} : { continued }) };
    expect((await verdictOf(more, keys.next)).recorded).toBe('invalid');
  });

  /** Signed by the true recovery key, and decided by no rule: as a keeper would write it that has turned. */
  async function forged(change: object, by = keys.recovery) {
    const paper = paperOfOld();
    // Decided as if nothing were suspended.
    const { stream, type, ...asked } = ask({ engine: 3 });
    const decided = decide(paper, { stream, type, ...asked } as Command, LATER as Instant);
    const command = await continues(paper, keys);
    const body = { ...decide(paper, command, LATER as Instant), ...change } as unknown as Continuation;
    const recovery_signature = toBase64Url(await by.sign(continuationBytes(continuationOf(body))));
    const entry = { stream: LOG_STREAM, type: 'log.continued', time: LATER as Instant, log: NEW_LOG };
    paper.forge({ ...entry, body: { ...body, recovery_signature } as unknown as JsonObject });
    const access = { stream, type, body: decided, time: LATER as Instant, log: NEW_LOG };
    const decidedNow = (command: Command) => {
      const { stream: at, type: as } = command;
      const now = decide(paper, command, LATER as Instant);
      return paper.forge({ stream: at, type: as, body: now, time: LATER as Instant, log: NEW_LOG });
    };
    if (by !== keys.recovery) decidedNow(goOn(LENDER));
    const line = by === keys.recovery ? paper.forge(access) : decidedNow(ask({ engine: 3 }));
    return verdictOf(await receiptOf(paper, keys.next, line, { before: keys.old }), keys.next);
  }

  test('is not believed with another epoch, engine or vkey of before than the log goes on with', async () => {
    for (const change of [{ epoch: 0 }, { epoch: 2 }, { engine: 2 }, { engine: 4 }]) {
      expect((await forged(change)).problem, JSON.stringify(change)).toMatchObject({ code: 'entry_invalid' });
    }
    const other = await nativeEd25519.importSeed(new Uint8Array(32).fill(77));
    const before = formatVkey(verifierKey(LOG, other.publicKey));
    expect((await forged({ before })).problem).toMatchObject({ code: 'signature_invalid' });
  });

  test('is invalid, whatever a keeper that signs it put in the place of what its rule adds', async () => {
    for (const change of [{ recovery: 7 }, { recovery: null }, { ended: null }, { ended: 7 }, { keeper_keys: 7 }]) {
      const verdict = await forged(change);
      expect(verdict.recorded, JSON.stringify(change)).toBe('invalid');
      expect(verdict.problem?.code).toMatch(/_invalid$/);
    }
  });

  test('says where the recovery key is none that the log’s own stream names', async () => {
    const recovery = textOf(stranger);
    const { problem, continued } = await forged({ recovery }, stranger);
    expect(problem).toBeNull();
    expect(continued).toEqual([expect.objectContaining({ attested: true })]);
    const said = continued?.flatMap(sayContinued).map(({ en }) => en);
    expect(said).toContain('Whose the recovery key is that signed for this is not shown here.');
  });

  test('goes on at no other place than its own entry says', async () => {
    const paper = paperOfOld();
    const first = await continues(paper, keys);
    const { stream, type, ...asked } = ask({ engine: 3 });
    const body = decide(paper, { stream, type, ...asked } as Command, LATER as Instant);
    const line = paper.forge({ stream, type, body, time: LATER as Instant, log: NEW_LOG });
    paper.write(first, LATER);
    const verdict = await verdictOf(await receiptOf(paper, keys.next, line, by()), keys.next);
    expect(verdict.problem).toMatchObject({ code: 'receipt_invalid' });
  });

  test('an entry OLD behind it, or NEW before it, is of no such log', async () => {
    const { paper } = await accessed();
    const ended = paper.lines.at(-1)?.entry as Line['entry'];
    for (const log of [LOG, 'paper.assent.example/log-3']) {
      const copy = paperOfOld();
      copy.write(await continues(copy, keys), LATER);
      const { log: _log, seq: _seq, prev: _prev, ...rest } = ended;
      const line = copy.forge({ ...rest, log });
      const verdict = await verdictOf(await receiptOf(copy, keys.next, line, by()), keys.next);
      expect(verdict.problem).toMatchObject({ code: 'receipt_invalid', message: expect.stringContaining('elsewhere') });
    }
    const early = paperOfOld();
    const { entry } = early.write(ask({ engine: 3 }), TODAY);
    const twice = paperOfOld();
    const { seq: _seq, prev: _prev, ...rest } = entry;
    const line = twice.forge({ ...rest, log: NEW_LOG });
    twice.write(await continues(twice, keys), LATER);
    const verdict = await verdictOf(await receiptOf(twice, keys.next, line, by()), keys.next);
    expect(verdict.problem).toMatchObject({ code: 'receipt_invalid', message: expect.stringContaining('elsewhere') });
  });

  test('a continuation that does not hold makes no receipt of it good', async () => {
    const paper = paperOfOld();
    paper.write(await continues(paper, keys, { by: stranger }), LATER);
    const line = askLater(paper);
    const verdict = await verdictOf(await receiptOf(paper, keys.next, line, by()), keys.next);
    expect(verdict.problem).toMatchObject({ code: 'signature_invalid' });
  });
});
