/**
 * The restore ceremony on Node: the mirror's folder, the signer's own file, the keeper's keys, and the database while nobody
 * serves it (docs/keeper.md).
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Signatory, signBases } from '#client/sign.ts';
import { parseBase64, toBase64Url } from '#core/bytes.ts';
import { Failure, isFailure } from '#core/failure.ts';
import type { VerifierKey } from '#core/note/key.ts';
import type { Hearing } from '#ledger/hear-witnesses.ts';
import { openIssuer } from '#ledger/issuer.ts';
import { type ProvenTail, planRestore } from '#ledger/restore-plan.ts';
import { requireOwnName } from '#ledger/signer.ts';
import { parseEvidence } from '#ledger/witness-evidence.ts';
import { deploymentKeys } from '#service/context.ts';
import { type Restored, restoreFromMirror, type SignedByKeeper } from '#service/restore.ts';
import { readClock } from '#store/head.ts';
import { loadMissingMigrations } from '#store/settings.ts';
import { parseTsaCertificates, type TsaCertificates } from '#time-stamp/certificates.ts';
import { callWitnessBy } from '../call-witness.ts';
import { logKeyIds } from '../key-set.ts';
import { nativeEd25519, nativeP256 } from '../native.ts';
import { nativeAead } from '../native-aead.ts';
import { type OpenedStore, onStore, readWitnessing } from '../node.ts';
import { processClock } from '../open.ts';
import type { Config } from './config.ts';
import { fileErasureShelf } from './erasure-shelf.ts';
import { fileEvidenceShelf } from './evidence-shelf.ts';
import { readMirror } from './mirror.ts';
import { drawRandom } from './random.ts';
import { type HeldSignerState, holdSignerState, signerStateFile } from './signer-state.ts';
import { planStamps, putBackStamps, type ReturnedStamps } from './time-stamp/put-back.ts';

export interface RestoreAsked {
  /** The folder of the mirror. */
  readonly mirror: string;
  /** The log's public key, where it is not to be the one beside the ledger's keys. */
  readonly vkey: VerifierKey | undefined;
  readonly isSignerSetBack: boolean;
  /** Whose time-stamps are believed, where it is not to be ASSENT_TSA_CERTIFICATE. */
  readonly certificates?: TsaCertificates | undefined;
  readonly onProgress?: (done: number, size: number) => void;
}

export interface CeremonyAsked extends RestoreAsked {
  /** The keeper's keys, as they are at hand. */
  readonly signers: (keys: OpenedStore['keys']) => Promise<readonly Signatory[]>;
  readonly onProven: (tail: ProvenTail) => void;
  /** Told when the tree is whole: what is left to do is to put back time-stamps. */
  readonly onWhole?: () => void;
}

/** The tail that is missing, if one is, and the time-stamps. */
export interface RestorePlan {
  readonly tail: ProvenTail | undefined;
  readonly stamps: ReturnedStamps;
}

export interface RestoreDone {
  /** Undefined: nothing was missing of the tree. */
  readonly restored: Restored | undefined;
  readonly stamps: ReturnedStamps;
}

/** Proves the tail, and writes nothing. @throws {Failure} as {@link planRestore}; `config_invalid` */
export function planRestoreNode(config: Config, asked: RestoreAsked): Promise<RestorePlan> {
  const certificates = asked.certificates ?? configuredCertificates(config);
  return atRest(config, async (opened, state) => {
    requireOwnName(state);
    const tail = await planRestore(await planOptions(config, asked, opened, state));
    return { tail, stamps: await planStamps(opened.store, asked.mirror, certificates, tail) };
  });
}

/** Restores. @throws {Failure} as {@link restoreFromMirror}; `config_invalid` */
export function restoreNode(config: Config, asked: CeremonyAsked): Promise<RestoreDone> {
  const certificates = asked.certificates ?? configuredCertificates(config);
  return atRest(config, async (opened, state) => {
    const { keys, store } = opened;
    const signers = await asked.signers(keys);
    const restored = await restoreFromMirror({
      ...(await planOptions(config, asked, opened, state)),
      origin: keys.origin,
      state,
      issuer: openIssuer(store, keys.issuing, keys.furtherIssuing),
      ledgerClock: readClock,
      processClock,
      erasures: fileErasureShelf(join(config.stateDir, `${keys.vkey.keyId}.erasures`)),
      keys: deploymentKeys(keys.secret),
      sign: signBy(signers),
      onProven: asked.onProven,
    });
    asked.onWhole?.();
    return { restored, stamps: await putBackStamps(store, asked.mirror, certificates) };
  });
}

