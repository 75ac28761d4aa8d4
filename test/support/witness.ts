/** A witness for tests: in this process, its memory in a file of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SigningKey } from '#core/note/ed25519.ts';
import { type CosignerKey, cosignerKey, type VerifierKey } from '#core/note/key.ts';
import { openWitness } from '../../src/cli/witness/server.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { type HeldWitnessState, holdWitnessState } from '../../src/node/witness-state.ts';
import { random } from './ledger-fixture.ts';

export interface TestWitness {
  readonly name: string;
  readonly vkey: CosignerKey;
  readonly key: SigningKey;
  readonly state: HeldWitnessState;
  readonly path: string;
  /** The origins of which it found a split view. */
  readonly forked: readonly string[];
  readonly troubles: readonly unknown[];
  fetch(request: Request): Response | Promise<Response>;
  close(): void;
}

export interface TestWitnessOptions {
  readonly clock?: () => number;
  /** The key of another, that has lost its memory. */
  readonly key?: SigningKey;
  /** Stands between the witness and its memory. */
  readonly wrapState?: (state: HeldWitnessState) => HeldWitnessState;
}

export async function newWitness(
  name: string,
  logs: readonly VerifierKey[],
  { clock = Date.now, key: given, wrapState = (state) => state }: TestWitnessOptions = {},
): Promise<TestWitness> {
  const folder = mkdtempSync(join(tmpdir(), 'assent-witness-'));
  const key = given ?? (await nativeEd25519.importSeed(random(32)));
  const path = join(folder, 'w.witness');
  const state = wrapState(holdWitnessState(path, 'new'));
  const forked: string[] = [];
  const troubles: unknown[] = [];
  const { fetch } = openWitness({
    ...{ name, key, state, clock },
    logs: Map.groupBy(logs, (log) => log.name),
    ed25519: nativeEd25519,
    onSplitView: (origin) => forked.push(origin),
    onTrouble: (thrown) => troubles.push(thrown),
  });
  return {
    ...{ name, key, state, path, forked, troubles, fetch },
    vkey: cosignerKey(name, key.publicKey),
    close() {
      state.release();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
