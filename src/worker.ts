/**
 * The roof on Workers. One Durable Object per log holds the ledger: batch, connection and signer. The Worker answers by
 * itself what needs no ledger (health, the documentation) and forwards everything else to that object.
 *
 * @module
 */

import { webcryptoEd25519 } from '#client/webcrypto-ed25519.ts';
import { webcryptoP256 } from '#client/webcrypto-p256.ts';
import { utf8 } from '#core/bytes.ts';
import { Failure } from '#core/failure.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { formatVkey, type PublicKey } from '#core/note/key.ts';
import type { Issuer } from '#ledger/issuer.ts';
import type { Ledger } from '#ledger/ledger.ts';
import { openPackLibrary } from '#ledger/packs.ts';
import { type Context, deploymentKeys } from '#service/context.ts';
import type { IdentityProvider } from '#service/identification.ts';
import { rememberParties } from '#service/party-memory.ts';
import { migrate } from '#store/migrate.ts';
import { createApp } from './api/app.ts';
import { PROBLEMS } from './api/problem.ts';
import { pagesOrigin, parseAuthorities } from './authorities.ts';
import { parseIdentityProviders } from './identity-providers.ts';
import { type KeySet, logKeyIds, logVkeys, parseKeySet } from './key-set.ts';
import { logTo } from './log-line.ts';
import { openContext, processClock, type Witnessing } from './open.ts';
import { openPostgres } from './store/postgres.ts';
import { createPages } from './web/pages.ts';
import { webcryptoAead } from './webcrypto-aead.ts';
import { parseOwnPolicy } from './witness-policy.ts';
import { storedErasureShelf } from './worker/erasure-shelf.ts';
import { storedEvidenceShelf } from './worker/evidence-shelf.ts';
import { type AlarmStorage, keepAlarm, lookForHeads } from './worker/heads-alarm.ts';
import { type ObjectStorage, storedSignerState } from './worker/signer-state.ts';

/** What wrangler.toml binds, and the secret. */
export interface Bindings {
  /** Host names that are ours, separated by commas; ports do not matter. */
  readonly ASSENT_HOSTS?: string;
  /** How callers know the server, for what signatures and pages name (authorities.ts): `ledger.example.org`. */
  readonly ASSENT_AUTHORITY?: string;
  /** Who identifies persons on the pages: a list as JSON (identity-providers.ts). */
  readonly ASSENT_IDENTITY_PROVIDERS?: string;
  /** Who cosigns checkpoints, as the text of a policy (C2SP tlog-policy); not set: nobody. */
  readonly ASSENT_WITNESS_POLICY?: string;
  /** Refused here: time-stamps are asked for on Node (docs/workers.md). */
  readonly ASSENT_TSA_URL?: string;
  /** The ledger's key set, as `assent keygen --ledger` writes it. */
  readonly ASSENT_KEYS?: string;
  readonly HYPERDRIVE: { readonly connectionString: string };
  readonly LEDGER: {
    idFromName(name: string): ObjectId;
    get(id: ObjectId): { fetch(request: Request): Promise<Response> };
  };
}

/** Opaque. */
type ObjectId = object;

type App = ReturnType<typeof createApp>;

const log = logTo((line) => console.log(line));
const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));

/** A Worker may have six connections open at once; one is left over. */
const CONNECTIONS_MAX = 5;

/**
 * The one place where a log is written and signed. Its requests run in one isolate, one turn at a time, so they may share
 * batches and connections, which requests of a plain Worker may not.
 */
export class LedgerObject {
  readonly #storage: ObjectStorage & AlarmStorage;
  readonly #bindings: Bindings;
  #opening: Promise<Opened> | undefined;

  constructor(state: { readonly storage: ObjectStorage & AlarmStorage }, bindings: Bindings) {
    this.#storage = state.storage;
    this.#bindings = bindings;
  }

