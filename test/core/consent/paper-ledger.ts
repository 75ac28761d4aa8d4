/**
 * A ledger on paper: the core's rules over a list of entries in memory, with no database under it. What the rules
 * permit is written; what a dishonest keeper would write is forged beside them.
 */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { toBase64Url } from '#core/bytes.ts';
import type { JsonObject } from '#core/canonical.ts';
import { UNSTATED } from '#core/consent/asked.ts';
import type { Call, Signer } from '#core/consent/call.ts';
import { ENGINE } from '#core/consent/engine.ts';
import type { Duty, Party, PartyRole } from '#core/consent/party.ts';
import type { HoldDraft, Relationship } from '#core/consent/relationship.ts';
import type { View } from '#core/consent/rule.ts';
import { type Command, decide, type EntryType, evolve, inEpoch, neededParts } from '#core/consent/rules.ts';
import type { Terms } from '#core/consent/terms.ts';
import { PERMIT_MS } from '#core/consent/use.ts';
import { type Hash, hashLeaf, sha256 } from '#core/hash.ts';
import type { AccessId, GrantId, Handle, LetterId, OperatorId, PartyId, PersonId, StatementRef } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import { encodePkcs8, parseVkey } from '#core/note/key.ts';
import { encodePack, type Pack, packDigest } from '#core/pack/pack.ts';
import { nextLink, type StreamHead } from '#core/tlog/chain.ts';
import { type Entry, encodeEntry } from '#core/tlog/entry.ts';
import { LOG_STREAM, partyStream, personStream, relationshipStream, type StreamId } from '#core/tlog/stream.ts';

export const LOG = 'paper.assent.example/log';
/** 2024-06-01T00:00:00+08:00, the day of the golden decisions. */
export const TODAY = 1_717_171_200_000;
export const DAY = 86_400_000;
export const MINUTE = 60_000;

/** An id like those that the ledger mints; the same number is the same id. */
export function paperId<Id extends string>(n: number): Id {
  return n.toString(16).padStart(32, '0') as Id;
}
export const hashOf = (n: number): string => toBase64Url(sha256(new Uint8Array([n % 256, Math.floor(n / 256) % 256])));

export const KEEPER = paperId<PartyId>(0x91);
export const LENDER = paperId<PartyId>(0xa1);
export const OTHER_LENDER = paperId<PartyId>(0xa2);
export const BUREAU = paperId<PartyId>(0xb1);
export const OTHER_BUREAU = paperId<PartyId>(0xb2);
export const IDENTIFIER = paperId<PartyId>(0xc1);
export const HANDLE = paperId<Handle>(0xd1);
export const LETTER = paperId<LetterId>(0xe1);
export const QUERY_GRANT = paperId<GrantId>(0xf1);
export const REPORT_GRANT = paperId<GrantId>(0xf2);
/** What is made of the query grant. */
export const MADE_GRANT = paperId<GrantId>(0xf7);
const REF = paperId<StatementRef>(0xab);
export const REL: StreamId = relationshipStream(HANDLE);
export const PERSON: StreamId = personStream(paperId<PersonId>(0xee));

/** What an entry with a payload commits to; the paper keeps no payloads, so that it is the same for all. */
export const COMMIT: Hash = sha256(new TextEncoder().encode('a payload'));

export interface Line {
  readonly index: number;
  readonly entry: Entry;
  readonly bytes: Uint8Array;
  readonly leaf: Hash;
}

export interface Paper extends View {
  readonly lines: readonly Line[];
  /** Writes what the rules decide; by default with a commitment where the entry has a payload. */
  write(command: Command, time: number, commit?: Hash | null): Line;
  /** Writes whatever is given, as a keeper with real keys could; it is folded in as far as the rules can. */
  forge(entry: Pick<Entry, 'stream' | 'type' | 'body'> & Partial<Entry> & { readonly time: Instant }): Line;
}

/** Packs at hand, by their digest: by its name a pack is the same on every paper. */
const packs = new Map<string, Pack>();

