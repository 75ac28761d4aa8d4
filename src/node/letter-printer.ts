/** Makes papers on Node. Fonts and what sets them are read when the first one is asked for, and kept: some 32 MB. */
import type { LetterPrinter } from '../web/keep/printer.ts';
import type { PrintFonts } from '../web/print/faces.ts';
import { readPrintFonts } from './print-fonts.ts';

export function openLetterPrinter(read: () => Promise<PrintFonts> = readPrintFonts): LetterPrinter {
  let fonts: Promise<PrintFonts> | undefined;
  const openFonts = () => {
    fonts ??= read();
    return fonts;
  };
  return {
    async receipt(content, view) {
      const { letterPdf } = await import('../web/print/letter-pdf.ts');
      return letterPdf(content, await openFonts(), view);
    },
    async erasure(content, view) {
      const { erasurePdf } = await import('../web/print/erasure-pdf.ts');
      return erasurePdf(content, await openFonts(), view);
    },
    async form(content, view) {
      const { letterForm } = await import('../web/print/letter-form.ts');
      return letterForm(content, await openFonts(), view);
    },
  };
}
