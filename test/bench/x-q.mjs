import pg from 'pg';
const stats=new Map(); const orig=pg.Client.prototype.query;
globalThis.qstats=stats;
pg.Client.prototype.query=function(...a){ const text=(typeof a[0]==='string'?a[0]:a[0].text??'?').trim().slice(0,40).replace(/\s+/g,' '); const s=performance.now(); const done=()=>{const e=stats.get(text)??{n:0,ms:0};e.n++;e.ms+=performance.now()-s;stats.set(text,e)};
 const r=orig.apply(this,a); if(r&&r.then) return r.then(x=>{done();return x},e=>{done();throw e}); 
 return r;};
