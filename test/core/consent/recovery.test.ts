/** The recovery key: once, it gives the keeper two other administrators, and no other key does. */
import { beforeAll, describe, expect, test } from 'vitest';
import { toBase64Url } from '#core/bytes.ts';
import type { Call } from '#core/consent/call.ts';
import { verifyEntryProofs } from '#core/consent/entry-proofs.ts';
import { type LogState, logIn } from '#core/consent/log.ts';
import { activeKeys, partyIn, recoveryKeysOf } from '#core/consent/party.ts';
import { type RecoveryStatement, recoveryBytes } from '#core/consent/recovery.ts';
import type { Command } from '#core/consent/rules.ts';
import { useSha256 } from '#core/hash.ts';
import type { OperatorId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { LOG_STREAM, partyStream } from '#core/tlog/stream.ts';
import { nativeEd25519, nativeSha256 } from '../../../src/native.ts';
import { expectFailure, expectRefusal } from '../../support/failure.ts';
import {
  calledBy,
  calledByKeeper,
  KEEPER,
  keyOf,
  LENDER,
  LOG,
  operatorOf,
  outcomeOf,
  paperId,
  signedPaper,
  TODAY,
} from './paper-ledger.ts';
import { type Keys, keysOf } from './paper-receipt.ts';

useSha256(nativeSha256);

let own: Keys;
/** The recovery key of entry 0, and others that nobody knows yet. */
let recovery: SigningKey;
let spare: readonly SigningKey[];
beforeAll(async () => {
  own = await keysOf(40);
  recovery = await nativeEd25519.importSeed(new Uint8Array(32).fill(42));
  spare = await Promise.all(
    Array.from({ length: 9 }, (_, n) => nativeEd25519.importSeed(new Uint8Array(32).fill(100 + n))),
  );
});

const textOf = ({ publicKey }: SigningKey) => toBase64Url(publicKey);
const operator = (n: number) => paperId<OperatorId>(0x7000 + n);
const BY_NOBODY: Call = { idem: 'A'.repeat(43), auth: 'none', by: [], request: null };

interface Asked {
  /** Places among the spare keys: two administrators, and the next recovery key. */
  readonly at?: readonly [number, number, number];
  readonly by?: SigningKey;
  readonly since?: number | null;
  readonly log?: string;
}

async function recovers({ at = [0, 1, 2], by = recovery, since = null, log = LOG }: Asked = {}) {
  const [first, second, next] = at.map((n) => spare[n]) as [SigningKey, SigningKey, SigningKey];
  const said = {
    since: since as Instant | null,
    recovery: textOf(by),
    next_recovery: textOf(next),
  };
  const statement: RecoveryStatement = { log, administrators: [textOf(first), textOf(second)], ...said };
  const sign = async (key: SigningKey) => toBase64Url(await key.sign(recoveryBytes(statement)));
  const signatures = await Promise.all([by, next, first, second].map(sign));
  const administrators = [first, second].map((key, n) => ({ key: textOf(key), operator: operator(at[n] as number) }));
  return { administrators, ...said, signatures, ...BY_NOBODY };
}

const command = (input: object, stream = partyStream(KEEPER)): Command =>
  ({ type: 'party.recovered', stream, input }) as unknown as Command;

describe('a recovery', () => {
  test('ends every key of the keeper, and gives it two administrators and the next recovery key', async () => {
    const paper = signedPaper(own.texts);
    expect(recoveryKeysOf(paper)).toEqual([textOf(recovery)]);
    expect(partyIn(paper, KEEPER)).not.toHaveProperty('recovery');
    paper.write(command(await recovers()), TODAY);
    const keeper = partyIn(paper, KEEPER);
    expect(keeper && activeKeys(keeper, undefined)).toEqual([
      textOf(spare[0] as SigningKey),
      textOf(spare[1] as SigningKey),
    ]);
    expect(keeper?.keys.map(({ ended_at }) => ended_at)).toEqual([TODAY, TODAY, null, null]);
    expect(keeper?.keys.every(({ compromised_since }) => compromised_since === null)).toBe(true);
    expect(recoveryKeysOf(paper)).toEqual([textOf(recovery), textOf(spare[2] as SigningKey)]);

    // The former sign nothing more, the new ones do.
    const suspend = (call: Call): Command => ({ type: 'party.suspended', stream: partyStream(LENDER), input: call });
    expectFailure('key_ended', () => outcomeOf(paper, suspend(calledByKeeper()), TODAY));
    const by = [0, 1].map((n) => ({ party: KEEPER, operator: operator(n), key: 2 + n }));
    paper.write(suspend({ ...calledByKeeper(), by }), TODAY);
  });

  test('says since when the former administrators’ keys were in other hands: what they signed since then is tainted', async () => {
    const paper = signedPaper(own.texts);
    expectFailure('input_invalid', () => outcomeOf(paper, command(later), TODAY));
    paper.write(command(await recovers({ since: TODAY - 9 })), TODAY);
    expect(partyIn(paper, KEEPER)?.keys.map(({ compromised_since }) => compromised_since)).toEqual([
      TODAY - 9,
      TODAY - 9,
      null,
      null,
    ]);
  });
  let later: object;
  beforeAll(async () => {
    later = await recovers({ since: TODAY + 1 });
  });

  test('spends its key: only the one that it named goes on, once more', async () => {
    const paper = signedPaper(own.texts);
    paper.write(command(await recovers()), TODAY);
    const again = await recovers({ at: [3, 4, 5] });
    const next = await recovers({ at: [3, 4, 5], by: spare[2] as SigningKey });
    expectFailure('key_ended', () => outcomeOf(paper, command(again), TODAY));
    paper.write(command(next), TODAY);
    const spent = await recovers({ at: [6, 7, 8], by: spare[2] as SigningKey });
    expectFailure('key_ended', () => outcomeOf(paper, command(spent), TODAY));
    expectFailure('key_ended', () => outcomeOf(paper, command(again), TODAY));
    expect(partyIn(paper, KEEPER)?.keys).toHaveLength(6);
  });

  test('is by no other key, of no other party, and never by the keeper’s own two', async () => {
    const paper = signedPaper(own.texts);
    for (const by of [spare[8], own.issuing, own.log] as SigningKey[]) {
      const input = await recovers({ by });
      expectFailure('signature_refused', () => outcomeOf(paper, command(input), TODAY));
    }
    const input = await recovers();
    expectFailure('entry_invalid', () => outcomeOf(paper, command(input, partyStream(LENDER)), TODAY));
    for (const call of [calledByKeeper(), calledBy(LENDER, 'admin')]) {
      expectFailure('entry_invalid', () => outcomeOf(paper, command({ ...input, ...call }), TODAY));
    }
  });

  test('takes three keys that did nothing before, each another one, and two operators that nobody was', async () => {
    const paper = signedPaper(own.texts);
    const input = await recovers();
    const [first, second] = input.administrators as [{ key: string; operator: OperatorId }, { key: string }];
    const with0 = (change: object) => ({ ...input, administrators: [{ ...first, ...change }, second] });
    const used = [keyOf(operatorOf(KEEPER, 'admin')), own.texts.issuing_key, toBase64Url(own.log.publicKey)];
    for (const key of [...used, textOf(recovery), second.key, input.next_recovery]) {
      expectFailure('already_there', () => outcomeOf(paper, command(with0({ key })), TODAY));
    }
    for (const next_recovery of [...used, textOf(recovery), first.key]) {
      expectFailure('already_there', () => outcomeOf(paper, command({ ...input, next_recovery }), TODAY));
    }
    for (const known of [operator(1), operatorOf(KEEPER, 'admin')]) {
      expectFailure('entry_invalid', () => outcomeOf(paper, command(with0({ operator: known })), TODAY));
    }
    expectFailure('key_invalid', () => outcomeOf(paper, command(with0({ key: 'A'.repeat(43) })), TODAY));
    const fewer = { ...input, administrators: [first] };
    expectFailure('input_invalid', () => outcomeOf(paper, command(fewer), TODAY));
    expectFailure('input_invalid', () =>
      outcomeOf(paper, command({ ...input, signatures: input.signatures.slice(1) }), TODAY),
    );
  });

  test('leaves a key that it names out of what may become an issuing key', async () => {
    const paper = signedPaper(own.texts);
    paper.write(command(await recovers()), TODAY);
    const by = [0, 1].map((n) => ({ party: KEEPER, operator: operator(n), key: 2 + n }));
    for (const key of [textOf(recovery), textOf(spare[2] as SigningKey)]) {
      const input = { key, possession: 'A'.repeat(86), ...calledByKeeper(), by };
      const added = { type: 'log.issuing_key_added', stream: LOG_STREAM, input } as unknown as Command;
      expectFailure('already_there', () => outcomeOf(paper, added, TODAY));
    }
    expect((logIn(paper) as LogState).recovery_key).toBe(textOf(recovery));
  });
});

describe('the four signatures of a recovery', () => {
  const entryOf = (body: object, log = LOG) => ({ log, type: 'party.recovered', body: body as never });

  test('hold together, and not one of them for anything else', async () => {
    const input = await recovers({ since: TODAY });
    await verifyEntryProofs(nativeEd25519, entryOf(input));
    const others = await recovers({ at: [3, 4, 5] });
    for (const at of [0, 1, 2, 3]) {
      const signatures = input.signatures.with(at, others.signatures[at] as string);
      await expectRefusal('signature_invalid', verifyEntryProofs(nativeEd25519, entryOf({ ...input, signatures })));
    }
    const { administrators, recovery: by, next_recovery } = others;
    const changes = [
      { administrators },
      { administrators: input.administrators.toReversed() },
      { next_recovery },
      { since: null },
      { since: TODAY - 1 },
      { signatures: input.signatures.toReversed() },
      { recovery: textOf(spare[8] as SigningKey) },
    ];
    expect(by).toBe(input.recovery);
    for (const change of changes) {
      await expectRefusal('signature_invalid', verifyEntryProofs(nativeEd25519, entryOf({ ...input, ...change })));
    }
    await expectRefusal('signature_invalid', verifyEntryProofs(nativeEd25519, entryOf(input, 'other.example/log')));
    const crooked = { ...input, signatures: input.signatures.with(3, '!') };
    await expectRefusal('key_invalid', verifyEntryProofs(nativeEd25519, entryOf(crooked)));
  });
});
