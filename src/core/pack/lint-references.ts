/** Every reference leads to a row: of the pack itself, or of a pack that it needs. */
import type { Lint, LintCase } from './lint-case.ts';
import { type PackProblem, wrong } from './problem.ts';
import { rowsOf, type Section } from './section.ts';

export const lintReferences: Lint = (given) => {
  const known = (section: Section) =>
    new Set([given.pack, ...given.needed].flatMap((pack) => rowsOf(pack, section).map((row) => row.id)));
  const [laws, profiles, rules, parties] = [known('laws'), known('profiles'), known('rules'), known('parties')];
  return [
    ...lintReasons(given, known('codes')),
    ...(['rules', 'retention'] as const).flatMap((section) =>
      given.pack[section].flatMap(({ law, profile }, at) => [
        ...law.flatMap(({ doc }, place) =>
          laws.has(doc) ? [] : [unknown(`${section}[${at}].law[${place}].doc`, `law ${doc}`)],
        ),
        ...(profile === null || profiles.has(profile)
          ? []
          : [unknown(`${section}[${at}].profile`, `profile ${profile}`)]),
      ]),
    ),
    ...given.pack.rules.flatMap(({ params: { owed_to } }, at) =>
      owed_to === null || parties.has(owed_to) ? [] : [unknown(`rules[${at}].params.owed_to`, `party ${owed_to}`)],
    ),
    ...given.pack.rules.flatMap(({ replaces }, at) =>
      replaces === null || rules.has(replaces) ? [] : [unknown(`rules[${at}].replaces`, `rule ${replaces}`)],
    ),
  ];
};

function lintReasons({ pack }: LintCase, codes: ReadonlySet<string>): readonly PackProblem[] {
  return pack.purposes.flatMap(({ reasons }, at) => {
    const seen = new Set<string>();
    return reasons.flatMap(({ scheme, code }, place) => {
      const path = `purposes[${at}].reasons[${place}].code`;
      const id = `${scheme} ${code}`;
      if (!codes.has(id)) return [unknown(path, `code ${code} in scheme ${scheme}`)];
      if (seen.has(id)) return [wrong(path, 'duplicate', `code ${code} of scheme ${scheme} is there already`)];
      seen.add(id);
      return [];
    });
  });
}

function unknown(path: string, what: string): PackProblem {
  return wrong(path, 'reference_unknown', `no such ${what}`);
}
