/** Letters signed in ink, on the paper ledger: a lender with a clerk and a witness. */
import { paperEvidenceOf } from '#core/consent/evidence.ts';
import type { Command } from '#core/consent/rules.ts';
import type { OperatorId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { partyStream } from '#core/tlog/stream.ts';
import { calledBy, hashOf, keyOf, LENDER, LETTER, type Paper, paperId, REL, signerOf, TODAY } from './paper-ledger.ts';

type Input = Extract<Command, { readonly type: 'letter.signed_on_paper' }>['input'];

export const WITNESS = paperId<OperatorId>(0x3a1);
export const CLERK_SIGNS = signerOf(LENDER, 'query');
export const WITNESS_SIGNS = { party: LENDER, operator: WITNESS, key: 2 } as const;

/** The lender's second operator of its business, whose key is its third. */
export function withWitness(paper: Paper, party: PartyId = LENDER, operator: OperatorId = WITNESS): Paper {
  const input = { key: keyOf(operator), operator, duty: 'query', ...calledBy(party, 'admin') } as const;
  paper.write({ type: 'party.key_added', stream: partyStream(party), input }, TODAY - 1);
  return paper;
}

export function inkInput(change: Partial<Input> = {}): Input {
  const principal = change.principal ?? LENDER;
  return {
    letter: LETTER,
    principal,
    given: [true, true],
    declined_items: [[], []],
    signed_at: TODAY as Instant,
    scan: { digest: hashOf(1010), media_type: 'application/pdf', bytes: 184_211 },
    evidence: paperEvidenceOf(principal),
    ...calledBy(LENDER),
    by: [CLERK_SIGNS, WITNESS_SIGNS],
    request: null,
    ...change,
  };
}

export const signedOnPaper = (change: Partial<Input> = {}): Command => ({
  type: 'letter.signed_on_paper',
  stream: REL,
  input: inkInput(change),
});
