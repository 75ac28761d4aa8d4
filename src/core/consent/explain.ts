/**
 * Why an access was decided so: every check in its order, what it looked at, every rule of law with its articles, and what
 * would have made it allow. The same code as decided it, on the state before it; so server, audit and an offline reader
 * explain alike.
 *
 * @module
 */

import type { Json } from '../canonical.ts';
import { Failure } from '../failure.ts';
import type { AccessId } from '../ids.ts';
import type { Entry } from '../tlog/entry.ts';
import { caseOf } from './access.ts';
import type { AccessDecided } from './asked.ts';
import { holderOf } from './candidates.ts';
import { type AppliedRule, applyRules } from './checks/apply-law.ts';
import type { Case, CheckCode } from './checks/check.ts';
import { runningChecks } from './checks/checks.ts';
import { caseAt, lawCase } from './checks/judge.ts';
import { endOf } from './end.ts';
import type { OfEpoch } from './epoch.ts';
import { checkText, REQUIREMENT_TEXTS, type Said } from './explain-text.ts';
import type { Law } from './law.ts';
import { epochOf } from './log.ts';
import { relationshipIn } from './relationship.ts';
import type { View } from './rule.ts';
import { commandOf } from './rules.ts';
import { reservedOf, usesWithin } from './use.ts';

export interface Explanation {
  readonly access: AccessId;
  readonly decision: 'allow' | 'deny';
  readonly codes: readonly string[];
  readonly engine: number;
  readonly checks: readonly ExplainedCheck[];
  readonly rules: readonly ExplainedRule[];
  /** What would have made it allow; empty where it was allowed. All of them are needed. */
  readonly would_allow: readonly Said[];
}

export interface ExplainedCheck {
  readonly code: string;
  readonly failed: boolean;
  readonly asks: Said;
  /** The facts that it looked at: codes, ids, times. */
  readonly looked_at: { readonly [name: string]: Json };
}

export interface ExplainedRule {
  readonly id: string;
  readonly title: Said;
  readonly law: readonly Cited[];
  readonly from: string;
  readonly to: string | null;
  /** How well the rule is known (domain/law.md): V, S, memory, rec. */
  readonly evidence: string;
  readonly profile: string | null;
  readonly items: readonly string[];
  readonly met: boolean;
  readonly otherwise: { readonly [kind: string]: Json };
  readonly asks: Said;
}

export interface Cited {
  readonly doc: string;
  readonly title: Said | null;
  readonly number: string | null;
  readonly art: string;
  readonly from: string | null;
  readonly to: string | null;
}

/**
 * Explains an access out of its entry and the ledger as it stood before it.
 *
 * @throws {Failure} `entry_invalid`, if it is no access on a relationship of the view.
 */
export function explainAccess(view: View, entry: Entry): Explanation {
  const command = commandOf(entry);
  const relationship = relationshipIn(view, entry.stream);
  if (command.type !== 'access.decided' || relationship === undefined) {
    throw new Failure('entry_invalid', 'only an access that was decided on its own relationship has an explanation');
  }
  const asked = caseAt(view, caseOf(view, command.input, relationship, entry.time), entry.time);
  const lawful = command.input.engine < ENGINE_EXPLAINED ? null : lawCase(asked);
  const applied = lawful === null ? [] : applyRules(lawful);
  const checks = runningChecks(command.input.engine).map((check) => ({
    code: check.code,
    failed: check.denies(asked),
    asks: checkText(check.code).asks,
    looked_at: lookedAt(check.code, asked),
  }));
  const denying = applied.filter(({ rule, met }) => !met && 'deny' in rule.otherwise);
  const { decision, codes } = entry.body as unknown as Pick<Explanation, 'decision' | 'codes'>;
  return {
    access: command.input.access,
    decision,
    codes,
    engine: command.input.engine,
    checks,
    rules: applied.map((each) => explained(each, asked.law ?? null)),
    would_allow: unique([
      ...checks.filter(({ failed }) => failed).map(({ code }) => checkText(code).remedy),
      ...denying.map(({ rule }) => REQUIREMENT_TEXTS[rule.require].remedy),
    ]),
  };
}

/** Before this engine there was no law to explain. */
const ENGINE_EXPLAINED = 2;

