/** The roof delivers by itself, to this machine only where nobody else reaches the server. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { provePartyKey } from '#client/device.ts';
import { partySignatory, type Signatory } from '#client/sign.ts';
import { authenticate } from '#service/caller.ts';
import { addPartyKey, registerParty } from '#service/parties.ts';
import { registerWebhook } from '#service/webhooks.ts';
import { readKeeper } from '../../src/cli/http.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { type Config, readConfig } from '../../src/node/config.ts';
import { type Opened, openNode, random } from '../../src/node.ts';
import { signedRequest } from '../support/actors.ts';
import { newHome } from '../support/command.ts';
import { isSigned, openReceiver, type Receiver } from '../support/receiver.ts';

const home = newHome();
let config: Config;
let receiver: Receiver;
let opened: Opened;
const log = { info() {}, warn() {} };

beforeAll(async () => {
  config = readConfig(home.env);
  receiver = await openReceiver();
  opened = await openNode(config, log);
});
afterAll(async () => {
  await opened.close();
  await receiver.close();
  home.remove();
});

const calledBy = async (signers: readonly Signatory[], path: string, body: object) =>
  authenticate(opened.context, await signedRequest(opened.context, signers, path, body));

describe('a served ledger', () => {
  test('delivers what happens, and after a restart what happened before it', async () => {
    const { origin } = opened.context.ledger;
    const [key, admin] = await Promise.all([1, 2].map(() => nativeEd25519.importSeed(random(32))));
    if (key === undefined || admin === undefined) throw new Error('two keys were made');
    const keys = [
      { ...(await provePartyKey(key, origin)), duty: 'query' as const },
      { ...(await provePartyKey(admin, origin)), duty: 'admin' as const },
    ];
    const keeper = await readKeeper(opened.keeper, { dataDir: config.dataDir, keyId: opened.keyId });
    const body = { name: '示例', roles: ['bureau' as const], keys };
    const { party } = await registerParty(opened.context, await calledBy(keeper, '/v1/parties', body), body);
    const asked = { url: receiver.url };
    const caller = await calledBy([partySignatory(party, key)], '/v1/webhooks', asked);
    const webhook = await registerWebhook(opened.context, caller, asked);

    const addKey = async () => {
      const added = await nativeEd25519.importSeed(random(32));
      const input = { ...(await provePartyKey(added, origin)), duty: 'query' as const, operator: null };
      const by = await calledBy([partySignatory(party, admin)], `/v1/parties/${party}/keys`, input);
      return (await addPartyKey(opened.context, by, { party, ...input })).entry.index;
    };
    const first = await addKey();
    await expect.poll(() => receiver.taken.length, { timeout: 10_000 }).toBe(1);
    receiver.next(503);
    const second = await addKey();
    await expect.poll(() => receiver.got.length, { timeout: 10_000 }).toBe(2);
    await opened.close();
    opened = await openNode(config, log);
    await expect.poll(() => receiver.taken.length, { timeout: 20_000 }).toBe(2);
    expect(receiver.taken.map((got) => JSON.parse(got.body).data)).toMatchObject([
      { party, seq: first, type: 'party.key_added' },
      { party, seq: second, previous: first },
    ]);
    for (const got of receiver.got) expect(isSigned(got, webhook.key)).toBe(true);
  });

  test('does not call its own machine where a proxy lets others reach it', async () => {
    await opened.close();
    opened = await openNode({ ...config, authorities: ['ledger.example'] }, log);
    expect(opened.context.callsLoopback).toBe(false);
    await opened.close();
    opened = await openNode({ ...config, host: '0.0.0.0' }, log);
    expect(opened.context.callsLoopback).toBe(false);
    await opened.close();
    opened = await openNode(config, log);
    expect(opened.context.callsLoopback).toBe(true);
  });
});
