/**
 * Makes the golden ledger of an engine: the story and a refusal, with fixed keys, times and randomness, so that every
 * run makes the same bytes. Run once for a release; from then on the file is frozen (test/ledger/golden.test.ts).
 *
 *     node test/vectors/make.ts > test/vectors/engine-2.json
 */
import { createHash } from 'node:crypto';
import { parseUtf8, toBase64Url } from '#core/bytes.ts';
import type { Json } from '#core/canonical.ts';
import { ENGINE } from '#core/consent/engine.ts';
import { hashText, parseHash, parseHashText } from '#core/hash.ts';
import { ID_RANDOM_BYTES, mintId, type OperatorId, type PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { formatVkey, parseVkey, verifierKey } from '#core/note/key.ts';
import { encodePack } from '#core/pack/pack.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { openClient, partySignatory, provePartyKey, type Signatory } from '#client/index.ts';
import { type Founder, openLedger } from '#ledger/ledger.ts';
import { openParts } from '#ledger/vault.ts';
import { type Context, deploymentKeys } from '#service/context.ts';
import { openLimits } from '#service/limits.ts';
import { rememberParties } from '#service/party-memory.ts';
import { loadEntries } from '#store/entries.ts';
import { migrate } from '#store/migrate.ts';
import { loadDigests, loadParts } from '#store/payloads.ts';
import { loadRequests } from '#store/requests.ts';
import { openPglite } from '#store/pglite.ts';
import { createApp } from '../../src/api/app.ts';
import { playStory } from '../../src/cli/story.ts';
import { nativeEd25519, nativeP256 } from '../../src/native.ts';
import { webcryptoAead } from '../../src/webcrypto-aead.ts';
import { memoryErasureShelf } from '../support/erasure-shelf.ts';
import { memorySignerState } from '../support/signer-state.ts';
import { GOLDEN_PACK } from './pack.ts';

const ORIGIN = `vectors.assent.example/engine-${ENGINE}`;
/** TEST keys from public strings: never trust them outside tests. */
const seed = (name: string) => new Uint8Array(createHash('sha256').update(`assent test vector: ${name}`).digest());

let drawn = 0;
/** Every draw is the next block of one public sequence. */
function random(bytes: number): Uint8Array {
  const block = createHash('sha512').update(`assent test vector: draw ${drawn++}`).digest();
  return new Uint8Array(block.subarray(0, bytes));
}

let time = 1_795_268_000_000;
const tick = () => {
  time += 250;
  return time as Instant;
};

const store = await openPglite('memory');
await migrate(store);
const [log, issuing, recovery] = await Promise.all(['log', 'issuing', 'recovery'].map((name) => nativeEd25519.importSeed(seed(name))));
if (log === undefined || issuing === undefined || recovery === undefined) throw new Error('three keys were made');
const vkey = formatVkey(verifierKey(ORIGIN, log.publicKey));
/** The keeper and its two administrators, as a first start would make them. */
const keeperId = mintId<PartyId>(time as Instant, seed('keeper').subarray(0, ID_RANDOM_BYTES));
const administrators = await Promise.all(
  [1, 2].map(async (each) => ({
    key: await nativeEd25519.importSeed(seed(`keeper's administrator ${each}`)),
    operator: mintId<OperatorId>(time as Instant, seed(`keeper's operator ${each}`).subarray(0, ID_RANDOM_BYTES)),
  })),
);
const founder: Founder = {
  party: keeperId,
  name: `keeper of ${ORIGIN}`,
  keys: administrators.map(({ key, operator }) => ({ key: toBase64Url(key.publicKey), operator, duty: 'admin' })),
  idem: parseHash(seed("keeper's founding")),
};
const keeper = administrators.map(({ key }) => partySignatory(keeperId, key));
const quiet = { info: () => {}, warn: (event: string) => process.stderr.write(`${event}\n`) };
const ledger = await openLedger({
  store,
  origin: ORIGIN,
  vkey,
  recoveryKey: recovery.publicKey,
  issuingKey: issuing,
  keeper: founder,
  signer: { origin: ORIGIN, logKey: log, state: memorySignerState() },
  witnesses: undefined,
  erasures: memoryErasureShelf(),
  ledgerClock: async () => tick(),
  processClock: () => time as Instant,
  log: quiet,
});
const NO_LIMIT = { perSecond: 1e9, perDay: 1e12 };
const vault = { aead: webcryptoAead, wrappingKey: seed('wrapping key'), random };
const context: Context = {
  ledger,
  vault,
  ed25519: nativeEd25519, p256: nativeP256,
  issuingKey: issuing,
  keys: deploymentKeys(seed('deployment secret')),
  parties: rememberParties(),
  limits: openLimits({ party: NO_LIMIT, operator: NO_LIMIT }),
  clock: () => time as Instant,
  random,
  log: quiet,
};
const app = createApp(context, { hosts: () => true });
let calls = 0;
const clientOf = (signers: readonly Signatory[]) =>
  openClient({
    url: 'http://127.0.0.1:8787',
    fetch: async (url, init) => app.request(url, init),
    signers,
    clock: () => time,
    newKey: () => `vector-${calls++}`,
    sleep: async () => {},
  });
const { story, lender } = await playStory({
  clientOf,
  keeper,
  packs: [GOLDEN_PACK],
  keep() {},
  origin: ORIGIN,
  vkey: parseVkey(vkey),
  ed25519: nativeEd25519,
  random,
  clock: () => time,
  say() {},
});
const strange = await nativeEd25519.importSeed(seed('stranger'));
const { party: stranger } = await clientOf(keeper).registerParty({
  name: '示例第三方有限公司',
  roles: ['grantee'],
  keys: [{ ...(await provePartyKey(strange, ORIGIN)), duty: 'query' }],
});
const asStranger = clientOf([partySignatory(stranger, strange)]);
const foreign = await asStranger.askAccess({
  principal: stranger,
  handle: story.handle,
  ground: { grant: story.query },
  action: 'QUERY',
  purpose: 'loan_apply',
  items: ['credit_report'],
  door: null,
  bound: null,
});
const accesses = { allow: story.allowed, purpose: story.denied, revoked: story.refused, report: story.reported, foreign: foreign.access };
const size = foreign.entry.index + 1;
await ledger.publisher.published(size, 5_000);
const receipts: Record<string, string> = {};
for (const [name, access] of Object.entries(accesses)) receipts[name] = await (name === 'foreign' ? asStranger : lender).receipt(access);

const made = await store.read(async (tx) => ({
  rows: await loadEntries(tx, 0, size),
  digests: await loadDigests(tx, 0, size),
  parts: await openParts(vault, await loadParts(tx, 0, size)),
}));
const entries = made.rows.map((row) => ({
  entry: parseUtf8(row.bytes),
  leaf: hashText(row.leaf),
  signature: toBase64Url(row.signature),
  payload: Object.fromEntries(
    made.digests
      .filter(({ index }) => index === row.index)
      .map(({ name, digest }): [string, Json] => {
        const part = made.parts.get(`${row.index}/${name}`);
        return [name, { digest: hashText(digest), salt: part === undefined ? null : toBase64Url(part.salt), value: part?.value ?? null }];
      }),
  ),
}));
/** The signed requests that are kept in the open; the others are parts of their entries' payloads. */
const named = made.rows.map(({ bytes }) => parseEntry(bytes).body['request']).filter((digest) => typeof digest === 'string');
const kept = await store.read((tx) => loadRequests(tx, named.map(parseHashText)));
const textOf = new Map(kept.map(({ digest, request }) => [hashText(digest), request]));
const requests = named.map((digest) => textOf.get(digest) ?? null);
/** The bytes that decided: an input of every replay. */
const packs = [parseUtf8(encodePack(GOLDEN_PACK))];
const checkpoint = await lender.checkpoint();
await ledger.close();
await store.close();
process.stdout.write(`${JSON.stringify({ engine: ENGINE, origin: ORIGIN, vkey, packs, entries, requests, checkpoint, receipts }, null, 1)}\n`);
