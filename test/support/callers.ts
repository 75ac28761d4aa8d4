/** Callers beside those of `actors.ts`: who reads, subjects that sign requests themselves, and keys of one's choice. */
import { randomUUID } from 'node:crypto';
import { partySignatory, type Signatory, signBases, subjectSignatory } from '#client/sign.ts';
import { parseBase64, toBase64Url } from '#core/bytes.ts';
import type { Handle } from '#core/ids.ts';
import type { SigningKey } from '#core/note/ed25519.ts';
import { authenticate, type Caller, type Request } from '#service/caller.ts';
import type { Context } from '#service/context.ts';
import { type Party, type Person, signedRequest } from './actors.ts';

/** A signed read: it has no body and no idempotency key. */
async function signedRead(context: Context, signer: Signatory, path: string): Promise<Request> {
  const unsigned = { method: 'GET', authority: 'test', path, query: '' } as const;
  const signed = await signBases([signer], unsigned, Math.floor(context.clock() / 1_000));
  const signatures = signed.map(({ base, signature }) => ({ base, signature: toBase64Url(parseBase64(signature)) }));
  const shape = { idempotencyKey: '', method: 'GET', path, query: '', contentDigest: '' };
  return { ...shape, signed: { body: '', signatures } };
}

/** A party that reads. */
export async function reader(context: Context, { party, key }: Pick<Party, 'party' | 'key'>): Promise<Caller> {
  return authenticate(context, await signedRead(context, partySignatory(party, key), '/v1/read'));
}

/** A person that reads, by the handle of a relationship of its own. */
export async function readingPerson(context: Context, handle: Handle, person: Pick<Person, 'key'>): Promise<Caller> {
  return authenticate(context, await signedRead(context, subjectSignatory(handle, person.key), '/v1/read'));
}

/** A person that writes, by the handle of a relationship of its own. */
export async function calledByPerson(
  context: Context,
  { handle, person, path, body }: { handle: Handle; person: Pick<Person, 'key'>; path: string; body: object },
  idempotencyKey: string = randomUUID(),
): Promise<Caller> {
  const signers = [subjectSignatory(handle, person.key)];
  return authenticate(context, await signedRequest(context, signers, path, body, idempotencyKey));
}

/** A party that writes with this key of its own, whatever the key's duty. */
export async function calledWith(
  context: Context,
  { party, key, path, body }: { party: Party['party']; key: SigningKey; path: string; body: object },
  idempotencyKey: string = randomUUID(),
): Promise<Caller> {
  return authenticate(context, await signedRequest(context, [partySignatory(party, key)], path, body, idempotencyKey));
}
