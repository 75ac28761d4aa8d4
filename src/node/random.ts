/** Randomness, passed in by the roof. */
import { randomBytes } from 'node:crypto';

/** Random bytes are drawn by the page: each call of the system costs more than what it brings. */
const POOL_BYTES = 4_096;
let pool = new Uint8Array(0);
let poolUsed = 0;

/** Random bytes of the system's, each handed out once. */
export function drawRandom(bytes: number): Uint8Array {
  if (bytes > POOL_BYTES) return new Uint8Array(randomBytes(bytes));
  if (poolUsed + bytes > pool.length) {
    pool = new Uint8Array(randomBytes(POOL_BYTES));
    poolUsed = 0;
  }
  const drawn = pool.slice(poolUsed, poolUsed + bytes);
  pool.fill(0, poolUsed, poolUsed + bytes);
  poolUsed += bytes;
  return drawn;
}
