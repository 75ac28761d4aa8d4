/**
 * What a pack says of the law: the texts that rules cite, the readings that a keeper may switch on, and how long what
 * the ledger holds is kept.
 *
 * @module
 */
import type { Json } from '../canonical.ts';
import { Failure } from '../failure.ts';
import { integer, isObject, nullable, oneOf, record, type Shape } from '../shape.ts';
import { day } from './day.ts';
import { citations, knownBy, name, phrase, text, title, WARNING_MAX } from './word.ts';

export const LAW_NUMBER_MAX = 64;

/** A law, regulation or standard, and when it is in force. */
export const lawShape = record({
  id: name,
  title,
  /** Its number as issued, such as 国务院令第631号. */
  number: nullable(phrase(LAW_NUMBER_MAX)),
  from: day,
  to: nullable(day),
  evidence: knownBy,
});

/**
 * A reading of the law that is off until the ledger's keeper switches it on. The warning says what counsel must
 * decide first, and is shown wherever the profile is.
 */
export const profileShape = record({ id: name, title, warning: text(WARNING_MAX), evidence: knownBy });

/** The moments that a period of retention runs from. */
export const RETENTION_STARTS = [
  'relationship_end',
  'settlement',
  'decision',
  'certificate_expiry',
  'verification',
] as const;
export type RetentionStart = (typeof RETENTION_STARTS)[number];
export const RETENTION_YEARS_MAX = 100;

/** For how long: so many years; or only until something has happened, which `from` then names too. */
export type Keep = { readonly years: number } | { readonly event: RetentionStart };

const keptYears = record({ years: integer(1, RETENTION_YEARS_MAX) });
const keptUntil = record({ event: oneOf(RETENTION_STARTS) });

const keep: Shape<Keep> = (value: Json | undefined, at) => {
  if (isObject(value) && Object.hasOwn(value, 'years')) return keptYears(value, at);
  if (isObject(value) && Object.hasOwn(value, 'event')) return keptUntil(value, at);
  throw new Failure('entry_invalid', `${at}: want years or event`);
};

/**
 * How long one kind of thing is kept (domain/law.md 2.8). Of several that apply the longest wins; after it the thing is
 * only stored where a law says so, and otherwise erased (PIPL 47).
 */
export const retentionShape = record({
  id: name,
  what: title,
  keep,
  from: oneOf(RETENTION_STARTS),
  law: citations,
  /** Counts only while this profile is on. */
  profile: nullable(name),
  evidence: knownBy,
});
