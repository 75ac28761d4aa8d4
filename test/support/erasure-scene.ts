/**
 * A subject whose relationship ended years ago under the shipped law, and another who goes on: what of the one can be erased,
 * and must be gone then; and what of the other stays.
 */
import { expect } from 'vitest';
import { subjectSignatory } from '#client/sign.ts';
import { personStream, relationshipStream, type StreamId } from '#core/tlog/stream.ts';
import { openParts } from '#ledger/vault.ts';
import { loadDataKeys, loadParts } from '#store/payloads.ts';
import { loadPersonOf } from '#store/subjects.ts';
import { webcryptoAead } from '../../src/webcrypto-aead.ts';
import { type Door, signersOf } from '../api/door.ts';
import { enrolPerson } from './actors.ts';
import { type CourtOptions, openCourt } from './court.ts';
import type { Fixture } from './ledger-fixture.ts';

export type ErasureScene = Awaited<ReturnType<typeof openErasureScene>>;

/** When the letters are due, and all else; and the last moment at which they are not. */
export const ALL_DUE = '2025-01-02T00:00:00';
export const NOT_DUE = '2025-01-01T23:59:00';
/** When the decisions are due, and the letters are not. */
export const DECISIONS_DUE = '2022-05-03T00:00:00';

export async function openErasureScene(options: Partial<CourtOptions> = {}) {
  const court = await openCourt({ time: '2019-05-01T10:00:00', ...options });
  const { fixture, door, lender, bureau, handle, person } = court;
  const [grant] = await court.give([{}]);
  const neighbour = await court.otherPerson();
  const neighbourHandle = await enrolPerson(fixture.context, lender, neighbour);
  court.setTime('2019-05-02T10:00:00');
  const asked = await court.ask({ ground: { grant }, stated: { reason: '02' } });
  // Sealed: the number of a court's document.
  await court.ask({ ground: { basis: 'judicial', reference: '（2019）示例民初卡那利 9001 号' } });
  // Another party, on a handle that is not its own: refused, and whose it was is sealed.
  const refused = door.as(signersOf(bureau));
  const access = court.access({ principal: bureau.party, ground: { grant } });
  expect((await refused.post('/v1/accesses', access)).json.codes).toEqual(['PARTY']);
  court.setTime('2020-01-01T10:00:00');
  await court.revoke(grant as never);
  const owner = await fixture.store.readOnce((tx) => loadPersonOf(tx, handle));
  if (owner === undefined) throw new Error('the scene enrolled this person');
  return {
    ...court,
    neighbour,
    neighbourHandle,
    asked,
    grant,
    owner,
    stream: relationshipStream(handle),
    personStream: personStream(owner),
    /** As the subject, by its key. */
    asSubject: (): Door => door.as([subjectSignatory(handle, person.key)]),
  };
}

/** All that is secret of a stream's payloads: what is sealed, under which keys, with which salts. */
export async function secretsOf({ store, context, keys }: Fixture, streams: readonly StreamId[]) {
  const { rows, parts, dataKeys } = await store.read(async (tx) => {
    const all = await loadParts(tx, 0, Number.MAX_SAFE_INTEGER);
    const own = all.filter(({ stream }) => streams.includes(stream));
    const wrapped = await Promise.all(streams.map((stream) => loadDataKeys(tx, stream)));
    return { rows: own, parts: await openParts(context.vault, own), dataKeys: wrapped.flat() };
  });
  const raw = await Promise.all(
    dataKeys.map(({ id, stream, owner, retention, wrapped }) =>
      webcryptoAead.open(
        keys.wrappingKey,
        wrapped,
        Buffer.from(`assent/data-key/v2\n${id}\n${stream}\n${owner}\n${retention}`),
      ),
    ),
  );
  return {
    rows,
    sealed: rows.map(({ sealed }) => sealed),
    salts: [...parts.values()].map(({ salt }) => salt),
    wrapped: dataKeys.map(({ wrapped }) => wrapped),
    keys: raw,
  };
}
