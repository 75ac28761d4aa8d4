/** What page and paper of an erasure's certificate say alike. */
import type { ErasureSummary } from '#core/consent/erasure-summary.ts';
import type { Said } from '#core/consent/explain-text.ts';
import type { ShownErasure } from '#service/shown-erasure.ts';
import type { View } from '../view.ts';
import { wordsOf } from '../words.ts';

export function scopeOf(view: Pick<View, 'lang'>, { of }: ErasureSummary): string {
  const { streams } = wordsOf(view).certificate;
  return streams[of === 'person' || of === 'refused' ? of : 'rel'];
}

/** Rules by their names; of one that no pack names, its id. */
export function rulesOf(names: ShownErasure['names'], by: readonly string[]): readonly Said[] {
  return by.map((id) => names[id] ?? { zh: id, en: id });
}