/** The command that publishes a pack, whose bytes are then at hand. */
export function published(pack: Pack, change: Partial<InputOf<'pack.published'>> = {}): Command {
  const digest = packDigest(encodePack(pack));
  packs.set(digest, pack);
  const { id, version, from, to } = pack;
  const input = { pack: id, version, digest, from, to, ...calledByKeeper(), ...change };
  return { type: 'pack.published', stream: LOG_STREAM, input };
}

export function openPaper(name: string = LOG): Paper {
  const lines: Line[] = [];
  let log = name;
  const streams = new Map<StreamId, StreamHead & { readonly state: JsonObject }>();
  const view: View = {
    head: (stream) => streams.get(stream),
    state: (stream) => streams.get(stream)?.state,
    pack: (digest) => packs.get(digest),
  };

  function append(entry: Entry, state: JsonObject): Line {
    const bytes = encodeEntry(entry);
    const line = { index: lines.length, entry, bytes, leaf: hashLeaf(bytes) };
    lines.push(line);
    streams.set(entry.stream, { seq: entry.seq, leaf: line.leaf, state });
    return line;
  }

  return {
    ...view,
    lines,
    write(asked, time, commit = neededParts(asked).length > 0 ? COMMIT : null) {
      // As the batch does.
      const command = inEpoch(view, asked);
      const { stream, type } = command;
      const link = nextLink(view.head(stream));
      const body = decide(view, command, time as Instant);
      if (command.type === 'log.continued') log = parseVkey(command.input.log_key).name;
      const entry = { log, stream, ...link, time: time as Instant, type, body, commit };
      return append(entry, evolve(view.state(stream), type, entry));
    },
    forge(made) {
      const entry = { log, ...nextLink(view.head(made.stream)), commit: null, ...made };
      let state = view.state(made.stream) ?? {};
      try {
        state = evolve(view.state(made.stream), made.type as EntryType, entry);
      } catch {
        // The rules know no state after it: it stays what it was.
      }
      return append(entry, state);
    },
  };
}

let calls = 0;
/** What the subject stated: its request has no signer but itself. Of every call another idempotency key. */
export function stated(): Call {
  return { idem: hashOf(calls++), auth: 'statement', by: [], request: null };
}

/** Without any signature: the keeper's own registration, and nothing else. */
export function unsigned(): Call {
  return { ...stated(), auth: 'none' };
}

/** Signed by one operator of a party; the request is kept beside the entry. */
export function calledBy(party: PartyId, duty: Duty = 'query'): Call {
  return { idem: hashOf(calls++), auth: 'http-sig', by: [signerOf(party, duty)], request: hashOf(calls) };
}

/** The same, where the request is a part of the entry's payload. */
export function sealedBy(party: PartyId, duty: Duty = 'query'): Call {
  return { ...calledBy(party, duty), request: null };
}

/** Signed by both administrators of the keeper. */
export function calledByKeeper(): Call {
  return { ...calledBy(KEEPER), by: [signerOf(KEEPER, 'query'), signerOf(KEEPER, 'admin')] };
}

/** Every party of the paper has two keys: 0 is its business's, 1 its administrator's. The keeper's are both administrators'. */
export function signerOf(party: PartyId, duty: Duty): Signer {
  return { party, operator: operatorOf(party, duty), key: duty === 'query' ? 0 : 1 };
}

export function operatorOf(party: PartyId, duty: Duty): OperatorId {
  return `${duty === 'query' ? 1 : 2}${party.slice(1)}` as OperatorId;
}

/** The seed of an operator's key. */
export function seedOf(operator: OperatorId): Uint8Array {
  return sha256(new TextEncoder().encode(operator));
}

