/** The door of the server that holds a data folder: for who can read the folder, and for nobody else. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { utf8 } from '#core/bytes.ts';
import { Failure, type FailureCode } from '#core/failure.ts';
import { sha256 } from '#core/hash.ts';
import type { AuditReport } from '#ledger/audit.ts';
import type { Inspection } from '../../src/node/inspect.ts';
import { findLocal, type Local, type LocalDoor, openLocalDoor } from '../../src/node/local-door.ts';

const KEY_ID = '0a1b2c3d';
const REPORT: AuditReport = {
  depth: 'whole',
  origin: 'ledger.example/consent',
  size: 3,
  time: 1_795_268_000_123,
  root: sha256(utf8('root')),
  logKeys: [{ vkey: 'ledger.example/consent+…', from: 0, to: null }],
  holds: true,
  findings: [],
  findingCount: 0,
  codes: [],
  decisions: 1,
  checkpoints: 1,
  signatures: 3,
  requests: 1,
  partsOpened: 0,
  attested: 0,
  tainted: [],
  taintedRuns: [],
  conduct: [],
};

let folder: string;
let door: LocalDoor | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assent-local-'));
});
afterEach(async () => {
  await door?.close();
  door = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function serve(local: Partial<Local>): Promise<Local> {
  const missing = () => Promise.reject(new Error('not asked for'));
  door = await openLocalDoor(folder, KEY_ID, { audit: missing, inspect: missing, ...local });
  return findLocal(folder, KEY_ID) as Local;
}
const announced = () => JSON.parse(readFileSync(join(folder, `${KEY_ID}.local.json`), 'utf8'));

async function expectFailing(asked: Promise<unknown>, code: FailureCode, says: RegExp): Promise<void> {
  await expect(asked).rejects.toMatchObject({ name: 'Failure', code, message: expect.stringMatching(says) });
}

describe('the door for commands beside a server', () => {
  test('gives the report of an audit as it is, with its progress, and takes what is asked along', async () => {
    const asked: unknown[] = [];
    const local = await serve({
      async audit({ onProgress, ...rest }) {
        asked.push(rest);
        onProgress?.(1, 3);
        onProgress?.(3, 3);
        return REPORT;
      },
    });
    const steps: (readonly [number, number])[] = [];
    const options = { vkey: 'a vkey', entrySignatures: false, lists: [] };
    expect(await local.audit({ ...options, onProgress: (done, size) => steps.push([done, size]) })).toEqual(REPORT);
    expect(asked).toEqual([options]);
    expect(steps).toEqual([
      [1, 3],
      [3, 3],
    ]);
  });

  test('passes on why the server could not, and of what is its own fault says nothing', async () => {
    const local = await serve({
      audit: () => Promise.reject(new Failure('store_unavailable', 'the database holds no log')),
      inspect: () => Promise.reject(new Error('secret')),
    });
    await expectFailing(local.audit({ vkey: undefined, entrySignatures: true }), 'store_unavailable', /holds no log/);
    await expectFailing(local.inspect(), 'store_unavailable', /^(?!.*secret)/);
  });

  test('answers nobody without the token of the folder, which only its owner can read', async () => {
    await serve({ inspect: async () => ({}) as Inspection });
    const { url, token } = announced();
    const ask = (method: string, authorization: string) =>
      fetch(`${url}/inspect`, { method, headers: { authorization } });
    for (const given of ['', 'Bearer ', `Bearer ${'x'.repeat(token.length)}`, token]) {
      expect((await ask('POST', given)).status, given).toBe(403);
    }
    expect((await ask('GET', `Bearer ${token}`)).status).toBe(403);
    expect(
      (await fetch(`${url}/inspect`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: '{}' }))
        .status,
    ).toBe(200);
    expect(new URL(url).hostname).toBe('127.0.0.1');
    if (process.platform !== 'win32') {
      expect(statSync(join(folder, `${KEY_ID}.local.json`)).mode & 0o077).toBe(0);
    }
  });

  test('does one audit at a time', async () => {
    let end: (report: AuditReport) => void = () => undefined;
    let begun: () => void = () => undefined;
    const isBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const local = await serve({
      audit: () => {
        begun();
        return new Promise((resolve) => {
          end = resolve;
        });
      },
    });
    const first = local.audit({ vkey: undefined, entrySignatures: true });
    await isBegun;
    await expectFailing(local.audit({ vkey: undefined, entrySignatures: true }), 'limit_reached', /auditing already/);
    end(REPORT);
    expect((await first).holds).toBe(true);
  });

  test('leaves nothing behind, and is not asked where no server says that it is there', async () => {
    const local = await serve({ inspect: async () => ({}) as Inspection });
    await door?.close();
    door = undefined;
    expect(readdirSync(folder)).toEqual([]);
    expect(findLocal(folder, KEY_ID)).toBeUndefined();
    await expectFailing(local.inspect(), 'store_unavailable', /does not answer/);
  });
});
