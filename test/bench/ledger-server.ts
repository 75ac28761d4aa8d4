/**
 * Our server in a process of its own: the roof, on PostgreSQL, as `assent serve` opens it, without the story.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import type { PartyId } from '#core/ids.ts';
import { openLimits } from '#service/limits.ts';
import { keeperFile } from '../../src/node/key-set.ts';
import { serveContext } from '../../src/node/serve.ts';
import { openNode } from '../../src/node.ts';
import { serveParent } from './child.ts';

export interface LedgerReady {
  readonly port: number;
  readonly origin: string;
  readonly vkey: string;
  /** Who registers parties: the private keys of its two administrators, in PEM. */
  readonly keeper: { readonly party: PartyId; readonly pems: readonly string[] };
}

/** One lender asks all that is asked here: it is counted like any other, and never reaches its limit. */
const LIMIT = { perSecond: 1e6, perDay: 1e9 };

serveParent(async ({ databaseUrl, folder }: { databaseUrl: string; folder: string }) => {
  const host = '127.0.0.1';
  const folders = {
    dataDir: folder,
    stateDir: folder,
    keysDir: folder,
    witnessPolicy: undefined,
    timeStamps: undefined,
  };
  const config = { port: 0, host, origin: undefined, authorities: [], identityProviders: [], databaseUrl, ...folders };
  const log = { info() {}, warn: (event: string, thrown: unknown) => console.error(event, thrown) };
  const opened = await openNode(config, log);
  const context = { ...opened.context, limits: openLimits({ party: LIMIT, operator: LIMIT }) };
  const server = await serveContext(context, { host, port: 0, authorities: [], story: () => undefined });
  const { ledger } = context;
  const { party, operators } = opened.keeper;
  const pems = operators.map((_operator, at) => readFileSync(keeperFile(folder, opened.keyId, at), 'utf8'));
  const ready: LedgerReady = {
    port: Number(new URL(server.url).port),
    origin: ledger.origin,
    vkey: ledger.vkey,
    keeper: { party, pems },
  };
  return {
    ready,
    answer: async () => undefined,
    async close() {
      await server.close();
      await opened.close();
    },
  };
});
