/**
 * An auditor of before the log was continued under a new name (ADR 0032), through the door: it reads what there was, and how the
 * log went on, and nothing behind that, until two of the keeper continue it.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { provePartyKey } from '#client/device.ts';
import { toBase64Url } from '#core/bytes.ts';
import { hashLeaf, hashText } from '#core/hash.ts';
import { digestSignedRequest } from '#core/request/signed-request.ts';
import { parseBeside } from '#core/tlog/beside.ts';
import { parseBundle } from '#core/tlog/bundle.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import { formatTilePath } from '#core/tlog/tile-path.ts';
import { continueUnderNewOrigin } from '#service/continue.ts';
import { addPartyKey, retirePartyKey, setSuspended } from '#service/parties.ts';
import { loadEntries } from '#store/entries.ts';
import { loadHead } from '#store/head.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { ask, calledByKeeper, newParty, type Party, signedScene } from '../support/actors.ts';
import { backUp, type Copy, restoreBackup } from '../support/backup.ts';
import { continuingOn, nextOf, openNext } from '../support/continued.ts';
import { continueParties } from '../support/epochs.ts';
import { checkLedger, type Fixture, openFixture, random } from '../support/ledger-fixture.ts';
import { memorySignerState } from '../support/signer-state.ts';
import { adminsOf, type Door, doorTo, expectProblem, signersOf } from './door.ts';

const HOUR = 3_600_000;
/** More than a whole bundle stood before. */
const ASKED = 270;

let fixture: Fixture;
let copy: Copy;
let again: Fixture;
/** Before the loss, and after it. */
let before: Door;
let door: Door;
let scene: Awaited<ReturnType<typeof signedScene>>;
let auditor: Party;
let others: readonly Party[];
let ended: Party;
let suspended: Party;
/** The same auditor, by a key of which the keeper says nothing when it continues the party. */
let second: Party;
/** The index of `log.continued`. */
let n: number;
/** The size of the newest checkpoint. */
let size: number;

beforeAll(async () => {
  // Of some time before the loss, as every backup is.
  fixture = await openFixture('pglite', { time: Date.now() - HOUR });
  const { context } = fixture;
  scene = await signedScene(context);
  auditor = await newParty(context, 'auditor');
  second = { ...auditor, key: await addedKey(auditor) };
  ended = await newParty(context, 'auditor');
  suspended = await newParty(context, 'auditor');
  others = await Promise.all((['grantee', 'supervisor', 'provider'] as const).map((role) => newParty(context, role)));
  const key = toBase64Url(ended.key.publicKey);
  const path = `/v1/parties/${ended.party}/keys/retirement`;
  await retirePartyKey(context, await calledByKeeper(context, path, { key }), { party: ended.party, key });
  const suspension = await calledByKeeper(context, `/v1/parties/${suspended.party}/suspension`, {});
  await setSuspended(context, suspension, { party: suspended.party, suspended: true });
  await Promise.all(Array.from({ length: ASKED }, () => ask(context, scene.reportAccess)));
  n = await sizeOf(fixture);
  const backup = await backUp(fixture.store);
  fixture.setTime(Date.now());
  await ask(context, scene.reportAccess);
  const head = await fixture.store.read(loadHead);
  const { note } = await fixture.ledger.publisher.published(n + 1, 10_000);
  before = doorTo(fixture);
  copy = await restoreBackup('pglite', backup, '');
  const { store } = copy;
  const state = memorySignerState();
  state.advance(undefined, { size: n + 1, root: head?.root } as never);
  const next = await nextOf(fixture);
  await continueUnderNewOrigin(continuingOn(fixture, { store, state, next, lost: note }));
  again = await openNext(fixture, next, { store });
  await newParty(again.context, 'grantee');
  await newParty(again.context, 'grantee');
  size = await sizeOf(again);
  await again.ledger.publisher.published(size, 10_000);
  door = doorTo(again);
}, 120_000);
afterAll(async () => {
  await checkLedger(again);
  await again.ledger.close();
  await copy.close();
  await fixture.close();
});

async function sizeOf({ store }: Fixture): Promise<number> {
  return (await store.read(loadHead))?.size ?? 0;
}

async function addedKey({ party }: Party) {
  const { context } = fixture;
  const key = await nativeEd25519.importSeed(random(32));
  const body = { ...(await provePartyKey(key, context.ledger.origin)), duty: 'query', operator: null } as const;
  const caller = await calledByKeeper(context, `/v1/parties/${party}/keys`, body);
  await addPartyKey(context, caller, { ...body, party });
  return key;
}

const bundle = (end: number) => {
  const at = Math.floor((end - 1) / 256);
  return formatTilePath({ kind: 'bundle', n: at, width: end - at * 256 });
};
/** Entries, and what stands beside them, up to an end within a bundle. */
const pathsTo = (end: number) => [`/${bundle(end)}`, `/v1/log/beside/${bundle(end).slice('tile/entries/'.length)}`];
const by = (party: Party, through = door) => through.as(signersOf(party));

async function bytesOf(path: string): Promise<Uint8Array> {
  const { signRequest } = await import('#client/sign.ts');
  const unsigned = { method: 'GET', authority: '127.0.0.1:8787', path, query: '' } as const;
  const headers = await signRequest(signersOf(auditor), unsigned, Math.floor(Date.now() / 1_000));
  const answer = await door.app.request(`http://127.0.0.1:8787${path}`, { headers });
  expect(answer.status).toBe(200);
  return new Uint8Array(await answer.arrayBuffer());
}

