/** As many as {@link residentId} makes: 99 areas × 36,500 days × 1,000 numbers of a day. */
export const RESIDENT_IDS = 99 * 36_500 * 1_000;

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const DAY_MS = 86_400_000;
const FIRST = Date.UTC(1800, 0, 1);

/** The n-th resident identity number that nobody has: area 9900xx is nowhere, and nobody living was born in 18xx. */
export function residentId(n: number): string {
  const sequence = String(n % 1_000).padStart(3, '0');
  const day = Math.floor(n / 1_000) % 36_500;
  const area = 1 + (Math.floor(n / 36_500_000) % 99);
  const born = new Date(FIRST + day * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '');
  const digits = `9900${String(area).padStart(2, '0')}${born}${sequence}`;
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(digits[at]), 0);
  return `${digits}${'10X98765432'.charAt(sum % 11)}`;
}
