/** Times as options give them. */
import { isFailure } from '#core/failure.ts';
import { type Instant, parseWrittenInstant } from '#core/instant.ts';
import { Usage } from './output.ts';

/** @throws {Usage} if there is none, or it is no time, or one without its zone. */
export function readTime(command: string, option: string, text: string | undefined): Instant {
  try {
    return parseWrittenInstant(text ?? '').at;
  } catch (thrown) {
    if (!isFailure(thrown, 'input_invalid')) throw thrown;
    throw new Usage(`${command}: want --${option} TIME, with its zone, such as 2026-11-21T08:00:00Z`);
  }
}