async function requestOf(index: number): Promise<string> {
  const [row] = await again.store.read((tx) => loadEntries(tx, index, index + 1));
  return String(parseEntry((row as NonNullable<typeof row>).bytes).body['request']);
}

/** Nothing is read by it, and nothing said of how far another may. */
async function shownNothing(reader: Door, status: number, code: string): Promise<void> {
  for (const path of [...pathsTo(1), ...pathsTo(256), ...pathsTo(n + 1), `/v1/log/requests/${await requestOf(n)}`]) {
    const answer = await reader.get(path);
    expectProblem(answer, status, code);
    expect(answer.json).not.toHaveProperty('readable');
  }
}

describe('an auditor that waits to be continued', () => {
  test('reads every entry of before, and the one that continued the log', async () => {
    const rows = await again.store.read((tx) => loadEntries(tx, 0, size));
    const leaves = rows.map(({ bytes }) => hashLeaf(bytes));
    const [first, last] = await Promise.all([bytesOf(`/${bundle(256)}`), bytesOf(`/${bundle(n + 1)}`)]);
    const read = [...parseBundle(first, 256), ...parseBundle(last, n + 1 - 256)];
    expect(read.map(hashLeaf)).toEqual(leaves.slice(0, n + 1));
    expect(parseEntry(read.at(-1) as Uint8Array).type).toBe('log.continued');
    const beside = parseBeside(await bytesOf(pathsTo(n + 1)[1] as string), n + 1 - 256);
    expect(beside.signatures).toEqual(rows.slice(256, n + 1).map(({ signature }) => signature));
    expect(beside.requests.has(await requestOf(n))).toBe(true);
  });

  test('is told up to where, of what lies behind', async () => {
    for (let end = n + 2; end <= size; end++) {
      for (const path of pathsTo(end)) {
        const answer = await by(auditor).get(path);
        expectProblem(answer, 403, 'key_waiting');
        expect(answer.json.readable).toBe(n + 1);
        expect(answer.json.detail).toContain(`the first ${n + 1} entries`);
        expect(answer.json.next).toContain('assent party continue');
        expect(answer.headers.get('cache-control')).toBe('no-store');
      }
    }
    // Of what is not published it is told no more than that.
    expectProblem(await by(auditor).get(pathsTo(size + 1)[0] as string), 403, 'key_waiting');
  });

  test('reads signed requests of before and the one that continued the log, and none that came later', async () => {
    for (const index of [n - 1, n]) {
      const digest = await requestOf(index);
      const { status, text } = await by(auditor).get(`/v1/log/requests/${digest}`);
      expect([status, hashText(digestSignedRequest(text))]).toEqual([200, digest]);
    }
    const later = await by(auditor).get(`/v1/log/requests/${await requestOf(size - 1)}`);
    expectProblem(later, 403, 'key_waiting');
    expect(later.json.readable).toBe(n + 1);
    expectProblem(await by(auditor).get(`/v1/log/requests/${hashText(random(32) as never)}`), 404, 'not_found');
  });

  test('reads nothing else, and writes nothing', async () => {
    for (const path of [`/v1/parties/${auditor.party}`, '/v1/retention', `/v1/grants/${scene.query}`]) {
      expectProblem(await by(auditor).get(path), 403, 'key_waiting');
    }
    const answer = await by(auditor).post(`/v1/parties/${auditor.party}/self-suspension`, {});
    expectProblem(answer, 403, 'key_waiting');
    expect(await door.size()).toBe(size);
  });
});

describe('nothing is shown', () => {
  test('to a party with another role, that waits', async () => {
    for (const other of others) await shownNothing(by(other), 403, 'key_waiting');
  });

  test('to who looks after the auditor’s keys', async () => {
    await shownNothing(door.as(adminsOf(auditor)), 403, 'key_waiting');
  });

  test('to a key that ended, or a party that the keeper suspended, before the loss', async () => {
    await shownNothing(by(ended), 401, 'key_ended');
    await shownNothing(by(suspended), 401, 'key_ended');
  });

  test('to the keeper, and to other parties of the new name', async () => {
    await shownNothing(door.asKeeper(), 404, 'not_found');
    await shownNothing(by(await newParty(again.context, 'supervisor')), 404, 'not_found');
  });

  test('to a key that the keeper continued its auditor without; the others read all', async () => {
    const published = size;
    expectProblem(await by(second).get(pathsTo(published)[0] as string), 403, 'key_waiting');
    await continueParties(again, [auditor]);
    for (const path of pathsTo(published)) expect((await by(auditor).get(path)).status).toBe(200);
    expect((await by(auditor).get(`/v1/log/requests/${await requestOf(published - 1)}`)).status).toBe(200);
    await shownNothing(by(second), 403, 'key_waiting');
  });
});

test('a log that was never continued shows all to its auditors, and nothing to a key that ended', async () => {
  for (const path of pathsTo(n + 1)) {
    expect((await by(auditor, before).get(path)).status).toBe(200);
    expect((await by(second, before).get(path)).status).toBe(200);
    expectProblem(await by(ended, before).get(path), 401, 'key_ended');
    expectProblem(await by(suspended, before).get(path), 401, 'key_ended');
    for (const other of others) expectProblem(await by(other, before).get(path), 404, 'not_found');
  }
  expectProblem(await by(auditor, before).get(pathsTo(n + 2)[0] as string), 404, 'index_unknown');
});
