import { startPostgres } from '../support/postgres.ts';
import { openFixture } from '../support/ledger-fixture.ts';
import { signedScene, ask } from '../support/actors.ts';
import { auditLedger } from '#ledger/audit.ts';
import { nativeEd25519 } from '../../src/native.ts';
const N = Number(process.argv[2] ?? 20000), R = Number(process.argv[3] ?? 100);
const server = await startPostgres();
const f = await openFixture('postgres', { postgresUrl: server.url });
let t = performance.now();
const scenes = await Promise.all(Array.from({length:R}, () => signedScene(f.context)));
console.log('scenes', R, (performance.now()-t).toFixed(0),'ms');
for (let round=0; round<3; round++) {
 t = performance.now();
 let left = N/3|0;
 const c0=process.cpuUsage();
 await Promise.all(Array.from({length:32}, async (_,i)=>{ while(left-- > 0) { const v = await ask(f.context, scenes[(left*7)%R].queryAccess); if (v.decision!=='allow') throw 1; } }));
 const c=process.cpuUsage(c0); const n=N/3|0;
 console.log('decisions/s in process', (n/(performance.now()-t)*1000).toFixed(0), 'cpu us/decision', ((c.user+c.system)/n).toFixed(1));
}
await new Promise(r=>setTimeout(r,800));
for (const [name,o] of Object.entries({plain:{vault:undefined,entrySignatures:false},vault:{vault:f.context.vault,entrySignatures:false},full:{vault:f.context.vault,entrySignatures:true}})) for (let k=0;k<3;k++) {
 t = performance.now(); const c0=process.cpuUsage();
 const r = await f.store.read((tx)=>auditLedger(tx,{...o, vkey:f.vkey, ed25519:nativeEd25519} as any));
 const ms=performance.now()-t; const c=process.cpuUsage(c0);
 console.log(name, r.holds, r.size, r.decisions, r.partsOpened, ms.toFixed(0)+'ms', (r.size/ms*1000).toFixed(0)+'/s', 'cpu us/entry', ((c.user+c.system)/r.size).toFixed(1));
}
await f.close(); await server.stop();
