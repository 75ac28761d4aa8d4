/**
 * Keys of operators in a browser: read from the file that `assent keygen` writes, or made here; from then on WebCrypto holds
 * them, and gives them to nobody, not even to this page.
 *
 * @module
 */
import { parseBase64Url, toBase64Url } from '#core/bytes.ts';
import type { PartyId } from '#core/ids.ts';
import { mintSignature, portableEd25519, type SigningKey } from '#core/note/ed25519.ts';
import { acceptedPublicKey, encodePkcs8, formatPrivatePem, parsePrivatePem, SEED_BYTES } from '#core/note/key.ts';

/** An operator's key as this browser keeps it. */
export interface Operator {
  readonly party: PartyId;
  /** 32 bytes, base64url. */
  readonly publicKey: string;
  /** Signs; can't be read out. */
  readonly key: Awaited<ReturnType<typeof crypto.subtle.importKey>>;
}

const ALGORITHM = 'Ed25519';

/** @throws {Failure} `key_invalid`, if the text is no private key in PEM. */
export async function readOperator(party: PartyId, pem: string): Promise<Operator> {
  const seed = parsePrivatePem(pem);
  const { publicKey } = await portableEd25519.importSeed(seed);
  const key = await crypto.subtle.importKey('pkcs8', encodePkcs8(seed), ALGORITHM, false, ['sign']);
  seed.fill(0);
  return { party, publicKey: toBase64Url(publicKey), key };
}

export function signingKeyOf({ publicKey, key }: Pick<Operator, 'publicKey' | 'key'>): SigningKey {
  const sign = async (message: Uint8Array) =>
    // WebCrypto takes no shared memory, and we have none.
    mintSignature(new Uint8Array(await crypto.subtle.sign(ALGORITHM, key, message as Uint8Array<ArrayBuffer>)));
  return {
    publicKey: acceptedPublicKey(parseBase64Url(publicKey)),
    sign,
    signAll: (messages) => Promise.all(messages.map(sign)),
  };
}

/** A new key: the text of its file, to be kept by its operator alone, and the key itself, to prove that one has it. */
export async function newKey(): Promise<{ readonly pem: string; readonly key: SigningKey }> {
  const seed = crypto.getRandomValues(new Uint8Array(SEED_BYTES));
  const pem = formatPrivatePem(seed);
  return { pem, key: await portableEd25519.importSeed(seed) };
}
