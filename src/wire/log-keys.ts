/** Messages about the log keys, which sign checkpoints. */
import { z } from 'zod';
import { EXAMPLE, instant, placedSchema, signature } from './common.ts';

const VKEY_MAX = 512;
const vkey = z
  .string()
  .min(1)
  .max(VKEY_MAX)
  .meta({
    description: 'A log key as readers trust it: `name+key id+base64` (C2SP signed-note).',
    examples: ['ledger.example/consent+2a7c3c1f+AbSLlvKqyAOJmBHoGBEC6Ls1v3sQQxLkbN2HYTxnIqCJ'],
  });

export const addLogKeySchema = z
  .strictObject({
    vkey,
    possession: signature('By the new key over `"assent/log-key/v1\\n" ||` the canonical `{log, vkey}`.'),
  })
  .meta({ id: 'AddLogKey' });
export const switchLogKeySchema = z
  .strictObject({
    vkey,
    until: instant('Until when the one before it signs beside it, at the least.', EXAMPLE.time),
  })
  .meta({ id: 'SwitchLogKey' });
export const logKeySchema = z.strictObject({ vkey }).meta({ id: 'LogKey' });
export const compromiseLogKeySchema = z
  .strictObject({ vkey, since: instant('From when on it may have been in other hands.', EXAMPLE.time) })
  .meta({ id: 'CompromiseLogKey' });
export const logKeyChangedSchema = z.strictObject({ vkey, entry: placedSchema }).meta({ id: 'LogKeyChanged' });
