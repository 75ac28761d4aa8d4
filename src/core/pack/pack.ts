/**
 * A pack: catalogue, purposes, codes, parties, rules and the law behind them, as one canonical JSON document.
 *
 * People write a folder of YAML (packs/README.md); what is published, served, pinned and decided by are the canonical
 * bytes (RFC 8785), which have every field, and their SHA-256.
 *
 * @module
 */
import { encodeCanonical, type Json, type JsonObject, parseCanonical } from '../canonical.ts';
import { Failure, isFailure } from '../failure.ts';
import { hashText, sha256 } from '../hash.ts';
import { code, integer, isObject, list, nullable, record, recordWith, type Shape, type ShapeOf } from '../shape.ts';
import { areaShape, calendarShape } from './calendar.ts';
import { codeShape, itemClassShape, itemShape, partyShape, purposeShape } from './catalogue.ts';
import { day } from './day.ts';
import { lawShape, profileShape, retentionShape } from './law.ts';
import { ruleShape } from './rule.ts';
import { packId, title } from './word.ts';

/** Named maxima: of the bytes, and of the rows of each section. */
export const PACK_BYTES_MAX = 2 ** 20;
export const NEEDS_MAX = 16;
export const ROWS_MAX = 1_024;
export const AREAS_MAX = 8_192;
export const VERSION_MAX = 1_000_000;

/** A text of a letter. What else it is made of, the reader of templates knows. */
export type Template = JsonObject & { readonly id: string; readonly version: number };

const template: Shape<Template> = (value, at) => {
  if (!isObject(value)) throw new Failure('entry_invalid', `${at}: want an object`);
  const id = code(value['id'], `${at}.id`);
  const version = integer(1, VERSION_MAX)(value['version'], `${at}.version`);
  return { ...value, id, version };
};

/**
 * In force from inclusive, to exclusive. Where the end is open, a later version takes over from its own `from` on. A
 * decision pins the versions it used, and a grant those it was given under: no later version widens an old grant.
 */
export const packShape = recordWith(
  {
    id: packId,
    version: integer(1, VERSION_MAX),
    title,
    /** The packs whose rows this one refers to, in at least that version. */
    needs: list(record({ pack: packId, version: integer(1, VERSION_MAX) }), NEEDS_MAX),
    from: day,
    to: nullable(day),
    laws: list(lawShape, ROWS_MAX),
    profiles: list(profileShape, ROWS_MAX),
    items: list(itemShape, ROWS_MAX),
    purposes: list(purposeShape, ROWS_MAX),
    codes: list(codeShape, ROWS_MAX),
    parties: list(partyShape, ROWS_MAX),
    rules: list(ruleShape, ROWS_MAX),
    retention: list(retentionShape, ROWS_MAX),
    calendar: nullable(calendarShape),
    areas: list(areaShape, AREAS_MAX),
    templates: list(template, ROWS_MAX),
  },
  /** How its items are classed; absent: they are not. */
  { classes: list(itemClassShape, ROWS_MAX) },
);
export type Pack = ShapeOf<typeof packShape>;

/** Packs by their id, each in all its versions that are known. */
export type PackVersions = ReadonlyMap<Pack['id'], readonly Pack[]>;

/**
 * Reads the canonical bytes of a pack. That its references lead somewhere, `lintPack` tells.
 *
 * @throws {Failure} `pack_invalid`, with the place and what was wanted there.
 */
export function parsePack(bytes: Uint8Array): Pack {
  if (bytes.length > PACK_BYTES_MAX) throw tooLong(bytes.length);
  try {
    return packShape(parseCanonical(bytes), 'pack');
  } catch (cause) {
    throw isFailure(cause) ? new Failure('pack_invalid', cause.message, { cause }) : cause;
  }
}

/**
 * The canonical bytes of a pack.
 *
 * @throws {Failure} `pack_invalid`, if they are too many.
 */
export function encodePack(pack: Pack): Uint8Array<ArrayBuffer> {
  const bytes = encodeCanonical(pack satisfies Json);
  if (bytes.length > PACK_BYTES_MAX) throw tooLong(bytes.length);
  return bytes;
}

/** What a pack is pinned by: SHA-256 of its canonical bytes, as text. */
export function packDigest(bytes: Uint8Array): string {
  return hashText(sha256(bytes));
}

function tooLong(length: number): Failure {
  return new Failure('pack_invalid', `${length} bytes, a pack has ${PACK_BYTES_MAX} at most`);
}
