/** Asking whether something fails as it should. */
import { expect } from 'vitest';
import { Failure, type FailureCode } from '#core/failure.ts';

/** Expects a refusal with this code, and not a mistake of ours. */
export function expectFailure(code: FailureCode, act: () => unknown): void {
  let thrown: unknown;
  try {
    act();
  } catch (error) {
    thrown = error;
  }
  expectCode(code, thrown);
}

/** Expects a promise to be refused with this code. */
export async function expectRefusal(code: FailureCode, promise: Promise<unknown>): Promise<void> {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  expectCode(code, thrown);
}

/** Expects what was thrown to be a refusal with this code. */
export function expectCode(code: FailureCode, thrown: unknown): void {
  if (thrown instanceof Failure) expect(thrown.code).toBe(code);
  else expect.fail(`want the failure ${code}, got ${thrown === undefined ? 'none' : String(thrown)}`);
}
