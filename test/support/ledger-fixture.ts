/**
 * An open ledger for a test, on either database, with everything that the roof would pass in. Its clock can be set, so
 * that a test says what time it is; the database's own is used where none is given.
 */
import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { partySignatory, type Signatory } from '#client/sign.ts';
import { toBase64Url } from '#core/bytes.ts';
import { parseHash, useSha256 } from '#core/hash.ts';
import { mintId, type OperatorId, type PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { formatVkey, type VerifierKey, verifierKey } from '#core/note/key.ts';
import { type AuditReport, auditLedger } from '#ledger/audit.ts';
import type { ErasureShelf } from '#ledger/erasure-journal.ts';
import { type Founder, type Ledger, openLedger } from '#ledger/ledger.ts';
import type { Log } from '#ledger/log.ts';
import type { SignerState } from '#ledger/signer.ts';
import type { WitnessSettings } from '#ledger/witnesses.ts';
import { type Context, deploymentKeys } from '#service/context.ts';
import { openLimits } from '#service/limits.ts';
import { rememberParties } from '#service/party-memory.ts';
import { readClock } from '#store/head.ts';
import { migrate } from '#store/migrate.ts';
import { openPostgres } from '#store/postgres.ts';
import type { Tx } from '#store/schema.ts';
import type { Store } from '#store/store.ts';
import { nativeEd25519, nativeP256, nativeSha256 } from '../../src/native.ts';
import { webcryptoAead } from '../../src/webcrypto-aead.ts';
import { memoryErasureShelf } from './erasure-shelf.ts';
import { freshPglite } from './pglite.ts';
import { freshCopy, freshDatabase } from './postgres.ts';
import { memorySignerState } from './signer-state.ts';

useSha256(nativeSha256);

export type Database = 'pglite' | 'postgres';
/** Both, for the floors whose SQL or batches are tested. */
export const DATABASES: readonly Database[] = ['pglite', 'postgres'];
/** What stands on those floors says nothing of its own to a database: PostgreSQL alone, and both in the long run. */
export const UPPER_DATABASES: readonly Database[] = process.env['ASSENT_TEST_LONG'] ? DATABASES : ['postgres'];

export const random = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes));
export const ORIGIN = 'test.assent.example/log';

/** What a test may want to look at or change. */
export interface Fixture {
  readonly context: Context;
  readonly ledger: Ledger;
  readonly store: Store;
  readonly vkey: VerifierKey;
  readonly signerState: SignerState;
  readonly erasures: ErasureShelf;
  /** Every line that was logged, as text. */
  readonly logged: readonly string[];
  /** The database's URL, on PostgreSQL. */
  readonly url: string | undefined;
  /** The ledger's secret keys: what a keeper has who turns against the others. */
  readonly keys: Keys;
  /** Moves the given clock, the database's and the process's. */
  setTime(now: number): void;
  /** Puts the process's clock off the database's. */
  setApart(ms: number): void;
  audit(): Promise<AuditReport>;
  /** Audits what one transaction sees, undone or not. */
  auditIn(tx: Tx): Promise<AuditReport>;
  close(): Promise<void>;
}

export interface FixtureOptions {
  /** Another server than the run's, where the database is PostgreSQL. */
  readonly postgresUrl?: string | undefined;
  /** Ledger time; without it the database's clock. */
  readonly time?: number;
  /** Opens the same keys and database again. */
  readonly again?: Fixture;
  /** Opens this one instead, on PostgreSQL: a copy of the database of `again`. */
  readonly url?: string;
  readonly wrapStore?: (store: Store) => Store;
  /** The signer's memory; `null`: this process does not sign. */
  readonly signerState?: SignerState | null;
  /** Where it is kept what was erased. */
  readonly erasures?: ErasureShelf;
  /** Made before. */
  readonly keys?: Keys;
  /** Issuing keys beside the first one. */
  readonly further?: readonly SigningKey[];
  /** Log keys beside the first one. */
  readonly furtherLog?: readonly SigningKey[];
  /** Who cosigns its checkpoints. */
  readonly witnesses?: WitnessSettings | undefined;
  /** Its name, where it is not the usual one. */
  readonly origin?: string;
}

export type Keys = Awaited<ReturnType<typeof makeKeys>>;

