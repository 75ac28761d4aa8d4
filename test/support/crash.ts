/** Killing servers under load, and looking at what they had promised. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { provePartyKey } from '#client/device.ts';
import { partySignatory, type Signatory } from '#client/sign.ts';
import { utf8 } from '#core/bytes.ts';
import type { PartyRole } from '#core/consent/party.ts';
import { sha256 } from '#core/hash.ts';
import type { PartyId } from '#core/ids.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { parsePrivatePem } from '#core/note/key.ts';
import { authenticate } from '#service/caller.ts';
import { registerParty } from '#service/parties.ts';
import type { Placed } from '#service/placed.ts';
import { nativeEd25519 } from '../../src/native.ts';
import type { Config } from '../../src/node/config.ts';
import { keeperFile } from '../../src/node/key-set.ts';
import type { Opened } from '../../src/node.ts';
import { signedRequest } from './actors.ts';

/** The two administrators of a ledger's keeper, by the files that its first start wrote. */
async function keeperOfNode({ dataDir }: Config, { keyId, keeper }: Opened): Promise<readonly Signatory[]> {
  return Promise.all(
    keeper.operators.map(async (_operator, at) => {
      const pem = await readFile(keeperFile(dataDir, keyId, at), 'utf8');
      return partySignatory(keeper.party, await nativeEd25519.importSeed(parsePrivatePem(pem)));
    }),
  );
}

/** Has the keeper register a party by a request that can be asked again, of its idempotency key alone. */
export async function registerAs(
  config: Config,
  opened: Opened,
  idempotencyKey: string,
  role: PartyRole = 'bureau',
): Promise<{ readonly party: PartyId; readonly key: SigningKey; readonly entry: Placed }> {
  const { context } = opened;
  const key = await nativeEd25519.importSeed(sha256(utf8(idempotencyKey)));
  const keys = [{ ...(await provePartyKey(key, context.ledger.origin)), duty: 'query' as const }];
  const body = { name: idempotencyKey, roles: [role], keys };
  const keeper = await keeperOfNode(config, opened);
  const asked = await signedRequest(context, keeper, '/v1/parties', body, idempotencyKey);
  const { party, entry } = await registerParty(context, await authenticate(context, asked), body);
  return { party, key, entry };
}

export interface Ack {
  readonly index: number;
  readonly leaf: string;
}

/** What servers have promised so far, over all their lives. */
export interface Promises {
  readonly tried: Set<string>;
  readonly acked: Map<string, Ack>;
}

export interface Server {
  readonly child: ChildProcess;
  readonly output: { text: string };
  /** Waits until it has answered so many requests, over all servers. */
  acked(count: number): Promise<void>;
  kill(): Promise<void>;
}

const CHILD = fileURLToPath(new URL('./crash-child.ts', import.meta.url));

export async function crashConfig(databaseUrl: string | undefined): Promise<Config & { remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'assent-crash-'));
  return {
    port: 0,
    host: '127.0.0.1',
    origin: undefined,
    authorities: [],
    identityProviders: [],
    databaseUrl,
    dataDir: join(folder, 'data'),
    stateDir: join(folder, 'state'),
    keysDir: join(folder, 'keys'),
    witnessPolicy: undefined,
    timeStamps: undefined,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Starts a server that writes until it is killed. */
export function startServer(config: Config, name: string, promises: Promises): Server {
  const child = spawn(process.execPath, [CHILD, JSON.stringify(config), name], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { text: '' };
  child.stderr.on('data', (chunk) => {
    output.text += String(chunk);
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [word, key = '', index = '', leaf] = line.split(' ');
    if (word === 'try') promises.tried.add(key);
    // A line that was cut off by the kill is no promise.
    if (word === 'ack' && leaf?.length === 43) promises.acked.set(key, { index: Number(index), leaf });
  });
  return {
    child,
    output,
    async acked(count) {
      while (promises.acked.size < count) {
        if (child.exitCode !== null) throw new Error(`the server ended by itself: ${output.text}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
