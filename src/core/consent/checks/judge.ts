/**
 * An access judged by everything: the engine's own table of checks, and the law of the packs in force. What was used
 * already is judged at both times (design §4).
 *
 * @module
 */
import { Failure } from '../../failure.ts';
import type { Instant } from '../../instant.ts';
import { partyStream } from '../../tlog/stream.ts';
import { lawAt } from '../law.ts';
import type { Party } from '../party.ts';
import type { View } from '../rule.ts';
import { applyLaw, type Judged } from './apply-law.ts';
import type { Case } from './check.ts';
import { type Asked, failingCodes } from './checks.ts';
import type { LawCase } from './requirements.ts';

/** How far a caller's clock may be from the ledger's before it is marked (domain/law.md V29). */
const SKEW_MAX_MS = 5 * 60_000;

export interface Judgement {
  /** Every code that denies, sorted. None: it is allowed. */
  readonly codes: readonly string[];
  readonly judged: Judged | null;
}

/** The first engine that knows packs, and the standing of the door. */
export const ENGINE_WITH_LAW = 2;

/** Judges an access as it is asked for, or again when its permit is handed over; before engine 2 by the table alone. */
export function judge(view: View, asked: Case, when: Asked = 'at decision'): Judgement {
  if (asked.access.engine < ENGINE_WITH_LAW) return { codes: failingCodes(asked, when), judged: null };
  const usedAt = asked.access.stated?.used_at ?? null;
  if (usedAt !== null && usedAt > asked.now) {
    throw new Failure('input_invalid', 'used_at: want a time that is past, of a use that is recorded late');
  }
  const then = usedAt === null ? [] : judgeAt(view, asked, { now: usedAt as Instant, when, denials: [] }).codes;
  return judgeAt(view, asked, { now: asked.now, when, denials: then });
}

/** The case with the law of a moment. */
export function caseAt(view: View, asked: Case, now: Instant): Case {
  const { door } = asked.access;
  const party = door === null ? undefined : (view.state(partyStream(door)) as Party | undefined);
  return { ...asked, now, door: party, law: lawAt(view, now) };
}

function judgeAt(
  view: View,
  asked: Case,
  { now, when, denials }: { readonly now: Instant; readonly when: Asked; readonly denials: readonly string[] },
): Judgement {
  const judgedAt = { ...caseAt(view, asked, now), isCounted: when === 'at hand-over' };
  const codes = [...denials, ...failingCodes(judgedAt, when)];
  const lawful = lawCase(judgedAt);
  if (lawful === null) return { codes: [...new Set(codes)].sort(), judged: null };
  const { codes: lawCodes, judged } = applyLaw(lawful, codes.length > 0);
  const marks = isSkewed(asked) ? [...judged.marks, 'skew'].sort() : judged.marks;
  return { codes: [...new Set([...codes, ...lawCodes])].sort(), judged: { ...judged, marks } };
}

/** The case as the law looks at it; null where there is none. */
export function lawCase(asked: Case): LawCase | null {
  const { law, grant, access } = asked;
  if (law == null) return null;
  const basis = 'grant' in access.ground ? (grant?.terms.basis ?? null) : access.ground.basis;
  return { ...asked, law, basis };
}

function isSkewed({ access, now }: Case): boolean {
  const at = access.stated?.asked_at ?? null;
  return at !== null && Math.abs(at - now) > SKEW_MAX_MS;
}
