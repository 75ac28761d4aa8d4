/** Who makes papers, where there are fonts to set them in: the roof hands it in, and has none on Workers. */
import type { FormContent } from '../print/letter-form.ts';
import type { LetterContent } from '../print/letter-pdf.ts';

export interface LetterPrinter {
  /** @throws {Failure} `glyph_missing` */
  receipt(content: LetterContent): Promise<Uint8Array>;
  /** @throws {Failure} `glyph_missing` */
  form(content: FormContent): Promise<Uint8Array>;
}
