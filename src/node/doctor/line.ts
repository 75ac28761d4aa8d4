/** What a look at one thing found. */

/** `note`: as it is meant to be, and worth knowing. */
export type LineState = 'fine' | 'note' | 'todo';

export interface Line {
  /** Which thing, such as `keys.modes`. Stable. */
  readonly id: string;
  readonly state: LineState;
  readonly says: string;
  /** What to do; null: nothing. */
  readonly next: string | null;
}

export function fine(id: string, says: string): Line {
  return { id, state: 'fine', says, next: null };
}

export function note(id: string, says: string, next: string | null = null): Line {
  return { id, state: 'note', says, next };
}

export function todo(id: string, says: string, next: string): Line {
  return { id, state: 'todo', says, next };
}
