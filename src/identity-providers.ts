/**
 * Who identifies persons on the pages, as both roofs are told it: a list as JSON, in `ASSENT_IDENTITY_PROVIDERS`.
 *
 *     [{"party": "0198…", "name": {"zh": "示例认证", "en": "Example ID"}, "url": "https://id.example.org/identify"}]
 *
 * @module
 */
import type { Json } from '#core/canonical.ts';
import { Failure } from '#core/failure.ts';
import type { PartyId } from '#core/ids.ts';
import { id, line, list, record, type Shape } from '#core/shape.ts';
import type { IdentityProvider } from '#service/identification.ts';

const VARIABLE = 'ASSENT_IDENTITY_PROVIDERS';
const WANTED = '[{"party": ID, "name": {"zh": TEXT, "en": TEXT}, "url": URL}]';

/** More than these are no choice for a person on a telephone. */
const PROVIDERS_MAX = 8;
const NAME_MAX = 60;

/** What is posted there, only that server may read: no plain http, but on one's own machine. */
const address: Shape<string> = (value, at) => {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && OWN_HOSTS.includes(url.hostname));
  if (url !== undefined && isSafe && url.username === '' && url.password === '' && url.hash === '') return url.href;
  throw new Failure('entry_invalid', `${at}: want an address with https, or with http on this machine`);
};
const OWN_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

const providers = list<IdentityProvider>(
  record({ party: id<PartyId>(), name: record({ zh: line(NAME_MAX), en: line(NAME_MAX) }), url: address }),
  PROVIDERS_MAX,
);

/**
 * Reads the list; not set, or set to nothing: nobody.
 *
 * @throws {Failure} `config_invalid`, which says where, and what was wanted there.
 */
export function parseIdentityProviders(text: string | undefined): readonly IdentityProvider[] {
  if (text === undefined || text === '') return [];
  const listed = read(text);
  if (new Set(listed.map(({ party }) => party)).size === listed.length) return listed;
  throw new Failure('config_invalid', `${VARIABLE}: a party stands in it twice`);
}

function read(text: string): readonly IdentityProvider[] {
  try {
    return providers(JSON.parse(text) as Json, 'list');
  } catch (cause) {
    const where = cause instanceof Failure ? cause.message : 'not JSON';
    throw new Failure('config_invalid', `${VARIABLE}: ${where}; the whole: ${WANTED}`, { cause });
  }
}
