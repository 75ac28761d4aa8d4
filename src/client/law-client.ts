/**
 * What a client says and asks of the law that decides: facts of relationships, ties of parties, packs.
 *
 * @module
 */
import type { FactId, Handle, PartyId } from '#core/ids.ts';
import type { Pack } from '#core/pack/pack.ts';
import type { PackId } from '#core/pack/word.ts';
import type { StreamId } from '#core/tlog/stream.ts';
import { erasableSchema, erasedSchema } from '#wire/erasures.ts';
import {
  type answerObjectionSchema,
  type attestItemSchema,
  type attestSignerSchema,
  type attestSubjectSchema,
  type closureSchema,
  type facilitySchema,
  factStatedSchema,
  factsSchema,
  type noticeSchema,
  objectionOpenedSchema,
  type objectSchema,
} from '#wire/facts.ts';
import { type bindGranteeSchema, granteeBoundSchema } from '#wire/grants.ts';
import {
  type addIssuingKeySchema,
  type compromiseIssuingKeySchema,
  issuingKeyChangedSchema,
} from '#wire/issuing-keys.ts';
import {
  engineRaisedSchema,
  packPublishedSchema,
  packsSchema,
  packWithdrawnSchema,
  profileSwitchedSchema,
} from '#wire/law.ts';
import {
  type licensePartySchema,
  type mandateSchema,
  partyChangedSchema,
  type succeedPartySchema,
  type suspendSelfSchema,
} from '#wire/parties.ts';
import { retentionSchema } from '#wire/retention.ts';
import type { AnswerOf, InputOf, Schema } from '#wire/types.ts';

export interface LawClient {
  readFacts(handle: Handle): Promise<AnswerOf<typeof factsSchema>>;
  bindFacility(handle: Handle, body: InputOf<typeof facilitySchema>): Promise<AnswerOf<typeof factStatedSchema>>;
  changeFacility(
    handle: Handle,
    facility: FactId,
    body: InputOf<typeof facilitySchema>,
  ): Promise<AnswerOf<typeof factStatedSchema>>;
  closeFacility(
    handle: Handle,
    facility: FactId,
    body: InputOf<typeof closureSchema>,
  ): Promise<AnswerOf<typeof factStatedSchema>>;
  /** Says, once and for ever, which candidate of a grant is its grantee. */
  bindGrantee(handle: Handle, body: InputOf<typeof bindGranteeSchema>): Promise<AnswerOf<typeof granteeBoundSchema>>;
  recordNotice(handle: Handle, body: InputOf<typeof noticeSchema>): Promise<AnswerOf<typeof factStatedSchema>>;
  attestSubject(handle: Handle, body: InputOf<typeof attestSubjectSchema>): Promise<AnswerOf<typeof factStatedSchema>>;
  attestSigner(handle: Handle, body: InputOf<typeof attestSignerSchema>): Promise<AnswerOf<typeof factStatedSchema>>;
  attestItem(handle: Handle, body: InputOf<typeof attestItemSchema>): Promise<AnswerOf<typeof factStatedSchema>>;
  openObjection(handle: Handle, body: InputOf<typeof objectSchema>): Promise<AnswerOf<typeof objectionOpenedSchema>>;
  markObjection(
    handle: Handle,
    objection: FactId,
    body: InputOf<typeof closureSchema>,
  ): Promise<AnswerOf<typeof factStatedSchema>>;
  answerObjection(
    handle: Handle,
    objection: FactId,
    body: InputOf<typeof answerObjectionSchema>,
  ): Promise<AnswerOf<typeof factStatedSchema>>;
  licenseParty(party: PartyId, body: InputOf<typeof licensePartySchema>): Promise<AnswerOf<typeof partyChangedSchema>>;
  succeedParty(party: PartyId, body: InputOf<typeof succeedPartySchema>): Promise<AnswerOf<typeof partyChangedSchema>>;
  /** Signed by an administrator of the party itself. */
  suspendSelf(party: PartyId, body: InputOf<typeof suspendSelfSchema>): Promise<AnswerOf<typeof partyChangedSchema>>;
  reinstateSelf(party: PartyId): Promise<AnswerOf<typeof partyChangedSchema>>;
  mandateProcessor(party: PartyId, body: InputOf<typeof mandateSchema>): Promise<AnswerOf<typeof partyChangedSchema>>;
  /** Signed by two of the keeper, as are the seven below. */
  publishPack(pack: Pack): Promise<AnswerOf<typeof packPublishedSchema>>;
  withdrawPack(pack: PackId): Promise<AnswerOf<typeof packWithdrawnSchema>>;
  switchProfile(profile: string, on: boolean): Promise<AnswerOf<typeof profileSwitchedSchema>>;
  raiseEngine(engine: number): Promise<AnswerOf<typeof engineRaisedSchema>>;
  addIssuingKey(body: InputOf<typeof addIssuingKeySchema>): Promise<AnswerOf<typeof issuingKeyChangedSchema>>;
  switchIssuingKey(key: string): Promise<AnswerOf<typeof issuingKeyChangedSchema>>;
  retireIssuingKey(key: string): Promise<AnswerOf<typeof issuingKeyChangedSchema>>;
  compromiseIssuingKey(
    body: InputOf<typeof compromiseIssuingKeySchema>,
  ): Promise<AnswerOf<typeof issuingKeyChangedSchema>>;
  listPacks(): Promise<AnswerOf<typeof packsSchema>>;
  /** One page of what is kept until when; `after` is the `next` of the page before. Nothing is erased by it. */
  readRetention(asked?: {
    readonly after?: StreamId | null;
    readonly due?: boolean;
  }): Promise<AnswerOf<typeof retentionSchema>>;
  /** What of the subject that signs can be erased, and its erasure: of one relationship, or of all of them. */
  readErasable(): Promise<AnswerOf<typeof erasableSchema>>;
  eraseOwn(handle?: Handle | null): Promise<AnswerOf<typeof erasedSchema>>;
  /** What retention has let go of; signed by two of the keeper. */
  eraseRelationship(handle: Handle): Promise<AnswerOf<typeof erasedSchema>>;
  eraseRefusals(party: PartyId): Promise<AnswerOf<typeof erasedSchema>>;
}

