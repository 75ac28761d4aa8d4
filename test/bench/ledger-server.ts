/**
 * Our server in a process of its own: the roof, on PostgreSQL, as `assent serve` opens it, without the story.
 *
 * @module
 */
import { serveContext } from '../../src/node/serve.ts';
import { openNode } from '../../src/node.ts';
import { serveParent } from './child.ts';

export interface LedgerReady {
  readonly port: number;
  readonly origin: string;
  readonly vkey: string;
}

serveParent(async ({ databaseUrl, folder }: { databaseUrl: string; folder: string }) => {
  const host = '127.0.0.1';
  const config = { port: 0, host, databaseUrl, dataDir: folder, stateDir: folder, keysDir: folder };
  const log = { info() {}, warn: (event: string, thrown: unknown) => console.error(event, thrown) };
  const opened = await openNode(config, log);
  const server = await serveContext(opened.context, { host, port: 0, story: () => undefined });
  const { ledger } = opened.context;
  const ready: LedgerReady = { port: Number(new URL(server.url).port), origin: ledger.origin, vkey: ledger.vkey };
  return {
    ready,
    answer: async () => undefined,
    async close() {
      await server.close();
      await opened.close();
    },
  };
});
