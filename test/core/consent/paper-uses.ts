/**
 * One relationship on paper with grants that are used: the rules alone, over states in memory. What is decided is
 * folded in at once, as the ledger does.
 */
import { toBase64Url } from '#core/bytes.ts';
import type { JsonObject } from '#core/canonical.ts';
import { UNSTATED } from '#core/consent/asked.ts';
import { ENGINE } from '#core/consent/engine.ts';
import type { Party } from '#core/consent/party.ts';
import type { Grant, Relationship } from '#core/consent/relationship.ts';
import type { Result } from '#core/consent/release.ts';
import type { View } from '#core/consent/rule.ts';
import { type Command, decide, decideAgain, evolve, neededParts, touches } from '#core/consent/rules.ts';
import type { Terms } from '#core/consent/terms.ts';
import { sha256 } from '#core/hash.ts';
import type { AccessId, GrantId, Handle, LetterId, OperatorId, PartyId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { encodePack, type Pack, packDigest } from '#core/pack/pack.ts';
import { LOG_STREAM, partyStream, relationshipStream, type StreamId } from '#core/tlog/stream.ts';

export const NOW = 1_717_171_200_000;
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const DAY = 24 * 60 * MINUTE;

export const id = <Id extends string>(n: number) => n.toString(16).padStart(32, '0') as Id;
const hash = (n: number) => toBase64Url(sha256(new TextEncoder().encode(String(n))));

export const LENDER = id<PartyId>(0xa1);
export const BUREAU = id<PartyId>(0xb1);
export const OTHER_BUREAU = id<PartyId>(0xb2);
const REL: StreamId = relationshipStream(id<Handle>(0xd1));
const OPERATOR = id<OperatorId>(0x01);
const ADMIN = id<OperatorId>(0x02);
export const GRANT = id<GrantId>(0xf1);

export function terms(change: Partial<Terms> = {}): Terms {
  return {
    grant: GRANT,
    action: 'QUERY',
    purposes: ['loan_apply', 'post_loan'],
    items: ['credit_info', 'credit_report'],
    sources: [BUREAU, OTHER_BUREAU],
    recipients: [],
    from: null,
    to: NOW + 365 * DAY,
    basis: 'written_consent',
    necessity: 'necessary',
    uses_max: null,
    frequency: null,
    staleness_ms: null,
    ...change,
  };
}

/** Without a door: an action that needs none. */
export const SCORE = { action: 'SCORE', sources: [], recipients: [] } as const;

type Input<T extends Command['type']> = Extract<Command, { readonly type: T }>['input'];
export interface Said {
  readonly decision: 'allow' | 'deny';
  readonly codes: readonly string[];
  readonly until: number | null;
  readonly offline: boolean;
  readonly access: AccessId;
}

export interface Uses {
  now: number;
  ask(change?: Partial<Input<'access.decided'>>): Said;
  redeem(access: AccessId, change?: Partial<Input<'access.redeemed'>>): readonly string[];
  settle(access: AccessId, result?: Result, change?: Partial<Input<'access.settled'>>): readonly string[];
  revoke(grant?: GrantId): void;
  /** Puts one pack in force, instead of any other. */
  enact(pack: Pack): void;
  /** How it stands. */
  relationship(): Relationship;
  grant(grant?: GrantId): Grant;
  /** Puts something else there. */
  change(change: Partial<Relationship>): void;
  changeParty(party: PartyId, change: Partial<Party>): void;
}

export function openUses(...given: readonly Terms[]): Uses {
  const states = new Map<StreamId, JsonObject>();
  const set = (stream: StreamId, state: unknown) => states.set(stream, state as JsonObject);
  set(LOG_STREAM, { log_key: 'k', issuing_key: 'k', recovery_key: 'k', keeper: id(0x99), engine: ENGINE });
  set(partyStream(LENDER), partyOf('grantee'));
  set(partyStream(BUREAU), partyOf('bureau'));
  set(partyStream(OTHER_BUREAU), partyOf('bureau'));
  set(REL, relationshipOf(given.length === 0 ? [terms()] : given));
  const untils = new Map<AccessId, number>();
  const packs = new Map<string, Pack>();
  let calls = 0;
  let seq = 10;

  const view: View = {
    head: (stream) => (states.has(stream) ? { seq, leaf: sha256(new Uint8Array([seq % 251])) } : undefined),
    state: (stream) => states.get(stream),
    pack: (digest) => packs.get(digest),
  };

  function write(command: Command, time: number): JsonObject {
    const touched = new Set(touches(command));
    const own: View = {
      ...view,
      head: (stream) => view.head(reads(touched, stream)),
      state: (stream) => view.state(reads(touched, stream)),
    };
    const body = decide(own, command, time as Instant);
    const commit = neededParts(command).length > 0 ? sha256(new Uint8Array(1)) : null;
    const entry = { log: 'l', seq, prev: null, commit, time: time as Instant, body, ...pick(command) };
    // Whatever was decided is decided again alike, out of its own entry.
    if (command.type !== 'grant.revoked') decideAgain(view, entry);
    set(REL, evolve(states.get(REL), command.type, entry));
    seq++;
    return body;
  }
  const call = (party: PartyId, operator = OPERATOR) => ({
    idem: hash(calls++),
    auth: 'http-sig' as const,
    by: [{ party, operator, key: operator === OPERATOR ? 0 : 1 }],
    request: hash(calls),
  });
  const relationship = () => states.get(REL) as unknown as Relationship;

  return {
    now: NOW,
    ask(change = {}) {
      const access = id<AccessId>(0x10000 + calls);
      const { ground = ASKED.ground } = change;
      // Where a document is named, the request stands in the payload with it.
      const sealed = 'reference' in ground && ground.reference ? { request: null } : {};
      const input = { ...ASKED, access, ...call(LENDER), ...sealed, ...change };
      const body = write({ type: 'access.decided', stream: REL, input }, this.now) as unknown as Said;
      if (body.until !== null) untils.set(access, body.until);
      return body;
    },
    redeem(access, change = {}) {
      const door = change.door ?? relationship().open[access]?.door ?? BUREAU;
      const until = untils.get(access) as Instant;
      const input = {
        access,
        principal: LENDER,
        door,
        permit: hash(1),
        until,
        engine: ENGINE,
        ...call(door),
        ...change,
      };
      const body = write({ type: 'access.redeemed', stream: REL, input }, this.now);
      return body['codes'] as readonly string[];
    },
    settle(access, result = 'released', change = {}) {
      const door = change.door ?? relationship().open[access]?.door ?? BUREAU;
      const items = relationship().open[access]?.items ?? ['credit_report'];
      const input = { ...settlement(result, items, this.now), access, door, ...call(door), ...change };
      return write({ type: 'access.settled', stream: REL, input }, this.now)['codes'] as readonly string[];
    },
    revoke(grant = GRANT) {
      const evidence = { grade: 'B', kind: 'ed25519', method: 'identity_provider', identified_by: id<PartyId>(0xc1) };
      const named = { idem: hash(calls++), auth: 'statement', by: [], request: null };
      const input = { grant, signed_at: this.now, evidence, ...named } as unknown as Input<'grant.revoked'>;
      write({ type: 'grant.revoked', stream: REL, input }, this.now);
    },
    enact(pack) {
      const digest = packDigest(encodePack(pack));
      packs.set(digest, pack);
      const { id: name, version, from, to } = pack;
      const versions = { [name]: [{ version, digest, from, to, withdrawn_at: null }] };
      set(LOG_STREAM, { ...states.get(LOG_STREAM), packs: versions });
    },
    relationship,
    grant: (grant = GRANT) => relationship().grants[grant] as Grant,
    change: (change) => set(REL, { ...relationship(), ...change }),
    changeParty: (party, change) => set(partyStream(party), { ...states.get(partyStream(party)), ...change }),
  };
}

const ASKED = {
  principal: LENDER,
  action: 'QUERY',
  purpose: 'loan_apply',
  items: ['credit_report'],
  door: BUREAU,
  bound: null,
  engine: ENGINE,
  ground: { grant: GRANT },
  stated: UNSTATED,
} as const;

function settlement(result: Result, items: readonly string[], now: number) {
  const isSent = result === 'released';
  return {
    result,
    reason: result === 'refused' ? ('OTHER' as const) : null,
    items: isSent ? items : [],
    count: isSent ? 1 : 0,
    response: isSent ? hash(2) : null,
    began_at: now as Instant,
    ended_at: now as Instant,
  };
}

/**
 * A rule reads what it says it touches, and nothing else: or its decision would not be pinned by `saw`. But the log’s epoch,
 * which an entry’s place in the tree says.
 */
function reads(touched: ReadonlySet<StreamId>, stream: StreamId): StreamId {
  if (stream !== LOG_STREAM && !touched.has(stream)) throw new Error(`the rule reads ${stream}, and does not say so`);
  return stream;
}

function pick({ type, stream }: Command) {
  return { type, stream };
}

function partyOf(role: Party['roles'][number]): Party {
  const key = { ended_at: null, compromised_since: null };
  return {
    name: '示例',
    roles: [role],
    operators: { [OPERATOR]: { duty: 'query', left_at: null }, [ADMIN]: { duty: 'admin', left_at: null } },
    keys: [
      { key: hash(100), operator: OPERATOR, ...key },
      { key: hash(101), operator: ADMIN, ...key },
    ],
    suspended_at: null,
  };
}

function relationshipOf(given: readonly Terms[]): Relationship {
  const grants = given.map((each): [string, Grant] => [
    each.grant,
    {
      terms: each,
      letter: id<LetterId>(0xe1),
      signed_at: NOW - DAY,
      given_at: NOW - DAY,
      grade: 'B',
      revoked_at: null,
      paused: null,
      used: 0,
      recent: [],
    },
  ]);
  return {
    grantee: LENDER,
    subject: 'person',
    drafts: {},
    signed: [],
    grants: Object.fromEntries(grants),
    holds: {},
    frozen: null,
    open: {},
  };
}
