/** A letter as a Verifiable Credential: what its receipt shows, signed by the issuing key once more, in W3C's shape. */
import { parseUtf8, utf8 } from '#core/bytes.ts';
import { encodeCanonical } from '#core/canonical.ts';
import { readLetterReceipt } from '#core/consent/verify-receipt.ts';
import { addProof } from '#core/credential/data-integrity.ts';
import { formatDidKey } from '#core/credential/did-key.ts';
import { instantText, letterCredential } from '#core/credential/letter-credential.ts';
import type { LetterId } from '#core/ids.ts';
import { parseVkey } from '#core/note/key.ts';
import type { Caller } from './caller.ts';
import type { Context } from './context.ts';
import { letterReceipt } from './receipts.ts';

/**
 * The credential's canonical text, for whoever may take the letter's receipt.
 *
 * @throws {Failure} `letter_declined`, if its subject gave nothing; and as {@link letterReceipt}
 */
export async function issueLetterCredential(context: Context, caller: Caller, letter: LetterId): Promise<string> {
  const { ledger, issuingKey, ed25519, clock } = context;
  const receipt = utf8(await letterReceipt(context, caller, letter));
  // It is made of what anyone would verify of the receipt, and of nothing else.
  const verdict = await readLetterReceipt(receipt, parseVkey(ledger.vkey), ed25519);
  const issuer = formatDidKey(issuingKey.publicKey);
  const credential = letterCredential({ issuer, log: ledger.origin, verdict });
  return parseUtf8(encodeCanonical(await addProof(credential, issuingKey, instantText(clock()))));
}
