/**
 * The law that decides at one moment: the rules, items and purposes of all packs in force, with the profiles that are on.
 * It is compiled once for each set of pack versions.
 *
 * @module
 */
import type { Instant } from '../instant.ts';
import type { Day } from '../pack/day.ts';
import { classNames } from '../pack/item-class.ts';
import type { RetentionRule } from '../pack/law.ts';
import type { Pack } from '../pack/pack.ts';
import type { Calendar } from '../pack/period.ts';
import { dayAt } from '../pack/reckon.ts';
import type { PackRule, Requirement } from '../pack/rule.ts';
import type { Text } from '../pack/word.ts';
import { type LogState, logIn, type PackVersion } from './log.ts';
import { requirePack, versionsOn } from './pack-life.ts';
import type { View } from './rule.ts';
import type { Action, SubjectKind } from './terms.ts';

type Item = Pack['items'][number];
type Purpose = Pack['purposes'][number];

export interface Law {
  readonly day: Day;
  /** The version of each pack in force, by its id: what a decision pins. */
  readonly packs: { readonly [pack: string]: number };
  /** The same packs themselves, in the order of their ids. */
  readonly inForce: readonly Pack[];
  /** The rules in force on this day for such an access, those of profiles that are off left out. */
  rulesFor(action: Action, subject: SubjectKind): readonly PackRule[];
  /** The rules in force on this day of how long who was refused does not ask again: of letters, and of no access. */
  readonly quiet: readonly PackRule[];
  readonly items: ReadonlyMap<string, Item>;
  /** What the class of each item is called, with the class that it is a part of; items of no class are not there. */
  readonly itemClasses: ReadonlyMap<string, readonly Text[]>;
  readonly purposes: ReadonlyMap<string, Purpose>;
  /** Whether the packs have an area code, or the prefecture or province that it is in; null: they have no areas. */
  readonly isArea: ((code: string) => boolean) | null;
  /** The texts that rules cite. */
  readonly laws: ReadonlyMap<string, Pack['laws'][number]>;
  /** How long things are kept; rules of profiles that are off left out. */
  readonly retention: readonly RetentionRule[];
  /** The calendar in force. */
  readonly calendar: Calendar;
  /** When those close that acts are owed to, `HH:MM`, by the names that rules know them by (民法典 203). */
  readonly closing: ReadonlyMap<string, string>;
  readonly profiles: ReadonlySet<string>;
}

/** What the packs in force at a moment say; null where none was published: then the letter alone decides. */
export function lawAt(view: View, now: Instant): Law | null {
  const log = logIn(view);
  if (log?.packs === undefined) return null;
  const on = dayAt(now);
  return compiledOf(view, log, on, versionsOn(log, on, now));
}

/** What the packs said that a decision pinned, by the profiles that are on now; null where it pinned none. */
export function pinnedLaw(view: View, time: Instant, pinned: { readonly [pack: string]: number }): Law | null {
  const log = logIn(view);
  const { packs } = log ?? {};
  if (log === undefined || packs === undefined) return null;
  const versions = Object.entries(pinned).flatMap(([pack, version]) =>
    (Object.hasOwn(packs, pack) ? (packs[pack] ?? []) : []).filter((each) => each.version === version),
  );
  return versions.length === 0 ? null : compiledOf(view, log, dayAt(time), versions);
}

function compiledOf(view: View, log: LogState, on: Day, versions: readonly PackVersion[]): Law {
  // Before the memory is asked: what decides never depends on what this process has decided before.
  const packs = versions.map(({ digest }) => requirePack(view, digest));
  const key = [on, ...versions.map(({ digest }) => digest), ...(log.profiles ?? [])].join();
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const law = compile(on, packs, log);
  if (compiled.size >= COMPILED_MAX) compiled.clear();
  compiled.set(key, law);
  return law;
}

/** A pure function's values, by all that it depends on: a digest has one pack. */
const compiled = new Map<string, Law>();
const COMPILED_MAX = 64;

const OF_LETTERS: Requirement = 'not_asked_again';
const NO_CALENDAR: Calendar = { years: [] };

function closingOf({ id, closes }: Pack['parties'][number]): readonly (readonly [string, string])[] {
  return closes === null ? [] : [[id, closes]];
}

function compile(on: Day, packs: readonly Pack[], { profiles = [] }: LogState): Law {
  const isOn = new Set(profiles);
  const current = packs
    .flatMap(({ rules }) => rules)
    .filter(({ profile }) => profile === null || isOn.has(profile))
    .filter(({ from, to }) => from <= on && (to === null || on < to));
  const replaced = new Set(current.flatMap(({ replaces }) => replaces ?? []));
  const standing = current.filter(({ id }) => !replaced.has(id)).sort((a, b) => (a.id < b.id ? -1 : 1));
  const rules = standing.filter(({ require }) => require !== OF_LETTERS);
  const byCase = new Map<string, readonly PackRule[]>();
  return {
    day: on,
    packs: Object.fromEntries(packs.map(({ id, version }) => [id, version])),
    inForce: packs,
    rulesFor(action, subject) {
      const name = `${action} ${subject}`;
      const known = byCase.get(name);
      if (known !== undefined) return known;
      const found = rules.filter(({ applies }) => has(applies.actions, action) && has(applies.subjects, subject));
      byCase.set(name, found);
      return found;
    },
    isArea: areasOf(on, packs),
    quiet: standing.filter(({ require }) => require === OF_LETTERS),
    items: new Map(packs.flatMap(({ items }) => items.map((item) => [item.id, item]))),
    itemClasses: classNames(packs),
    laws: new Map(packs.flatMap(({ laws }) => laws.map((each) => [each.id, each]))),
    purposes: mergePurposes(packs.flatMap(({ purposes }) => purposes)),
    retention: packs
      .flatMap(({ retention }) => retention)
      .filter(({ profile }) => profile === null || isOn.has(profile)),
    calendar: { years: packs.flatMap(({ calendar }) => (calendar ?? NO_CALENDAR).years) },
    closing: new Map(packs.flatMap(({ parties }) => parties.flatMap(closingOf))),
    profiles: isOn,
  };
}

/** A code that was retired is one still: an ID keeps the one it was given with (domain/identifiers.md). */
function areasOf(on: Day, packs: readonly Pack[]): Law['isArea'] {
  const begun = packs.flatMap(({ areas }) => areas.filter(({ from }) => from === null || from <= on));
  if (begun.length === 0) return null;
  const codes = new Set(begun.map(({ code }) => code));
  return (code) => [code, `${code.slice(0, 4)}00`, `${code.slice(0, 2)}0000`].some((each) => codes.has(each));
}

/** Whether a rule's list, if it has one, holds the access's own. */
export function has<T>(list: readonly T[] | null, own: T): boolean {
  return list === null || list.includes(own);
}

/** A pack may map a purpose of another pack on further reasons. */
function mergePurposes(purposes: readonly Purpose[]): ReadonlyMap<string, Purpose> {
  const merged = new Map<string, Purpose>();
  for (const purpose of purposes) {
    const before = merged.get(purpose.id);
    merged.set(
      purpose.id,
      before === undefined ? purpose : { ...before, reasons: [...before.reasons, ...purpose.reasons] },
    );
  }
  return merged;
}
