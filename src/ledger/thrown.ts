/** What a check throws, as a finding says it. */
import { isFailure } from '#core/failure.ts';

/** Hostile bytes may break the code of a rule in any way: that is a finding, never the end of an audit. */
export function reasonOf(thrown: unknown): string {
  return isFailure(thrown) ? thrown.message : 'it is unreadable to the rules';
}
