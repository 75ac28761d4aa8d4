/** Messages about the log itself: proofs, checkpoints, and how the server is. */
import { z } from 'zod';
import { HASH_BYTES } from '#core/hash.ts';
import { bytesText, count, EXAMPLE, listOf, time } from './common.ts';

/** A proof has at most two hashes for each level of the tree. */
const HASHES_MAX = 128;

const hashes = listOf(z.string().meta({ description: 'Base64.' }), HASHES_MAX);

export const inclusionQuery = z.strictObject({
  index: count('The entry’s place in the log.', 41),
  size: count('Of which tree; absent: of the newest checkpoint.', 64).optional(),
});

export const inclusionSchema = z
  .strictObject({
    index: z
      .int()
      .min(0)
      .meta({ examples: [41] }),
    size: z
      .int()
      .min(0)
      .meta({ examples: [64] }),
    leaf: z.string().meta({ description: 'Base64.' }),
    hashes,
    checkpoint: z.string().nullable().meta({ description: 'The checkpoint of this size, if one was signed.' }),
    tlog_proof: z.string().nullable().meta({ description: 'The same as `c2sp.org/tlog-proof@v1`.' }),
  })
  .meta({ id: 'InclusionProof' });

export const consistencyQuery = z.strictObject({
  from: count('Size of the older tree.', 42),
  to: count('Size of the newer tree.', 64),
});

export const consistencySchema = z
  .strictObject({
    from: z
      .int()
      .min(0)
      .meta({ examples: [42] }),
    to: z
      .int()
      .min(0)
      .meta({ examples: [64] }),
    hashes,
  })
  .meta({ id: 'ConsistencyProof' });

export const checkpointText = z.string().meta({
  description: 'A signed note (C2SP tlog-checkpoint).',
  examples: ['ledger.example/consent\n64\nJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c4D0bs=\n\n— …\n'],
});

export const healthSchema = z.strictObject({ status: z.literal('up') }).meta({ id: 'Health' });

export const readySchema = z
  .strictObject({
    status: z.enum(['ready', 'not_ready']),
    reason: z
      .string()
      .nullable()
      .meta({ description: 'Why not; null when ready.', examples: [null] }),
    witnesses: z
      .strictObject({
        quorum: z.enum(['met', 'not_met']),
        size: z
          .int()
          .min(0)
          .meta({ description: 'The largest tree that the quorum has cosigned.', examples: [64] }),
        since: time('Since when an entry has waited for the quorum; null when met.', 1_795_268_000_123).nullable(),
      })
      .nullable()
      .meta({ description: 'Null where no witness is asked. Writes do not wait for them.', examples: [null] }),
    time_stamps: z
      .strictObject({
        authority: z
          .enum(['answers', 'fails', 'not_asked'])
          .meta({ description: 'How the time-stamping authority answered last; `not_asked`: it was not asked yet.' }),
        newest: z
          .strictObject({
            size: z
              .int()
              .min(1)
              .meta({ description: 'The largest tree that has a time-stamp.', examples: [64] }),
            not_later_than: time('It existed by then, by the authority’s clock.', 1_795_268_000_123),
          })
          .nullable()
          .meta({ description: 'Null: there is none yet.' }),
        asked_at: time('When it was asked last; null: not yet.', 1_795_268_000_123).nullable(),
        since: time('Since when nothing came of it; null when it answers.', 1_795_268_000_123).nullable(),
        why: z
          .string()
          .nullable()
          .meta({ description: 'Why nothing came of it; null when it answers.', examples: [null] }),
      })
      .nullable()
      .meta({
        description:
          'Null where no time-stamping authority is asked. Nothing waits for it, and ready does not depend on it.',
        examples: [null],
      }),
  })
  .meta({ id: 'Ready' });

export const foundingSchema = z
  .strictObject({
    origin: z.string().meta({ examples: ['ledger.example/consent'] }),
    vkey: z.string().meta({ description: 'The log’s public key: compare it with the one that you trust.' }),
    entry: z
      .string()
      .meta({ description: 'Entry 0’s exact text: it names the key that signs entries, permits, answers.' }),
    proof: z.string().meta({ description: 'Proves entry 0 under a checkpoint, as `c2sp.org/tlog-proof@v1`.' }),
  })
  .meta({ id: 'Founding' });

export const originParams = z.strictObject({
  key_id: z
    .string()
    .regex(/^[0-9a-f]{8}$/)
    .meta({ description: 'The key id of the vkey that the log had, eight hex digits.', examples: ['8af31c02'] }),
});

const tileNumber = z.string().meta({ description: 'Which tile, and of how many hashes.', examples: ['000.p/1'] });

export const tileParams = z.strictObject({
  level: z.string().meta({ description: 'From 0 (leaves) to 63.', examples: ['0'] }),
  n: tileNumber,
});
export const bundleParams = z.strictObject({ n: tileNumber });
export const requestParams = z.strictObject({
  digest: bytesText(HASH_BYTES, 'SHA-256 of the signed request, as an entry names it.', EXAMPLE.hash),
});
export const requestText = z.string().meta({ description: 'The exact text: its SHA-256 is the digest.' });

export const tileBytes = z.string().meta({ format: 'binary', description: 'Bytes, at most 16 MiB.' });
