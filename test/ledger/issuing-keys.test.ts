/** Issuing keys in a ledger: just the one in force signs, whichever process writes and wherever it was stopped. */
import type { KyselyPlugin } from 'kysely';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { toBase64Url, utf8 } from '#core/bytes.ts';
import { ISSUING_OVERLAP_MS, liveIssuingKeys, possessionBytes } from '#core/consent/issuing-key.ts';
import { openLogState } from '#core/consent/log-keys.ts';
import { openPermit } from '#core/consent/permit.ts';
import { findTaint } from '#core/consent/receipt-taint.ts';
import { verifyReceipt } from '#core/consent/verify-receipt.ts';
import { useSha256 } from '#core/hash.ts';
import type { Instant } from '#core/instant.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { entrySigningBytes } from '#core/tlog/entry.ts';
import type { Write } from '#ledger/write.ts';
import type { Context } from '#service/context.ts';
import {
  addIssuingKey,
  compromiseIssuingKey,
  readLogKeys,
  retireIssuingKey,
  switchIssuingKey,
} from '#service/issuing-keys.ts';
import { receiptOf } from '#service/receipts.ts';
import { type EntryRow, loadEntries } from '#store/entries.ts';
import type { Tx } from '#store/schema.ts';
import type { Store } from '#store/store.ts';
import { nativeEd25519, nativeSha256 } from '../../src/native.ts';
import { ask, calledByKeeper, signedScene } from '../support/actors.ts';
import { auditAfter, overwrite } from '../support/attack.ts';
import { expectRefusal } from '../support/failure.ts';
import { checkLedger, DATABASES, type Fixture, openFixture, random } from '../support/ledger-fixture.ts';
import { present } from '../support/releases.ts';

useSha256(nativeSha256);

const PATH = '/v1/log/issuing-keys';
const newKey = () => nativeEd25519.importSeed(random(32));
const textOf = ({ publicKey }: SigningKey) => toBase64Url(publicKey);

async function add(context: Context, key: SigningKey, origin = context.ledger.origin, idem?: string) {
  const possession = toBase64Url(await key.sign(possessionBytes(origin, textOf(key))));
  const body = { key: textOf(key), possession };
  return addIssuingKey(context, await calledByKeeper(context, PATH, body, idem), body);
}

async function change(context: Context, to: 'switch' | 'retirement', key: SigningKey, idem?: string) {
  const body = { key: textOf(key) };
  const caller = await calledByKeeper(context, `${PATH}/${to}`, body, idem);
  return to === 'switch' ? switchIssuingKey(context, caller, body.key) : retireIssuingKey(context, caller, body.key);
}

async function declare(context: Context, key: SigningKey, since: number) {
  const body = { key: textOf(key), since: since as Instant };
  return compromiseIssuingKey(context, await calledByKeeper(context, `${PATH}/compromise`, body), body);
}

/** Holds writes back until there are so many, and then hands them in at once: one ask, the change of keys, the other asks. */
function inOneBatch(context: Context, count: number): Context {
  const { ledger } = context;
  const held: { readonly write: Write; readonly go: () => void }[] = [];
  const isAsk = ({ write }: { readonly write: Write }) => write.touches.some((stream) => stream.startsWith('rel/'));
  return {
    ...context,
    ledger: {
      ...ledger,
      submit: (write) =>
        new Promise((resolve, reject) => {
          held.push({ write, go: () => void ledger.submit(write).then(resolve, reject) });
          if (held.length < count) return;
          const [first, ...others] = held.filter(isAsk);
          for (const each of [first, ...held.filter((one) => !isAsk(one)), ...others]) each?.go();
        }),
    },
  };
}

/** Which of some keys signed each entry, by its place among them. */
async function signersOf({ store }: Fixture, keys: readonly SigningKey[]): Promise<readonly number[]> {
  const rows = await store.read((tx) => loadEntries(tx, 0, 10_000));
  return Promise.all(
    rows.map(async ({ leaf, signature }) => {
      const verified = await Promise.all(
        keys.map(({ publicKey }) => nativeEd25519.verify(publicKey, entrySigningBytes(leaf), signature)),
      );
      return verified.indexOf(true);
    }),
  );
}

