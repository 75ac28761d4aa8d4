/**
 * What a client does with the keys of persons, besides having them identified for: reads which count, adds one, and ends one.
 *
 * @module
 */
import type { Handle } from '#core/ids.ts';
import {
  type addKeySchema,
  type endKeySchema,
  type findIdentifiedKeysSchema,
  identifiedKeysSchema,
  keyAddedSchema,
  keyEndedSchema,
  type reportLossSchema,
  subjectKeysSchema,
} from '#wire/subject-keys.ts';
import type { AnswerOf, InputOf } from '#wire/types.ts';
import type { Calls } from './law-client.ts';

export interface KeyClient {
  readKeys(handle: Handle): Promise<AnswerOf<typeof subjectKeysSchema>>;
  /** By another key of the person: `signAddedKey` and `signKeyAdd` make the body. */
  addKey(handle: Handle, body: InputOf<typeof addKeySchema>): Promise<AnswerOf<typeof keyAddedSchema>>;
  /** By a key of the person: `signKeyEnd` makes the body. */
  endKey(handle: Handle, body: InputOf<typeof endKeySchema>): Promise<AnswerOf<typeof keyEndedSchema>>;
  /** By a party that identifies persons: which of a person's keys stand on its own identification. */
  findIdentifiedKeys(body: InputOf<typeof findIdentifiedKeysSchema>): Promise<AnswerOf<typeof identifiedKeysSchema>>;
  /** By a party that identified the person: `signKeyLoss` makes the body but for the `principal`. */
  reportLoss(handle: Handle, body: InputOf<typeof reportLossSchema>): Promise<AnswerOf<typeof keyEndedSchema>>;
}

export function keyCalls({ read, write }: Calls): KeyClient {
  return {
    readKeys: (handle) => read(`/v1/relationships/${handle}/keys`, subjectKeysSchema),
    addKey: (handle, body) => write(`/v1/relationships/${handle}/keys/add`, body, keyAddedSchema),
    endKey: (handle, body) => write(`/v1/relationships/${handle}/keys/end`, body, keyEndedSchema),
    findIdentifiedKeys: (body) => write('/v1/identified-keys', body, identifiedKeysSchema),
    reportLoss: (handle, body) => write(`/v1/relationships/${handle}/keys/loss`, body, keyEndedSchema),
  };
}
