import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { startPostgres, freshDatabase } from '../support/postgres.ts';
import { startChild } from './child.ts';
import { castParties, enrolBorrower, giveLetter, accessBody, onConnections } from './scene.ts';
const only = process.argv[2] ?? 'both'; const pairs = Number(process.argv[3] ?? 3); const conns = Number(process.argv[4] ?? 32); const secs = Number(process.argv[5] ?? 4);
const server = await startPostgres();
const folder = mkdtempSync('/tmp/bench-');
const dbA = await freshDatabase(server.url), dbB = await freshDatabase(server.url);
const plain = await startChild<any,any,any>('plain.ts', { databaseUrl: dbA.url, grants: 200 });
const ours = await startChild<any,any,any>('ledger-server.ts', { databaseUrl: dbB.url, folder });
const load = await startChild<any,any,any>('load.ts', {});
let t = performance.now();
const [cast] = await onConnections(ours.ready.port, 1, 1, (c) => castParties(c));
const bodies = await onConnections(ours.ready.port, 32, 200, async (c, n) => { const b = await enrolBorrower(c, cast!, ours.ready.origin, n); return accessBody(cast!, b, await giveLetter(c, cast!, b)); });
console.log('scene', (performance.now()-t).toFixed(0), 'ms');
const ticks = () => { let sum=0; for (const p of readdirSync('/proc')) if (/^\d+$/.test(p)) try { const s=readFileSync(`/proc/${p}/stat`,'utf8'); if (s.includes('(postgres)')) { const f=s.slice(s.indexOf(')')+2).split(' '); sum+=Number(f[11])+Number(f[12])+Number(f[13])+Number(f[14]); } } catch {} return sum/100; };
async function round(name: string, child: any, path: string, asked: string[], seconds = secs) {
 const c0 = await child.cpuSeconds(), l0 = await load.cpuSeconds(), p0 = ticks();
 const m = await load.ask({ port: child.ready.port, method: 'POST', asked: asked.map((body) => ({ path, body })), connections: conns, seconds, expect: { status: 201, text: '"decision":"allow"' } });
 const us = (s: number) => (s / m.answers * 1e6).toFixed(0);
 console.log(name, m.perSecond.toFixed(0), '/s p50', m.p50.toFixed(1), 'p99', m.p99.toFixed(1), 'cpu us: server', us(await child.cpuSeconds() - c0), 'load', us(await load.cpuSeconds() - l0), 'pg', us(ticks() - p0));
 return m.perSecond;
}
const A = () => round('plain ', plain, '/accesses', plain.ready.bodies), B = () => round('ledger', ours, '/v1/accesses', bodies);
const ratios: number[] = [];
if (only !== 'ledger') await A(); await B();
for (let i = 0; i < pairs; i++) { const a = only === 'ledger' ? NaN : await A(); const b = await B(); ratios.push(b / a); }
console.log('ratios', ratios.map((r) => r.toFixed(3)).join(' '));
await load.close(); await plain.close(); await ours.close(); await server.stop(); rmSync(folder, { recursive: true });
