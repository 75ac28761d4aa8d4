/**
 * An access: one attempt to use a ground. It is decided by the ordered table of checks, and is an entry either way.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import { idOf, LOG_STREAM, partyStream } from '../tlog/stream.ts';
import { type AccessDecided, type AccessRefused, decidedInput, refusedInput } from './asked.ts';
import { opened } from './call.ts';
import { failingCodes } from './checks/checks.ts';
import { grantIn } from './grant.ts';
import { requireEngine } from './log.ts';
import { partyIn } from './party.ts';
import { type Relationship, relationshipIn } from './relationship.ts';
import type { Rule } from './rule.ts';

export type Outcome = { readonly decision: 'allow' | 'deny'; readonly codes: readonly string[] };

/** An access on the caller's own relationship. */
export const accessDecided: Rule<AccessDecided, Relationship> = {
  input: decidedInput,
  outcome: ['decision', 'codes'],
  parts: { reference: 'party' },
  needs: ({ ground }) => ('reference' in ground && ground.reference ? ['reference'] : []),
  reads: ({ principal }) => [partyStream(principal), LOG_STREAM],
  decide(access, { view, stream, now }): Outcome {
    requireEngine(view, access.engine);
    const relationship = relationshipIn(view, stream);
    if (relationship?.grantee !== access.principal) {
      throw new Failure('entry_invalid', 'an access on another’s relationship stands in the caller’s refused stream');
    }
    const grant = 'grant' in access.ground ? grantIn(relationship, access.ground.grant) : undefined;
    const codes = failingCodes({ access, relationship, grant, party: partyIn(view, access.principal), now });
    return { decision: codes.length === 0 ? 'allow' : 'deny', codes };
  },
  evolve: (state) => opened(state),
};

/** How many accesses a party was refused on relationships that are not its own. */
export type Refusals = { readonly count: number };

/**
 * An access on an unknown or another's handle: always `PARTY`. The handle stands in the payload only, since a value
 * found in two streams would be a link (design §4).
 */
export const accessRefused: Rule<AccessRefused, Refusals> = {
  input: refusedInput,
  outcome: ['decision', 'codes'],
  parts: { claimed: 'party' },
  needs: () => ['claimed'],
  reads: ({ principal }) => [partyStream(principal), LOG_STREAM],
  decide({ principal, engine }, { view, stream }): Outcome {
    requireEngine(view, engine);
    if (idOf(stream) !== principal) throw new Failure('entry_invalid', 'a refusal stands in the caller’s own stream');
    if (partyIn(view, principal) === undefined) throw new Failure('party_unknown', 'no such party');
    return { decision: 'deny', codes: ['PARTY'] };
  },
  evolve: (state) => ({ count: (state?.count ?? 0) + 1 }),
};
