/** Times as options give them. */
import { type Instant, parseInstant } from '#core/instant.ts';
import { Usage } from './output.ts';

/** @throws {Usage} if there is none, or it is no time. */
export function readTime(command: string, option: string, text: string | undefined): Instant {
  const time = Date.parse(text ?? '');
  if (Number.isNaN(time)) throw new Usage(`${command}: want --${option} TIME, such as 2026-11-21T08:00:00Z`);
  return parseInstant(time);
}
