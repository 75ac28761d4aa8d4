/** The life of the log key: who may do what with it, in which order, and which keys sign a checkpoint. */
import { beforeAll, describe, expect, test } from 'vitest';
import { toBase64Url } from '#core/bytes.ts';
import { possessionBytes } from '#core/consent/issuing-key.ts';
import { isLogKey, type LogState, logKeysOf } from '#core/consent/log.ts';
import {
  LOG_KEYS_MAX,
  LOG_OVERLAP_MS_MAX,
  LOG_OVERLAP_MS_MIN,
  logKeyInForce,
  signingLogKeys,
} from '#core/consent/log-key.ts';
import { type LogKeySpan, signersAt } from '#core/consent/log-key-spans.ts';
import type { Command } from '#core/consent/rules.ts';
import { useSha256 } from '#core/hash.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { nativeSha256 } from '../../../src/native.ts';
import { expectFailure } from '../../support/failure.ts';
import {
  calledBy,
  calledByKeeper,
  changed,
  KEEPER,
  LENDER,
  outcomeOf,
  type Paper,
  signedPaper,
  TODAY,
} from './paper-ledger.ts';
import {
  adds,
  addsKey,
  compromises,
  type LogKeyRow,
  own,
  retires,
  rowOf,
  rows,
  spansOf,
  switches,
  textOf,
  vkeyOf,
} from './paper-log-keys.ts';

useSha256(nativeSha256);

const stateOf = (paper: Paper) => paper.state(LOG_STREAM) as LogState;
const signing = (paper: Paper) => signingLogKeys(stateOf(paper)).map(({ keyId }) => keyId);
const ids = (...at: readonly number[]) => at.map((each) => vkeyOf(each).keyId);

describe('a log key', () => {
  test('leaves no trace in the state before a second one is added', async () => {
    const paper = signedPaper(own.texts);
    expect(stateOf(paper)).not.toHaveProperty('log_keys');
    expect(signing(paper)).toEqual(ids(0));
    paper.write(await adds(1), TODAY);
    expect(stateOf(paper).log_key).toBe(textOf(0));
    expect(stateOf(paper).log_keys).toEqual([
      { vkey: textOf(0), from: 0, to: null, until: null, retired_at: null },
      { vkey: textOf(1), from: null, to: null, until: null, retired_at: null },
    ]);
    expect(signing(paper)).toEqual(ids(0));
  });

  test('is added, switched to, retired and declared compromised by two of the keeper only', async () => {
    const paper = signedPaper(own.texts);
    paper.write(await adds(1), TODAY);
    for (const call of [calledBy(KEEPER), calledBy(LENDER), calledBy(LENDER, 'admin')]) {
      const code = call.by[0]?.party === KEEPER ? 'second_signature' : 'principal_mismatch';
      const commands = [await adds(2, call), switches(1, TODAY, call), retires(1, call), compromises(1, TODAY, call)];
      for (const command of commands) expectFailure(code, () => outcomeOf(paper, command, TODAY));
    }
  });

  test('is a new one of this log: none that the ledger has, had, or has for something else', async () => {
    const paper = signedPaper(own.texts);
    paper.write(await adds(1), TODAY);
    const taken = [rows[0], rows[1], await rowOf(41), await rowOf(42)] as readonly LogKeyRow[];
    expect(taken[2]?.vkey.publicKey).toEqual(own.issuing.publicKey);
    for (const row of taken) {
      const command = await addsKey(row);
      expectFailure('already_there', () => outcomeOf(paper, command, TODAY));
    }
    const other = await addsKey(await rowOf(180, 'other.example/log'));
    expectFailure('key_invalid', () => outcomeOf(paper, other, TODAY));
    for (const vkey of ['none', textOf(1).replace('+', '+0'), `${textOf(1)}A`]) {
      const command = await adds(2, { vkey });
      expectFailure('key_invalid', () => outcomeOf(paper, command, TODAY));
    }
  });

  test('is never an issuing key, nor that one ever a log key', async () => {
    const paper = signedPaper(own.texts);
    paper.write(await adds(1), TODAY);
    const { key, vkey } = rows[1] as LogKeyRow;
    const text = toBase64Url(vkey.publicKey);
    expect(isLogKey(stateOf(paper), text)).toBe(true);
    const possession = toBase64Url(await key.sign(possessionBytes(vkey.name, text)));
    const input = { key: text, possession, ...calledByKeeper() };
    const command = { type: 'log.issuing_key_added', stream: LOG_STREAM, input } as Command;
    expectFailure('already_there', () => outcomeOf(paper, command, TODAY));
  });

  test('takes over once, and signs beside the one before it; none comes back', async () => {
    const paper = signedPaper(own.texts);
    expectFailure('key_ended', () => outcomeOf(paper, switches(1, TODAY), TODAY));
    expectFailure('already_there', () => outcomeOf(paper, switches(0, TODAY), TODAY));
    paper.write(await adds(1), TODAY);
    paper.write(await adds(2), TODAY);
    paper.write(switches(1, TODAY), TODAY);
    expect(signing(paper)).toEqual(ids(0, 1));
    expect(logKeyInForce(stateOf(paper)).vkey).toBe(textOf(1));
    for (const again of [0, 1]) {
      expectFailure('already_there', () => outcomeOf(paper, switches(again, TODAY), TODAY + 1));
    }
    expectFailure('limit_reached', () => outcomeOf(paper, switches(2, TODAY), TODAY));
    paper.write(switches(2, TODAY + 1), TODAY + 1);
    expect(signing(paper)).toEqual(ids(0, 1, 2));
  });

  test('is announced to sign for a day more at the least, and for five years at most', async () => {
    const paper = signedPaper(own.texts);
    paper.write(await adds(1), TODAY);
    for (const until of [TODAY, TODAY + LOG_OVERLAP_MS_MIN - 1, TODAY + LOG_OVERLAP_MS_MAX + 1]) {
      expectFailure('input_invalid', () => outcomeOf(paper, switches(1, TODAY, { until }), TODAY));
    }
    for (const until of [TODAY + LOG_OVERLAP_MS_MIN, TODAY + LOG_OVERLAP_MS_MAX]) {
      outcomeOf(paper, switches(1, TODAY, { until }), TODAY);
    }
  });

  test('is retired after the time that was announced, and never the one in force', async () => {
    const paper = signedPaper(own.texts);
    expectFailure('limit_reached', () => outcomeOf(paper, retires(0), TODAY));
    paper.write(await adds(1), TODAY);
    paper.write(await adds(3), TODAY);
    const until = TODAY + 30 * LOG_OVERLAP_MS_MIN;
    paper.write(switches(1, TODAY, { until }), TODAY);
    expectFailure('limit_reached', () => outcomeOf(paper, retires(1), until));
    expectFailure('limit_reached', () => outcomeOf(paper, retires(0), until - 1));
    // One that was only announced may go at any time, and takes over no more.
    paper.write(retires(3), TODAY);
    expectFailure('already_there', () => outcomeOf(paper, switches(3, TODAY), TODAY + 1));
    paper.write(retires(0), until);
    expect(signing(paper)).toEqual(ids(1));
    expectFailure('already_there', () => outcomeOf(paper, retires(0), until + 1));
    expectFailure('key_ended', () => outcomeOf(paper, retires(2), until + 1));
  });

  test('that was in other hands ends at once, since a time that may be moved back, and never forward', async () => {
    const paper = signedPaper(own.texts);
    paper.write(await adds(1), TODAY);
    expectFailure('limit_reached', () => outcomeOf(paper, compromises(0, TODAY), TODAY));
    expectFailure('key_ended', () => outcomeOf(paper, compromises(2, TODAY), TODAY));
    paper.write(switches(1, TODAY), TODAY);
    expectFailure('input_invalid', () => outcomeOf(paper, compromises(0, TODAY + 2), TODAY + 1));
    paper.write(compromises(0, TODAY - 5), TODAY + 1);
    expect(signing(paper)).toEqual(ids(1));
    for (const since of [TODAY - 5, TODAY - 4]) {
      expectFailure('already_there', () => outcomeOf(paper, compromises(0, since), TODAY + 2));
    }
    paper.write(compromises(0, TODAY - 6), TODAY + 2);
    expect(logKeysOf(stateOf(paper))[0]).toMatchObject({ retired_at: TODAY + 1, compromised_since: TODAY - 6 });
    expectFailure('already_there', () => outcomeOf(paper, retires(0), TODAY + 9 * LOG_OVERLAP_MS_MIN));
  });

  test('is one of so many, and wants engine 2', async () => {
    const paper = signedPaper(own.texts);
    const log = stateOf(paper);
    const made = await Promise.all(Array.from({ length: LOG_KEYS_MAX - 1 }, (_, n) => rowOf(200 + n)));
    const full = [...logKeysOf(log), ...made.map(({ text }) => ({ ...logKeysOf(log)[0], vkey: text, from: null }))];
    const command = await adds(1);
    outcomeOf(changed(paper, { [LOG_STREAM]: { ...log, log_keys: full.slice(0, -1) } }), command, TODAY);
    const view = changed(paper, { [LOG_STREAM]: { ...log, log_keys: full } });
    expectFailure('limit_reached', () => outcomeOf(view, command, TODAY));
    const old = changed(paper, { [LOG_STREAM]: { ...log, engine: 1 } });
    for (const each of [command, switches(1, TODAY), retires(1), compromises(1, TODAY)])
      expectFailure('engine_old', () => outcomeOf(old, each, TODAY));
  });
});