const publicKeys = new Map<OperatorId, string>();
/** The public key of an operator, a real one: {@link seedOf} signs for it. */
export function keyOf(operator: OperatorId): string {
  const known = publicKeys.get(operator);
  if (known !== undefined) return known;
  const privateKey = createPrivateKey({
    key: Buffer.from(encodePkcs8(seedOf(operator))),
    format: 'der',
    type: 'pkcs8',
  });
  const key = createPublicKey(privateKey).export({ format: 'jwk' }).x as string;
  publicKeys.set(operator, key);
  return key;
}

/** The two keys that a party of the paper is registered with. */
export function keysOfParty(party: PartyId, first: Duty = 'query') {
  const [business, admin] = [operatorOf(party, 'query'), operatorOf(party, 'admin')];
  return [
    { key: keyOf(business), operator: business, duty: first },
    { key: keyOf(admin), operator: admin, duty: 'admin' },
  ] as const;
}

export function terms(change: Partial<Terms> = {}): Terms {
  return {
    grant: QUERY_GRANT,
    action: 'QUERY',
    purposes: ['loan_apply', 'post_loan'],
    items: ['credit_info', 'credit_report'],
    sources: [BUREAU],
    recipients: [],
    from: null,
    to: TODAY + 365 * DAY,
    basis: 'written_consent',
    necessity: 'necessary',
    uses_max: null,
    frequency: null,
    staleness_ms: null,
    ...change,
  };
}

export const REPORT_TERMS: Terms = terms({
  grant: REPORT_GRANT,
  action: 'REPORT',
  purposes: ['credit_reporting'],
  items: ['basic', 'adverse'],
  sources: [],
  recipients: [BUREAU],
});

type InputOf<T extends EntryType> = Extract<Command, { readonly type: T }>['input'];
/** What a key signed, and not what the link of a letter did. */
type Stated<T extends EntryType> = Extract<InputOf<T>, { readonly signed_at: Instant }>;

export function draftInput(change: Partial<InputOf<'letter.drafted'>> = {}): InputOf<'letter.drafted'> {
  return {
    letter: LETTER,
    principal: LENDER,
    text: hashOf(1000),
    template: null,
    engine: ENGINE,
    asks: false,
    warnings: [],
    nonce: hashOf(1001),
    expires_at: (TODAY + DAY) as Instant,
    grants: [terms(), REPORT_TERMS],
    ...sealedBy(change.principal ?? LENDER),
    ...change,
  };
}

export const GRADE_B = { grade: 'B', kind: 'ed25519', method: 'identity_provider', identified_by: IDENTIFIER } as const;
export const GRADE_D = { grade: 'D', kind: 'ed25519', method: 'link', identified_by: null } as const;

export function signInput(change: Partial<InputOf<'letter.signed'>> = {}): InputOf<'letter.signed'> {
  return {
    letter: LETTER,
    given: [true, true],
    signed_at: TODAY as Instant,
    evidence: GRADE_B,
    ...stated(),
    ...change,
  };
}

export function revokeInput(change: Partial<InputOf<'grant.revoked'>> = {}): InputOf<'grant.revoked'> {
  return { grant: QUERY_GRANT, signed_at: TODAY as Instant, evidence: GRADE_B, ...stated(), ...change };
}

let accesses = 0x10000;
export function askInput(change: Partial<InputOf<'access.decided'>> = {}): InputOf<'access.decided'> {
  const by = change.principal ?? LENDER;
  return {
    access: paperId<AccessId>(accesses++),
    principal: LENDER,
    action: 'QUERY',
    purpose: 'loan_apply',
    items: ['credit_report'],
    door: BUREAU,
    bound: null,
    engine: ENGINE,
    ground: { grant: QUERY_GRANT },
    stated: UNSTATED,
    ...(isSealed(change.ground) ? sealedBy(by) : calledBy(by)),
    ...change,
  };
}

/** Where an access names a document, its request stands in the payload with it. */
function isSealed(ground: InputOf<'access.decided'>['ground'] | undefined): boolean {
  return ground !== undefined && 'reference' in ground && ground.reference;
}

