/**
 * A grant that is contested as void or voidable (民法典 143–151): nobody is who signed it, or was made to. While it is,
 * nothing is allowed under it, and nothing of it is deleted (domain/law.md 2.6).
 *
 * Its subject contests it by its own statement, on any evidence, and affirms it again on evidence of at least that grade,
 * never D. Its grantee and its doors contest it by a finding of their own, which each of them lifts alone: whoever holds a
 * stolen key could affirm, so a subject's signature lifts no finding. Why is never said: it is nobody's to read.
 *
 * @module
 */
import { Failure } from '../failure.ts';
import type { GrantId } from '../ids.ts';
import { id, record, type ShapeOf } from '../shape.ts';
import { partyStream } from '../tlog/stream.ts';
import { withFollowers } from './amend.ts';
import { CALL, opened } from './call.ts';
import { endOf } from './end.ts';
import { grantIn } from './grant.ts';
import { hearersOf } from './hearers.ts';
import {
  type GrantHeld,
  heldInput,
  holdOf,
  OF_A_STATEMENT,
  requireHeld,
  requireUndoing,
  signedFor,
  without,
} from './hold.ts';
import { partyId, requireActing } from './party.ts';
import { type Grant, type Relationship, requireRelationship } from './relationship.ts';
import type { Rule } from './rule.ts';

const findingInput = record({ grant: id<GrantId>(), principal: partyId, ...CALL });
type Finding = ShapeOf<typeof findingInput>;

export const grantContested: Rule<GrantHeld, Relationship> = {
  ...OF_A_STATEMENT,
  input: heldInput,
  decide(input, occasion) {
    const grant = requireHeld(input, occasion, 'object');
    if (grant.contested !== undefined) throw new Failure('hold_mismatch', 'its subject contests the grant already');
    return {};
  },
  evolve(state, { body, time }) {
    const relationship = without(opened(state), body.ref);
    return contesting(relationship, body.grant, (grant) => ({ contested: grant.contested ?? holdOf(body, time) }));
  },
};

/** The subject affirms what it contested (民法典 145, 152): what ends it is signed later, and as well. */
export const grantAffirmed: Rule<GrantHeld, Relationship> = {
  ...OF_A_STATEMENT,
  input: heldInput,
  decide(input, occasion) {
    const grant = requireHeld(input, occasion, 'affirm');
    if (grant.contested === undefined) {
      throw new Failure('hold_mismatch', 'its subject does not contest the grant');
    }
    requireUndoing(signedFor(grant, input), grant.contested);
    return {};
  },
  evolve(state, { body }) {
    const relationship = without(opened(state), body.ref);
    const { contested: own } = opened(grantIn(relationship, body.grant));
    // What follows it and was contested by itself stays so.
    return contesting(relationship, body.grant, ({ contested }) => ({
      contested: contested?.at === own?.at ? undefined : contested,
    }));
  },
};

const OF_A_FINDING = {
  auth: ['http-sig'],
  input: findingInput,
  outcome: [],
  parts: {},
  needs: () => [],
  reads: ({ principal }: Finding) => [partyStream(principal)],
} as const;

export const findingRecorded: Rule<Finding, Relationship> = {
  ...OF_A_FINDING,
  decide(input, { view, stream, now }) {
    const grant = requireConcerned(requireRelationship(view, stream), input);
    requireActing(view, input, input.principal, 'query');
    if (grant.revoked_at !== null) throw new Failure('already_revoked', 'the grant is taken back');
    if (now >= endOf(grant)) throw new Failure('grant_ended', 'the grant has ended by itself');
    if (isFound(grant, input)) throw new Failure('already_there', 'this party’s finding is recorded already');
    return {};
  },
  evolve(state, { body: { grant, principal }, time }) {
    return contesting(opened(state), grant, (each) =>
      isFound(each, { principal }) ? {} : { findings: [...(each.findings ?? []), { party: principal, at: time }] },
    );
  },
};

export const findingLifted: Rule<Finding, Relationship> = {
  ...OF_A_FINDING,
  decide(input, { view, stream }) {
    const grant = requireConcerned(requireRelationship(view, stream), input);
    requireActing(view, input, input.principal, 'query');
    if (!isFound(grant, input)) throw new Failure('hold_mismatch', 'this party has no finding on the grant');
    return {};
  },
  evolve(state, { body: { grant, principal } }) {
    return contesting(opened(state), grant, ({ findings = [] }) => ({
      findings: findings.filter(({ party }) => party !== principal),
    }));
  },
};

/** Whoever may use the grant, or hands over under it; to anyone else it does not exist. @throws {Failure} `grant_unknown` */
function requireConcerned(relationship: Relationship, { grant, principal }: Finding): Grant {
  const found = grantIn(relationship, grant);
  if (found === undefined || !hearersOf(relationship, found).includes(principal)) {
    throw new Failure('grant_unknown', 'no such grant');
  }
  return found;
}

function isFound({ findings = [] }: Grant, { principal }: Pick<Finding, 'principal'>): boolean {
  return findings.some(({ party }) => party === principal);
}

/** The relationship with a grant, and what follows it, contested otherwise. What is empty is absent. */
function contesting(
  relationship: Relationship,
  grant: GrantId,
  change: (grant: Grant) => {
    readonly contested?: Grant['contested'] | undefined;
    readonly findings?: Grant['findings'];
  },
): Relationship {
  const grants = withFollowers(relationship, grant, (each) => {
    const { contested_at: _at, ...rest } = each;
    const { contested, findings = [] } = { ...each, ...change(each) };
    const since = [...(contested === undefined ? [] : [contested.at]), ...findings.map(({ at }) => at)];
    const { contested: _contested, findings: _findings, ...bare } = rest;
    return {
      ...bare,
      ...(contested === undefined ? {} : { contested }),
      ...(findings.length === 0 ? {} : { findings }),
      ...(since.length === 0 ? {} : { contested_at: Math.min(...since) }),
    };
  });
  return { ...relationship, grants };
}
