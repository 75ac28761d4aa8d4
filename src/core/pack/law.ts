/**
 * What a pack says of the law: the texts that rules cite, the readings that a keeper may switch on, and how long what
 * the ledger holds is kept.
 *
 * @module
 */
import type { Json } from '../canonical.ts';
import { Failure } from '../failure.ts';
import { integer, isObject, nullable, oneOf, record, type Shape, type ShapeOf } from '../shape.ts';
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

/**
 * What is kept, by what it is kept for. Evidence of certification authorities and images of faces have rules, and no
 * ledger has any of them yet.
 */
export const RETENTION_CLASSES = [
  'letters',
  'decisions',
  'objections',
  'adverse_items',
  'certificates',
  'face_images',
] as const;
export type RetentionClass = (typeof RETENTION_CLASSES)[number];

/** The moments that a period of retention runs from; `settlement` is the end of a behaviour or event (条例 16). */
export const RETENTION_STARTS = [
  'relationship_end',
  'settlement',
  'determination',
  'decision',
  'certificate_expiry',
  'verification',
] as const;
export type RetentionStart = (typeof RETENTION_STARTS)[number];
export const RETENTION_YEARS_MAX = 100;

/** For how long: so many years; or only until something has happened, which `from` then names too. */
export type Keep = { readonly years: number } | { readonly event: RetentionStart };

/** Which moments a thing of a class can have. */
export const STARTS_OF: Readonly<Record<RetentionClass, readonly RetentionStart[]>> = {
  letters: ['relationship_end', 'decision'],
  decisions: ['relationship_end', 'decision'],
  objections: ['relationship_end', 'decision'],
  adverse_items: ['settlement', 'determination'],
  certificates: ['certificate_expiry'],
  face_images: ['verification'],
};

/** Whether a thing is kept so long at least, or so long at most. */
export const RETENTION_LIMITS = ['at_least', 'at_most'] as const;

const keptYears = record({ years: integer(1, RETENTION_YEARS_MAX) });
const keptUntil = record({ event: oneOf(RETENTION_STARTS) });

const keep: Shape<Keep> = (value: Json | undefined, at) => {
  if (isObject(value) && Object.hasOwn(value, 'years')) return keptYears(value, at);
  if (isObject(value) && Object.hasOwn(value, 'event')) return keptUntil(value, at);
  throw new Failure('entry_invalid', `${at}: want years or event`);
};

/**
 * How long one class of things is kept (domain/law.md 2.8). Of several that say at least the longest wins, of several that
 * say at most the shortest. Until then a thing is only stored where nothing else is left to do with it; afterwards it is
 * due for erasure (PIPL 19, 47).
 */
export const retentionShape = record({
  id: name,
  covers: oneOf(RETENTION_CLASSES),
  what: title,
  keep,
  limit: oneOf(RETENTION_LIMITS),
  from: oneOf(RETENTION_STARTS),
  law: citations,
  /** Counts only while this profile is on. */
  profile: nullable(name),
  evidence: knownBy,
});
export type RetentionRule = ShapeOf<typeof retentionShape>;
