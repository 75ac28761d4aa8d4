/** `assent identity-provider`: stands in for a real one, with made-up people, on a port of its own. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Failure } from '#core/failure.ts';
import { type PartyId, parseId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { readKey } from '../../node/key-file.ts';
import { serveFetch } from '../../node/serve.ts';
import { readArgs } from '../args.ts';
import { readPeople } from '../identity-provider/people.ts';
import { openIdentityProvider } from '../identity-provider/provider.ts';
import { EXIT, explain, terminal, Usage } from '../output.ts';

const OPTIONS = {
  party: { type: 'string' },
  key: { type: 'string' },
  people: { type: 'string' },
  log: { type: 'string' },
  url: { type: 'string', multiple: true },
  host: { type: 'string' },
  port: { type: 'string' },
} as const;

const LEDGER_URL = 'http://localhost:8787';

export async function identityProviderCommand(args: readonly string[]): Promise<number> {
  const { values } = readArgs(args, OPTIONS, 'none');
  const want = (name: 'party' | 'key' | 'people' | 'log'): string => {
    const value = values[name];
    if (value === undefined) throw new Usage(`identity-provider: want --${name}`);
    return value;
  };
  const provider = openIdentityProvider({
    party: parseId<PartyId>(want('party')),
    key: await readKey(want('key')),
    people: readPeople(readText(want('people')), Date.now() as Instant),
    ledger: { log: want('log'), origins: (values.url ?? [LEDGER_URL]).map(originOf) },
    clock: Date.now,
    onTrouble: (thrown) => terminal.note(`assent: a page could not be shown: ${explain(thrown)}`),
  });
  // Before anyone is told that it runs: who stops it at once is heard, too.
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const server = await serveFetch(provider.fetch, { host: values.host ?? '127.0.0.1', port: readPort(values.port) });
  terminal.line(`A synthetic identity provider, with made-up people, at ${server.url}/identify`);
  await stopped;
  await server.close();
  return EXIT.holds;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Failure('input_invalid', `--people ${path} can't be read`, { cause });
  }
}

function originOf(url: string): string {
  if (/^https?:\/\/[^/?#@]+\/?$/.test(url) && URL.canParse(url)) return new URL(url).origin;
  throw new Failure('config_invalid', `--url is ${JSON.stringify(url)}, want such as ${LEDGER_URL}`);
}

function readPort(text = '8789'): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new Failure('config_invalid', `--port is ${JSON.stringify(text)}, want a number from 0 to 65535`);
}
