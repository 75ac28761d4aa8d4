/** What the bench measured, as its JSON file holds it. */
import type { Audited } from './audit.ts';
import type { ChainsRated } from './chains.ts';
import type { GatewayMeasured } from './gateway.ts';
import type { Measured } from './load.ts';

export interface Results {
  readonly machine: Machine;
  readonly connections: number;
  readonly pairs: readonly Pair[];
  readonly law: LawRated;
  /** Rows in batch requests. */
  readonly batches: Measured;
  readonly gateway: GatewayResults;
  readonly grants: { readonly perSecond: number; readonly letters: number };
  readonly proofs: readonly Proved[];
  readonly audit: {
    readonly chains: readonly ChainsRated[];
    readonly plain: readonly Audited[];
    readonly signed: readonly Audited[];
  };
}

export interface Machine {
  readonly at: string;
  readonly cores: number;
  readonly cpu: string;
  readonly node: string;
  readonly postgres: string;
  readonly fsync: string;
}

/** One round of each side, one right after the other. */
export interface Pair {
  readonly plain: Rated;
  readonly ledger: Rated;
  readonly ratio: number;
}

/** A round with the CPU that the server's process used for each answer. */
export interface Rated extends Measured {
  readonly cpuMicros: number;
}

/** Rounds without packs, and with the shipped ones in force. */
export interface LawRated {
  readonly without: readonly Rated[];
  readonly by: readonly Rated[];
}

/** Inclusion proofs in a tree of one size. */
export interface Proved extends Measured {
  readonly size: number;
}

export interface GatewayResults extends GatewayMeasured {
  /** The middle latency of one ledger write by itself, ms. */
  readonly write: number;
}
