/** A ledger's keys, its witnesses, and the network between them, for tests. */
import { toHex, utf8 } from '#core/bytes.ts';
import { sha256 } from '#core/hash.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { formatCosignerVkey, formatVkey, type VerifierKey, verifierKey } from '#core/note/key.ts';
import { parsePolicy, type WitnessPolicy } from '#core/tlog/policy.ts';
import type { EvidenceShelf } from '#ledger/witness-evidence.ts';
import type { WitnessSettings } from '#ledger/witnesses.ts';
import { callWitnessBy } from '../../src/call-witness.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { type Keys, makeKeys, ORIGIN, random } from './ledger-fixture.ts';
import { newWitness, type TestWitness } from './witness.ts';

type Answers = (request: Request) => Response | Promise<Response>;

/** The network: who answers under which host. Who is not there is down. */
export class Network {
  readonly hosts = new Map<string, Answers>();
  readonly calls: string[] = [];
  /** Requests that are being answered now, by host. */
  readonly inFlight = new Map<string, number>();
  inFlightMax = 0;

  readonly fetch = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(url, init);
    const { host, pathname } = new URL(request.url);
    this.calls.push(`${host}${pathname}`);
    const answers = this.hosts.get(host);
    if (answers === undefined) throw new TypeError('fetch failed');
    const busy = (this.inFlight.get(host) ?? 0) + 1;
    this.inFlight.set(host, busy);
    this.inFlightMax = Math.max(this.inFlightMax, busy);
    try {
      return await Promise.race([answers(request), aborted(init?.signal)]);
    } finally {
      this.inFlight.set(host, (this.inFlight.get(host) ?? 1) - 1);
    }
  };
}

function aborted(signal: AbortSignal | null | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
  });
}

export function memoryShelf(): EvidenceShelf & { take(): void } {
  let kept: string | undefined;
  return {
    load: () => kept,
    keep(evidence) {
      kept = evidence;
    },
    take() {
      kept = undefined;
    },
  };
}

export interface Scene {
  readonly keys: Keys;
  readonly vkey: VerifierKey;
  readonly network: Network;
  readonly witnesses: readonly TestWitness[];
  readonly policy: WitnessPolicy;
  readonly shelf: ReturnType<typeof memoryShelf>;
  readonly settings: WitnessSettings;
}

/** Witnesses of one organisation each, all of them there. */
export async function prepareScene(
  names: readonly string[] = ['a.example', 'b.example'],
  quorum = 'all',
  furtherLog: readonly SigningKey[] = [],
): Promise<Scene> {
  const keys = await makeKeys();
  const vkey = verifierKey(ORIGIN, keys.log.publicKey);
  const further = furtherLog.map(({ publicKey }) => verifierKey(ORIGIN, publicKey));
  const network = new Network();
  const witnesses = await Promise.all(names.map((name) => newWitness(`${name}/w`, [vkey, ...further])));
  for (const [at, witness] of witnesses.entries()) network.hosts.set(names[at] as string, witness.fetch);
  const lines = [
    `log ${formatVkey(vkey)}`,
    ...witnesses.map(({ vkey: key }, at) => `witness ${names[at]} ${formatCosignerVkey(key)} https://${names[at]}/`),
    `group q ${quorum} ${names.join(' ')}`,
    'quorum q',
  ];
  const policy = parsePolicy(utf8(`${lines.join('\n')}\n`));
  const shelf = memoryShelf();
  const settings: WitnessSettings = {
    ...{ policy, shelf, random },
    ed25519: nativeEd25519,
    call: callWitnessBy(network.fetch as typeof fetch),
    shownAt: (url) => `${url}/${toHex(sha256(utf8(ORIGIN)))}/checkpoint`,
    everyMs: 10,
    answerWaitMs: 1_000,
    startWaitMs: 1_000,
    backOffMsMin: 20,
  };
  return { keys, vkey, network, witnesses, policy, shelf, settings };
}
