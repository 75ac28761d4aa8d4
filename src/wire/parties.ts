/** Messages about parties: organisations with roles, operators and keys. */
import { z } from 'zod';
import { PARTY_KEYS_MAX } from '#core/consent/call.ts';
import { DUTIES, MANDATED, PARTY_NAME_MAX, PARTY_ROLES } from '#core/consent/party.ts';
import { CONTINUED_KEYS_MAX } from '#core/consent/party-continued.ts';
import { FIRST_KEYS_MAX } from '#core/consent/party-life.ts';
import { LICENCES_MAX, MANDATES_MAX, PREDECESSORS_MAX } from '#core/consent/party-standing.ts';
import type { OperatorId, PartyId } from '#core/ids.ts';
import { code, EXAMPLE, id, instant, line, listOf, placedSchema, publicKey, signature, time } from './common.ts';

export const partyIdSchema = id<PartyId>('A party.', EXAMPLE.party);
export const operatorIdSchema = id<OperatorId>(
  'An operator: a named human or system user of the party.',
  EXAMPLE.operator,
);

const roles = listOf(z.enum(PARTY_ROLES), PARTY_ROLES.length, 1).meta({
  description: 'What the party may be. Who identifies persons is nobody’s grantee.',
  examples: [['grantee']],
});
const name = line(PARTY_NAME_MAX, 'The organisation’s name. It is public: never a person’s.', '示例消费金融有限公司');
const duty = z.enum(DUTIES).meta({
  description: '`admin`: keys and operators. `query`: the party’s business. Never both in one hand.',
  examples: ['query'],
});
const key = publicKey('A public key of the party.');

const newKeyFields = {
  key,
  possession: signature('By the new key over `"assent/party-key/v1\\n" ||` the canonical `{v: 1, log, key}`.'),
  duty,
};

const namedKeySchema = z.strictObject({ key, operator: operatorIdSchema, duty }).meta({ id: 'NamedKey' });

export const registerPartySchema = z
  .strictObject({ name, roles, keys: listOf(z.strictObject(newKeyFields).meta({ id: 'NewKey' }), FIRST_KEYS_MAX) })
  .meta({ id: 'RegisterParty' });

export const partyRegisteredSchema = z
  .strictObject({ party: partyIdSchema, keys: listOf(namedKeySchema, FIRST_KEYS_MAX), entry: placedSchema })
  .meta({ id: 'PartyRegistered' });

export const addPartyKeySchema = z
  .strictObject({
    ...newKeyFields,
    operator: operatorIdSchema.nullable().meta({ description: 'Whose key it is; null: a new operator’s.' }),
  })
  .meta({ id: 'AddPartyKey' });

export const partyKeyAddedSchema = z
  .strictObject({ party: partyIdSchema, ...namedKeySchema.shape, entry: placedSchema })
  .meta({ id: 'PartyKeyAdded' });

export const retireKeySchema = z.strictObject({ key }).meta({ id: 'RetireKey' });
export const compromiseKeySchema = z
  .strictObject({ key, since: instant('From when on it may have been in other hands.', EXAMPLE.time) })
  .meta({ id: 'CompromiseKey' });
export const continuePartySchema = z
  .strictObject({
    keys: listOf(key, CONTINUED_KEYS_MAX, 1).meta({
      description: 'Its keys that count from now on, as far as they have not ended. Others of it can be named later.',
      examples: [[EXAMPLE.key]],
    }),
  })
  .meta({ id: 'ContinueParty' });

export const emptySchema = z.strictObject({}).meta({ id: 'Empty', description: 'Nothing: `{}`.' });

export const partyChangedSchema = z
  .strictObject({ party: partyIdSchema, entry: placedSchema })
  .meta({ id: 'PartyChanged' });

const administratorsMax = 2;
/** What the recovery key signs, with its signatures. */
export const recoverKeeperSchema = z
  .strictObject({
    administrators: listOf(publicKey('A key.'), administratorsMax, administratorsMax).meta({
      description: 'The keys of the two who administer from now on.',
      examples: [[EXAMPLE.key, EXAMPLE.key]],
    }),
    since: instant(
      'Since when the former keys may have been in other hands; null: they were lost.',
      EXAMPLE.time,
    ).nullable(),
    recovery: publicKey('The recovery key that does this. It is spent with it.'),
    next_recovery: publicKey('The one that may do it the next time.'),
    signatures: listOf(
      signature(
        'Over `"assent/recovery/v1\\n" ||` the canonical `{v, log, administrators, since, recovery, next_recovery}`.',
      ),
      2 + administratorsMax,
      2 + administratorsMax,
    ).meta({
      description: 'By `recovery`, by `next_recovery`, and by each administrator.',
      examples: [Array.from({ length: 2 + administratorsMax }, () => EXAMPLE.signature)],
    }),
  })
  .meta({ id: 'RecoverKeeper' });

