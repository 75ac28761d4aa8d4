/**
 * Connecting: a client of one party and the key to believe, out of what an integrator has in hand: an address, the log's
 * vkey, a party's id and the PEM file of one of its keys. Clock, waiting and randomness are the runtime's own.
 *
 * @module
 */
import { parseBase64Url, toBase64Url, toHex, utf8 } from '#core/bytes.ts';
import { bindRequest } from '#core/consent/permit.ts';
import { SALT_BYTES } from '#core/hash.ts';
import { type PartyId, parseId } from '#core/ids.ts';
import { type Ed25519, portableEd25519 } from '#core/note/ed25519.ts';
import { parsePrivatePem, parseVkey, type VerifierKey } from '#core/note/key.ts';
import { type Client, openClient } from './client.ts';
import { type Door, type DoorOptions, openDoor } from './door.ts';
import type { ClientOptions } from './send.ts';
import { partySignatory } from './sign.ts';
import { openIssuingKeyRing } from './trust.ts';
import type { TrustedKeys } from './trusted-keys.ts';

export interface ConnectOptions extends Pick<ClientOptions, 'url' | 'fetch'> {
  /** The log's public key as text. It is what all trust hangs on: take it from the keeper, never from the server. */
  readonly vkey: string;
  /**
   * For whom the client acts, and the text of one of its private keys (PEM). A secret. Two of them only where what is asked
   * is signed by two operators, as a letter on paper is: everything is then signed by both.
   */
  readonly party: string;
  readonly pem: string | readonly [string, string];
  /** A faster implementation, if the runtime has one. */
  readonly ed25519?: Ed25519;
}

export interface Connection {
  readonly party: PartyId;
  /** Signs as the party, and takes no answer to a write that the ledger did not sign. */
  readonly client: Client;
  /** The log's key: what receipts are verified against. */
  readonly vkey: VerifierKey;
  /** What entries, permits and answers are signed with: read from the log, proven by `vkey`, and read anew by itself. */
  readonly issuingKey: TrustedKeys;
  readonly ed25519: Ed25519;
}

/**
 * Opens a client, after the server has proven that it serves the log of `vkey`.
 *
 * @throws {Failure} `key_invalid`, for a vkey or PEM that is none; `input_invalid`, for the party's id; `proof_invalid`,
 *   `checkpoint_invalid` or `entry_invalid`, if the server serves another log.
 * @throws {Refused} `unreachable`
 */
export async function connect({ ed25519 = portableEd25519, ...options }: ConnectOptions): Promise<Connection> {
  const party = parseId<PartyId>(options.party);
  const vkey = parseVkey(options.vkey.trim());
  const pems = typeof options.pem === 'string' ? [options.pem] : options.pem;
  const keys = await Promise.all(pems.map((pem) => ed25519.importSeed(parsePrivatePem(pem))));
  const { fetch } = options;
  const own: ClientOptions = {
    url: options.url.replace(/\/+$/, ''),
    // Called on its own: a browser's and a Worker's refuses to be called as a method of ours.
    fetch: (url, init) => fetch(url, init),
    signers: keys.map((key) => partySignatory(party, key)),
    clock: Date.now,
    newKey: () => toHex(random(IDEMPOTENCY_KEY_BYTES)),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
  const issuingKey = await openIssuingKeyRing(openClient(own), vkey, ed25519, Date.now);
  return { party, client: openClient({ ...own, trust: { issuingKey, ed25519 } }), vkey, issuingKey, ed25519 };
}

const IDEMPOTENCY_KEY_BYTES = 16;

/** Opens the door of a provider that is connected. Permits that need no asking are not taken, unless `offline` says so. */
export async function connectDoor(
  { party, client, vkey, issuingKey, ed25519 }: Connection,
  { offline = false, ...told }: Pick<DoorOptions, 'onUnsettled' | 'onTrouble'> & Partial<Pick<DoorOptions, 'offline'>>,
): Promise<Door> {
  const { key } = await client.doorKey(party);
  return openDoor({
    party,
    client,
    doorKey: parseBase64Url(key),
    log: vkey.name,
    issuingKey,
    ed25519,
    clock: Date.now,
    random,
    offline,
    ...told,
  });
}

/**
 * Binds a permit to one request: `bound` is sent to the ledger, `salt` to the door with the request and nowhere else. The
 * body must leave as exactly this text.
 */
export function bindBody(body: string): { readonly bound: string; readonly salt: string } {
  const salt = random(SALT_BYTES);
  return { bound: bindRequest(salt, utf8(body)), salt: toBase64Url(salt) };
}

function random(bytes: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(bytes));
}
