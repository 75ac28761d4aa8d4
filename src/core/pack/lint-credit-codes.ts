import type { Json } from '../canonical.ts';
import { checkCreditCode } from '../identifier/unified-credit-code.ts';
import { isObject } from '../shape.ts';
import type { Pack } from './pack.ts';
import { type PackProblem, wrong } from './problem.ts';

/**
 * Credit codes of a pack that can be nobody's, by their check characters. It is asked where a pack comes in, and is no part of
 * {@link lintPack}, by which the log's own history is decided again: what was published before stands.
 */
export function lintCreditCodes({ templates }: Pick<Pack, 'templates'>): readonly PackProblem[] {
  return templates.flatMap((template: Json, at) => {
    const candidates = isObject(template) ? template['candidates'] : undefined;
    if (!Array.isArray(candidates)) return [];
    return candidates.flatMap((candidate: Json, n) => {
      const code = isObject(candidate) ? candidate['uscc'] : undefined;
      const problem = typeof code === 'string' ? checkCreditCode(code) : null;
      if (problem === null) return [];
      return [wrong(`templates[${at}].candidates[${n}].uscc`, 'credit_code_invalid', problem)];
    });
  });
}