/** How a client reads and writes. */
export interface Calls {
  read<S extends Schema>(path: string, answer: S): Promise<AnswerOf<S>>;
  write<S extends Schema>(path: string, body: unknown, answer: S): Promise<AnswerOf<S>>;
}

export function lawCalls(calls: Calls): LawClient {
  return { ...factCalls(calls), ...packCalls(calls) };
}

type PackClient = Pick<
  LawClient,
  | ('publishPack' | 'withdrawPack' | 'switchProfile' | 'raiseEngine' | 'listPacks' | 'readRetention')
  | ('addIssuingKey' | 'switchIssuingKey' | 'retireIssuingKey' | 'compromiseIssuingKey')
  | ('readErasable' | 'eraseOwn' | 'eraseRelationship' | 'eraseRefusals')
>;

function packCalls({ read, write }: Calls): PackClient {
  return {
    publishPack: (pack) => write('/v1/packs', { pack }, packPublishedSchema),
    withdrawPack: (pack) => write(`/v1/packs/${pack}/withdrawal`, {}, packWithdrawnSchema),
    listPacks: () => read('/v1/packs', packsSchema),
    readRetention({ after = null, due = false } = {}) {
      const query = new URLSearchParams({ ...(after === null ? {} : { after }), ...(due ? { due: 'true' } : {}) });
      return read(`/v1/retention${query.size === 0 ? '' : `?${query}`}`, retentionSchema);
    },
    readErasable: () => read('/v1/erasures', erasableSchema),
    eraseOwn: (handle = null) => write('/v1/erasures', { handle }, erasedSchema),
    eraseRelationship: (handle) => write(`/v1/relationships/${handle}/erasure`, {}, erasedSchema),
    eraseRefusals: (party) => write(`/v1/parties/${party}/refusals/erasure`, {}, erasedSchema),
    switchProfile: (profile, on) => write(`/v1/profiles/${profile}`, { on }, profileSwitchedSchema),
    raiseEngine: (engine) => write('/v1/log/engine', { engine }, engineRaisedSchema),
    addIssuingKey: (body) => write('/v1/log/issuing-keys', body, issuingKeyChangedSchema),
    switchIssuingKey: (key) => write('/v1/log/issuing-keys/switch', { key }, issuingKeyChangedSchema),
    retireIssuingKey: (key) => write('/v1/log/issuing-keys/retirement', { key }, issuingKeyChangedSchema),
    compromiseIssuingKey: (body) => write('/v1/log/issuing-keys/compromise', body, issuingKeyChangedSchema),
  };
}

function factCalls({ read, write }: Calls): Omit<LawClient, keyof PackClient> {
  const of = (handle: Handle) => `/v1/relationships/${handle}`;
  const state = (path: string, body: object) => write(path, body, factStatedSchema);
  return {
    readFacts: (handle) => read(`${of(handle)}/facts`, factsSchema),
    bindFacility: (handle, body) => state(`${of(handle)}/facilities`, body),
    changeFacility: (handle, facility, body) => state(`${of(handle)}/facilities/${facility}/change`, body),
    closeFacility: (handle, facility, body) => state(`${of(handle)}/facilities/${facility}/closure`, body),
    bindGrantee: (handle, body) => write(`${of(handle)}/bindings`, body, granteeBoundSchema),
    recordNotice: (handle, body) => state(`${of(handle)}/notices`, body),
    attestSubject: (handle, body) => state(`${of(handle)}/attestations/subject`, body),
    attestSigner: (handle, body) => state(`${of(handle)}/attestations/signer`, body),
    attestItem: (handle, body) => state(`${of(handle)}/attestations/item`, body),
    openObjection: (handle, body) => write(`${of(handle)}/objections`, body, objectionOpenedSchema),
    markObjection: (handle, objection, body) => state(`${of(handle)}/objections/${objection}/mark`, body),
    answerObjection: (handle, objection, body) => state(`${of(handle)}/objections/${objection}/answer`, body),
    licenseParty: (party, body) => write(`/v1/parties/${party}/licences`, body, partyChangedSchema),
    succeedParty: (party, body) => write(`/v1/parties/${party}/successions`, body, partyChangedSchema),
    suspendSelf: (party, body) => write(`/v1/parties/${party}/self-suspension`, body, partyChangedSchema),
    reinstateSelf: (party) => write(`/v1/parties/${party}/self-reinstatement`, {}, partyChangedSchema),
    mandateProcessor: (party, body) => write(`/v1/parties/${party}/mandates`, body, partyChangedSchema),
  };
}
