/** Messages about parties: organisations with roles and keys. */
import { z } from 'zod';
import { PARTY_KEYS_MAX, PARTY_NAME_MAX, PARTY_ROLES } from '#core/consent/party.ts';
import type { PartyId } from '#core/ids.ts';
import { EXAMPLE, id, line, listOf, placedSchema, publicKey } from './common.ts';

export const partyIdSchema = id<PartyId>('A party.', EXAMPLE.party);

const roles = listOf(z.enum(PARTY_ROLES), PARTY_ROLES.length, 1).meta({
  description: 'What the party may be. Who identifies persons is nobody’s grantee.',
  examples: [['grantee']],
});
const name = line(PARTY_NAME_MAX, 'The organisation’s name. It is public: never a person’s.', '示例消费金融有限公司');

export const registerPartySchema = z.strictObject({ name, roles }).meta({ id: 'RegisterParty' });

export const partyRegisteredSchema = z
  .strictObject({ party: partyIdSchema, entry: placedSchema })
  .meta({ id: 'PartyRegistered' });

export const addPartyKeySchema = z
  .strictObject({ key: publicKey('A public key of the party.') })
  .meta({ id: 'AddPartyKey' });

export const partySchema = z
  .strictObject({
    party: partyIdSchema,
    name,
    roles,
    keys: listOf(publicKey('A public key of the party.'), PARTY_KEYS_MAX),
  })
  .meta({ id: 'Party' });

export const partyParams = z.strictObject({ id: partyIdSchema });
