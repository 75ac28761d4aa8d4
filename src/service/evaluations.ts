/** AuthZEN 1.0: evaluations are real accesses, in the words of another protocol. */

import type { JsonObject } from '#core/canonical.ts';
import { accessAsked, evaluationsOf } from '#core/consent/evaluation.ts';
import { Failure } from '#core/failure.ts';
import { type AccessAnswer, type AskAccess, askAccess } from './accesses.ts';
import { askBatch } from './batch.ts';
import type { Caller } from './caller.ts';
import type { Context } from './context.ts';

export interface Evaluated {
  readonly decision: boolean;
  readonly context: {
    readonly access: string;
    readonly codes: readonly string[];
    readonly permit: string | null;
    readonly until: number | null;
  };
}

/** @throws {Failure} as an access. */
export async function evaluate(context: Context, caller: Caller, evaluation: JsonObject): Promise<Evaluated> {
  return evaluatedOf(await askAccess(context, caller, accessAsked(evaluation) as unknown as AskAccess));
}

/**
 * Evaluates several, each as an access of its own and in order, all of one party.
 *
 * @throws {Failure} `input_invalid`, if they are of several parties; and as a batch.
 */
export async function evaluateAll(
  context: Context,
  caller: Caller,
  request: JsonObject,
): Promise<{ readonly evaluations: readonly Evaluated[] }> {
  const rows = evaluationsOf(request).map((each) => accessAsked(each) as unknown as AskAccess);
  const [first] = rows as [AskAccess];
  if (rows.some(({ principal }) => principal !== first.principal)) {
    throw new Failure('input_invalid', 'evaluations: want one subject for all of them');
  }
  const { results } = await askBatch(context, caller, { principal: first.principal, rows });
  return { evaluations: results.map(evaluatedOf) };
}

function evaluatedOf({ access, decision, codes, permit, until }: AccessAnswer): Evaluated {
  return { decision: decision === 'allow', context: { access, codes, permit, until } };
}
