/** The story that an empty ledger plays into itself at its first start: what the front page points at. */

/** One access of the story, with where to find it. */
export interface StoryAccess {
  readonly access: string;
  readonly codes: readonly string[];
  /** The receipt's path, such as `/v1/receipts/<capability>`. */
  readonly receipt: string;
  /** The path of its page. */
  readonly page: string;
}

/** The newest story of this ledger. */
export interface StoryLinks {
  readonly letter: string;
  readonly grants: readonly { readonly action: string; readonly withdrawn: boolean }[];
  readonly allow: StoryAccess;
  readonly deny: readonly StoryAccess[];
  /** Where a visitor plays it. */
  readonly tour?: string;
}
