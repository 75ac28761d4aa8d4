/**
 * The roof on Workers. There is no ledger behind it yet: a database is bound with a later issue (Hyperdrive), and until
 * then everything that needs one answers so. What needs none works: health, the documentation, the pages.
 *
 * @module
 */
import { Failure } from '#core/failure.ts';
import type { Instant } from '#core/instant.ts';
import type { Ledger } from '#ledger/ledger.ts';
import type { Log } from '#ledger/log.ts';
import { type Context, deploymentKeys } from '#service/context.ts';
import { createApp } from './api/app.ts';
import { createPages } from './web/pages.ts';
import { webcryptoEd25519 } from './webcrypto.ts';

/** What wrangler.toml binds. */
export interface Bindings {
  /** Host names that are ours, separated by commas; ports do not matter. */
  readonly ASSENT_HOSTS?: string;
  /** "1" lets writes through, for development only: requests are not signed yet. */
  readonly ASSENT_DEV_WRITES?: string;
}

const SECRET_BYTES = 32;

let app: ReturnType<typeof createApp> | undefined;

/** One isolate serves one deployment, so its bindings never change: the app is made by the first request. */
function appOf(bindings: Bindings): ReturnType<typeof createApp> {
  app ??= makeApp(bindings);
  return app;
}

function makeApp({ ASSENT_HOSTS = '', ASSENT_DEV_WRITES }: Bindings): ReturnType<typeof createApp> {
  const names = ASSENT_HOSTS.split(',').map((name) => name.trim());
  const context = makeContext();
  return createApp(context, {
    hosts: (host) => names.includes(host.replace(/:\d+$/, '')),
    writes: ASSENT_DEV_WRITES === '1' ? 'allowed' : 'refused',
    pages: (described) => createPages(context, described),
  });
}

function makeContext(): Context {
  const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
  return {
    ledger: noLedger(),
    vault: { aead: { seal: refuse, open: refuse }, wrappingKey: random(SECRET_BYTES), random },
    ed25519: webcryptoEd25519,
    // Nothing is written under these: there is nowhere to write to.
    keys: deploymentKeys(random(SECRET_BYTES)),
    clock: () => Date.now() as Instant,
    random,
    log: consoleLog,
  };
}

/** A ledger without a database: whatever asks it for anything is told that there is none. */
function noLedger(): Ledger {
  return {
    origin: '—',
    vkey: '—',
    store: { read: refuse, transaction: refuse, close: refuse },
    publisher: { grew() {}, newest: refuse, published: refuse, close: refuse },
    signs: false,
    isNew: false,
    fenced: () => undefined,
    submit: refuse,
    close: refuse,
  };
}

async function refuse(): Promise<never> {
  throw new Failure('store_unavailable', 'no database is bound to this Worker yet');
}

const consoleLog: Log = {
  info: (event, fields) => console.log(JSON.stringify({ event, ...fields })),
  warn: (event, thrown) =>
    console.warn(JSON.stringify({ event, reason: thrown instanceof Error ? thrown.message : typeof thrown })),
};

export default {
  fetch: (request: Request, bindings: Bindings) => appOf(bindings).fetch(request),
};
