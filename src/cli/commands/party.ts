/** `assent party …`: what the keeper, or a party's own administrator, does with parties and keys, over HTTP. */
import { type Client, partySignatory, provePartyKey } from '#client/index.ts';
import { toBase64Url } from '#core/bytes.ts';
import { PARTY_ROLES, type PartyRole } from '#core/consent/party.ts';
import { type OperatorId, type PartyId, parseId } from '#core/ids.ts';
import { parseInstant } from '#core/instant.ts';
import { type Config, readConfig } from '../../node/config.ts';
import { readKey } from '../../node/key-file.ts';
import { readArgs } from '../args.ts';
import { clientOf } from '../http.ts';
import { EXIT, terminal, Usage } from '../output.ts';
import { readTime } from '../time.ts';
import { KEEPER_OPTIONS, openKeeper, serverOf } from './keeper.ts';

const OPTIONS = {
  ...KEEPER_OPTIONS,
  admin: { type: 'string' },
  name: { type: 'string' },
  role: { type: 'string', multiple: true },
  key: { type: 'string', multiple: true },
  'admin-key': { type: 'string' },
  operator: { type: 'string' },
  duty: { type: 'string' },
  since: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  'compromised-since': { type: 'string' },
} as const;
type Values = ReturnType<typeof readArgs<typeof OPTIONS>>['values'];

interface Acting {
  readonly client: Client;
  readonly origin: string;
  readonly values: Values;
  /** The party that is acted on; empty where one is being registered. */
  readonly party: PartyId;
}

const ACTIONS: Readonly<Record<string, (acting: Acting) => Promise<unknown>>> = {
  register,
  show: ({ client, party }) => client.readParty(party),
  'add-key': addKey,
  'retire-key': async ({ client, party, values }) => client.retirePartyKey(party, { key: await publicKeyOf(values) }),
  'compromise-key': async ({ client, party, values }) =>
    client.compromisePartyKey(party, {
      key: await publicKeyOf(values),
      since: readTime('party', 'since', values.since),
    }),
  'operator-left': ({ client, party, values }) => client.operatorLeaves(party, parseId<OperatorId>(values.operator)),
  suspend: ({ client, party }) => client.suspendParty(party),
  reinstate: ({ client, party }) => client.reinstateParty(party),
  continue: async ({ client, party, values: { key: keys = [] } }) => {
    if (keys.length === 0) throw new Usage('party continue: want --key, once for each key of the party that counts');
    return client.continueParty(party, { keys: await Promise.all(keys.map(publicKeyIn)) });
  },
  'self-suspend': suspendSelf,
  'self-reinstate': ({ client, party, values }) => client.reinstateSelf(ownAdmin('self-reinstate', party, values)),
};

export async function partyCommand(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArgs(args, OPTIONS, 'some');
  const [name = '', id, ...more] = positionals;
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action === undefined) throw new Usage(`party: want one of ${Object.keys(ACTIONS).join(', ')}`);
  if (more.length > 0 || (name === 'register') !== (id === undefined)) {
    throw new Usage(name === 'register' ? 'party register: want options only' : `party ${name}: want the party’s id`);
  }
  const party = id === undefined ? ('' as PartyId) : parseId<PartyId>(id);
  const acting = await readActing(readConfig(process.env), values, party);
  terminal.json(await action(acting));
  return EXIT.holds;
}

/** By the party's own administrator, if one is named, who needs nothing of the keeper's; else by the keeper's two. */
async function readActing(config: Config, values: Values, party: PartyId): Promise<Acting> {
  if (values.admin === undefined) return { ...(await openKeeper(config, values)), values, party };
  const { url, authority } = serverOf(config, values);
  const client = clientOf(url, [partySignatory(party, await readKey(values.admin))], authority);
  return { client, origin: (await client.founding()).origin, values, party };
}

async function register({ client, origin, values }: Acting): Promise<unknown> {
  const { name, role: roles = [] } = values;
  const unknown = roles.find((role) => !PARTY_ROLES.some((known) => known === role));
  if (name === undefined || roles.length === 0 || unknown !== undefined) {
    throw new Usage(`party register: want --name NAME and --role, one or more of ${PARTY_ROLES.join(', ')}`);
  }
  const key = oneKey(values);
  const keys = [
    ...(values['admin-key'] === undefined ? [] : [await newKey(values['admin-key'], origin, 'admin')]),
    ...(key === undefined ? [] : [await newKey(key, origin, 'query')]),
  ];
  return client.registerParty({ name, roles: roles as PartyRole[], keys });
}

async function addKey({ client, origin, values, party }: Acting): Promise<unknown> {
  const { operator, duty = 'query' } = values;
  const key = oneKey(values);
  if (key === undefined) throw new Usage('party add-key: want --key FILE');
  if (duty !== 'admin' && duty !== 'query') throw new Usage('party add-key: want --duty admin or query');
  const added = await newKey(key, origin, duty);
  return client.addPartyKey(party, {
    ...added,
    operator: operator === undefined ? null : parseId<OperatorId>(operator),
  });
}

/** The private key is read only to show that it is there: what is sent is its public half and a proof. */
async function newKey(file: string, origin: string, duty: 'admin' | 'query') {
  return { ...(await provePartyKey(await readKey(file), origin)), duty };
}

/** Only a party itself says so: what the keeper lays upon it is `suspend`. */
function suspendSelf({ client, party, values }: Acting): Promise<unknown> {
  const own = ownAdmin('self-suspend', party, values);
  const { from, to, 'compromised-since': compromised } = values;
  return client.suspendSelf(own, {
    from: from === undefined ? parseInstant(Date.now()) : readTime('party', 'from', from),
    to: to === undefined ? null : readTime('party', 'to', to),
    compromised_since: compromised === undefined ? null : readTime('party', 'compromised-since', compromised),
  });
}

function ownAdmin(action: string, party: PartyId, { admin }: Values): PartyId {
  if (admin === undefined) throw new Usage(`party ${action}: want --admin FILE, the party’s own administrator`);
  return party;
}

/** A public key as text, or of the private key in a file. */
async function publicKeyOf(values: Values): Promise<string> {
  const key = oneKey(values);
  if (key === undefined) throw new Usage('party: want --key, a public key or the file of its private one');
  return publicKeyIn(key);
}

function oneKey({ key: keys = [] }: Values): string | undefined {
  const [key, ...more] = keys;
  if (more.length > 0) throw new Usage('party: want --key once; only party continue takes several');
  return key;
}

async function publicKeyIn(key: string): Promise<string> {
  return /^[A-Za-z0-9_-]{43}$/.test(key) ? key : toBase64Url((await readKey(key)).publicKey);
}
