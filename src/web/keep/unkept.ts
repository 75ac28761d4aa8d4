/** With which status it is answered that a receipt of a letter is not shown, or its file not made; words/…/keep.ts says why. */
import type { FailureCode } from '#core/failure.ts';

export const UNKEPT: { readonly [C in FailureCode]?: 404 | 409 | 422 | 501 } = {
  letter_unknown: 404,
  letter_unanswered: 409,
  glyph_missing: 422,
  print_unavailable: 501,
};
