/** The page in place of another that can't be shown: what happened, its stable code, and what to do next. */
import type { FailureCode } from '#core/failure.ts';
import type { Html } from './html.ts';
import { layout } from './layout.ts';
import { errorState } from './parts/state.ts';
import type { View } from './view.ts';
import { wordsOf } from './words.ts';

/** Which failures have words of their own; all others are said in one way, with their code. */
export function failurePage(view: View, code: FailureCode | 'internal'): Html {
  const { failure } = wordsOf(view);
  const { title, next } = failure.of[code as keyof typeof failure.of] ?? failure.other;
  return layout({ title, view, robots: 'noindex', body: errorState(view, { title, next, code, isPage: true }) });
}