export const keeperRecoveredSchema = z
  .strictObject({
    party: partyIdSchema,
    administrators: listOf(z.strictObject({ key, operator: operatorIdSchema }), administratorsMax),
    entry: placedSchema,
  })
  .meta({ id: 'KeeperRecovered' });

const ended = (description: string) => time(description, EXAMPLE.time).nullable();

const span = {
  from: instant('From when, inclusive.', EXAMPLE.time),
  to: instant('Until when, exclusive; null: until it is told otherwise.', EXAMPLE.time).nullable(),
};
const covers = listOf(z.enum(MANDATED), MANDATED.length, 1).meta({
  description: 'What it is for: `access`: to ask for accesses; or to state facts of these kinds.',
  examples: [['access']],
});
const held = {
  from: time('From when, inclusive.', EXAMPLE.time),
  to: time('Until when, exclusive; null: until it is told otherwise.', EXAMPLE.time).nullable(),
};
const epoch = z
  .int()
  .min(1)
  .meta({
    description:
      'In which epoch of the log it was registered, given, or last continued (ADR 0028); absent: 0. Of an older one than the log’s, it does not count.',
    examples: [1],
  });

/** What of a party is absent where there is none. */
const tiesSchema = {
  self_suspended: z
    .strictObject({ ...held, compromised_since: ended('Since when it was compromised, or null.') })
    .optional()
    .meta({ description: 'The last span that it suspended itself for.' }),
  recovery: z
    .strictObject({ key: publicKey('The recovery key that counts.'), spent: listOf(z.string(), PARTY_KEYS_MAX) })
    .optional()
    .meta({ description: 'The keeper’s, once one was used; before that it is the one that entry 0 names.' }),
  licences: listOf(z.strictObject({ kind: z.string().meta({ examples: ['bank'] }), ...held }), LICENCES_MAX).optional(),
  succeeds: listOf(partyIdSchema, PREDECESSORS_MAX).optional().meta({ description: 'Whom it succeeded (PIPL 22).' }),
  mandates: listOf(z.strictObject({ principal: partyIdSchema, ...held, covers, epoch: epoch.optional() }), MANDATES_MAX)
    .optional()
    .meta({ description: 'For whom it acts (PIPL 21).' }),
};

export const partySchema = z
  .strictObject({
    party: partyIdSchema,
    name,
    roles,
    operators: z.record(z.string(), z.strictObject({ duty, left_at: ended('When the operator left, or null.') })).meta({
      description: 'The party’s operators, by id.',
      examples: [{ [EXAMPLE.operator]: { duty: 'query', left_at: null } }],
    }),
    keys: listOf(
      z.strictObject({
        key,
        operator: operatorIdSchema,
        ended_at: ended('From when on it signs no more, or null.'),
        compromised_since: ended('Since when it may have been in other hands, or null.'),
        epoch: epoch.optional(),
      }),
      PARTY_KEYS_MAX,
    ).meta({ description: 'Every key it ever had, in the order of their numbers.' }),
    suspended_at: ended('From when on nothing of the party is taken, or null.'),
    ...tiesSchema,
    epoch: epoch.optional(),
  })
  .meta({ id: 'Party' });

export const partyParams = z.strictObject({ id: partyIdSchema });
export const operatorParams = z.strictObject({ id: partyIdSchema, operator: operatorIdSchema });

export const suspendSelfSchema = z
  .strictObject({
    from: instant('From when; it counts from the later of this and the ledger’s time.', EXAMPLE.time),
    to: instant('Until when, exclusive; null: until it is lifted.', EXAMPLE.time).nullable(),
    compromised_since: instant(
      'Since when what it holds or signs may have been in other hands; null: that is not why.',
      EXAMPLE.time,
    ).nullable(),
  })
  .meta({ id: 'SuspendSelf', description: 'Nothing is queried at this source in that time.' });
export const licensePartySchema = z
  .strictObject({ kind: code('What kind of licence; the same kind again changes it.', 'bank'), ...span })
  .meta({ id: 'LicenseParty' });
export const succeedPartySchema = z
  .strictObject({ predecessor: partyIdSchema })
  .meta({ id: 'SucceedParty', description: 'Grants do not move by themselves: a succession is registered (PIPL 22).' });
export const mandateSchema = z
  .strictObject({ principal: partyIdSchema, ...span, covers })
  .meta({ id: 'Mandate', description: 'That a processor acts for a principal (PIPL 21).' });
