import { test } from 'vitest';
import { writeFileSync } from 'node:fs';
import { openDoor } from './door.ts';
test('x', async () => {
  const door = await openDoor();
  writeFileSync('/tmp/openapi.json', JSON.stringify((await door.get('/openapi.json')).json, null, 1));
  writeFileSync('/tmp/docs.html', (await door.get('/docs')).text);
  writeFileSync('/tmp/home.html', (await door.get('/')).text);
  writeFileSync('/tmp/style.css', (await door.get('/style.css')).text);
  for (const p of ['/','/docs','/style.css','/health','/ready','/nope','/checkpoint']) { const a = await door.get(p); console.log(p, a.status, JSON.stringify(Object.fromEntries(a.headers)), a.text.slice(0,200)); }
  for (const m of ['PUT','OPTIONS','HEAD','POST']) { const a = await door.fetch('/v1/grants/abc', {method: m}); console.log(m, a.status, JSON.stringify(Object.fromEntries(a.headers)), a.text.slice(0,300)); }
  console.log((await door.post('/v1/accesses', {a: 1, principal: 'x', items: ['A', 1]})).text);
  await door.fixture.close();
});
