/**
 * What comes of one file: the verdict of the very code that `assent verify` decides by, or why there is none. Reads no page.
 *
 * @module
 */

import { runtimeEd25519 } from '#client/webcrypto-ed25519.ts';
import { webcryptoP256 } from '#client/webcrypto-p256.ts';
import { parseReceipt, RECEIPT_BYTES_MAX, type Receipt } from '#core/consent/receipt.ts';
import { followReceipt } from '#core/consent/receipt-log-keys.ts';
import type { Verdict } from '#core/consent/verdict.ts';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import type { WitnessTerms } from '#core/consent/witnessing.ts';
import { isFailure } from '#core/failure.ts';
import type { Ed25519 } from '#core/note/ed25519.ts';
import type { VerifierKey } from '#core/note/key.ts';
import { examineStamp, kindOf, type StampFiles, type StampShown } from './stamp.ts';
import type { Words } from './words.ts';

/** Why a file is not shown to be recorded, by the name of the page's words. */
export type Trouble = keyof Words['trouble'];

export interface Examined {
  readonly file: string;
  /** Null where the file was not read as far as that. */
  readonly verdict: Verdict | null;
  /** Null: there is none. */
  readonly trouble: Trouble | null;
  /** By when it existed; null: nothing was chosen that could say so, or the receipt does not hold. */
  readonly stamp: StampShown | null;
}

/** What the reader trusts and wants, none of which came with the file. */
export interface ExamineTerms {
  readonly vkey: VerifierKey;
  readonly witnesses: WitnessTerms | undefined;
  readonly stamp: StampFiles;
}

/** Reads and verifies a file, against a key and witnesses that did not come with it. Never throws for what the file is. */
export async function examine(file: File, { vkey, witnesses: terms, stamp }: ExamineTerms): Promise<Examined> {
  const found = (trouble: Trouble | null, verdict: Verdict | null = null): Examined => {
    return { file: file.name, verdict, trouble, stamp: null };
  };
  if (file.size === 0) return found('empty');
  if (file.size > RECEIPT_BYTES_MAX) return found('too_large');
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch {
    return found('unreadable');
  }
  const other = otherFormat(bytes);
  if (other !== null) return found(other);
  const ed25519 = await runtimeEd25519(vkey.publicKey);
  const p256 = hasWebCrypto() ? webcryptoP256 : undefined;
  const verdict = await verifyReceipt(bytes, vkey, ed25519, p256, terms);
  if (verdict.problem === null) {
    const by = { vkey, ed25519, isPossible: hasWebCrypto() };
    return { ...found(null, verdict), stamp: await examineStamp(bytes, stamp, by) };
  }
  // What holds without the witnesses fails by what claims to be one of them.
  const without = terms === undefined ? verdict : await verifyReceipt(bytes, vkey, ed25519, p256);
  if (without.problem === null) return found('witness_invalid', verdict);
  return found(await troubleOf(verdict.problem, bytes, vkey, ed25519), verdict);
}

const OTHER_KINDS = { stamp: 'is_time_stamp', certificate: 'is_certificate', proof: 'is_proof' } as const;

/** What people take for the receipt, and what an interrupted download leaves. */
function otherFormat(bytes: Uint8Array): Trouble | null {
  const text = new TextDecoder().decode(bytes);
  if (text.startsWith('%PDF')) return 'is_pdf';
  const kind = kindOf(bytes);
  if (kind !== null) return OTHER_KINDS[kind];
  try {
    JSON.parse(text);
    return null;
  } catch {
    return 'not_json';
  }
}

/** Browsers keep it from pages that came over a network without TLS. */
function hasWebCrypto(): boolean {
  return typeof crypto.subtle !== 'undefined';
}

const TOLD: readonly Trouble[] = [
  'receipt_invalid',
  'checkpoint_invalid',
  'proof_invalid',
  'signature_invalid',
  'commitment_invalid',
  'entry_invalid',
];

async function troubleOf(
  { code }: NonNullable<Verdict['problem']>,
  bytes: Uint8Array,
  vkey: VerifierKey,
  ed25519: Ed25519,
): Promise<Trouble> {
  return (await keyTrouble(bytes, vkey, ed25519)) ?? TOLD.find((each) => each === code) ?? 'other';
}

/** Whether it is the key that does not fit the receipt: that is for the reader to mend, and told apart. */
async function keyTrouble(bytes: Uint8Array, vkey: VerifierKey, ed25519: Ed25519): Promise<Trouble | null> {
  let receipt: Receipt;
  try {
    receipt = parseReceipt(bytes);
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    return null;
  }
  if (receipt.log !== vkey.name) return 'other_log';
  try {
    await followReceipt(receipt, vkey, ed25519);
    return null;
  } catch (failure) {
    if (!isFailure(failure)) throw failure;
    return failure.code === 'signature_invalid' ? 'checkpoint_invalid' : null;
  }
}