describe('which keys sign a checkpoint', () => {
  let paper: Paper;
  let at: Readonly<Record<'switched' | 'again' | 'retired' | 'compromised', number>>;
  beforeAll(async () => {
    paper = signedPaper(own.texts);
    const write = (command: Command, time: number) => paper.write(command, time).index;
    write(await adds(1), TODAY);
    const switched = write(switches(1, TODAY), TODAY);
    write(await adds(2), TODAY + 1);
    const again = write(switches(2, TODAY + 2), TODAY + 2);
    const compromised = write(compromises(1, TODAY), TODAY + 3);
    const retired = write(retires(0), TODAY + 2 * LOG_OVERLAP_MS_MIN);
    write(await adds(3), TODAY + 2 * LOG_OVERLAP_MS_MIN);
    at = { switched, again, compromised, retired };
  });

  test('the state of its own tree and the places of entries say alike, for every size (attack 79)', () => {
    const spans = spansOf(paper);
    const wanted = (size: number) => [
      ...(size <= at.retired ? ids(0) : []),
      ...(size > at.switched && size <= at.compromised ? ids(1) : []),
      ...(size > at.again ? ids(2) : []),
    ];
    for (let size = 1; size <= paper.lines.length; size++) {
      expect(signersAt(spans, size).map(({ keyId }) => keyId)).toEqual(wanted(size));
    }
    expect(signing(paper)).toEqual(wanted(paper.lines.length));
  });

  test('none that never took over, whenever it ends', () => {
    const spans: readonly LogKeySpan[] = [{ key: vkeyOf(3), named: 3, from: null, to: 7 }];
    for (const size of [0, 3, 7, 8]) expect(signersAt(spans, size)).toEqual([]);
  });
});
