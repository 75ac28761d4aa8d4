/** Doors and clients that stay up while the issuing key is exchanged, and while it was in other hands. */
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { openClient } from '#client/client.ts';
import { KEYS_AGE_MAX_MS, KEYS_RENEWED_MS, openKeyRing } from '#client/key-ring.ts';
import { partySignatory } from '#client/sign.ts';
import { openIssuingKeyRing, openIssuingKeys } from '#client/trust.ts';
import type { TrustedKeys } from '#client/trusted-keys.ts';
import { toBase64Url } from '#core/bytes.ts';
import { possessionBytes } from '#core/consent/issuing-key.ts';
import { LOG_OVERLAP_MS_MIN, logKeyPossessionBytes } from '#core/consent/log-key.ts';
import { digestPermit, formatPermit, openPermit } from '#core/consent/permit.ts';
import type { Slice } from '#core/consent/receipt.ts';
import { Failure } from '#core/failure.ts';
import { hashText } from '#core/hash.ts';
import type { Instant } from '#core/instant.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { formatVkey, verifierKey } from '#core/note/key.ts';
import { addIssuingKey, compromiseIssuingKey, switchIssuingKey } from '#service/issuing-keys.ts';
import { addLogKey, compromiseLogKey, switchLogKey } from '#service/log-keys.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { calledByKeeper } from '../support/actors.ts';
import { type DoorScene, openDoorScene } from '../support/door-scene.ts';
import { random } from '../support/ledger-fixture.ts';

const PATH = '/v1/log/issuing-keys';
const textOf = ({ publicKey }: SigningKey) => toBase64Url(publicKey);

