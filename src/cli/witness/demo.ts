/**
 * The demo's two witnesses: each with a key, a memory and an address of its own, as two other organisations would run them.
 * They see everything that the demo's ledger signs, and are then shown another tree by its keeper.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { utf8 } from '#core/bytes.ts';
import { sha256 } from '#core/hash.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { cosignerKey, formatCosignerVkey, formatVkey, SEED_BYTES, type VerifierKey } from '#core/note/key.ts';
import { formatAddCheckpoint } from '#core/tlog/add-checkpoint.ts';
import { signCheckpoint } from '#core/tlog/checkpoint.ts';
import { parsePolicy } from '#core/tlog/policy.ts';
import { openSplitView } from '#core/tlog/split-view.ts';
import { parseSize } from '#core/tlog/tree.ts';
import { openWitnessed } from '#core/tlog/witnessed.ts';
import type { Context } from '#service/context.ts';
import { readStanding } from '#service/standing.ts';
import { nativeEd25519 } from '../../native.ts';
import { serveFetch } from '../../node/serve.ts';
import { holdWitnessState, type WitnessState } from '../../node/witness-state.ts';
import { random } from '../../node.ts';
import { explain, terminal } from '../output.ts';
import { openWitness } from './server.ts';

export interface DemoWitnesses {
  /** The policy file by which the ledger asks them, and readers believe them. */
  readonly policyFile: string;
  /** Waits until both have cosigned all that is committed, and answers the checkpoint. */
  cosigned(context: Context): Promise<string>;
  /** Shows one of them another tree of the same size, signed by the log's own key. */
  showOther(note: string, logKey: SigningKey): Promise<SplitViewRefused>;
  close(): Promise<void>;
}

export interface SplitViewRefused {
  /** What the witness answered. */
  readonly status: number;
  readonly said: string;
  /** The file with the proof that it kept. */
  readonly evidenceFile: string;
}

const NAMES = ['witness.bureau.example', 'witness.auditor.example'] as const;
const COSIGNED_WAIT_MS = 15_000;
const LOOK_EVERY_MS = 50;

/** Starts them, and writes the policy beside the public keys in `kept`. */
export async function openDemoWitnesses(vkey: VerifierKey, kept: string, scratch: string): Promise<DemoWitnesses> {
  const opened = await Promise.all(NAMES.map((name) => openOne(name, vkey, join(scratch, 'witnesses'))));
  const policyFile = join(kept, 'witnesses.policy');
  const members = opened.map(({ line }, at) => ({ name: `w${at + 1}`, line }));
  const lines = [
    `log ${formatVkey(vkey)}`,
    ...members.map(({ name, line }) => `witness ${name} ${line}`),
    `group both all ${members.map(({ name }) => name).join(' ')}`,
    'quorum both',
  ];
  writeFileSync(policyFile, `${lines.join('\n')}\n`);
  return {
    policyFile,
    cosigned,
    showOther: (note, logKey) => showOther(opened[0] as Opened, vkey, note, logKey, kept),
    async close() {
      for (const each of opened) await each.close();
    },
  };
}

/** Who cosigned a checkpoint, by the policy file alone. @throws {Error} if that is not the quorum. */
export async function readCosigners(note: string, policyFile: string) {
  const { checkpoint, quorum } = await openWitnessed(note, parsePolicy(readFileSync(policyFile)), nativeEd25519);
  if (!quorum.met) throw new Error('the witnesses’ quorum has not cosigned');
  return { size: checkpoint.size, organisations: quorum.organisations };
}

interface Opened {
  /** Its vkey and address, as a policy names them. */
  readonly line: string;
  readonly url: string;
  readonly state: WitnessState;
  close(): Promise<void>;
}

async function openOne(name: string, vkey: VerifierKey, folder: string): Promise<Opened> {
  const key = await nativeEd25519.importSeed(random(SEED_BYTES));
  const own = cosignerKey(name, key.publicKey);
  mkdirSync(folder, { recursive: true });
  const state = holdWitnessState(join(folder, `${own.keyId}.witness`), 'new');
  const { fetch } = openWitness({
    ...{ name, key, state },
    logs: new Map([[vkey.name, [vkey]]]),
    ed25519: nativeEd25519,
    clock: Date.now,
    onSplitView() {},
    onTrouble: (thrown) => terminal.note(`assent: a witness could not answer: ${explain(thrown)}`),
  });
  const server = await serveFetch(fetch, { host: '127.0.0.1', port: 0 });
  return {
    line: `${formatCosignerVkey(own)} ${server.url}`,
    ...{ url: server.url, state },
    async close() {
      await server.close();
      state.release();
    },
  };
}

async function cosigned(context: Context): Promise<string> {
  for (let waited = 0; waited < COSIGNED_WAIT_MS; waited += LOOK_EVERY_MS) {
    const { size, witnessed } = await readStanding(context);
    if (witnessed?.size === size) return (await context.ledger.publisher.newest())?.note ?? '';
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  throw new Error('the witnesses did not cosign in time');
}

async function showOther(
  { url, state }: Opened,
  vkey: VerifierKey,
  note: string,
  logKey: SigningKey,
  kept: string,
): Promise<SplitViewRefused> {
  const size = parseSize(Number(note.split('\n')[1]));
  const other = await signCheckpoint({ origin: vkey.name, size, root: sha256(utf8('another tree')) }, logKey);
  const body = formatAddCheckpoint({ oldSize: size, proof: [], checkpoint: other });
  const answer = await fetch(`${url}/add-checkpoint`, { method: 'POST', body });
  const said = (await answer.text()).trim();
  const evidence = state.evidence(vkey.name);
  if (answer.status !== 422 || evidence === undefined) throw new Error(`the witness took a split view: ${said}`);
  await openSplitView(evidence, [vkey], nativeEd25519);
  const evidenceFile = join(kept, 'split-view.json');
  writeFileSync(evidenceFile, evidence);
  return { status: answer.status, said, evidenceFile };
}
