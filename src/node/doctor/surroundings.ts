/** The process and what is around it: its configuration, its port, its Node. */
import { createServer } from 'node:net';
import { isLoopback } from '#service/webhook-url.ts';
import type { Config } from '../config.ts';
import { fine, type Line, note, todo } from './line.ts';

export function configLines({ host, origin, authorities, databaseUrl }: Config): readonly Line[] {
  const name =
    origin === undefined
      ? note(
          'config.origin',
          'ASSENT_ORIGIN is not set: a new ledger would be a demo’s',
          'For a real ledger set it to a name of your own.',
        )
      : fine('config.origin', `the ledger is called ${origin}`);
  const isOpen = !isLoopback(host);
  const known =
    isOpen && authorities.length === 0
      ? todo(
          'config.authority',
          `HOST ${host} lets other machines in, but ASSENT_AUTHORITY does not say how they call this server`,
          'Put a proxy with TLS before it, and set ASSENT_AUTHORITY to the name that callers use.',
        )
      : fine('config.authority', isOpen ? `known to callers as ${authorities.join(', ')}` : `listens on ${host} only`);
  const database = fine(
    'config.database',
    databaseUrl === undefined ? 'DATABASE_URL is not set: embedded' : 'DATABASE_URL is set',
  );
  return [name, known, database];
}

/** @param isServed Whether a server of this ledger runs, whose port it then is. */
export async function portLine({ host, port }: Config, isServed: boolean): Promise<Line> {
  if (isServed) return fine('port', 'a server of this ledger runs');
  if (port === 0) return fine('port', 'PORT is 0: any free one');
  const code = await listenOnce(host, port);
  if (code === undefined) return fine('port', `${host}:${port} is free`);
  return todo('port', `${host}:${port} can’t be had (${code})`, 'Stop what listens there, or set PORT or HOST.');
}

/** The system's code for why it can't be listened on. */
function listenOnce(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}
