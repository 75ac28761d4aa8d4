/** `assent verify` of receipts whose payload was erased: exit 4, and which entry says so. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatVkey } from '#core/note/key.ts';
import { verifyCommand } from '../../src/cli/commands/verify.ts';
import { signersOf } from '../api/door.ts';
import { ALL_DUE, DECISIONS_DUE, type ErasureScene, openErasureScene } from '../support/erasure-scene.ts';

let scene: ErasureScene;
let folder: string;
beforeEach(async () => {
  scene = await openErasureScene();
  folder = mkdtempSync(join(tmpdir(), 'assent-erased-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
  await scene.close();
});

async function fileOf(name: string): Promise<string> {
  const { text } = await scene.door.as(signersOf(scene.lender)).get(`/v1/accesses/${scene.asked.access}/receipt`);
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function verify(...args: readonly string[]) {
  const lines: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  const code = await verifyCommand([...args, '--vkey', formatVkey(scene.fixture.vkey)]);
  vi.restoreAllMocks();
  return { code, stdout: lines.join('') };
}

describe('assent verify, after an erasure,', () => {
  it('exits with 4 for what it shows to be erased, with 0 for an older file, and with 1 where another is invalid', async () => {
    const before = await fileOf('before.json');
    scene.setTime(ALL_DUE);
    expect((await scene.asSubject().post('/v1/erasures', { handle: null })).status).toBe(201);
    const after = await fileOf('after.json');
    const broken = join(folder, 'broken.json');
    writeFileSync(broken, '{}');
    expect((await verify(before)).code).toBe(0);
    const erased = await verify(before, after);
    expect(erased.code).toBe(4);
    expect(erased.stdout).toMatch(/after\.json: RECORDED[\s\S]*payload erased by entry \d+, at 2025-01-01T16:00:00/);
    expect((await verify(after, broken)).code).toBe(1);
  });

  it('exits with 0 for the certificate itself, and says what went, what is kept and what it does not prove', async () => {
    scene.setTime(DECISIONS_DUE);
    const { json } = await scene.asSubject().post('/v1/erasures', { handle: null });
    const [{ receipt }] = json.erased as [{ receipt: string }];
    const path = join(folder, 'certificate.json');
    const { text } = await scene.door.get(receipt);
    writeFileSync(path, text);
    const { code, stdout } = await verify(path);
    expect(code).toBe(0);
    for (const said of [
      /certificate\.json: RECORDED .* as entry \d+, check code/,
      /erased: records of decisions, uses and notices: \d+ parts \(had to be kept until 2022-05-0/,
      /still kept: letters and their evidence .*: until 2025-01-01T16:00:00\.000Z, by /,
      /what it does not prove: It does not say whose data they were/,
    ]) {
      expect(stdout).toMatch(said);
    }
    writeFileSync(path, text.replace('"kind":"erasure"', '"kind":"letter"'));
    expect((await verify(path)).code).toBe(1);
  });
});
