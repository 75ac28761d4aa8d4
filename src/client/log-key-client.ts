/** What two of the keeper write about the log keys. */
import {
  type addLogKeySchema,
  type compromiseLogKeySchema,
  logKeyChangedSchema,
  type switchLogKeySchema,
} from '#wire/log-keys.ts';
import type { AnswerOf, InputOf } from '#wire/types.ts';
import type { Calls } from './law-client.ts';

/** Each signed by two of the keeper. */
export interface LogKeyClient {
  addLogKey(body: InputOf<typeof addLogKeySchema>): Promise<AnswerOf<typeof logKeyChangedSchema>>;
  switchLogKey(body: InputOf<typeof switchLogKeySchema>): Promise<AnswerOf<typeof logKeyChangedSchema>>;
  retireLogKey(vkey: string): Promise<AnswerOf<typeof logKeyChangedSchema>>;
  compromiseLogKey(body: InputOf<typeof compromiseLogKeySchema>): Promise<AnswerOf<typeof logKeyChangedSchema>>;
}

export function logKeyCalls({ write }: Pick<Calls, 'write'>): LogKeyClient {
  return {
    addLogKey: (body) => write('/v1/log/log-keys', body, logKeyChangedSchema),
    switchLogKey: (body) => write('/v1/log/log-keys/switch', body, logKeyChangedSchema),
    retireLogKey: (vkey) => write('/v1/log/log-keys/retirement', { vkey }, logKeyChangedSchema),
    compromiseLogKey: (body) => write('/v1/log/log-keys/compromise', body, logKeyChangedSchema),
  };
}
