/**
 * What a page of the ledger asks an identity provider: one form (docs/adr/0018). Whoever sends it chose every field of it.
 *
 * @module
 */
import type { Json } from '#core/canonical.ts';
import { parseSubjectKey } from '#core/consent/subject-key.ts';
import { Failure, readAs } from '#core/failure.ts';
import type { Handle } from '#core/ids.ts';
import { hash, id, oneOf, recordWith, type ShapeOf, text } from '#core/shape.ts';

/** The ledger that a provider works for. */
export interface AskingLedger {
  /** The name of its log. */
  readonly log: string;
  /** Where its pages are: answers go nowhere else. */
  readonly origins: readonly string[];
}

const LOG_MAX = 255;
const KEY_MAX = 2_048;
const STATE_MAX = 8_192;
const ADDRESS_MAX = 2_048;
const PLACE_MAX = 4;

const form = recordWith(
  {
    log: text(LOG_MAX),
    handle: id<Handle>(),
    key: text(KEY_MAX),
    /** Under which the identity is named. */
    salt: hash,
    /** The ledger's own: it comes back as it is. */
    state: text(STATE_MAX),
    return_to: text(ADDRESS_MAX),
  },
  { lang: oneOf(['zh-CN', 'en']), person: text(PLACE_MAX) },
);
export type Asked = ShapeOf<typeof form>;

/** @throws {Failure} `input_invalid`, `key_invalid` */
export function readAsked(fields: URLSearchParams, { log, origins }: AskingLedger): Asked {
  const value = Object.fromEntries(fields) as Readonly<Record<string, Json>>;
  const asked = readAs('input_invalid', 'not the form that a ledger sends', () => form(value, 'form'));
  if (fields.size !== Object.keys(asked).length) throw new Failure('input_invalid', 'a field stands in it twice');
  if (asked.log !== log) throw new Failure('input_invalid', 'another ledger asks than this provider works for');
  if (!isOf(origins, asked.return_to)) throw new Failure('input_invalid', 'the answer would go to another server');
  parseSubjectKey(asked.key);
  return asked;
}

function isOf(origins: readonly string[], address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { origin, username, password, hash: fragment } = new URL(address);
  return origins.includes(origin) && username === '' && password === '' && fragment === '';
}
