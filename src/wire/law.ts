/** Messages about the law that decides: packs as they are published and listed, profiles, the engine in force. */
import { z } from 'zod';
import { PACK_VERSIONS_MAX, PACKS_MAX } from '#core/consent/log.ts';
import { HASH_BYTES } from '#core/hash.ts';
import { type Day, isDay } from '#core/pack/day.ts';
import { PACK_BYTES_MAX, ROWS_MAX, VERSION_MAX } from '#core/pack/pack.ts';
import { NAME_PATTERN, PACK_ID_PATTERN, type PackId } from '#core/pack/word.ts';
import { bytesText, code, EXAMPLE, listOf, placedSchema, time } from './common.ts';
import { EMPTY_SECTIONS, packSchema } from './packs.ts';

const packId = z
  .string()
  .regex(PACK_ID_PATTERN, { error: 'want a pack’s id in kebab-case' })
  .meta({ description: 'A pack.', examples: ['cn-credit'] }) as unknown as z.ZodType<PackId, string>;
const version = z
  .int()
  .min(1)
  .max(VERSION_MAX)
  .meta({ examples: [1] });
const digest = bytesText(HASH_BYTES, 'SHA-256 of the pack’s canonical bytes.', EXAMPLE.hash);
const day = z
  .string()
  .refine(isDay, { error: 'want a day such as 2013-03-15' })
  .meta({ description: 'A day of Asia/Shanghai.', examples: ['2013-03-15'] }) as unknown as z.ZodType<Day, string>;
const profileId = z
  .string()
  .regex(NAME_PATTERN, { error: 'want a name such as R-15c' })
  .meta({ description: 'A profile: a reading of the law that counsel must decide on.', examples: ['R-15c'] });
const engine = z
  .int()
  .min(1)
  .max(1_000_000)
  .meta({ description: 'A version of the table of checks.', examples: [2] });
const text = z.strictObject({ zh: z.string(), en: z.string() });

/** A pack as a request carries it is longer than in canonical form: spaces, escapes. */
export const PACK_BODY_BYTES_MAX: number = 2 * PACK_BYTES_MAX;

export const packParams = z.strictObject({ id: packId });
export const packDigestParams = z.strictObject({ digest });
export const profileParams = z.strictObject({ id: profileId });

/** Valid and empty: what stands in its sections, the shipped packs show. */
const EXAMPLE_PACK = {
  ...EMPTY_SECTIONS,
  id: 'example',
  version: 1,
  title: { zh: '示例', en: 'An example' },
  from: '2024-01-01',
};

export const publishPackSchema = z
  .strictObject({
    pack: packSchema.meta({
      description: 'The whole pack, with every field (packs/README.md).',
      examples: [EXAMPLE_PACK],
    }),
  })
  .meta({ id: 'PublishPack' });
export const packPublishedSchema = z
  .strictObject({ pack: packId, version, digest, entry: placedSchema })
  .meta({ id: 'PackPublished' });
export const packWithdrawnSchema = z.strictObject({ pack: packId, entry: placedSchema }).meta({ id: 'PackWithdrawn' });

export const switchProfileSchema = z
  .strictObject({ on: z.boolean().meta({ examples: [true] }) })
  .meta({ id: 'SwitchProfile' });
export const profileSwitchedSchema = z
  .strictObject({ profile: profileId, on: z.boolean(), entry: placedSchema })
  .meta({ id: 'ProfileSwitched' });

export const raiseEngineSchema = z.strictObject({ engine }).meta({ id: 'RaiseEngine' });
export const engineRaisedSchema = z.strictObject({ engine, entry: placedSchema }).meta({ id: 'EngineRaised' });

export const packsSchema = z
  .strictObject({
    engine,
    packs: listOf(
      z.strictObject({
        pack: packId,
        title: text,
        versions: listOf(
          z.strictObject({
            version,
            digest,
            from: day,
            to: day.nullable(),
            withdrawn_at: time('When it was withdrawn, or null.', EXAMPLE.time).nullable(),
            bytes: z.int().meta({ examples: [40_000] }),
            in_force: z.boolean(),
          }),
          PACK_VERSIONS_MAX,
        ),
        classes: listOf(
          z.strictObject({
            class: code('A class of items.', 'social_insurance'),
            name: text,
            parent: code('The class that it is a part of, or null.', 'livelihood').nullable(),
            items: listOf(code('An item.', 'pension_months'), ROWS_MAX).meta({
              description: 'The items that a clause drafted by it grants: its own, and those of its parts.',
            }),
          }),
          ROWS_MAX,
        ).meta({ description: 'Of the version in force.' }),
      }),
      PACKS_MAX,
    ),
    profiles: listOf(
      z.strictObject({
        profile: profileId,
        title: text,
        warning: text.meta({ description: 'What counsel must decide before it is switched on.' }),
        on: z.boolean(),
      }),
      ROWS_MAX,
    ),
  })
  .meta({ id: 'Packs' });

export const packText = z.string().meta({ description: 'The canonical bytes (RFC 8785) of a pack.' });
