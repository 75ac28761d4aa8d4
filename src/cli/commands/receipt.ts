/** `assent receipt disclose FILE --open NAME,NAME`: of a receipt that opens much, one that opens only what is named; offline. */

import { utf8 } from '#core/bytes.ts';
import { discloseReceipt } from '#core/consent/disclose.ts';
import { parseReceipt } from '#core/consent/receipt.ts';
import { Failure } from '#core/failure.ts';
import { readArgs } from '../args.ts';
import { EXIT, terminal, Usage } from '../output.ts';
import { trustedKeys } from '../trust.ts';
import { readReceipt, verifyBytes } from './verify.ts';

const OPTIONS = { open: { type: 'string' }, vkey: { type: 'string' } } as const;

export async function receiptCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS, 'some');
  const [action, file, ...more] = positionals;
  if (action !== 'disclose' || file === undefined || more.length > 0 || values.open === undefined) {
    throw new Usage('receipt: want disclose, one file, and --open with the names of parts, or with nothing');
  }
  const names = values.open.split(',').filter((name) => name !== '');
  const disclosed = utf8(discloseReceipt(parseReceipt(readReceipt(file)), names));
  const { problem, parts } = await verifyBytes(disclosed, trustedKeys(values.vkey));
  if (problem !== null) throw new Failure('receipt_invalid', `${file} does not hold: ${problem.message}`);
  // The file's bytes, and nothing after them: the same parts make the same file.
  process.stdout.write(disclosed);
  terminal.note(`opened: ${parts.opened.join(', ') || 'nothing'}`);
  terminal.note(`withheld: ${parts.withheld.join(', ') || 'nothing that it names'}`);
  return EXIT.holds;
}
