/** The reader's own witness policy, in a file that came from elsewhere than what it is to judge. */
import { readFileSync, statSync } from 'node:fs';
import type { WitnessTerms } from '#core/consent/witnessing.ts';
import { Failure, isFailure } from '#core/failure.ts';
import { POLICY_BYTES_MAX, parsePolicy, type WitnessPolicy } from '#core/tlog/policy.ts';
import { Usage } from './output.ts';

export const POLICY_OPTIONS = { policy: { type: 'string' }, 'max-age': { type: 'string' } } as const;

/** @throws {Failure} `policy_invalid`, with the file's name and the line. */
export function readPolicy(file: string): WitnessPolicy {
  try {
    if (statSync(file).size > POLICY_BYTES_MAX)
      throw new Failure('policy_invalid', `a policy has at most ${POLICY_BYTES_MAX} bytes`);
    return parsePolicy(readFileSync(file));
  } catch (cause) {
    const why = isFailure(cause) ? cause.message : 'the file can’t be read';
    throw new Failure('policy_invalid', `${file}: ${why} (C2SP tlog-policy; an example: docs/trust.md)`, { cause });
  }
}

/** The terms of `--policy FILE` and `--max-age HOURS`, by this machine's clock. @throws {Usage} @throws {Failure} */
export function readTerms(
  command: string,
  { policy: file, 'max-age': hours }: { readonly policy?: string; readonly 'max-age'?: string },
  clock: () => number,
): WitnessTerms | undefined {
  if (file === undefined) {
    if (hours !== undefined)
      throw new Usage(`${command}: --max-age asks witnesses for their time: want --policy FILE, too`);
    return undefined;
  }
  const policy = readPolicy(file);
  if (hours === undefined) return { policy, now: clock() };
  if (!/^[1-9][0-9]{0,5}$/.test(hours)) throw new Usage(`${command}: want --max-age HOURS, a whole number from 1`);
  if (policy.quorum === undefined)
    throw new Usage(`${command}: the policy says quorum none, so nobody’s time tells an age: leave --max-age out`);
  return { policy, now: clock(), ageMax: Number(hours) * 3_600_000 };
}
