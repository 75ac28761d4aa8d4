/** Thrown when our own code is wrong. It is never the caller's input: that is a {@link Failure}. */
class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Stops at a mistake of ours; `claim` says what should have been true. */
export function assert(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new AssertionError(`assertion failed: ${claim}`);
}