export function refusedInput(change: Partial<InputOf<'access.refused'>> = {}): InputOf<'access.refused'> {
  const { ground: _ground, request: _request, stated: _stated, ...asked } = askInput();
  return { ...asked, request: null, ...change };
}

export const ask = (change: Partial<InputOf<'access.decided'>> = {}): Command => ({
  type: 'access.decided',
  stream: REL,
  input: askInput(change),
});
/** The door presents the permit of an access. */
export const redeemed = (change: Partial<InputOf<'access.redeemed'>> = {}): Command => ({
  type: 'access.redeemed',
  stream: REL,
  input: {
    access: paperId<AccessId>(1),
    principal: LENDER,
    door: BUREAU,
    permit: hashOf(1003),
    until: (TODAY + PERMIT_MS) as Instant,
    engine: ENGINE,
    ...calledBy(change.door ?? BUREAU),
    ...change,
  },
});
/** The door says what it released under a permit; by default one item. */
export const settled = (change: Partial<InputOf<'access.settled'>> = {}): Command => ({
  type: 'access.settled',
  stream: REL,
  input: {
    access: paperId<AccessId>(1),
    door: BUREAU,
    result: 'released',
    reason: null,
    items: ['credit_report'],
    count: 1,
    response: hashOf(1004),
    began_at: TODAY as Instant,
    ended_at: TODAY as Instant,
    ...calledBy(change.door ?? BUREAU),
    ...change,
  },
});
export const drafted = (change: Partial<InputOf<'letter.drafted'>> = {}): Command => ({
  type: 'letter.drafted',
  stream: REL,
  input: draftInput(change),
});
export const signed = (change: Partial<InputOf<'letter.signed'>> = {}): Command => ({
  type: 'letter.signed',
  stream: REL,
  input: signInput(change),
});
export const declined = (change: Partial<Stated<'letter.declined'>> = {}): Command => ({
  type: 'letter.declined',
  stream: REL,
  input: { letter: LETTER, signed_at: TODAY as Instant, evidence: GRADE_B, ...stated(), ...change },
});
export const revoked = (change: Partial<InputOf<'grant.revoked'>> = {}): Command => ({
  type: 'grant.revoked',
  stream: REL,
  input: revokeInput(change),
});

/** The draft of a hold; by default the lender asks for it, to pause the query grant. */
export const holdDrafted = (change: Partial<InputOf<'hold.drafted'>> = {}): Command => ({
  type: 'hold.drafted',
  stream: REL,
  input: {
    ref: REF,
    kind: 'pause',
    grant: change.kind === 'freeze' || change.kind === 'release' ? null : QUERY_GRANT,
    principal: LENDER,
    nonce: hashOf(1002),
    expires_at: (TODAY + DAY) as Instant,
    ...(change.principal === null ? { ...sealedBy(LENDER), by: [] } : calledBy(change.principal ?? LENDER)),
    ...change,
  },
});
/** The terms of a grant that follows one, or stands in its place. */
export const longer = (old: Terms, grant: GrantId, to: number = old.to + DAY): Terms => ({
  ...old,
  grant,
  from: old.to,
  to: to as Instant,
});
/** The draft of what makes another grant of the query grant; by default it is extended by a day. */
export const amendDrafted = (change: Partial<InputOf<'hold.drafted'>> = {}): Command =>
  holdDrafted({ kind: 'extend', terms: longer(terms(), MADE_GRANT), ...change });
