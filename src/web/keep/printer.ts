/** Who makes papers, where there are fonts to set them in: the roof hands it in, and has none on Workers. */
import type { ErasureContent } from '../print/erasure-pdf.ts';
import type { FormContent } from '../print/letter-form.ts';
import type { LetterContent } from '../print/letter-pdf.ts';
import type { View } from '../view.ts';

/** A view says in which language their fixed words are. */
export interface LetterPrinter {
  /** @throws {Failure} `glyph_missing` */
  receipt(content: LetterContent, view: Pick<View, 'lang'>): Promise<Uint8Array>;
  /** @throws {Failure} `glyph_missing` */
  erasure(content: ErasureContent, view: Pick<View, 'lang'>): Promise<Uint8Array>;
  /** @throws {Failure} `glyph_missing` */
  form(content: FormContent, view: Pick<View, 'lang'>): Promise<Uint8Array>;
}