/** @throws {Failure} `config_invalid` */
function configuredCertificates({ timeStamps }: Config): TsaCertificates | undefined {
  if (timeStamps === undefined) return undefined;
  try {
    return parseTsaCertificates(readFileSync(timeStamps.certificates));
  } catch (cause) {
    const why = isFailure(cause) ? cause.message : 'it can’t be read';
    throw new Failure('config_invalid', `ASSENT_TSA_CERTIFICATE: ${timeStamps.certificates}: ${why}`, { cause });
  }
}

/** On a ledger that nobody serves: whoever signs holds the signer's memory. */
export function atRest<T>(
  config: Config,
  work: (opened: OpenedStore, state: HeldSignerState) => Promise<T>,
): Promise<T> {
  return onStore(config, async (opened) => {
    const path = signerStateFile(config.stateDir, opened.keys.vkey.keyId);
    // To hold what is not there would make it: an empty memory, which has signed nothing.
    if (!existsSync(path)) {
      throw new Failure('keys_missing', `the signer’s memory is missing: put its file back at ${path}`);
    }
    const state = holdSignerState(config.stateDir, logKeyIds(opened.keys));
    if (state === undefined) throw new Failure('data_in_use', 'a server holds this ledger: stop it first');
    try {
      return await work(opened, state);
    } finally {
      state.release();
    }
  });
}

async function planOptions(config: Config, asked: RestoreAsked, opened: OpenedStore, state: HeldSignerState) {
  const { mirror, isSignerSetBack, certificates: _stamps, ...sound } = asked;
  return {
    ...(await soundOptions(config, sound, opened)),
    mirror: await readMirror(mirror),
    signed: state.load(),
    isSignerSetBack,
  };
}

/** What a ledger that nobody serves is judged by. @throws {Failure} `config_invalid`, if its schema is an older one */
export async function soundOptions(
  config: Config,
  asked: Pick<RestoreAsked, 'vkey' | 'onProgress'>,
  opened: OpenedStore,
) {
  const { keys, store } = opened;
  const missing = await store.read(loadMissingMigrations);
  if (missing.length > 0) {
    throw new Failure('config_invalid', `the database has not had ${missing.join(', ')}: run npx assent migrate first`);
  }
  const { vkey = keys.vkey, onProgress } = asked;
  const evidence = fileEvidenceShelf(join(config.stateDir, `${keys.vkey.keyId}.witness-evidence.json`)).load();
  return {
    store,
    evidence: evidence === undefined ? undefined : parseEvidence(evidence),
    witnesses: hearing(config, opened),
    vkey,
    ed25519: nativeEd25519,
    p256: nativeP256,
    vault: { aead: nativeAead, wrappingKey: keys.wrappingKey, random: drawRandom },
    ...(onProgress === undefined ? {} : { onProgress }),
  };
}

function hearing(config: Config, { keys }: OpenedStore): Hearing | undefined {
  const witnessing = readWitnessing(config, keys);
  return (
    witnessing && { policy: witnessing.policy, call: callWitnessBy(fetch), ed25519: nativeEd25519, clock: Date.now }
  );
}

/** No server is asked: the request goes nowhere, and is kept as the evidence of who restored. */
const AUTHORITY = 'localhost';

export function signBy(signers: readonly Signatory[]): SignedByKeeper {
  return async ({ path, body, idempotencyKey }) => {
    const unsigned = { method: 'POST', authority: AUTHORITY, path, query: '', body, idempotencyKey } as const;
    const signed = await signBases(signers, unsigned, Math.floor(Date.now() / 1_000));
    const signatures = signed.map(({ base, signature }) => {
      return { base, signature: toBase64Url(parseBase64(signature)) };
    });
    return { body, signatures };
  };
}
