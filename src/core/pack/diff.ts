/**
 * What a new version of a pack changes, and whether it widens what may be asked for.
 *
 * @module
 */
import { canonicalText, equalJson } from '../canonical.ts';
import type { Pack } from './pack.ts';
import { rowsOf, SECTIONS, type Section } from './section.ts';

const FIELDS = ['id', 'version', 'title', 'from', 'to'] as const;

export interface SectionDiff {
  readonly section: Section;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** Items that a class, one without parts, has and had not, and the other way round: new, gone, or moved. */
export interface ClassDiff {
  readonly class: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export interface PackDiff {
  /** Of the pack itself: fields such as `from` that are not the same. */
  readonly fields: readonly (typeof FIELDS)[number][];
  /** Only sections that differ. */
  readonly sections: readonly SectionDiff[];
  /** Only classes whose items differ. */
  readonly classes: readonly ClassDiff[];
  /** What the new version has more of, by which more could be asked for. */
  readonly widened: {
    readonly items: readonly string[];
    readonly recipients: readonly string[];
    readonly reasons: readonly string[];
  };
}

/** What holds of every widening (PIPL 14, 23): what one grants is fixed at the signature. */
export const OLD_GRANTS =
  'Grants already given keep the version they were given under and cover none of this: it takes a new letter.';

export function diffPacks(older: Pack, newer: Pack): PackDiff {
  const sections = SECTIONS.map((section) => diffSection(older, newer, section)).filter(
    ({ added, removed, changed }) => added.length + removed.length + changed.length > 0,
  );
  const added = (section: Section) => sections.find((each) => each.section === section)?.added ?? [];
  return {
    fields: FIELDS.filter((field) => !equalJson(older[field], newer[field])),
    sections,
    classes: diffClasses(older, newer),
    widened: { items: added('items'), recipients: added('parties'), reasons: moreReasons(older, newer) },
  };
}

function diffSection(older: Pack, newer: Pack, section: Section): SectionDiff {
  const [before, after] = [older, newer].map(
    (pack) => new Map(rowsOf(pack, section).map((row) => [row.id, canonicalText(row.value)])),
  ) as [Map<string, string>, Map<string, string>];
  const ids = [...after.keys()];
  return {
    section,
    added: ids.filter((id) => !before.has(id)),
    removed: [...before.keys()].filter((id) => !after.has(id)),
    changed: ids.filter((id) => before.has(id) && before.get(id) !== after.get(id)),
  };
}

function diffClasses(older: Pack, newer: Pack): readonly ClassDiff[] {
  const [before, after] = [older, newer].map(
    ({ items }) => new Map(items.flatMap(({ id, class: of }) => (of === undefined ? [] : [[id, of] as const]))),
  ) as [Map<string, string>, Map<string, string>];
  const within = (of: string, here: Map<string, string>, there: Map<string, string>) =>
    [...here].filter(([id, own]) => own === of && there.get(id) !== of).map(([id]) => id);
  return [...new Set([...after.values(), ...before.values()])]
    .map((of) => ({ class: of, added: within(of, after, before), removed: within(of, before, after) }))
    .filter(({ added, removed }) => added.length + removed.length > 0);
}

/** Purposes that were there, and that a source may now be told more reasons for. */
function moreReasons(older: Pack, newer: Pack): readonly string[] {
  const before = new Map(older.purposes.map(({ id, reasons }) => [id, reasons]));
  return newer.purposes
    .filter(({ id, reasons }) => {
      const known = before.get(id);
      return known !== undefined && !reasons.every((each) => known.some((one) => equalJson(one, each)));
    })
    .map(({ id }) => id);
}
