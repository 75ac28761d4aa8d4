/**
 * The gateway beside a bare reverse proxy, in one process of its own: both before the same small system, asked in turns
 * over one connection. What is compared is the middle latency of one request, and so requests come at a pace that all
 * three can keep: sent one upon the other, each would wait for the settlement of the one before it.
 *
 * @module
 */
import { setTimeout } from 'node:timers/promises';
import { openDoor, openIssuingKeys, PERMIT_HEADER, partySignatory } from '#client/index.ts';
import { parseBase64Url } from '#core/bytes.ts';
import type { PartyId } from '#core/ids.ts';
import { parseVkey } from '#core/note/key.ts';
import { clientOf } from '../../src/cli/http.ts';
import { openGateway } from '../../src/gateway/gateway.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { serveFetch } from '../../src/node/serve.ts';
import { random } from '../../src/node.ts';
import { serveParent } from './child.ts';
import { formatRequest, openConnection } from './connection.ts';

export interface GatewayOptions {
  readonly ledgerUrl: string;
  readonly vkey: string;
  readonly bureau: { readonly party: PartyId; readonly seed: string };
}

/** What to send through: permits that may be taken without asking, and permits that may not. */
export interface GatewayQuestion {
  readonly offline: readonly Shown[];
  readonly online: readonly Shown[];
}

export interface Shown {
  readonly permit: string;
  readonly idNumber: string;
}

/** Middle latencies, ms. */
export interface GatewayMeasured {
  readonly proxy: number;
  readonly offline: number;
  readonly online: number;
}

const REPORT = {
  credit_report: { accounts: Array.from({ length: 40 }, (_, n) => ({ n, balance: n * 100 })) },
  own: 'x',
};

const MAP = {
  routes: [
    {
      method: 'POST',
      path: '/reports',
      action: 'QUERY',
      subject: { id_type: { is: 'resident_id' }, id_number: { at: '/body/id_number' } },
      items: { are: ['credit_report'] },
      response: { items: { credit_report: ['/credit_report'] } },
    },
  ],
} as const;

serveParent(async ({ ledgerUrl, vkey, bureau }: GatewayOptions) => {
  const at = { host: '127.0.0.1', port: 0 };
  const system = await serveFetch(async () => Response.json(REPORT), at);
  const proxy = await serveFetch(async (request) => forward(system.url, request), at);
  const client = clientOf(ledgerUrl, [
    partySignatory(bureau.party, await nativeEd25519.importSeed(parseBase64Url(bureau.seed))),
  ]);
  const doorKey = parseBase64Url((await client.doorKey(bureau.party)).key);
  const issuingKey = await openIssuingKeys(client, parseVkey(vkey), nativeEd25519);
  const openOne = async (offline: boolean) => {
    const door = openDoor({
      party: bureau.party,
      client,
      doorKey,
      log: parseVkey(vkey).name,
      issuingKey,
      ed25519: nativeEd25519,
      clock: Date.now,
      random,
      offline,
      onUnsettled: (_access, thrown) => console.error('unsettled', thrown),
    });
    const gateway = openGateway({ door, map: MAP as never, upstream: system.url, fetch, waitMs: 5_000 });
    return { door, server: await serveFetch(gateway, at) };
  };
  const [offline, online] = await Promise.all([openOne(true), openOne(false)]);
  return {
    ready: undefined,
    async answer(question: GatewayQuestion): Promise<GatewayMeasured> {
      const rounds = { proxy: [] as number[], offline: [] as number[], online: [] as number[] };
      // In turns, so that what drifts meets all three.
      for (let start = 0; start < question.offline.length; start += TURN) {
        const turn = (shown: readonly Shown[]) => shown.slice(start, start + TURN);
        rounds.proxy.push(...(await latencies(proxy.url, turn(question.offline))));
        rounds.offline.push(...(await latencies(offline.server.url, turn(question.offline))));
        await offline.door.drain();
        rounds.online.push(...(await latencies(online.server.url, turn(question.online))));
        await online.door.drain();
      }
      return { proxy: middle(rounds.proxy), offline: middle(rounds.offline), online: middle(rounds.online) };
    },
    async close() {
      for (const server of [offline.server, online.server, proxy, system]) await server.close();
    },
  };
});

/** One request in so many milliseconds. */
const PACE_MS = 20;

/** So many requests go to one of the three before it is the next one's turn. */
const TURN = 100;

async function forward(upstream: string, request: Request): Promise<Response> {
  const body = new Uint8Array(await request.arrayBuffer());
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${upstream}${new URL(request.url).pathname}`, { method: 'POST', headers, body });
  return new Response(await response.arrayBuffer(), { status: response.status, headers });
}

async function latencies(url: string, shown: readonly Shown[]): Promise<readonly number[]> {
  const port = Number(new URL(url).port);
  const connection = await openConnection(port);
  const taken: number[] = [];
  for (const { permit, idNumber } of shown) {
    const headers = { 'content-type': 'application/json', [PERMIT_HEADER]: permit };
    const body = JSON.stringify({ id_number: idNumber });
    const request = formatRequest(port, { method: 'POST', path: '/reports', headers, body });
    const asked = performance.now();
    const answer = await connection.ask(request);
    const answered = performance.now();
    taken.push(answered - asked);
    if (answer.status !== 200) throw new Error(`want 200, got ${answer.status} ${answer.body}`);
    await setTimeout(Math.max(0, asked + PACE_MS - answered));
  }
  connection.close();
  return taken;
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