describe('the keys of a process that stays up', () => {
  let at: DoorScene;
  afterEach(() => at.close());

  const open = async () => {
    const next = await nativeEd25519.importSeed(random(32));
    at = await openDoorScene({ further: [next] });
    return next;
  };
  async function published(index: number): Promise<void> {
    await at.fixture.ledger.publisher.published(index + 1, 30_000);
  }
  async function exchange(next: SigningKey): Promise<void> {
    const { context } = at.fixture;
    const possession = toBase64Url(await next.sign(possessionBytes(context.ledger.origin, textOf(next))));
    const added = { key: textOf(next), possession };
    await addIssuingKey(context, await calledByKeeper(context, PATH, added), added);
    const body = { key: textOf(next) };
    const { entry } = await switchIssuingKey(context, await calledByKeeper(context, `${PATH}/switch`, body), body.key);
    await published(entry.index);
  }
  async function compromise(key: SigningKey): Promise<void> {
    const { context } = at.fixture;
    const body = { key: textOf(key), since: at.now as Instant };
    const caller = await calledByKeeper(context, `${PATH}/compromise`, body);
    await published((await compromiseIssuingKey(context, caller, body)).entry.index);
  }
  /** A ring, and how often it asked. */
  async function ringOf() {
    const client = at.clientOf(at.scene.bureau);
    const asked = { count: 0, ask: () => client.logKeys() as Promise<Slice> };
    const ask = () => {
      asked.count++;
      return asked.ask();
    };
    const { vkey } = at.fixture;
    return { asked, ring: await openKeyRing({ ask, vkey, ed25519: nativeEd25519, clock: () => at.now }) };
  }

  it('are asked for when a permit or an answer is signed by a new one; keys of one time go on refusing it', async () => {
    const next = await open();
    const { vkey } = at.fixture;
    const client = at.clientOf(at.scene.bureau);
    const once = await openIssuingKeys(client, vkey, nativeEd25519);
    const ring = await openIssuingKeyRing(client, vkey, nativeEd25519, () => at.now);
    const doorOf = (issuingKey: typeof once | typeof ring) => at.doorOf(at.scene.bureau, { issuingKey });
    const [staying, old] = [await doorOf(ring), await doorOf(once)];
    await exchange(next);
    at.setTime(at.now + KEYS_RENEWED_MS);
    const { permit } = await at.permit();
    expect((await openPermit(permit, next.publicKey, nativeEd25519)).v).toBe(1);
    expect(await old.admit(at.asking(permit))).toMatchObject({ admitted: false, code: 'permit_invalid' });
    expect(await staying.admit(at.asking(permit))).toMatchObject({ admitted: true });
    await staying.drain();
  });

  it('are asked for once a minute at most, whatever nonsense is shown, and nonsense stays refused', async () => {
    await open();
    const { asked, ring } = await ringOf();
    const door = await at.doorOf(at.scene.bureau, { issuingKey: ring });
    const { permit } = await at.permit();
    const { v: _v, ...said } = await openPermit(permit, at.fixture.context.issuingKey.publicKey, nativeEd25519);
    const forged = await formatPermit(await nativeEd25519.importSeed(random(32)), said);
    const show = () => door.admit(at.asking(forged));
    for (let minute = 1; minute <= 3; minute++) {
      at.setTime(at.now + KEYS_RENEWED_MS - 1);
      expect(await Promise.all([show(), show(), show()])).toEqual(
        Array.from({ length: 3 }, () => expect.objectContaining({ admitted: false, code: 'permit_invalid' })),
      );
      expect(asked.count).toBe(minute);
      at.setTime(at.now + 1);
      await Promise.all([show(), show(), show()]);
      expect(asked.count).toBe(minute + 1);
    }
  });

  it('are without one that was in other hands ten minutes later, though nothing new is met', async () => {
    const next = await open();
    const { issuing } = at.fixture.keys;
    const { asked, ring } = await ringOf();
    await exchange(next);
    at.setTime(at.now + KEYS_RENEWED_MS);
    expect(await ring.renew()).toBe(true);
    expect((await ring.live()).map(toBase64Url)).toEqual([textOf(next), textOf(issuing)]);
    await compromise(issuing);
    at.setTime(at.now + KEYS_AGE_MAX_MS - 1);
    expect(await ring.live()).toHaveLength(2);
    expect(asked.count).toBe(2);
    at.setTime(at.now + 1);
    expect((await ring.live()).map(toBase64Url)).toEqual([textOf(next)]);
  });

  it('are led on by the vkey that the process has, while the log key is exchanged, too (attack 79)', async () => {
    const [next, nextLog] = [await nativeEd25519.importSeed(random(32)), await nativeEd25519.importSeed(random(32))];
    at = await openDoorScene({ further: [next], furtherLog: [nextLog] });
    const { context, vkey } = at.fixture;
    const { ring } = await ringOf();
    const added = formatVkey(verifierKey(vkey.name, nextLog.publicKey));
    const possession = toBase64Url(await nextLog.sign(logKeyPossessionBytes(vkey.name, added)));
    const addition = { vkey: added, possession };
    const path = '/v1/log/log-keys';
    await published((await addLogKey(context, await calledByKeeper(context, path, addition), addition)).entry.index);
    const turn = { vkey: added, until: (at.now + LOG_OVERLAP_MS_MIN) as Instant };
    await switchLogKey(context, await calledByKeeper(context, `${path}/switch`, turn), turn);
    // In other hands at once: from here on the vkey that the process has signs nothing.
    const end = { vkey: formatVkey(vkey), since: at.now as Instant };
    const caller = await calledByKeeper(context, `${path}/compromise`, end);
    await published((await compromiseLogKey(context, caller, end)).entry.index);
    await exchange(next);
    at.setTime(at.now + KEYS_RENEWED_MS);
    expect(await ring.renew()).toBe(true);
    expect((await ring.live())[0]).toEqual(next.publicKey);
  });

  it('are the known ones where no answer comes, and never those of before (attack 84)', async () => {
    const next = await open();
    const { asked, ring } = await ringOf();
    const older = await asked.ask();
    const known = async () => (await ring.live()).map(toBase64Url);
    await exchange(next);
    const newer = await asked.ask();
    const changed = { ...newer, signatures: newer.signatures.toReversed() };
    const silent = () => Promise.reject(new Failure('store_unavailable', 'no answer'));
    for (const ask of [silent, async () => changed]) {
      asked.ask = ask;
      at.setTime(at.now + KEYS_RENEWED_MS);
      expect(await ring.renew()).toBe(false);
      expect(await known()).toEqual([textOf(at.fixture.keys.issuing)]);
    }
    asked.ask = async () => newer;
    at.setTime(at.now + KEYS_RENEWED_MS);
    expect(await ring.renew()).toBe(true);
    asked.ask = async () => older;
    at.setTime(at.now + KEYS_AGE_MAX_MS);
    expect(await known()).toEqual([textOf(next), textOf(at.fixture.keys.issuing)]);
  });

  it('let a client take answers that a new key signs, without being opened anew', async () => {
    const next = await open();
    const { vkey } = at.fixture;
    const { party, key } = at.scene.bureau;
    const plain = at.clientOf(at.scene.bureau);
    const trusting = (issuingKey: TrustedKeys) =>
      openClient({
        url: 'http://127.0.0.1:8787',
        fetch: at.fetch,
        signers: [partySignatory(party, key)],
        clock: () => at.now,
        newKey: randomUUID,
        sleep: () => Promise.resolve(),
        trust: { issuingKey, ed25519: nativeEd25519 },
      });
    const old = trusting(await openIssuingKeys(plain, vkey, nativeEd25519));
    const staying = trusting(await openIssuingKeyRing(plain, vkey, nativeEd25519, () => at.now));
    await exchange(next);
    at.setTime(at.now + KEYS_RENEWED_MS);
    for (const client of [old, staying]) {
      const { access, permit } = await at.permit();
      const redeemed = client.redeem(access, { permit: hashText(digestPermit(permit)) });
      if (client === old) await expect(redeemed).rejects.toMatchObject({ code: 'answer_unsigned' });
      else expect(await redeemed).toMatchObject({ decision: 'allow' });
    }
  });
});
