/** Credit codes in packs: refused where a pack comes in, and left as they stand where one is in the log already. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashText, sha256 } from '#core/hash.ts';
import { encodePack, type Pack } from '#core/pack/pack.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { LOG_STREAM } from '#core/tlog/stream.ts';
import { loadEntries } from '#store/entries.ts';
import { readShipped } from '../../src/cli/packs/publish.ts';
import { appendForged, auditAfter } from '../support/attack.ts';
import { checkLedger } from '../support/ledger-fixture.ts';
import { type Door, expectProblem, openDoor } from './door.ts';

const PACKS = readShipped();
const HUABEI = PACKS.find(({ id }) => id === 'huabei') as Pack;
const spoiled = JSON.parse(JSON.stringify(HUABEI).replace('91990001MA0000103M', '91990001MA0000103N')) as Pack;

let door: Door;
beforeAll(async () => {
  door = (await openDoor()).asKeeper();
  for (const pack of PACKS.filter(({ id }) => id !== 'huabei')) {
    expect((await door.post('/v1/packs', { pack })).status).toBe(201);
  }
});
afterAll(async () => {
  await checkLedger(door.fixture);
  await door.fixture.close();
});

describe('a pack with a credit code that can be nobody’s', () => {
  test('is refused, with its place, and nothing is written; the shipped one is taken', async () => {
    expect(JSON.stringify(spoiled)).not.toBe(JSON.stringify(HUABEI));
    const size = await door.size();
    const answer = await door.post('/v1/packs', { pack: spoiled });
    expectProblem(answer, 422, 'pack_invalid');
    expect(answer.json.detail).toMatch(/^templates\[0\]\.candidates\[\d+\]\.uscc: the last character does not fit/);
    expect(await door.size()).toBe(size);
    expect((await door.post('/v1/packs', { pack: HUABEI })).status).toBe(201);
  });

  test('that was published before this was asked stands in the audit', async () => {
    const { fixture } = door;
    const bytes = encodePack({ ...spoiled, version: 2, from: HUABEI.from, to: HUABEI.to });
    const rows = await fixture.store.read((tx) => loadEntries(tx, 0, Number.MAX_SAFE_INTEGER));
    const published = rows.map((row) => parseEntry(row.bytes)).findLast(({ type }) => type === 'pack.published');
    const digest = sha256(bytes);
    // Beside a first version that is withdrawn, so that no other rule refuses it.
    expect((await door.post('/v1/packs/huabei/withdrawal', {})).status).toBe(201);
    const report = await auditAfter(fixture, async (tx) => {
      await tx.insertInto('packs').values({ digest, bytes }).execute();
      const body = { ...published?.body, idem: 'A'.repeat(43), version: 2, digest: hashText(digest) };
      await appendForged(tx, fixture, { stream: LOG_STREAM, type: 'pack.published', body });
    });
    expect(report.findings.filter(({ code }) => code === 'decision')).toEqual([]);
  });
});
