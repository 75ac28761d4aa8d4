/** What an identifying party makes of a key, as it is carried in a link: read back whole, or refused. */
import { describe, expect, test } from 'vitest';
import { affirmPath } from '#client/identified-key.ts';
import { parseBase64Url, toBase64Url, utf8 } from '#core/bytes.ts';
import { encodeCanonical, type Json, parseCanonical } from '#core/canonical.ts';
import { formatIdentifiedKey, type IdentifiedKey, parseIdentifiedKey } from '#core/consent/identified-key.ts';
import { useSha256 } from '#core/hash.ts';
import type { Handle, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { nativeSha256 } from '../../../src/native.ts';
import { expectFailure } from '../../support/failure.ts';

useSha256(nativeSha256);

const said: IdentifiedKey = {
  handle: '0199b1f0c40055556666777788889999' as Handle,
  key: 'passkey:example.org:AAAA',
  identified_by: '0199b1f0c40055556666777788880000' as PartyId,
  identified_at: 1_795_268_000_000 as Instant,
  identity_salt: toBase64Url(new Uint8Array(32).fill(7)),
  identification: toBase64Url(new Uint8Array(64).fill(9)),
};
const link = formatIdentifiedKey(said);
const values = parseCanonical(parseBase64Url(link)) as readonly Json[];
const linkOf = (value: Json) => toBase64Url(encodeCanonical(value));

describe('the link of a key that somebody was identified for', () => {
  test('is read back as it was made, and needs no escapes', () => {
    expect(parseIdentifiedKey(link)).toEqual(said);
    expect(link).toMatch(/^[A-Za-z0-9_-]+$/);
  });

  // By the salt and the signature guesses at an ID number can be tried out: no log on the way is to have them.
  test('is in no part of an address that is sent', () => {
    const { pathname, search, hash } = new URL(affirmPath(said), 'https://ledger.example');
    expect([pathname, search, hash]).toEqual(['/affirm', '', `#${link}`]);
  });

  test.each<readonly [what: string, link: string]>([
    ['nothing', ''],
    ['another alphabet', `${link}=`],
    ['what was cut off', link.slice(0, -8)],
    ['no JSON', toBase64Url(utf8('no JSON'))],
    ['an object', linkOf({ ...said })],
    ['one field fewer', linkOf(values.slice(1))],
    ['one field more', linkOf([...values, 1])],
    ['no handle', linkOf(['x', ...values.slice(1)])],
    ['a time as a text', linkOf(values.map((value, at) => (at === 3 ? String(value) : value)))],
    ['a salt of another length', linkOf(values.map((value, at) => (at === 4 ? 'AAAA' : value)))],
    ['more than a link is', linkOf(values.map((value, at) => (at === 1 ? 'k'.repeat(2_049) : value)))],
    ['far more', 'A'.repeat(5_000)],
  ])('refuses %s', (_what, text) => {
    expectFailure('input_invalid', () => parseIdentifiedKey(text));
  });
});
