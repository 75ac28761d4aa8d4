/**
 * What the entry that binds a key to a person says, compared with what is kept of it; and what a party signed of a person,
 * with whichever of its keys: one code for the audit, and for who holds a receipt.
 *
 * @module
 */
import { parseBase64Url } from '../bytes.ts';
import { equalJson, type JsonObject } from '../canonical.ts';
import { Failure, readAs } from '../failure.ts';
import type { Handle } from '../ids.ts';
import type { Ed25519 } from '../note/ed25519.ts';
import type { Entry } from '../tlog/entry.ts';
import type { OfEpoch } from './epoch.ts';
import { parseKeyText } from './key-text.ts';
import { activeKeys, type Party } from './party.ts';
import { parseSubjectKey, type SubjectKey } from './subject-key.ts';

export interface KeyOfPerson {
  /** As a binding names it. */
  readonly text: string;
  readonly key: SubjectKey;
  /** The relationship that it was brought through. */
  readonly handle: Handle;
}

/**
 * Reads the binding that is kept of a `person.key_bound`.
 *
 * @throws {Failure} `entry_invalid`, if it says otherwise than the entry; `key_invalid`
 */
export function readBinding({ log, body }: Entry, binding: JsonObject): KeyOfPerson {
  for (const name of ['method', 'identified_by', 'identified_at']) {
    if (!equalJson(binding[name] ?? null, body[name] ?? null)) throw invalid(`its binding says another ${name}`);
  }
  const text = binding['key'];
  if (binding['log'] !== log || typeof text !== 'string') throw invalid('its binding is not of this log');
  const key = parseSubjectKey(text);
  if (key.kind !== body['kind']) throw invalid('its binding is of another kind of key');
  return { text, key, handle: binding['handle'] as Handle };
}

/**
 * Verifies what a party signed of a person, and answers with which of its keys: what it signed need not say that.
 *
 * @param log - As it was then.
 *
 * @throws {Failure} `signature_invalid`
 */
export async function verifyByParty(
  ed25519: Ed25519,
  party: Party | undefined,
  log: OfEpoch | undefined,
  message: Uint8Array,
  signature: string,
): Promise<string> {
  const bytes = readAs('signature_invalid', 'a signature is 64 bytes in base64url', () => parseBase64Url(signature));
  for (const key of party === undefined ? [] : activeKeys(party, log)) {
    if (await ed25519.verify(parseKeyText(key), message, bytes)) return key;
  }
  throw new Failure('signature_invalid', 'no key of the identifying party signed this');
}

function invalid(message: string): Failure {
  return new Failure('entry_invalid', message);
}
