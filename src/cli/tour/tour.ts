/**
 * The guided tour of a demo: a made-up lender and a made-up identity provider, each on a port of its own beside the ledger,
 * so that a newcomer plays person and lender in a browser.
 *
 * @module
 */
import { openDoor, openIssuingKeys, partySignatory } from '#client/index.ts';
import { parseBase64Url } from '#core/bytes.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { parseVkey } from '#core/note/key.ts';
import type { Context } from '#service/context.ts';
import type { IdentityProvider } from '#service/identification.ts';
import { type Server, serveFetch } from '../../node/serve.ts';
import { clientOf } from '../http.ts';
import { openIdentityProvider } from '../identity-provider/provider.ts';
import type { CastName, StoryCast } from '../story.ts';
import { openBureau } from '../story-bureau.ts';
import { NAMES } from '../story-letter.ts';
import { openLenderSite } from './lender-site.ts';
import { PEOPLE } from './people.ts';

export interface TourOptions {
  readonly context: Context;
  /** The parties of the story, and the keys that they do their business with. */
  readonly cast: StoryCast;
  readonly keyOf: (name: CastName) => Promise<SigningKey>;
  readonly template: { readonly pack: string; readonly id: string; readonly version: number };
  /** Where the ledger listens, and on which ports the tour may (0: any). */
  readonly ledgerUrl: string;
  readonly host: string;
  readonly ports: readonly [lender: number, identity: number];
}

export interface Tour {
  /** Where it begins. */
  readonly url: string;
  readonly provider: IdentityProvider;
  close(): Promise<void>;
}

/** Opens the tour. Passkeys want a name, so all of it goes by `localhost`. */
export async function openTour(options: TourOptions): Promise<Tour> {
  const { context, cast, keyOf, host, ports } = options;
  const ledgerUrl = named(options.ledgerUrl);
  const identity = await serveFetch(
    openIdentityProvider({
      party: cast.identifier,
      key: await keyOf('identifier'),
      people: PEOPLE,
      ledger: { log: context.ledger.origin, origins: [ledgerUrl] },
      clock: Date.now,
      onTrouble: (thrown) => context.log.warn('tour_identity', thrown),
    }).fetch,
    { host, port: ports[1] },
  );
  const lender = await openLender(options, ledgerUrl, ports[0]).catch(async (thrown: unknown) => {
    await identity.close();
    throw thrown;
  });
  return {
    url: named(lender.url),
    provider: {
      party: cast.identifier,
      name: { zh: NAMES.identifier, en: 'Example Identity Verification' },
      url: `${named(identity.url)}/identify`,
    },
    async close() {
      await Promise.all([lender.close(), identity.close()]);
    },
  };
}

async function openLender(options: TourOptions, ledgerUrl: string, port: number): Promise<Server> {
  const { cast, keyOf, template, host } = options;
  const client = clientOf(options.ledgerUrl, [partySignatory(cast.lender, await keyOf('lender'))]);
  const reports = openBureau(await openBureauDoor(options));
  let ownUrl = '';
  const site = openLenderSite({
    ...{ client, reports, template, ledgerUrl },
    ...{ lender: cast.lender, funder: cast.funder, bureau: cast.bureau },
    ownUrl: () => ownUrl,
    clock: Date.now,
  });
  const server = await serveFetch(site.fetch, { host, port });
  ownUrl = named(server.url);
  return server;
}

async function openBureauDoor({ context, cast, keyOf, ledgerUrl }: TourOptions) {
  const { ledger, ed25519, random } = context;
  const client = clientOf(ledgerUrl, [partySignatory(cast.bureau, await keyOf('bureau'))]);
  return openDoor({
    party: cast.bureau,
    client,
    doorKey: parseBase64Url((await client.doorKey(cast.bureau)).key),
    log: ledger.origin,
    issuingKey: await openIssuingKeys(client, parseVkey(ledger.vkey), ed25519),
    ed25519,
    clock: Date.now,
    random,
    offline: false,
    onUnsettled(_access, thrown) {
      context.log.warn('tour_unsettled', thrown);
    },
  });
}

function named(url: string): string {
  const own = new URL(url);
  if (own.hostname === '127.0.0.1' || own.hostname === '[::1]') own.hostname = 'localhost';
  return own.origin;
}
