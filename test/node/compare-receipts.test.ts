/** Receipts that an auditor holds, against the log that it follows: of this history, of another one, or of none. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { partySignatory } from '#client/sign.ts';
import { utf8 } from '#core/bytes.ts';
import type { AccessId } from '#core/ids.ts';
import { signCheckpoint } from '#core/tlog/checkpoint.ts';
import { formatTlogProof, parseTlogProof } from '#core/tlog/proof.ts';
import { parseSize } from '#core/tlog/tree.ts';
import type { Resources } from '#ledger/tiled-source.ts';
import { receiptOf } from '#service/receipts.ts';
import { createApp } from '../../src/api/app.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { compareReceipts, type Followed } from '../../src/node/compare-receipts.ts';
import { httpResources } from '../../src/node/resources.ts';
import { type Server, serveFetch } from '../../src/node/serve.ts';
import { openWatch } from '../../src/node/watch.ts';
import { ask, newParty, signedScene } from '../support/actors.ts';
import { checkLedger, type Fixture, ORIGIN, openFixture } from '../support/ledger-fixture.ts';
import { signedElsewhere } from '../support/signed-elsewhere.ts';

let fixture: Fixture;
let server: Server;
let resources: Resources;
/** Receipts by the sizes of their trees, some of which the log long outgrew. */
const receipts: string[] = [];

async function published(): Promise<void> {
  await fixture.ledger.publisher.published((await fixture.audit()).size, 10_000);
}

beforeAll(async () => {
  fixture = await openFixture();
  const { context } = fixture;
  const scene = await signedScene(context);
  const auditor = await newParty(context, 'auditor');
  for (const more of [0, 3, 240]) {
    await Promise.all(Array.from({ length: more }, () => ask(context, scene.reportAccess)));
    const { access } = await ask(context, scene.reportAccess);
    await published();
    receipts.push(await receiptOf(context, access as AccessId));
  }
  const app = createApp(context, { hosts: () => true });
  server = await serveFetch((request) => app.fetch(request), { host: '127.0.0.1', port: 0 });
  resources = httpResources({
    ...{ url: server.url, authority: undefined },
    signers: [partySignatory(auditor.party, auditor.key)],
  });
});
afterAll(async () => {
  await server.close();
  await checkLedger(fixture);
  await fixture.close();
});

async function followed(change: Partial<Followed> = {}): Promise<Followed> {
  const watch = await openWatch({
    ...{ vkey: fixture.vkey, resources, kept: [], entrySignatures: false, ageMax: undefined, clock: Date.now },
  });
  const { served, report } = await watch.round();
  if (served === undefined || report === null) throw new Error('nothing is served');
  return { vkey: fixture.vkey, served: served.checkpoint, resources, report, ...change };
}

const compare = async (texts: readonly string[], change: Partial<Followed> = {}) =>
  compareReceipts(
    texts.map((text, n) => ({ file: `${n}.json`, bytes: utf8(text) })),
    await followed(change),
  );

describe('receipts that an auditor holds', () => {
  it('hold in the log that gave them, however much it has grown', async () => {
    const compared = await compare(receipts);
    expect(compared.map(({ verdict, message }) => [verdict, message])).toEqual(receipts.map(() => ['holds', null]));
    const sizes = compared.map(({ size }) => size as number);
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    expect(new Set(sizes).size).toBe(receipts.length);
  });

  it('convict it of another history, at any size, though nothing else of the file holds', async () => {
    const other = new Uint8Array(32).fill(9);
    for (const text of receipts) {
      const [found] = await compare([await signedElsewhere(fixture, text, { root: other })]);
      expect([found?.verdict, found?.message]).toEqual(['diverged', expect.stringContaining('no beginning')]);
    }
    const [first = ''] = receipts;
    const [ahead] = await compare([await signedElsewhere(fixture, first, { size: 1_000_000, root: other })]);
    expect([ahead?.verdict, ahead?.message]).toEqual(['diverged', expect.stringContaining('rolled back')]);
    // Two trees in one file, of which the first is the log's own.
    const one = JSON.parse(first);
    const two = JSON.parse(await signedElsewhere(fixture, first, { size: 5, root: other }));
    const [both] = await compare([JSON.stringify({ ...one, slices: [one.slices[0], ...two.slices.slice(1)] })]);
    expect(both?.verdict).toBe('diverged');
  });

  it('accuse nobody where the log’s key did not sign, or they are no receipts', async () => {
    const [first = ''] = receipts;
    const stranger = await nativeEd25519.importSeed(new Uint8Array(32).fill(3));
    const forged = await signCheckpoint(
      { origin: ORIGIN, size: parseSize(9), root: new Uint8Array(32).fill(1) as never },
      stranger,
    );
    const receipt = JSON.parse(first);
    const slices = receipt.slices.map((slice: { readonly proof: string }) => {
      const { index, proof } = parseTlogProof(slice.proof);
      return { ...slice, proof: formatTlogProof({ index, proof, checkpoint: forged }) };
    });
    const changed = first.replace('"access":"', '"access":"0');
    const compared = await compare([JSON.stringify({ ...receipt, slices }), changed, '{}', first.slice(0, -9)]);
    expect(compared.map(({ verdict }) => verdict)).toEqual(['invalid', 'invalid', 'invalid', 'invalid']);
    for (const { message } of compared) expect(message).toMatch(/./);
  });

  it('tell what the replay found at their own entry, and of no other', async () => {
    const [before] = await compare(receipts);
    const finding = { code: 'decision', index: before?.index ?? 0, message: 'decided otherwise' } as const;
    const compared = await compare(receipts, { report: { findings: [finding], codes: ['decision'], logKeys: [] } });
    expect(compared.map(({ verdict }) => verdict)).toEqual(['otherwise', 'holds', 'holds']);
  });

  it('show nothing where the tiles that would prove it are missing or cut', async () => {
    const cut = (change: (bytes: Uint8Array) => Uint8Array | undefined): Resources => ({
      async read(path) {
        const bytes = await resources.read(path);
        return path.startsWith('tile/') && bytes !== undefined ? change(bytes) : bytes;
      },
    });
    for (const change of [() => undefined, (bytes: Uint8Array) => bytes.slice(32)]) {
      const [first] = await compare(receipts.slice(0, 1), { resources: cut(change) });
      expect(first?.verdict).toBe('unproven');
    }
    // A server that shows other tiles than it was replayed by convicts itself of that, and of no fork.
    const [first] = await compare(receipts.slice(0, 1), {
      resources: cut((bytes) => bytes.map((byte) => byte ^ 1)),
      report: { findings: [], codes: ['tree'], logKeys: [] },
    });
    expect(first?.verdict).toBe('unproven');
    // Nor do tiles that were not replayed, since the auditor is not shown their entries.
    const report = { findings: [], codes: [], logKeys: [] };
    for (const [readable, verdict] of [[1, 'unproven'] as const, [undefined, 'diverged'] as const]) {
      const change = { resources: cut((bytes) => bytes.map((byte) => byte ^ 1)), report, readable };
      expect((await compare(receipts.slice(0, 1), change))[0]?.verdict).toBe(verdict);
    }
  });
});
