/** The engine of this code: it decides new accesses, and all that earlier ones decided again. */
export const ENGINE = 3;

/** The engine that a ledger begins with. What engine 3 asks besides asks nothing before the log is continued (ADR 0028). */
export const ENGINE_AT_OPENING = 2;