describe.each(DATABASES)('issuing keys on %s', (database) => {
  const opened: Fixture[] = [];
  afterEach(async () => {
    for (const each of opened.splice(0).reverse()) await each.close();
  });
  const open = async (options: Partial<Parameters<typeof openFixture>[1]> = {}) => {
    const fixture = await openFixture(database, { postgresUrl: inject('postgresUrl'), ...options });
    opened.push(fixture);
    return fixture;
  };

  it('change at one entry, exactly, also within a batch; old receipts and permits keep verifying (attack 79)', async () => {
    const second = await newKey();
    const start = Date.UTC(2026, 10, 21);
    const fixture = await open({ further: [second], time: start });
    const { context, keys, vkey } = fixture;
    const scene = await signedScene(context);
    const before = await ask(context, scene.queryAccess);
    const added = await add(context, second);
    const between = await ask(context, { ...scene.queryAccess, purpose: 'marketing' });
    fixture.setTime(start + 1_000);
    // All in one batch: what comes before the switch is the old key's, what comes behind it the new one's.
    const together = inOneBatch(context, 4);
    const asked = () => ask(together, { ...scene.queryAccess, purpose: 'marketing' });
    const body = { key: textOf(second) };
    const caller = await calledByKeeper(context, `${PATH}/switch`, body);
    const [switched] = await Promise.all([switchIssuingKey(together, caller, body.key), asked(), asked(), asked()]);
    const after = await ask(context, scene.reportAccess);
    const signers = await signersOf(fixture, [keys.issuing, second]);
    const { index } = switched.entry;
    expect(signers).toEqual(signers.map((_, at) => (at <= index ? 0 : 1)));
    expect(signers.length).toBeGreaterThan(index + 1);
    expect(added.entry.index).toBeLessThan(between.entry.index);

    // A permit is its access's key's, also when it is made again.
    await context.ledger.publisher.published(after.entry.index + 1, 10_000);
    const live = liveIssuingKeys(await openLogState(await readLogKeys(context), vkey, nativeEd25519));
    expect(live.map(toBase64Url)).toEqual([textOf(second), textOf(keys.issuing)]);
    expect((await openPermit(before.permit as string, keys.issuing.publicKey, nativeEd25519)).access).toBe(
      before.access,
    );
    expect((await openPermit(after.permit as string, second.publicKey, nativeEd25519)).access).toBe(after.access);
    for (const { permit, access } of [before, after]) {
      expect((await openPermit(permit as string, live, nativeEd25519)).access).toBe(access);
    }
    expect(await present(context, scene.bureau, before)).toMatchObject({ decision: 'allow' });
    expect(await present(context, scene.bureau, after)).toMatchObject({ decision: 'allow' });
    expect(toBase64Url(context.issuingKey.publicKey)).toBe(textOf(second));

    for (const { access } of [before, between, after]) {
      const bytes = utf8(await receiptOf(context, access));
      expect(await verifyReceipt(bytes, vkey, nativeEd25519)).toMatchObject({ recorded: 'unwitnessed', problem: null });
    }
    await expectRefusal('limit_reached', change(context, 'retirement', keys.issuing));
    fixture.setTime(start + 1_000 + ISSUING_OVERLAP_MS);
    await change(context, 'retirement', keys.issuing);
    await checkLedger(fixture);
  });

  it('that were compromised taint just what they signed since then, and are taken no more at once', async () => {
    const second = await newKey();
    const start = Date.UTC(2026, 10, 21);
    const fixture = await open({ further: [second], time: start });
    const { context, keys, vkey } = fixture;
    const scene = await signedScene(context);
    const runs = async () => (await checkLedger(fixture)).taintedRuns;
    await ask(context, scene.queryAccess);
    fixture.setTime(start + 1_000);
    const denied = await ask(context, { ...scene.queryAccess, purpose: 'marketing' });
    const allowed = await ask(context, scene.reportAccess);
    await add(context, second);
    fixture.setTime(start + 2_000);
    await expectRefusal('limit_reached', declare(context, keys.issuing, start));
    const { entry } = await change(context, 'switch', second);
    const scene2 = await signedScene(context);
    await ask(context, scene2.queryAccess);
    expect(await runs()).toEqual([]);

    const run = { key: textOf(keys.issuing), to: entry.index + 1 };
    await declare(context, keys.issuing, start + 2_000);
    expect(await runs()).toEqual([{ ...run, since: start + 2_000, from: entry.index, permits: 0 }]);
    await declare(context, keys.issuing, start + 1);
    const since = { since: start + 1, from: denied.entry.index, permits: 1 };
    expect(await runs()).toEqual([{ ...run, ...since }]);
    const last = await declare(context, keys.issuing, start);
    expect(await runs()).toEqual([{ ...run, since: start, from: 0, permits: 2 }]);

    // At once, a day before it could be retired.
    await context.ledger.publisher.published(last.entry.index + 1, 10_000);
    const later = await readLogKeys(context);
    expect(liveIssuingKeys(await openLogState(later, vkey, nativeEd25519)).map(toBase64Url)).toEqual([textOf(second)]);
    // What it signed is recorded as ever, and who asks for the keys of today is told.
    const receipt = utf8(await receiptOf(context, allowed.access));
    expect(await verifyReceipt(receipt, vkey, nativeEd25519)).toMatchObject({ recorded: 'unwitnessed', problem: null });
    const tainted = await findTaint(receipt, later, vkey, nativeEd25519);
    expect(tainted.map(({ key }) => key)).toContain(textOf(keys.issuing));
    // One that never signed taints nothing.
    const third = await newKey();
    await add(context, third);
    await declare(context, third, start);
    expect(await runs()).toHaveLength(1);
  });

  it('are looked for in the audit: a right signature by a key not in force is a finding (attack 78)', async () => {
    const second = await newKey();
    const fixture = await open({ further: [second] });
    const { context, keys } = fixture;
    const scene = await signedScene(context);
    const early = await ask(context, scene.queryAccess);
    await add(context, second);
    const { entry } = await change(context, 'switch', second);
    const late = await ask(context, scene.reportAccess);
    await checkLedger(fixture);
    const forgeries = [
      [early.entry.index, second],
      [entry.index, second],
      [late.entry.index, keys.issuing],
    ] as const;
    for (const [index, key] of forgeries) {
      const { holds, findings } = await auditAfter(fixture, async (tx) => {
        const [row] = await loadEntries(tx, index, index + 1);
        const signature = await key.sign(entrySigningBytes((row as EntryRow).leaf));
        await overwrite(tx, index, { signature });
      });
      expect({ holds, findings }).toMatchObject({ holds: false, findings: [{ code: 'signature', index }] });
    }
    await checkLedger(fixture);
  });

  it('are at hand, or the ledger is not opened, and never given another key', async () => {
    const second = await newKey();
    const fixture = await open({ further: [second] });
    await add(fixture.context, second);
    // Announced only: a server that has not got it yet goes on with what signs.
    const without = await open({ again: fixture, signerState: null });
    const scene = await signedScene(without.context);
    await expectRefusal('issuing_key_absent', change(without.context, 'switch', second));
    await change(fixture.context, 'switch', second);
    const { size } = await checkLedger(fixture);
    await expectRefusal('keys_missing', ask(without.context, scene.queryAccess));
    expect((await checkLedger(fixture)).size).toBe(size);
    await expectRefusal('keys_missing', openFixture(database, { again: fixture, signerState: null }));
    const other = [await newKey()];
    await expectRefusal('keys_missing', openFixture(database, { again: fixture, signerState: null, further: other }));
    const again = await open({ again: fixture, signerState: null, further: [second] });
    expect(await ask(again.context, scene.queryAccess)).toMatchObject({ decision: 'allow' });
    await checkLedger(fixture);
  });

  it('are followed by every process, whichever switched: permits are made alike everywhere', async () => {
    const second = await newKey();
    const fixture = await open({ further: [second] });
    const beside = await open({ again: fixture, signerState: null, further: [second] });
    const scene = await signedScene(fixture.context);
    await add(fixture.context, second);
    await change(beside.context, 'switch', second);
    const asked = await ask(beside.context, scene.queryAccess);
    // The process that has written nothing since makes the same permit of it.
    expect(await present(fixture.context, scene.bureau, asked)).toMatchObject({ decision: 'allow' });
    const signers = await signersOf(fixture, [fixture.keys.issuing, second]);
    expect(signers.at(-1)).toBe(1);
    await checkLedger(fixture);
  });

  it('are added by who holds them, for this log (attack 77)', async () => {
    const second = await newKey();
    const fixture = await open({ further: [second] });
    await expectRefusal('signature_invalid', add(fixture.context, second, 'other.example/log'));
    await add(fixture.context, second);
    await expectRefusal('already_there', add(fixture.context, second));
    await checkLedger(fixture);
  });

  it('take over whole or not at all, whichever statement fails, and the same call again is answered (attacks 31, 34)', async () => {
    const fault: Fault = { at: 0, when: 'before', statements: 0, most: 0 };
    const wrapStore = (store: Store): Store => ({
      ...store,
      transaction: (work) => {
        fault.statements = 0;
        return store.transaction((tx) => work(tx.withPlugin(failing(fault)) as Tx));
      },
    });
    const further = await Promise.all(Array.from({ length: 40 }, newKey));
    let now = Date.UTC(2026, 10, 21);
    const fixture = await open({ further, wrapStore, time: now });
    const { context, keys } = fixture;
    const all = [keys.issuing, ...further];
    let next = 0;
    let most = 1;
    // Of the switches, and not of the migrations before them.
    fault.most = 0;
    for (let at = 1; at <= most && next < further.length; at++) {
      for (const when of ['before', 'after'] as const) {
        const key = further[next++];
        if (key === undefined) break;
        now += 1_000;
        fixture.setTime(now);
        await add(context, key);
        Object.assign(fault, { at, when });
        const idem = `switch-${next}`;
        await change(context, 'switch', key, idem).catch(() => {});
        fault.at = 0;
        expect(await change(context, 'switch', key, idem)).toMatchObject({ key: textOf(key) });
        most = Math.max(most, fault.most);
        expect(toBase64Url(context.issuingKey.publicKey)).toBe(textOf(key));
      }
    }
    expect(most).toBeGreaterThan(2);
    const signers = await signersOf(fixture, all);
    expect(signers).toEqual(signers.toSorted((a, b) => a - b));
    expect(signers.at(-1)).toBe(next - 1);
    await checkLedger(fixture);
  });
});

interface Fault {
  at: number;
  when: 'before' | 'after';
  statements: number;
  most: number;
}

function failing(fault: Fault): KyselyPlugin {
  let mine = 0;
  const fail = () => {
    throw Object.assign(new Error('the connection was lost'), { code: '08006' });
  };
  return {
    transformQuery({ node }) {
      mine = ++fault.statements;
      fault.most = Math.max(fault.most, mine);
      if (fault.when === 'before' && mine === fault.at) fail();
      return node;
    },
    async transformResult({ result }) {
      if (fault.when === 'after' && mine === fault.at) fail();
      return result;
    },
  };
}
