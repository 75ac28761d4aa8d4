/** `assent gateway`: a door before a system that can't be changed. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { openDoor, openIssuingKeyRing, partySignatory } from '#client/index.ts';
import { parseBase64Url } from '#core/bytes.ts';
import { Failure } from '#core/failure.ts';
import { type PartyId, parseId } from '#core/ids.ts';
import { type GatewayMap, gatewayMapSchema } from '#wire/gateway.ts';
import { inputErrorsOf, parseInput } from '#wire/input.ts';
import { openGateway } from '../../gateway/gateway.ts';
import { nativeEd25519 } from '../../native.ts';
import { readKey } from '../../node/key-file.ts';
import { serveFetch } from '../../node/serve.ts';
import { random } from '../../node.ts';
import { readArgs } from '../args.ts';
import { clientOf } from '../http.ts';
import { EXIT, explain, terminal, Usage } from '../output.ts';
import { readVkey } from '../trust.ts';

const OPTIONS = {
  upstream: { type: 'string' },
  map: { type: 'string' },
  url: { type: 'string' },
  party: { type: 'string' },
  key: { type: 'string' },
  vkey: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  offline: { type: 'boolean' },
} as const;

const SOURCE_WAIT_MS = 5_000;

export async function gatewayCommand(args: readonly string[]): Promise<number> {
  const { values } = readArgs(args, OPTIONS, 'none');
  const want = (name: 'upstream' | 'map' | 'party' | 'key' | 'vkey'): string => {
    const value = values[name];
    if (value === undefined) throw new Usage(`gateway: want --${name}`);
    return value;
  };
  const map = readMap(want('map'));
  const upstream = readUpstream(want('upstream'));
  const party = parseId<PartyId>(want('party'));
  const vkey = readVkey(want('vkey'));
  const client = clientOf(values.url ?? 'http://127.0.0.1:8787', [partySignatory(party, await readKey(want('key')))]);
  const door = openDoor({
    party,
    client,
    doorKey: parseBase64Url((await client.doorKey(party)).key),
    log: vkey.name,
    issuingKey: await openIssuingKeyRing(client, vkey, nativeEd25519, Date.now),
    ed25519: nativeEd25519,
    clock: Date.now,
    random,
    offline: values.offline === true,
    onTrouble: (thrown) => terminal.note(`assent: the ledger could not be asked: ${explain(thrown)}`),
    onUnsettled: (access, thrown) => terminal.note(`assent: access ${access} could not be settled: ${explain(thrown)}`),
  });
  const onSilent = (thrown: unknown) => terminal.note(`assent: ${upstream} did not answer: ${causeOf(thrown)}`);
  const gateway = openGateway({ door, map, upstream, fetch, waitMs: SOURCE_WAIT_MS, onSilent });
  // Before anyone is told that it runs: who stops it at once is heard, too.
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const server = await serveFetch(gateway, { host: values.host ?? '127.0.0.1', port: readPort(values.port) });
  terminal.line(
    `Assent gateway at ${server.url}, before ${upstream}: ${map.routes.length} routes are mapped, all others closed`,
  );
  await stopped;
  await server.close();
  await door.drain();
  return EXIT.holds;
}

/** What `fetch` says is "fetch failed"; why, its cause says. */
function causeOf(thrown: unknown): string {
  return explain(thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown);
}

/** @throws {Failure} `config_invalid`, with the place in the file and what was wanted there. */
function readMap(path: string): GatewayMap {
  const value = parseMap(path, readText(path));
  try {
    return parseInput(gatewayMapSchema, value);
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    const said = inputErrorsOf(cause).map(({ at, message }) => `${at === '' ? 'the whole' : at}: ${message}`);
    throw new Failure('config_invalid', `${path}: ${said.join('; ')}`, { cause });
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Failure('config_invalid', `--map ${path} can't be read`, { cause });
  }
}

function parseMap(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // V8 says where, and quotes what stands there: a mapping says nothing of anyone.
    const where = cause instanceof Error ? `: ${cause.message}` : '';
    throw new Failure('config_invalid', `${path}: not JSON${where}`, { cause });
  }
}

function readUpstream(text: string): string {
  if (/^https?:\/\/[^/?#]+\/?$/.test(text)) return text.replace(/\/$/, '');
  throw new Failure('config_invalid', `--upstream is ${JSON.stringify(text)}, want such as http://127.0.0.1:9000`);
}

function readPort(text = '8788'): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new Failure('config_invalid', `--port is ${JSON.stringify(text)}, want a number from 0 to 65535`);
}
