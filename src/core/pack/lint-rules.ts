/** Rules whose fields agree with each other, and that take each other's place in one way only. */
import { overlaps, spanText } from './day.ts';
import { type RetentionRule, STARTS_OF } from './law.ts';
import type { Lint, LintCase } from './lint-case.ts';
import type { Pack } from './pack.ts';
import { type PackProblem, wrong } from './problem.ts';
import { OBLIGATION_PARAMS, PARAMS, type PackRule, REQUIREMENTS } from './rule.ts';

export const lintRules: Lint = (given) => [
  ...given.pack.rules.flatMap((rule, at) => lintRule(rule, `rules[${at}]`)),
  ...replacedTwice(given),
  ...replacedInCircles(given),
  ...given.pack.retention.flatMap((rule, at) => lintRetention(rule, `retention[${at}].from`)),
];

function lintRetention({ keep, from, covers }: RetentionRule, path: string): readonly PackProblem[] {
  const mismatch = (message: string) => [wrong(path, 'retention_mismatch', message)];
  const starts = STARTS_OF[covers];
  if (!starts.includes(from)) return mismatch(`${covers} are kept from ${starts.join(' or ')}, not from ${from}`);
  if ('event' in keep && keep.event !== from) return mismatch(`kept until ${keep.event}, so want from ${keep.event}`);
  return [];
}

function lintRule(rule: PackRule, path: string): readonly PackProblem[] {
  const problems: PackProblem[] = [];
  const mismatch = (field: string, message: string) =>
    problems.push(wrong(`${path}.${field}`, 'rule_mismatch', message));
  const wanted: readonly string[] = REQUIREMENTS[rule.require];
  const besides: readonly string[] = 'oblige' in rule.otherwise ? OBLIGATION_PARAMS : [];
  for (const param of PARAMS) {
    const given = rule.params[param] !== null;
    if (wanted.includes(param) && !given) mismatch('params', `${rule.require} wants ${param}`);
    if (given && !wanted.includes(param) && !besides.includes(param))
      mismatch(`params.${param}`, `${rule.require} takes no ${param}`);
  }
  if (rule.params.days !== null && rule.params.workdays !== null) mismatch('params', 'want days or workdays, not both');
  if ('deny' in rule.otherwise && rule.severity !== 'error') mismatch('severity', 'what is denied is an error');
  if ((rule.require === 'not_asked_again') !== ('oblige' in rule.otherwise && rule.otherwise.oblige === 'quiet')) {
    mismatch('otherwise', 'not_asked_again obliges to quiet, and nothing else does');
  }
  if (rule.law.length === 0 && rule.evidence !== 'rec') mismatch('law', 'without an article a rule is rec');
  if (rule.replaces !== null && rule.profile === null) {
    mismatch('replaces', 'only a rule of a profile takes the place of another');
  }
  return problems;
}

function replacedTwice({ pack, needed }: LintCase): readonly PackProblem[] {
  const earlier = needed.flatMap((other) => other.rules);
  return pack.rules.flatMap((rule, at) => {
    const other = earlier.find((each) => each.replaces === rule.replaces && overlaps(each, rule));
    earlier.push(rule);
    if (rule.replaces === null || other === undefined) return [];
    const message = `rule ${other.id} (${spanText(other)}) takes the place of ${rule.replaces} at the same time`;
    return [wrong(`rules[${at}].replaces`, 'replaces_overlap', message)];
  });
}

function replacedInCircles({ pack }: LintCase): readonly PackProblem[] {
  const places = new Map(pack.rules.map(({ id, replaces }) => [id, replaces]));
  return pack.rules.flatMap(({ id }, at) => {
    const way = wayOf(id, places);
    if (way.at(-1) !== id) return [];
    return [wrong(`rules[${at}].replaces`, 'cycle', `rules take each other's place in a circle: ${way.join(' → ')}`)];
  });
}

/** The rules that one leads to by what they replace, as far as none comes twice; the first again where it is a circle. */
function wayOf(first: string, places: ReadonlyMap<string, Pack['rules'][number]['replaces']>): readonly string[] {
  const way = [first];
  for (let next = places.get(first); next !== undefined && next !== null; next = places.get(next)) {
    const seen = way.includes(next);
    way.push(next);
    if (seen) break;
  }
  return way.length === 1 ? [] : way;
}
