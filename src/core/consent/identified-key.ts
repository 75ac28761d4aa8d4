/**
 * What an identifying party says of a key that its person brings later, as it fits into a link: whom it identified stands in
 * it as a salt and a signature, and in no other way: by these a guess can be tried out, so it is shown to the person alone. It
 * proves itself, so nobody has to keep it, and it gives nothing to who finds it: the key signs, too.
 *
 * @module
 */
import { parseBase64Url, toBase64Url } from '../bytes.ts';
import { encodeCanonical, parseCanonical } from '../canonical.ts';
import { Failure, readAs } from '../failure.ts';
import type { Handle, PartyId } from '../ids.ts';
import { hash, id, instant, record, type ShapeOf, text } from '../shape.ts';

const KEY_CHARS_MAX = 2_048;
const SIGNATURE_CHARS_MAX = 128;
const LINK_CHARS_MAX = 4_096;

const identifiedKey = record({
  handle: id<Handle>(),
  key: text(KEY_CHARS_MAX),
  identified_by: id<PartyId>(),
  identified_at: instant,
  /** Under which the binding names the identity that was checked. */
  identity_salt: hash,
  /** The party's signature over the binding. */
  identification: text(SIGNATURE_CHARS_MAX),
});
export type IdentifiedKey = ShapeOf<typeof identifiedKey>;

/** Without the names of its fields: a code of it is read off a screen. */
export function formatIdentifiedKey(said: IdentifiedKey): string {
  const { handle, key, identified_by, identified_at, identity_salt, identification } = said;
  return toBase64Url(encodeCanonical([handle, key, identified_by, identified_at, identity_salt, identification]));
}

/** @throws {Failure} `input_invalid` */
export function parseIdentifiedKey(link: string): IdentifiedKey {
  return readAs('input_invalid', 'want what an identifying party made of a key', () => {
    if (link.length > LINK_CHARS_MAX) throw new Failure('input_invalid', `at most ${LINK_CHARS_MAX} characters`);
    const values = parseCanonical(parseBase64Url(link));
    if (!Array.isArray(values) || values.length !== FIELDS.length)
      throw new Failure('input_invalid', 'want its fields');
    return identifiedKey(Object.fromEntries(FIELDS.map((name, at) => [name, values[at]])), 'link');
  });
}

const FIELDS = ['handle', 'key', 'identified_by', 'identified_at', 'identity_salt', 'identification'] as const;