  async fetch(request: Request): Promise<Response> {
    const opened = await this.#open();
    return (opened?.app ?? closedApp(this.#bindings)).fetch(request);
  }

  /** The runtime wakes the object, if nobody else does. The next alarm is set first: whatever fails then, it comes. */
  async alarm(): Promise<void> {
    await keepAlarm(this.#storage, processClock());
    const opened = await this.#open();
    if (opened !== undefined) await lookForHeads(opened.context);
  }

  /** Opens once; undefined: it could not. What can't be opened is tried again by the next request, so that a database may come back. */
  async #open(): Promise<Opened | undefined> {
    this.#opening ??= openLedger(this.#bindings, this.#storage);
    const opening = this.#opening;
    try {
      return await opening;
    } catch (failure) {
      if (this.#opening === opening) {
        this.#opening = undefined;
        log.warn('ledger_not_opened', failure);
      }
      return undefined;
    }
  }
}

interface Opened {
  readonly app: App;
  readonly context: Context;
}

async function openLedger(bindings: Bindings, storage: ObjectStorage & AlarmStorage): Promise<Opened> {
  refuseTimeStamps(bindings);
  const settings = {
    authorities: parseAuthorities(bindings.ASSENT_AUTHORITY),
    identityProviders: parseIdentityProviders(bindings.ASSENT_IDENTITY_PROVIDERS),
  };
  const keys = await parseKeySet(bindings.ASSENT_KEYS ?? '', webcryptoEd25519);
  const store = await openPostgres(bindings.HYPERDRIVE.connectionString, {
    connectionsMax: CONNECTIONS_MAX,
    preparesStatements: false,
  });
  try {
    await migrate(store);
    const state = storedSignerState(storage, logKeyIds(keys));
    const context = await openContext({
      store,
      keys,
      state,
      ed25519: webcryptoEd25519,
      p256: webcryptoP256,
      aead: webcryptoAead,
      random,
      log,
      witnesses: witnessingOf(bindings, storage, keys),
      erasures: storedErasureShelf(storage, keys.vkey.keyId),
    });
    log.info('ledger_opened', { vkey: formatVkey(keys.vkey) });
    await keepAlarm(storage, processClock());
    void lookForHeads(context);
    return { app: appOf(context, bindings, settings), context };
  } catch (failure) {
    await store.close();
    throw failure;
  }
}

/** What only an open ledger needs: where it can't be read, the app without one answers all the same. */
interface Settings {
  readonly authorities: readonly string[];
  readonly identityProviders: readonly IdentityProvider[];
}

const NO_SETTINGS: Settings = { authorities: [], identityProviders: [] };

/** A keeper that set it would believe that checkpoints are stamped. @throws {Failure} `config_invalid` */
function refuseTimeStamps({ ASSENT_TSA_URL }: Bindings): void {
  if (!ASSENT_TSA_URL) return;
  throw new Failure(
    'config_invalid',
    'ASSENT_TSA_URL: a Worker asks no authority for time-stamps; have a timer run assent time-stamp on another machine',
  );
}

function witnessingOf(
  { ASSENT_WITNESS_POLICY }: Bindings,
  storage: ObjectStorage,
  keys: KeySet,
): Witnessing | undefined {
  if (!ASSENT_WITNESS_POLICY) return undefined;
  const policy = parseOwnPolicy(utf8(ASSENT_WITNESS_POLICY), logVkeys(keys));
  return { policy, shelf: storedEvidenceShelf(storage, keys.vkey.keyId) };
}

function appOf(context: Context, { ASSENT_HOSTS = '' }: Bindings, { authorities, identityProviders }: Settings): App {
  const names = ASSENT_HOSTS.split(',').map((name) => name.trim().toLowerCase());
  return createApp(context, {
    hosts: (host) => names.includes(host.toLowerCase().replace(/:\d+$/, '')),
    authorities,
    pages: (described) =>
      createPages(context, {
        ...described,
        ...{ providers: () => identityProviders, origin: pagesOrigin(authorities) },
      }),
  });
}

let closed: App | undefined;

/** The app without a ledger. One isolate serves one deployment, so its bindings never change: it is made once. */
function closedApp(bindings: Bindings): App {
  closed ??= appOf(closedContext(), bindings, NO_SETTINGS);
  return closed;
}

const KEY_BYTES = 32;

const CLOSED_KEY: SigningKey = {
  publicKey: new Uint8Array(KEY_BYTES) as PublicKey,
  sign: refuse,
  signAll: refuse,
};
const CLOSED_ISSUER: Issuer = {
  current: CLOSED_KEY,
  require: () => CLOSED_KEY,
  at: refuse,
  follow: refuse,
  saw() {},
  learn: refuse,
};

/** Nothing is written under these keys: there is nowhere to write to. */
function closedContext(): Context {
  return {
    ledger: closedLedger(),
    vault: { aead: { seal: refuse, open: refuse }, wrappingKey: new Uint8Array(KEY_BYTES), random },
    ed25519: webcryptoEd25519,
    p256: webcryptoP256,
    issuingKey: CLOSED_KEY,
    parties: rememberParties(),
    limits: { take() {} },
    keys: deploymentKeys(new Uint8Array(KEY_BYTES)),
    clock: processClock,
    random,
    log,
  };
}

/** A ledger that is not open: whatever asks it for anything is told so. */
function closedLedger(): Ledger {
  return {
    origin: '—',
    vkey: '—',
    store: { read: refuse, readOnce: refuse, transaction: refuse, close: refuse },
    packs: openPackLibrary(),
    issuer: CLOSED_ISSUER,
    publisher: { grew() {}, newest: refuse, published: refuse, halt() {}, close: refuse },
    signs: false,
    logKeys: refuse,
    signingKeys: refuse,
    vkeyToShow: async () => '—',
    holdsLogKey: () => false,
    isWitnessed: false,
    isNew: false,
    fenced: () => undefined,
    submit: refuse,
    close: refuse,
  };
}

async function refuse(): Promise<never> {
  throw new Failure('store_unavailable', 'the ledger is not open');
}

/** What every isolate answers by itself. */
const WITHOUT_LEDGER: readonly string[] = ['/health', '/docs', '/openapi.json', '/style.css'];

async function answer(request: Request, bindings: Bindings): Promise<Response> {
  const origin = originOf(bindings);
  if (origin === undefined || WITHOUT_LEDGER.includes(new URL(request.url).pathname)) {
    return closedApp(bindings).fetch(request);
  }
  const { LEDGER } = bindings;
  try {
    return await LEDGER.get(LEDGER.idFromName(origin)).fetch(request);
  } catch (thrown) {
    // The object went away under the request (a new version, a crash): what became of it is unknown.
    log.warn('object_lost', thrown);
    return unknownOutcome();
  }
}

/** Which log this is, or undefined where there are no keys: its object is named so. */
function originOf({ ASSENT_KEYS }: Bindings): string | undefined {
  try {
    const { origin } = JSON.parse(ASSENT_KEYS ?? '') as { readonly origin?: unknown };
    return typeof origin === 'string' ? origin : undefined;
  } catch {
    return undefined;
  }
}

/** "Not now": the caller tries again under the same key, so that nothing happens twice. */
function unknownOutcome(): Response {
  const { status, title, detail, next, retryAfter } = PROBLEMS.store_unavailable;
  const code = 'store_unavailable';
  return new Response(
    JSON.stringify({
      type: `/docs#problem-${code}`,
      title,
      status,
      detail,
      code,
      request_id: crypto.randomUUID(),
      next,
    }),
    { status, headers: { 'content-type': 'application/problem+json', 'retry-after': String(retryAfter) } },
  );
}

export default { fetch: answer };
