/** A door before a real ledger in this process: what a provider runs, with its client's fetch in a test's hands. */
import { randomUUID } from 'node:crypto';
import { type Client, openClient } from '#client/client.ts';
import { type Door, type DoorOptions, openDoor, type Presented, type Released } from '#client/door.ts';
import type { FetchAnswer, FetchInit } from '#client/send.ts';
import { partySignatory } from '#client/sign.ts';
import { parseBase64Url, utf8 } from '#core/bytes.ts';
import type { AccessId } from '#core/ids.ts';
import type { Entry } from '#core/tlog/entry.ts';
import { parseEntry } from '#core/tlog/entry.ts';
import type { AskAccess } from '#service/accesses.ts';
import { loadEntries } from '#store/entries.ts';
import { createApp } from '../../src/api/app.ts';
import { nativeEd25519 } from '../../src/native.ts';
import { type Party, signedScene } from './actors.ts';
import { type Fixture, openFixture, random } from './ledger-fixture.ts';
import { askPermit, type Scene } from './releases.ts';

const HOST = '127.0.0.1:8787';
export type Fetch = (url: string, init?: FetchInit) => Promise<FetchAnswer>;

export interface DoorScene {
  readonly fixture: Fixture;
  readonly scene: Scene;
  /** Straight into the app. */
  readonly fetch: Fetch;
  /** What doors' clients fetch with now; a test may put a broken one here. */
  through: Fetch;
  /** What could not be settled. */
  readonly unsettled: { readonly access: AccessId; readonly thrown: unknown }[];
  now: number;
  setTime(now: number): void;
  clientOf(party: Party): Client;
  doorOf(party: Party, change?: Partial<DoorOptions>): Promise<Door>;
  /** A permit for the scene's bureau. */
  permit(change?: Partial<AskAccess>): Promise<{ readonly access: AccessId; readonly permit: string }>;
  /** What a lender that does everything right asks the door. */
  asking(permit: string | null, change?: Partial<Presented>): Presented;
  /** What the ledger has of an access, after the decision. */
  entriesOf(access: AccessId): Promise<readonly Entry[]>;
  size(): Promise<number>;
  close(): Promise<void>;
}

export const RELEASED: Released = {
  result: 'released',
  reason: null,
  items: ['credit_report'],
  count: 1,
  body: utf8('{"credit_report":1}'),
};

export async function openDoorScene(options: Parameters<typeof openFixture>[1] = {}): Promise<DoorScene> {
  const time = options.time ?? Date.now();
  const fixture = await openFixture('postgres', { ...options, time });
  const { context } = fixture;
  const app = createApp(context, { hosts: (host) => host === HOST });
  const fetch: Fetch = async (url, init) => app.request(url, init as RequestInit);
  const scene = await signedScene(context);
  const entries = async () =>
    (await fixture.store.read((tx) => loadEntries(tx, 0, Number.MAX_SAFE_INTEGER))).map(({ bytes }) =>
      parseEntry(bytes),
    );
  const unsettled: DoorScene['unsettled'][number][] = [];
  const made: DoorScene = {
    fixture,
    scene,
    fetch,
    through: fetch,
    unsettled,
    now: time,
    setTime(now) {
      made.now = now;
      fixture.setTime(now);
    },
    clientOf: (party) =>
      openClient({
        url: `http://${HOST}`,
        fetch: (url, init) => made.through(url, init),
        signers: [partySignatory(party.party, party.key)],
        clock: () => made.now,
        newKey: randomUUID,
        sleep: () => Promise.resolve(),
      }),
    async doorOf(party, change = {}) {
      const client = made.clientOf(party);
      return openDoor({
        party: party.party,
        client,
        doorKey: parseBase64Url((await client.doorKey(party.party)).key),
        log: context.ledger.origin,
        issuingKey: context.issuingKey.publicKey,
        ed25519: nativeEd25519,
        clock: () => made.now,
        random,
        offline: false,
        onUnsettled: (access, thrown) => unsettled.push({ access, thrown }),
        ...change,
      });
    },
    async permit(change = {}) {
      const { access, permit, codes } = await askPermit(context, { ...scene.queryAccess, ...change });
      if (permit === null) throw new Error(`the ledger gave no permit: ${codes.join()}`);
      return { access, permit };
    },
    asking: (permit, change = {}) => ({
      permit,
      subject: { id_type: 'resident_id', id_number: scene.person.idNumber },
      action: 'QUERY',
      items: ['credit_report'],
      body: new Uint8Array(),
      salt: null,
      ...change,
    }),
    entriesOf: async (access) =>
      (await entries()).filter(({ type, body }) => body['access'] === access && type !== 'access.decided'),
    size: async () => (await entries()).length,
    close: () => fixture.close(),
  };
  return made;
}
