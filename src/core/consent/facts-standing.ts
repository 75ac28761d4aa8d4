/**
 * How facts stand at a moment, in named codes: for whoever reads them, and for the rules of law that ask the same.
 *
 * @module
 */
import type { Facility, Facts, Notice, Objection } from './facts.ts';

/** From inclusive, to exclusive; null: until it is told otherwise. */
interface Span {
  readonly from: number;
  readonly to: number | null;
}

export const SPAN_STATUSES = ['pending', 'live', 'ended'] as const;
export type SpanStatus = (typeof SPAN_STATUSES)[number];
export const FACILITY_STATUSES = [...SPAN_STATUSES, 'closed'] as const;
export type FacilityStatus = (typeof FACILITY_STATUSES)[number];
export const NOTICE_STATUSES = ['pending', 'counts'] as const;
export type NoticeStatus = (typeof NOTICE_STATUSES)[number];
/** `due_unknown`: no calendar in force reached so far when it was received. */
export const OBJECTION_STATUSES = ['open', 'due_unknown', 'overdue', 'answered'] as const;
export type ObjectionStatus = (typeof OBJECTION_STATUSES)[number];

export function spanStatus({ from, to }: Span, now: number): SpanStatus {
  if (now < from) return 'pending';
  return to === null || now < to ? 'live' : 'ended';
}

/** Repaid is not closed: a line is live until its end, or until it is closed (domain/law.md 2.11). */
export function facilityStatus(facility: Facility, now: number): FacilityStatus {
  return facility.closed_at !== null && facility.closed_at <= now ? 'closed' : spanStatus(facility, now);
}

/** A notice is of what comes after it. */
export function noticeStatus({ at }: Notice, now: number): NoticeStatus {
  return at < now ? 'counts' : 'pending';
}

function objectionStatus({ due, answered_at }: Objection, now: number): ObjectionStatus {
  if (answered_at !== null) return 'answered';
  if (due === null) return 'due_unknown';
  return now < due ? 'open' : 'overdue';
}

/** The facts, each with how it stands. */
export function standing(facts: Facts, now: number) {
  return {
    ...facts,
    facilities: mapped(facts.facilities, (each) => ({ ...each, status: facilityStatus(each, now) })),
    notices: facts.notices.map((each) => ({ ...each, status: noticeStatus(each, now) })),
    signers: facts.signers.map((each) => ({ ...each, status: spanStatus(each, now) })),
    objections: mapped(facts.objections, (each) => ({ ...each, status: objectionStatus(each, now) })),
  };
}

function mapped<From, To>(all: { readonly [id: string]: From }, of: (each: From) => To): { readonly [id: string]: To } {
  return Object.fromEntries(Object.entries(all).map(([id, each]) => [id, of(each)]));
}