function explained({ rule, items, met }: AppliedRule, law: Law | null): ExplainedRule {
  const { id, title, from, to, evidence, profile, otherwise, require } = rule;
  return {
    id,
    title,
    law: rule.law.map(({ doc, art }) => {
      const text = law?.laws.get(doc);
      const known = { title: text?.title ?? null, number: text?.number ?? null };
      return { doc, art, ...known, from: text?.from ?? null, to: text?.to ?? null };
    }),
    from,
    to,
    evidence,
    profile,
    items,
    met,
    otherwise: { ...otherwise },
    asks: REQUIREMENT_TEXTS[require].asks,
  };
}

function unique(said: readonly Said[]): readonly Said[] {
  return [...new Map(said.map((each) => [each.zh, each])).values()];
}

type Looks = (asked: Case & { readonly access: AccessDecided | Case['access'] }) => { readonly [name: string]: Json };

const grantOf = (asked: Case): string | null => ('grant' in asked.access.ground ? asked.access.ground.grant : null);

/** What each check looks at, as codes, ids and times: nothing of it says who someone is. */
const LOOKS: Readonly<Record<CheckCode, Looks>> = {
  NOAUTH: (asked) => ({ grant: grantOf(asked), given: asked.grant !== undefined }),
  NOT_YET: ({ grant, now }) => ({ from: grant?.terms.from ?? null, given_at: grant?.given_at ?? null, now }),
  EXPIRED: ({ grant, now }) => ({
    to: grant?.terms.to ?? null,
    ends_at: grant === undefined ? null : endOf(grant),
    now,
  }),
  REVOKED: ({ grant }) => ({ revoked_at: grant?.revoked_at ?? null }),
  FROZEN: ({ relationship, grant }) => ({
    frozen_at: relationship.frozen?.at ?? null,
    paused_at: grant?.paused?.at ?? null,
    contested_at: grant?.contested_at ?? null,
  }),
  PARTY: ({ access, relationship, grant, party, ...asked }) => ({
    principal: access.principal,
    // Null: none of the candidates is bound yet.
    grantee: holderOf(relationship, grant),
    ...(grant?.terms.candidates === undefined ? {} : { candidates: grant.terms.candidates }),
    suspended_at: party?.suspended_at ?? null,
    ...epochsOf(asked, party),
  }),
  OPERATOR: ({ operator }) => ({ duty: operator?.duty ?? null }),
  ACTION: ({ access, grant }) => ({ asked: access.action, granted: grant?.terms.action ?? null }),
  SCOPE: ({ access, grant }) => ({ asked: access.items, granted: grant?.terms.items ?? null }),
  SOURCE: (asked) => ({ ...doorOf(asked), granted: asked.grant?.terms.sources ?? null }),
  RECIPIENT: (asked) => ({ ...doorOf(asked), granted: asked.grant?.terms.recipients ?? null }),
  PURPOSE: ({ access, grant }) => ({ asked: access.purpose, granted: grant?.terms.purposes ?? null }),
  EVIDENCE: ({ grant }) => ({ grade: grant?.grade ?? null }),
  BASIS: ({ access }) => ({ basis: 'basis' in access.ground ? access.ground.basis : null }),
  FREQUENCY: ({ relationship, grant, now }) => ({
    used: grant === undefined ? 0 : usesWithin(relationship, grant, now),
    frequency: grant?.terms.frequency ?? null,
  }),
  QUOTA: ({ relationship, grant, now }) => ({
    used: grant?.used ?? 0,
    reserved: grant === undefined ? 0 : reservedOf(relationship, grant.terms.grant, now),
    uses_max: grant?.terms.uses_max ?? null,
  }),
  SUBJECT: ({ access }) => ({ door: access.door, subject: access.subject ?? 'known' }),
  SUSPENDED: ({ access, relationship, grant, ...asked }) =>
    epochsOf(asked, 'grant' in access.ground ? grant : relationship),
  DUP: ({ relationship }) => ({ open: Object.keys(relationship.open).length }),
};

/** In which epoch something was given or last confirmed, and which it is now. Nothing, where the log was never continued. */
function epochsOf({ epoch }: Pick<Case, 'epoch'>, standing: OfEpoch | undefined): { readonly [name: string]: Json } {
  return epoch === 0 ? {} : { epoch, confirmed_in: standing === undefined ? null : epochOf(standing) };
}

function doorOf({ access, door, ...asked }: Case): { readonly [name: string]: Json } {
  return {
    door: access.door,
    suspended_at: door?.suspended_at ?? null,
    self_suspended: door?.self_suspended ?? null,
    ...epochsOf(asked, door),
  };
}

function lookedAt(code: CheckCode, asked: Case): { readonly [name: string]: Json } {
  return LOOKS[code](asked);
}
