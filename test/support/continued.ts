/** The ceremony of a new origin on a database, with everything in order; a test changes what it is about. */
import { toBase64Url } from '#core/bytes.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { formatVkey, verifierKey } from '#core/note/key.ts';
import type { ConsistencyProof } from '#core/tlog/consistency.ts';
import type { Size } from '#core/tlog/tree.ts';
import { openIssuer } from '#ledger/issuer.ts';
import type { EndableState } from '#ledger/signer.ts';
import { proveConsistency } from '#ledger/tree.ts';
import type { ContinuationOptions } from '#service/continue.ts';
import { readClock } from '#store/head.ts';
import type { Store } from '#store/store.ts';
import { nativeEd25519, nativeP256 } from '../../src/native.ts';
import { signingBy } from './backup.ts';
import { memoryErasureShelf } from './erasure-shelf.ts';
import {
  type Fixture,
  type FixtureOptions,
  type Keys,
  keeperOf,
  ORIGIN,
  openFixture,
  random,
} from './ledger-fixture.ts';
import { memorySignerState } from './signer-state.ts';

export const NEXT_ORIGIN = `${ORIGIN}-2`;

/** The keys that a log goes on with, and what its next signer remembers. */
export interface Next {
  readonly keys: Keys;
  readonly state: EndableState;
  readonly origin: string;
}

export async function nextOf(fixture: Fixture, origin: string = NEXT_ORIGIN): Promise<Next> {
  const [log, issuing, recovery] = (await Promise.all([1, 2, 3].map(() => nativeEd25519.importSeed(random(32))))) as [
    SigningKey,
    SigningKey,
    SigningKey,
  ];
  return { keys: { ...fixture.keys, log, issuing, recovery }, state: memorySignerState(), origin };
}

/** Proves by the tree of a database that was not lost, as a monitor's tiles do. */
export function proveOn(store: Store): (from: Size, to: Size) => Promise<ConsistencyProof> {
  return (from, to) => store.read((tx) => proveConsistency(tx, from, to));
}

export interface On {
  readonly store: Store;
  readonly state: EndableState;
  readonly next: Next;
  /** The note of the checkpoint that is lost. */
  readonly lost: string;
}

export function continuingOn(
  fixture: Fixture,
  { store, state, next, lost }: On,
  change: Partial<ContinuationOptions> = {},
): ContinuationOptions {
  const { context, keys, vkey, erasures } = fixture;
  const textOf = ({ publicKey }: SigningKey) => toBase64Url(publicKey);
  return {
    store,
    state,
    next: next.origin,
    lost,
    prove: undefined,
    evidence: undefined,
    witnesses: undefined,
    vkey,
    ed25519: nativeEd25519,
    p256: nativeP256,
    vault: context.vault,
    erasures,
    ledgerClock: readClock,
    processClock: context.clock,
    keys: context.keys,
    recovery: keys.recovery,
    keeperKeys: keeperOf(context).map(({ key }) => textOf(key)),
    sign: signingBy(keeperOf(context)),
    makeKeys: async () => ({
      log_key: formatVkey(verifierKey(next.origin, next.keys.log.publicKey)),
      issuing_key: textOf(next.keys.issuing),
      recovery_key: textOf(next.keys.recovery),
      issuer: openIssuer(store, keys.issuing, [next.keys.issuing]),
      nextState: next.state,
      erasures: memoryErasureShelf(erasures.load()),
    }),
    ...change,
  };
}

/** Opens the log under its next name. */
export function openNext(
  fixture: Fixture,
  { keys, state, origin }: Next,
  { store, ...more }: { readonly store: Store } & Pick<FixtureOptions, 'witnesses' | 'furtherLog'>,
): Promise<Fixture> {
  return openFixture('pglite', { again: fixture, wrapStore: () => store, keys, signerState: state, origin, ...more });
}
