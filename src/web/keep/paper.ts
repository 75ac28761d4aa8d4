/** A paper as a file to keep: made where there are fonts to set it in. */
import type { Context as Call } from 'hono';
import { Failure } from '#core/failure.ts';
import { PAGE_HEADERS } from '../headers.ts';
import { attachment } from './attachment.ts';
import type { LetterPrinter } from './printer.ts';

/** @throws {Failure} `print_unavailable`, where none is. */
export function requirePrinter(printer: LetterPrinter | undefined): LetterPrinter {
  if (printer === undefined) throw new Failure('print_unavailable', 'there are no fonts here to make a PDF with');
  return printer;
}

/** @param ascii Its name for who reads ASCII only; `name` in Chinese. Neither says anything of a person. */
export function sendPaper(call: Call, bytes: Uint8Array, ascii: string, name: string): Response {
  return call.body(bytes.slice().buffer, 200, {
    ...PAGE_HEADERS,
    'content-type': 'application/pdf',
    'content-disposition': attachment(ascii, name),
  });
}
