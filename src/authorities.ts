/**
 * How others know the server, as both roofs are told it: names separated by commas, in `ASSENT_AUTHORITY`.
 *
 * @module
 */
import { Failure } from '#core/failure.ts';
import { isLoopback } from '#service/webhook-url.ts';

/**
 * Reads the names; not set, or set to nothing: none.
 *
 * @throws {Failure} `config_invalid`
 */
export function parseAuthorities(text: string | undefined): readonly string[] {
  const names = (text ?? '').split(',').map((name) => name.trim().toLowerCase());
  const authorities = names.filter((name) => name !== '');
  if (authorities.every((name) => /^(?:[0-9a-z.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/.test(name))) return authorities;
  throw new Failure(
    'config_invalid',
    'ASSENT_AUTHORITY: want the host that callers use, with its port if it is not 443 or 80: ledger.example.org',
  );
}

/** Whoever has a name for others has TLS before us; on one's own machine any of its names will do. */
export function pagesOrigin([authority]: readonly string[]): string | undefined {
  if (authority === undefined) return undefined;
  return isLoopback(new URL(`http://${authority}`).hostname) ? undefined : `https://${authority}`;
}
