/** Moments as people in China write them for machines: Asia/Shanghai, without summer time since 1992. */

const SHANGHAI_AHEAD_MS = 8 * 3_600_000;

/** Such as `2026-11-26 16:30:05`. */
export function isoOf(moment: number): string {
  return new Date(moment + SHANGHAI_AHEAD_MS).toISOString().slice(0, 19).replace('T', ' ');
}
