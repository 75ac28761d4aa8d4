/** `assent export`: a letter in others' shapes. Each is made of what its receipt shows, and proves no more than it. */
import { partySignatory } from '#client/index.ts';
import { canonicalText } from '#core/canonical.ts';
import { parseReceipt } from '#core/consent/receipt.ts';
import { consentRecord } from '#core/credential/consent-record.ts';
import { Failure } from '#core/failure.ts';
import { type LetterId, type PartyId, parseId } from '#core/ids.ts';
import { readConfig } from '../../node/config.ts';
import { readKey } from '../../node/key-file.ts';
import { readArgs } from '../args.ts';
import { clientOf } from '../http.ts';
import { EXIT, terminal, Usage } from '../output.ts';
import { trustedKeys } from '../trust.ts';
import { serverOf } from './keeper.ts';
import { readReceipt, verifyBytes } from './verify.ts';

const OPTIONS = {
  vkey: { type: 'string' },
  party: { type: 'string' },
  key: { type: 'string' },
  url: { type: 'string' },
} as const;
type Values = { readonly [name in keyof typeof OPTIONS]?: string };

export async function exportCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS, 'some');
  const [action, of, ...more] = positionals;
  if (of === undefined || more.length > 0) throw wanted();
  if (action === 'consent-record') terminal.line(await recordOf(of, values));
  else if (action === 'vc') terminal.line(await credentialOf(of, values));
  else throw wanted();
  return EXIT.holds;
}

function wanted(): Usage {
  return new Usage('export: want consent-record and the file of a receipt, or vc and the id of a letter');
}

/** @throws {Failure} `receipt_invalid`, if it does not hold, or is of no letter. */
async function recordOf(file: string, { vkey }: Values): Promise<string> {
  const bytes = readReceipt(file);
  const { log } = parseReceipt(bytes);
  const verdict = await verifyBytes(bytes, trustedKeys(vkey));
  if (verdict.problem !== null)
    throw new Failure('receipt_invalid', `${file} does not hold: ${verdict.problem.message}`);
  const { letter } = verdict;
  if (letter === null) throw new Failure('receipt_invalid', `${file} is not the receipt of a letter`);
  return canonicalText(consentRecord(log, { ...verdict, letter }));
}

async function credentialOf(letter: string, values: Values): Promise<string> {
  const { party, key } = values;
  if (party === undefined || key === undefined)
    throw new Usage('export: want --party ID and --key FILE to ask a server');
  const { url, authority } = serverOf(readConfig(process.env), values);
  const signer = partySignatory(parseId<PartyId>(party), await readKey(key));
  return clientOf(url, [signer], authority).letterCredential(parseId<LetterId>(letter));
}
