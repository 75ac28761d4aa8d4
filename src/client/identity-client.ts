/**
 * What a client sees of a subject's personal data: masked, or in full by an entry that its subject reads.
 *
 * @module
 */
import type { Handle } from '#core/ids.ts';
import { identityViewedSchema, maskedIdentitySchema, type viewIdentitySchema } from '#wire/identity-views.ts';
import type { AnswerOf, InputOf } from '#wire/types.ts';
import type { Calls } from './law-client.ts';

export interface IdentityClient {
  /** Masked, and without an entry. */
  readIdentity(handle: Handle): Promise<AnswerOf<typeof maskedIdentitySchema>>;
  /** Each view is an entry, which stands before anything is answered. */
  viewIdentity(
    handle: Handle,
    body: InputOf<typeof viewIdentitySchema>,
  ): Promise<AnswerOf<typeof identityViewedSchema>>;
}

export function identityCalls({ read, write }: Calls): IdentityClient {
  return {
    readIdentity: (handle) => read(`/v1/relationships/${handle}/identity`, maskedIdentitySchema),
    viewIdentity: (handle, body) => write(`/v1/relationships/${handle}/identity-views`, body, identityViewedSchema),
  };
}
