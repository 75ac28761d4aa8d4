import { startPostgres, freshDatabase } from '../support/postgres.ts';
import { startChild } from './child.ts';
const server = await startPostgres();
for (const pool of [10, 32]) {
const db = await freshDatabase(server.url);
const plain = await startChild<any>('plain.ts', { databaseUrl: db.url, grants: 200, connections: pool });
for (const connections of [32,32,128,128]) {
 const c0 = await plain.cpuSeconds();
 const load = await startChild<any>('load.ts', { port: plain.ready.port, path: '/accesses', bodies: plain.ready.bodies, connections, seconds: 4, expect: '"decision":"allow"' });
 const lc = await load.cpuSeconds();
 await load.close();
 const c1 = await plain.cpuSeconds();
 const m = load.ready; console.log(pool, connections, (m.answers/m.seconds).toFixed(0),'/s', m.p50.toFixed(1), m.p99.toFixed(1), 'cpu us: plain', ((c1-c0)/m.answers*1e6).toFixed(0), 'load', (lc/m.answers*1e6).toFixed(0));
}
await plain.close(); await db.drop();
}
await server.stop();
