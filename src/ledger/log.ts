/** Where the server says what it does: rich in causes, without personal data. Passed in by the roof. */
export interface Log {
  info(event: string, fields?: Readonly<Record<string, string | number>>): void;
  /** @param thrown whatever was thrown; its text may be logged, so it never quotes input. */
  warn(event: string, thrown: unknown): void;
}
