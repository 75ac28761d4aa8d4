/** A source that suspends itself, and who lifts which suspension. */
import { describe, expect, test } from 'vitest';
import type { Call } from '#core/consent/call.ts';
import { isDoorInStanding } from '#core/consent/party.ts';
import type { Command } from '#core/consent/rules.ts';
import type { PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { partyStream } from '#core/tlog/stream.ts';
import { expectFailure } from '../../support/failure.ts';
import {
  ask,
  BUREAU,
  calledBy,
  calledByKeeper,
  DAY,
  KEEPER,
  LENDER,
  MINUTE,
  outcomeOf,
  paperId,
  partyOf,
  redeemed,
  signedPaper,
  TODAY,
} from './paper-ledger.ts';
import { reinstated, suspended } from './paper-party.ts';

const at = (ms: number) => ms as Instant;
const NOTHING = { from: at(TODAY), to: null, compromised_since: null };
const itself = (change: object = {}, call: Call = calledBy(BUREAU, 'admin'), party: PartyId = BUREAU): Command => ({
  type: 'party.self_suspended',
  stream: partyStream(party),
  input: { ...NOTHING, ...call, ...change },
});
const lifted = (call: Call = calledBy(BUREAU, 'admin')): Command => ({
  type: 'party.self_reinstated',
  stream: partyStream(BUREAU),
  input: call,
});
const codes = (paper: ReturnType<typeof signedPaper>, time = TODAY) => outcomeOf(paper, ask(), time).codes;

describe('a source that suspends itself', () => {
  test('is asked no more from its entry on, until it lifts that; and again', () => {
    const paper = signedPaper();
    paper.write(itself({ from: at(TODAY - DAY) }), TODAY);
    expect(partyOf(paper, BUREAU).self_suspended).toEqual({ ...NOTHING, from: TODAY });
    expect(codes(paper)).toEqual(['SOURCE']);
    paper.write(lifted(), TODAY + MINUTE);
    expect(codes(paper, TODAY + MINUTE)).toEqual([]);
    paper.write(itself(), TODAY + 2 * MINUTE);
    expect(codes(paper, TODAY + 2 * MINUTE)).toEqual(['SOURCE']);
  });

  test('is for the time that it says, and no longer', () => {
    const paper = signedPaper();
    paper.write(itself({ from: at(TODAY + MINUTE), to: at(TODAY + 2 * MINUTE) }), TODAY);
    const told = [0, 1, 2].map((minutes) => codes(paper, TODAY + minutes * MINUTE).length);
    expect(told).toEqual([0, 1, 0]);
    expectFailure('already_there', () => paper.write(lifted(), TODAY + 2 * MINUTE));
  });

  test('gets no permit redeemed that was given before', () => {
    const paper = signedPaper();
    paper.write(ask({ access: paperId(0x21) }), TODAY);
    paper.write(itself(), TODAY);
    const { body } = paper.write(redeemed({ access: paperId(0x21) }), TODAY).entry;
    expect(body).toMatchObject({ decision: 'deny', codes: ['SOURCE'] });
  });

  test('is for uses recorded late suspended since it was compromised, also after it lifted that', () => {
    const paper = signedPaper();
    paper.write(itself({ compromised_since: at(TODAY - MINUTE) }), TODAY);
    paper.write(lifted(), TODAY + MINUTE);
    const party = partyOf(paper, BUREAU);
    const told = [-2, -1, 0, 1].map((minutes) => !isDoorInStanding(party, TODAY + minutes * MINUTE));
    expect(told).toEqual([false, true, true, false]);
  });

  test('lifts its own suspension and not the keeper’s, and the keeper its own and not the source’s', () => {
    const paper = signedPaper();
    paper.write(itself(), TODAY);
    expectFailure('already_there', () => paper.write(reinstated(BUREAU), TODAY));
    expectFailure('principal_mismatch', () => paper.write(lifted(calledByKeeper()), TODAY));
    paper.write(suspended(BUREAU), TODAY);
    // What the keeper suspended signs nothing.
    expectFailure('key_ended', () => paper.write(lifted(), TODAY));
    paper.write(reinstated(BUREAU), TODAY);
    expect(codes(paper)).toEqual(['SOURCE']);
    paper.write(lifted(), TODAY);
    expect(codes(paper)).toEqual([]);
    expectFailure('already_there', () => paper.write(lifted(), TODAY));
  });

  test.each([
    ['its clerk', calledBy(BUREAU, 'query'), 'duty_missing'],
    ['another', calledBy(LENDER, 'admin'), 'principal_mismatch'],
    ['the keeper', calledByKeeper(), 'principal_mismatch'],
  ] as const)('says so itself, and not %s', (_who, call, code) => {
    const paper = signedPaper();
    expectFailure(code, () => paper.write(itself({}, call), TODAY));
  });

  test('is no keeper, and is suspended for no empty time, nor since one to come', () => {
    const paper = signedPaper();
    const byKeeper = calledBy(KEEPER, 'admin');
    expectFailure('party_role', () => paper.write(itself({}, byKeeper, KEEPER), TODAY));
    for (const change of [{ to: TODAY }, { from: TODAY + 2, to: TODAY + 2 }, { compromised_since: TODAY + 1 }]) {
      expectFailure('input_invalid', () => paper.write(itself(change), TODAY));
    }
  });
});
