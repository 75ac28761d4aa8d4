/** A ledger on paper whose report clause is for one of two banks: for whichever of them grants the line. */
import type { Call } from '#core/consent/call.ts';
import type { MANDATED } from '#core/consent/party.ts';
import type { Grant } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import type { Command } from '#core/consent/rules.ts';
import type { Terms } from '#core/consent/terms.ts';
import type { GrantId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { partyStream } from '#core/tlog/stream.ts';
import { onReport } from './paper-grants.ts';
import {
  ask,
  calledBy,
  calledByKeeper,
  DAY,
  drafted,
  keysOfParty,
  LENDER,
  MINUTE,
  openedPaper,
  outcomeOf,
  type Paper,
  paperId,
  REL,
  REPORT_GRANT,
  REPORT_TERMS,
  relationshipOf,
  signed,
  TODAY,
  terms,
} from './paper-ledger.ts';

export const BANK_B = paperId<PartyId>(0xa3);
export const BANK_C = paperId<PartyId>(0xa4);
export const CANDIDATES: readonly PartyId[] = [BANK_B, BANK_C];
export const ONE_OF_TWO: Terms = { ...REPORT_TERMS, candidates: CANDIDATES };

export function register(paper: Paper, party: PartyId, role: 'grantee' | 'processor' = 'grantee'): void {
  const input = { name: `示例 ${party.slice(-2)}`, roles: [role], keys: keysOfParty(party), ...calledByKeeper() };
  paper.write({ type: 'party.registered', stream: partyStream(party), input }, TODAY - DAY);
}

/** The parties of the paper, and both banks. */
export function withBanks(paper: Paper = openedPaper()): Paper {
  for (const bank of CANDIDATES) register(paper, bank);
  return paper;
}

/** A letter of two clauses, both given: a query of the lender's, and a report of one of the banks'. */
export function candidatePaper(change: Partial<Terms> = {}): Paper {
  const paper = withBanks();
  paper.write(drafted({ grants: [terms(), { ...ONE_OF_TWO, ...change }] }), TODAY - MINUTE);
  paper.write(signed({ declined_items: [[], []] }), TODAY);
  return paper;
}

type Binding = Extract<Command, { readonly type: 'grantee.bound' }>['input'];
/** Binds a grant; by default the lender the report clause, to bank B. */
export const granteeBound = (change: Partial<Binding> = {}): Command => {
  const call: Call = calledBy(change.principal ?? LENDER);
  const input = { principal: LENDER, grant: REPORT_GRANT, party: BANK_B, ...call, ...change };
  return { type: 'grantee.bound', stream: REL, input };
};

/** The same with the report clause bound to bank B. */
export function boundPaper(change: Partial<Terms> = {}): Paper {
  const paper = candidatePaper(change);
  paper.write(granteeBound(), TODAY);
  return paper;
}

/** A report by somebody, under the clause of the banks unless it says otherwise. */
export const reportBy = (principal: PartyId, change: Parameters<typeof ask>[0] = {}): Command =>
  ask({ ...onReport, principal, ...change });

export function succeeded(party: PartyId, predecessor: PartyId): Command {
  return { type: 'party.succeeded', stream: partyStream(party), input: { predecessor, ...calledByKeeper() } };
}

export function mandated(
  processor: PartyId,
  principal: PartyId,
  covers: readonly (typeof MANDATED)[number][],
): Command {
  const input = { principal, from: TODAY as Instant, to: null, covers, ...calledBy(principal, 'admin') };
  return { type: 'party.mandated', stream: partyStream(processor), input };
}

export const grantOf = (paper: View, grant: GrantId = REPORT_GRANT) => relationshipOf(paper).grants[grant] as Grant;
export const codes = (view: View, command: Command, time: number = TODAY) => outcomeOf(view, command, time).codes;
