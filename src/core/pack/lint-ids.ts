/** Every row has an id of its own, within its pack and those that the pack needs. */
import { equalJson } from '../canonical.ts';
import { type Day, overlaps, spanText } from './day.ts';
import type { Lint } from './lint-case.ts';
import type { Pack } from './pack.ts';
import { type PackProblem, wrong } from './problem.ts';
import { rowsOf, SECTIONS, type Section } from './section.ts';

export const lintIds: Lint = ({ pack, needed }) => [
  ...SECTIONS.flatMap((section) => repeated(pack, section)),
  ...overlappingAreas(pack),
  ...needed.flatMap((other) => repeatedOf(pack, other)),
];

function repeated(pack: Pack, section: Section): readonly PackProblem[] {
  const first = new Map<string, string>();
  return rowsOf(pack, section).flatMap(({ id, path }) => {
    const earlier = first.get(id);
    if (earlier !== undefined) return [wrong(path, 'duplicate', `${id} is there already, at ${earlier}`)];
    first.set(id, path);
    return [];
  });
}

/** Before every day. */
const EVER = '0000-01-01' as Day;

/** One code may name several areas, but only one after the other. */
function overlappingAreas({ areas }: Pack): readonly PackProblem[] {
  const spans = areas.map((area) => ({ ...area, from: area.from ?? EVER }));
  const inOrder = [...spans.entries()].sort(([, a], [, b]) => (`${a.code} ${a.from}` < `${b.code} ${b.from}` ? -1 : 1));
  return inOrder.flatMap(([at, area], place) => {
    const [, earlier] = inOrder[place - 1] ?? [];
    if (earlier?.code !== area.code || earlier.from === area.from || !overlaps(earlier, area)) return [];
    return [wrong(`areas[${at}].from`, 'duplicate', `${area.code} is another area's ${spanText(earlier)}`)];
  });
}

/** Sections whose ids rules and accesses refer to, so that two packs must not mean two things by one. */
const SHARED: readonly Section[] = [
  'laws',
  'profiles',
  'classes',
  'items',
  'purposes',
  'codes',
  'parties',
  'rules',
  'retention',
];

function repeatedOf(pack: Pack, other: Pack): readonly PackProblem[] {
  return SHARED.flatMap((section) => {
    const known = new Map(rowsOf(other, section).map((row) => [row.id, row.value]));
    return rowsOf(pack, section).flatMap(({ id, path, value }) => {
      const there = known.get(id);
      if (there === undefined) return [];
      if (section !== 'purposes') return [wrong(path, 'duplicate', `${id} is there already, in pack ${other.id}`)];
      const same = ['name', 'subjects', 'kind', 'feedback_days'].every((field) =>
        equalJson(value[field], there[field]),
      );
      return same
        ? []
        : [wrong(path, 'purpose_differs', `pack ${other.id} has ${id} with another name, subjects, kind or feedback`)];
    });
  });
}
