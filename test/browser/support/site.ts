/** The site under test: a real ledger on PGlite behind the real server, under the name that passkeys want. */
import type { Context } from '#service/context.ts';
import type { IdentityProvider } from '#service/identification.ts';
import { serveContext } from '../../../src/node/serve.ts';
import { type Court, type CourtOptions, openCourt } from '../../support/court.ts';

export interface Served {
  /** Such as `http://localhost:40123`. */
  readonly url: string;
  close(): Promise<void>;
}

export interface Site extends Served {
  readonly court: Court;
}

/** Serves whatever ledger a test has. @param providers Who identifies persons on the pages. */
export async function serveSite(
  context: Context,
  providers: () => readonly IdentityProvider[] = () => [],
): Promise<Served> {
  const listening = { host: '127.0.0.1', port: 0, authorities: [] };
  const server = await serveContext(context, { ...listening, story: () => undefined, providers });
  // An address has no passkeys, a name has.
  return { url: server.url.replace('127.0.0.1', 'localhost'), close: server.close };
}

/** Opens a ledger with a lender, a bureau and a person, and serves it. Closing it audits it. */
export async function openSite(options: CourtOptions): Promise<Site> {
  const court = await openCourt(options);
  // Pages say how the published head stands.
  await court.fixture.ledger.publisher.published(2, 5_000);
  const served = await serveSite(court.fixture.context);
  return {
    url: served.url,
    court,
    async close() {
      await served.close();
      await court.close();
    },
  };
}
