/** A mirror of a ledger in which payloads were erased: brought up before and after, and audited offline. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signRequest } from '#client/sign.ts';
import type { AuditReport } from '#ledger/audit.ts';
import type { Resources } from '#ledger/tiled-source.ts';
import { fillMirror, openMirror } from '../../src/node/mirror.ts';
import { HOST, signersOf } from '../api/door.ts';
import { newParty, type Party } from '../support/actors.ts';
import { ALL_DUE, DECISIONS_DUE, type ErasureScene, openErasureScene } from '../support/erasure-scene.ts';

let scene: ErasureScene;
let auditor: Party;
let folder: string;
beforeEach(async () => {
  scene = await openErasureScene();
  auditor = await newParty(scene.fixture.context, 'auditor');
  folder = mkdtempSync(join(tmpdir(), 'assent-mirror-erased-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await scene.close();
});

/** What the ledger serves its auditor at the scene's own time. */
const served = (): Resources => ({
  async read(path) {
    const asked = { method: 'GET', authority: HOST, path: `/${path}`, query: '' } as const;
    const now = Math.floor(scene.fixture.context.clock() / 1_000);
    const headers = await signRequest(signersOf(auditor), asked, now);
    const response = await scene.door.app.request(`http://${HOST}/${path}`, { headers });
    return response.status === 404 ? undefined : new Uint8Array(await response.arrayBuffer());
  },
});

async function fill() {
  await scene.fixture.ledger.publisher.published(await scene.door.size(), 10_000);
  return fillMirror(folder, served(), { vkey: scene.fixture.vkey, entrySignatures: true });
}
const offline = async () =>
  (await (await openMirror(folder, { vkey: scene.fixture.vkey, entrySignatures: true })).round()).report;

describe('a mirror of a ledger that has erased', () => {
  it('holds before and after, and says the same as one that begins after', async () => {
    expect((await fill()).report?.findings).toEqual([]);
    const before = await offline();
    for (const due of [DECISIONS_DUE, ALL_DUE]) {
      scene.setTime(due);
      expect((await scene.asSubject().post('/v1/erasures', { handle: null })).status).toBe(201);
    }
    expect((await fill()).report?.findings).toEqual([]);
    const grown = await offline();
    expect(grown?.holds).toBe(true);
    // Two erasures, and that of the keys: nobody's payload was in the copy, so nothing of it is attested any more than before.
    expect(grown?.size).toBe((before?.size as number) + 3);
    expect([before?.depth, grown?.depth]).toEqual(['whole', 'whole']);
    expect(grown).toMatchObject({ decisions: (before as AuditReport).decisions });
    rmSync(folder, { recursive: true, force: true });
    expect((await fill()).report?.findings).toEqual([]);
    // But for the older checkpoint, which the one that begins after was never shown.
    const { checkpoints: _kept, ...later } = (await offline()) ?? {};
    expect(grown).toMatchObject(later);
    expect((await scene.fixture.audit()).root).toEqual(grown?.root);
  });
});
