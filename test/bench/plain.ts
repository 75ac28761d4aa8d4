/**
 * The plain service: what a team would write instead of a ledger. The smallest Hono and pg service that reads a
 * grant's row, inserts an unsigned audit row, and answers. The yardstick of design §12; a process of its own.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import pg from 'pg';
import { serveParent } from './child.ts';

/** What is asked, in the same form as the ledger is asked. */
interface Asked {
  readonly ground: { readonly grant: string };
  readonly purpose: string;
  readonly items: readonly string[];
}

const DAY_MS = 86_400_000;
/** pg's default, and the fastest of those tried (32 gains nothing on two cores). */
const CONNECTIONS = 10;

serveParent(async ({ databaseUrl, grants }: { databaseUrl: string; grants: number }) => {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: CONNECTIONS });
  await pool.query(`
    create table grants (
      id uuid primary key, purposes text[] not null, items text[] not null,
      valid_from timestamptz not null, valid_to timestamptz not null, revoked_at timestamptz);
    create table audit (
      id bigint generated always as identity primary key, at timestamptz not null default now(),
      grant_id uuid not null, purpose text not null, items text[] not null, decision text not null)`);
  const ids = Array.from({ length: grants }, () => randomUUID());
  const now = Date.now();
  for (const id of ids) {
    await pool.query('insert into grants values ($1, $2, $3, $4, $5, null)', [
      id,
      ['loan_apply', 'post_loan'],
      ['credit_info', 'credit_report'],
      new Date(now - DAY_MS),
      new Date(now + DAY_MS),
    ]);
  }

  const app = new Hono();
  app.post('/accesses', async (call) => {
    const { ground, purpose, items } = await call.req.json<Asked>();
    const found = await pool.query(
      'select purposes, items, valid_from, valid_to, revoked_at from grants where id = $1',
      [ground.grant],
    );
    const [grant] = found.rows;
    const at = Date.now();
    const allowed =
      grant !== undefined &&
      grant.revoked_at === null &&
      grant.valid_from <= at &&
      at < grant.valid_to &&
      grant.purposes.includes(purpose) &&
      items.every((item) => grant.items.includes(item));
    const decision = allowed ? 'allow' : 'deny';
    const made = await pool.query(
      'insert into audit (grant_id, purpose, items, decision) values ($1, $2, $3, $4) returning id',
      [ground.grant, purpose, items, decision],
    );
    return call.json({ id: made.rows[0].id, decision }, 201);
  });

  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('a server that listens has a port');
  return {
    ready: { port: address.port, bodies: ids.map(bodyOf) },
    answer: async () => undefined,
    async close() {
      if ('closeAllConnections' in server) server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await pool.end();
    },
  };
});

/** As long as the ledger's own request, field by field. */
function bodyOf(grant: string): string {
  const other = randomUUID().replaceAll('-', '');
  return JSON.stringify({
    principal: other,
    handle: other,
    ground: { grant },
    action: 'QUERY',
    purpose: 'loan_apply',
    items: ['credit_report'],
    door: other,
  });
}
