/** Dates: what begins before it ends, what a rule rests on while it is in force, and versions one after the other. */
import { covers, type Day, spanText } from './day.ts';
import type { Lint, LintCase } from './lint-case.ts';
import type { Pack } from './pack.ts';
import { doubtful, type PackProblem, wrong } from './problem.ts';

export const lintDates: Lint = (given) => [
  ...reversed(given.pack),
  ...lawsNotInForce(given),
  ...versions(given),
  ...calendar(given.pack),
];

interface Dated {
  readonly from: Day | null;
  readonly to: Day | null;
}

function reversed(pack: Pack): readonly PackProblem[] {
  const spans: readonly (readonly [string, Dated])[] = [
    ['to', pack],
    ...(['laws', 'rules', 'areas'] as const).flatMap((section) =>
      pack[section].map((row, at) => [`${section}[${at}].to`, row] as const),
    ),
  ];
  return spans.flatMap(([path, { from, to }]) =>
    to !== null && from !== null && to <= from ? [wrong(path, 'dates_reversed', `${to} is not after ${from}`)] : [],
  );
}

function lawsNotInForce({ pack, needed }: LintCase): readonly PackProblem[] {
  const laws = new Map([...needed, pack].flatMap((each) => each.laws.map((law) => [law.id, law])));
  return pack.rules.flatMap((rule, at) =>
    rule.law.flatMap(({ doc }, place) => {
      const law = laws.get(doc);
      if (law === undefined || covers(law, rule)) return [];
      const message = `law ${doc} is in force ${spanText(law)}, the rule ${spanText(rule)}`;
      return [doubtful(`rules[${at}].law[${place}].doc`, 'law_not_in_force', message)];
    }),
  );
}

/** A later version begins later, and not before the end that an earlier one has said for itself. */
function versions({ pack, others }: LintCase): readonly PackProblem[] {
  return (others.get(pack.id) ?? []).flatMap((other) => {
    if (other.version === pack.version) {
      return [wrong('version', 'version_taken', `version ${pack.version} of ${pack.id} is there already`)];
    }
    const [earlier, later] = other.version < pack.version ? [other, pack] : [pack, other];
    if (later.from > earlier.from && (earlier.to === null || earlier.to <= later.from)) return [];
    const message = `version ${pack.version} is in force ${spanText(pack)}, version ${other.version} ${spanText(other)}`;
    return [wrong('from', 'version_overlap', message)];
  });
}

function calendar(pack: Pack): readonly PackProblem[] {
  return (pack.calendar?.years ?? []).flatMap(({ year, holidays, workdays }, at) => {
    const seen = new Set<Day>();
    return [['holidays', holidays] as const, ['workdays', workdays] as const].flatMap(([list, days]) =>
      days.flatMap((day, place) => {
        const path = `calendar.years[${at}].${list}[${place}]`;
        if (!day.startsWith(`${year}-`)) return [wrong(path, 'calendar_mismatch', `${day} is not in ${year}`)];
        if (seen.has(day)) return [wrong(path, 'duplicate', `${day} is there already`)];
        seen.add(day);
        return [];
      }),
    );
  });
}
