/**
 * The sections of a pack as lists of rows with one id each: what linting and comparing go through alike.
 *
 * @module
 */
import type { JsonObject } from '../canonical.ts';
import type { Pack } from './pack.ts';

export interface Row {
  /** What the row is known by within its section. */
  readonly id: string;
  /** Where its id stands, such as `items[2].id`. */
  readonly path: string;
  readonly value: JsonObject;
}

export const SECTIONS = [
  'needs',
  'laws',
  'profiles',
  'classes',
  'items',
  'purposes',
  'codes',
  'parties',
  'rules',
  'retention',
  'calendar',
  'areas',
  'templates',
] as const;
export type Section = (typeof SECTIONS)[number];

export function rowsOf(pack: Pack, section: Section): readonly Row[] {
  switch (section) {
    case 'needs':
      return pack.needs.map((value, at) => ({ id: value.pack, path: `needs[${at}].pack`, value }));
    case 'codes':
      return pack.codes.map((value, at) => ({ id: `${value.scheme} ${value.code}`, path: `codes[${at}].code`, value }));
    case 'classes':
      return (pack.classes ?? []).map((value, at) => ({ id: value.id, path: `classes[${at}].id`, value }));
    case 'calendar':
      return (pack.calendar?.years ?? []).map((value, at) => ({
        id: String(value.year),
        path: `calendar.years[${at}].year`,
        value,
      }));
    case 'areas':
      // One code may have been given to several areas, one after the other.
      return pack.areas.map((value, at) => ({
        id: `${value.code} ${value.from ?? ''}`.trim(),
        path: `areas[${at}].code`,
        value,
      }));
    case 'templates':
      return pack.templates.map((value, at) => ({
        id: `${value.id} ${value.version}`,
        path: `templates[${at}].id`,
        value,
      }));
    default:
      return pack[section].map((value, at) => ({ id: value.id, path: `${section}[${at}].id`, value }));
  }
}
