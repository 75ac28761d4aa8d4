/**
 * Capabilities: a path that opens one thing to whoever holds it, for who has no key of a party (design §9). It is the thing's
 * id with 128 bits that only this deployment can make, other ones for each use of the same id; it is not logged, and says
 * nothing to who guesses.
 *
 * @module
 */
import type { Brand } from '#core/brand.ts';
import { concat, equalBytes, parseBase64Url, parseHex, toBase64Url, toHex, utf8 } from '#core/bytes.ts';
import { Failure, type FailureCode, readAs } from '#core/failure.ts';
import { mac } from '#core/hash.ts';
import { type AccessId, type LetterId, parseId } from '#core/ids.ts';
import type { Context } from './context.ts';

const ID_BYTES = 16;
const MAC_BYTES = 16;

/** What is answered that does not open. */
const UNKNOWN = {
  access_unknown: 'no such access',
  letter_unknown: 'no such letter',
  erasure_unknown: 'no such erasure',
} as const satisfies { readonly [code in FailureCode]?: string };
type Unknown = keyof typeof UNKNOWN;

/** What is opened: by which name the key is derived, and what it is answered that does not open. */
interface Use<Id extends string> {
  readonly name: string;
  readonly unknown: Unknown;
  readonly id?: Id;
}

const ACCESS_RECEIPT: Use<AccessId> = { name: '', unknown: 'access_unknown' };
/** The page on which a letter is read and signed: it shows its text, so it is its subject's alone. */
const LETTER: Use<LetterId> = { name: 'letter', unknown: 'letter_unknown' };
/** What is recorded of a letter, and not who signed it: what the code on its receipt opens. */
const LETTER_RECEIPT: Use<LetterId> = { name: 'letter-receipt', unknown: 'letter_unknown' };
/** An erasure has no id of its own: it is its entry's index, in as many digits. Its certificate does not say who asked. */
const ERASURE: Use<ErasureId> = { name: 'erasure', unknown: 'erasure_unknown' };
type ErasureId = Brand<string, 'ErasureId'>;

export function receiptCapability(context: Pick<Context, 'keys'>, access: AccessId): string {
  return capabilityOf(context, ACCESS_RECEIPT, access);
}

export function letterCapability(context: Pick<Context, 'keys'>, letter: LetterId): string {
  return capabilityOf(context, LETTER, letter);
}

export function letterReceiptCapability(context: Pick<Context, 'keys'>, letter: LetterId): string {
  return capabilityOf(context, LETTER_RECEIPT, letter);
}

export function erasureCapability(context: Pick<Context, 'keys'>, index: number): string {
  return capabilityOf(context, ERASURE, parseId<ErasureId>(index.toString(16).padStart(2 * ID_BYTES, '0')));
}

/** Answers the index of its entry. @throws {Failure} `erasure_unknown`, if it does not open one of this deployment. */
export function erasureByCapability(context: Pick<Context, 'keys'>, capability: string): number {
  return Number.parseInt(openCapability(context, ERASURE, capability), 16);
}

/** @throws {Failure} `access_unknown`, if it does not open the receipt of an access of this deployment. */
export function accessByCapability(context: Pick<Context, 'keys'>, capability: string): AccessId {
  return openCapability(context, ACCESS_RECEIPT, capability);
}

/** @throws {Failure} `letter_unknown`, if it does not open a letter of this deployment. */
export function letterByCapability(context: Pick<Context, 'keys'>, capability: string): LetterId {
  return openCapability(context, LETTER, capability);
}

/** @throws {Failure} `letter_unknown`, if it does not open the receipt of a letter of this deployment. */
export function receiptLetterByCapability(context: Pick<Context, 'keys'>, capability: string): LetterId {
  return openCapability(context, LETTER_RECEIPT, capability);
}

function capabilityOf<Id extends string>({ keys }: Pick<Context, 'keys'>, use: Use<Id>, id: Id): string {
  const bytes = parseHex(id);
  return toBase64Url(concat(bytes, macOf(keys, use, bytes)));
}

function openCapability<Id extends string>({ keys }: Pick<Context, 'keys'>, use: Use<Id>, capability: string): Id {
  const unknown = UNKNOWN[use.unknown];
  const bytes = readAs(use.unknown, unknown, () => parseBase64Url(capability));
  const id = bytes.subarray(0, ID_BYTES);
  if (bytes.length !== ID_BYTES + MAC_BYTES || !equalBytes(bytes.subarray(ID_BYTES), macOf(keys, use, id))) {
    throw new Failure(use.unknown, unknown);
  }
  return parseId<Id>(toHex(id));
}

function macOf({ capability }: Context['keys'], { name }: Use<string>, id: Uint8Array): Uint8Array {
  return mac(capability, concat(utf8(name), id)).subarray(0, MAC_BYTES);
}