export async function openFixture(database: Database = 'postgres', options: FixtureOptions = {}): Promise<Fixture> {
  const { again, postgresUrl, origin = ORIGIN } = options;
  const copy = () => (postgresUrl === undefined ? freshCopy() : freshDatabase(postgresUrl));
  const made = again === undefined && database === 'postgres' ? await copy() : undefined;
  const url = options.url ?? again?.url ?? made?.url;
  const plain = url === undefined ? (again?.store ?? (await freshPglite())) : await openPostgres(url);
  const store = options.wrapStore?.(plain) ?? plain;
  const keys = options.keys ?? again?.keys ?? (await makeKeys());
  const signerState = options.signerState ?? again?.signerState ?? memorySignerState();
  const erasures = options.erasures ?? again?.erasures ?? memoryErasureShelf();
  const logged: string[] = [];
  let time = options.time;
  let apart = 0;
  const log: Log = {
    info: (event, fields) => logged.push(JSON.stringify({ event, ...fields })),
    warn: (event, thrown) =>
      logged.push(`${event}: ${thrown instanceof Error ? `${thrown.name} ${thrown.message}` : typeof thrown}`),
  };
  const processClock = () => ((time ?? Date.now()) + apart) as Instant;
  await migrate(store);
  const vkey = verifierKey(origin, keys.log.publicKey);
  const ledger = await openLedger({
    store,
    origin,
    vkey: formatVkey(vkey),
    recoveryKey: keys.recovery.publicKey,
    issuingKey: keys.issuing,
    furtherIssuingKeys: options.further ?? [],
    keeper: keys.founder,
    furtherLogKeys: options.furtherLog ?? [],
    signer:
      options.signerState === null
        ? undefined
        : { origin, logKey: keys.log, further: options.furtherLog ?? [], state: signerState },
    witnesses: options.witnesses,
    erasures,
    ledgerClock: async (tx) => (time === undefined ? readClock(tx) : (time as Instant)),
    processClock,
    log,
  });
  const vault = { aead: webcryptoAead, wrappingKey: keys.wrappingKey, random };
  const context: Context = {
    ledger,
    vault,
    ed25519: nativeEd25519,
    p256: nativeP256,
    issuingKey: ledger.issuer.current,
    keys: deploymentKeys(keys.secret),
    parties: rememberParties(),
    limits: openLimits({ party: NO_LIMIT, operator: NO_LIMIT }),
    clock: processClock,
    random,
    log,
  };
  KEEPERS.set(ledger, keys.keeper);
  const auditIn = (tx: Tx) =>
    auditLedger(tx, { vkey, vault, ed25519: nativeEd25519, p256: nativeP256, entrySignatures: true });
  return {
    context,
    ledger,
    store,
    vkey,
    signerState,
    erasures,
    logged,
    url,
    keys,
    setTime(now) {
      time = now;
    },
    setApart(ms) {
      apart = ms;
    },
    audit: () => store.read(auditIn),
    auditIn,
    async close() {
      await ledger.close();
      await store.close();
      await made?.drop();
    },
  };
}

/** Replays everything; to be called after every test that wrote. */
export async function checkLedger(fixture: Fixture): Promise<AuditReport> {
  const report = await fixture.audit();
  expect(report.findings).toEqual([]);
  expect(report.holds).toBe(true);
  return report;
}

const NO_LIMIT = { perSecond: 1e9, perDay: 1e12 };

/** Who may sign as the keeper of an open ledger: its two administrators. */
const KEEPERS = new WeakMap<Ledger, readonly Signatory[]>();

export function keeperOf({ ledger }: Pick<Context, 'ledger'>): readonly Signatory[] {
  return KEEPERS.get(ledger) as readonly Signatory[];
}

/** The secret keys of a ledger, before it is opened: who is to witness it has to know its vkey. */
export async function makeKeys() {
  const seeds = await Promise.all([1, 2, 3, 4, 5].map(() => nativeEd25519.importSeed(random(32))));
  const [log, issuing, recovery, ...administrators] = seeds as [
    SigningKey,
    SigningKey,
    SigningKey,
    SigningKey,
    SigningKey,
  ];
  const id = <Id extends string>() => mintId<Id>(Date.now() as Instant, random(10));
  const party = id<PartyId>();
  const founder: Founder = {
    party,
    name: 'keeper of the tests',
    keys: administrators.map(({ publicKey }) => ({
      key: toBase64Url(publicKey),
      operator: id<OperatorId>(),
      duty: 'admin',
    })),
    idem: parseHash(random(32)),
  };
  const keeper = administrators.map((key) => partySignatory(party, key));
  return { log, issuing, recovery, founder, keeper, secret: random(32), wrappingKey: random(32) };
}