/** A signature that pauses one grant, lets it go on, or makes another of it. */
export const held = (
  type: 'grant.paused' | 'grant.resumed' | 'grant.extended' | 'grant.narrowed' | 'grant.contested' | 'grant.affirmed',
  change: Partial<InputOf<'grant.resumed'>> = {},
): Command => ({
  type,
  stream: REL,
  input: {
    ref: REF,
    grant: QUERY_GRANT,
    signed_at: TODAY as Instant,
    evidence: GRADE_B,
    ...stated(),
    ...change,
  },
});
/** A finding of a party on a grant, or that it lifts it; by default the bureau's on the query grant. */
export const finding = (
  type: 'finding.recorded' | 'finding.lifted',
  change: Partial<InputOf<'finding.recorded'>> = {},
): Command => ({
  type,
  stream: REL,
  input: { grant: QUERY_GRANT, principal: BUREAU, ...calledBy(change.principal ?? BUREAU), ...change },
});
/** A signature that freezes everything, or releases it, as it is written into one relationship. */
export const frozen = (
  type: 'relationship.frozen' | 'relationship.released',
  change: Partial<Stated<'relationship.frozen'>> = {},
): Command => ({
  type,
  stream: REL,
  input: { ref: REF, signed_at: TODAY as Instant, evidence: GRADE_B, ...stated(), ...change },
});

export interface LogKeys {
  readonly log_key: string;
  readonly issuing_key: string;
  readonly recovery_key: string;
}
const NO_KEYS: LogKeys = { log_key: 'none', issuing_key: 'A'.repeat(43), recovery_key: 'A'.repeat(43) };

/** The log's keys, the parties, and a relationship of the lender; no letter yet. */
export function openedPaper(keys: LogKeys = NO_KEYS): Paper {
  const paper = openPaper();
  paper.write(
    { type: 'log.opened', stream: LOG_STREAM, input: { ...keys, keeper: KEEPER, engine: ENGINE } },
    TODAY - DAY,
  );
  const founding = {
    name: '示例 keeper',
    roles: ['keeper'],
    keys: keysOfParty(KEEPER, 'admin'),
    ...unsigned(),
  } as const;
  paper.write({ type: 'party.registered', stream: partyStream(KEEPER), input: founding }, TODAY - DAY);
  const parties = [
    [LENDER, 'grantee'],
    [OTHER_LENDER, 'grantee'],
    [BUREAU, 'bureau'],
    [OTHER_BUREAU, 'bureau'],
    [IDENTIFIER, 'identifier'],
  ] as const;
  for (const [party, role] of parties) {
    const input = { name: `示例 ${role}`, roles: [role], keys: keysOfParty(party), ...calledByKeeper() };
    paper.write({ type: 'party.registered', stream: partyStream(party), input }, TODAY - DAY);
  }
  const input = { grantee: LENDER, subject: 'person', frozen: null, ...sealedBy(LENDER) } as const;
  paper.write({ type: 'relationship.opened', stream: REL, input }, TODAY - DAY);
  return paper;
}

/** The same with a letter of two clauses, query and report, both given. */
export function signedPaper(keys: LogKeys = NO_KEYS): Paper {
  const paper = openedPaper(keys);
  paper.write(drafted(), TODAY - MINUTE);
  paper.write(signed(), TODAY);
  return paper;
}

export function relationshipOf(paper: View): Relationship {
  return paper.state(REL) as unknown as Relationship;
}

export function partyOf(view: View, party: PartyId): Party {
  return view.state(partyStream(party)) as Party;
}

/** A view in which a party has other roles than it was registered with. */
export function withRoles(view: View, party: PartyId, roles: readonly PartyRole[]): View {
  return changed(view, { [partyStream(party)]: { ...partyOf(view, party), roles } });
}

export function holdOf(view: View, ref: StatementRef = REF): HoldDraft | undefined {
  return relationshipOf(view).holds[ref];
}

/** The outcome that an access would have. */
export function outcomeOf(view: View, command: Command, time: number): { decision: string; codes: readonly string[] } {
  const { decision, codes } = decide(view, command, time as Instant) as { decision: string; codes: readonly string[] };
  return { decision, codes };
}

/** A view in which some streams stand otherwise. */
export function changed(view: View, states: Readonly<Record<string, unknown>>): View {
  return {
    head: (stream) => view.head(stream),
    state: (stream) => (Object.hasOwn(states, stream) ? (states[stream] as JsonObject) : view.state(stream)),
    pack: (digest) => packs.get(digest),
  };
}
