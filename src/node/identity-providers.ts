/** The identity providers of a configuration, as JSON. */
import { isFailure } from '#core/failure.ts';
import { type PartyId, parseId } from '#core/ids.ts';
import { line, list, record } from '#core/shape.ts';
import type { IdentityProvider } from '#service/identification.ts';

const PROVIDERS_MAX = 16;
const shape = list(record({ party: line(64), zh: line(100), en: line(100), url: line(500) }), PROVIDERS_MAX);

/** Undefined: it is no such list. A provider is reached over TLS, or on the very machine. */
export function parseIdentityProviders(text: string): readonly IdentityProvider[] | undefined {
  try {
    const providers = shape(JSON.parse(text), 'providers').map(({ party, zh, en, url }) => ({
      party: parseId<PartyId>(party),
      name: { zh, en },
      url: new URL(url).href,
    }));
    return providers.every(({ url }) => /^https:|^http:\/\/localhost[:/]/.test(url)) ? providers : undefined;
  } catch (thrown) {
    if (isFailure(thrown) || thrown instanceof SyntaxError || thrown instanceof TypeError) return undefined;
    throw thrown;
  }
}
