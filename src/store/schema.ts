/**
 * The tables as kysely sees them. Only values that the core minted are written, so they come back with their brands. A log table's rows have no type for an update: what may not be done can't be written.
 *
 * @module
 */
import type { ColumnType, Kysely, Transaction } from 'kysely';
import type { Hash } from '#core/hash.ts';
import type { AccessId, Handle, JobId, PartyId, PersonId, WebhookId } from '#core/ids.ts';
import type { Instant } from '#core/instant.ts';
import type { Owner } from '#core/tlog/payload.ts';
import type { StreamId } from '#core/tlog/stream.ts';

/** A column that is written once. */
type Once<T> = ColumnType<T, T, never>;

interface HeadTable {
  id: ColumnType<number, number | undefined, never>;
  origin: string;
  size: number;
  root: Hash;
  frontier: Uint8Array;
  time: Instant;
  stepped: ColumnType<number, never, number>;
}

interface EntriesTable {
  index: Once<number>;
  stream: Once<StreamId>;
  seq: Once<number>;
  leaf: Once<Hash>;
  bytes: Once<Uint8Array>;
  signature: Once<Uint8Array>;
}

interface TilesTable {
  level: Once<number>;
  n: Once<number>;
  hashes: Once<Uint8Array>;
  root: Once<Hash>;
}

interface CheckpointsTable {
  /** The note's first line, by the database itself. */
  origin: ColumnType<string, never, never>;
  size: Once<number>;
  root: Once<Hash>;
  note: Once<string>;
  /** As it is; else not before a quorum has cosigned it. */
  served: Once<boolean>;
}

type WitnessedTable = Omit<CheckpointsTable, 'served'>;

interface TimeStampsTable {
  size: Once<number>;
  not_later_than: Once<Instant>;
  file: Once<string>;
}

interface TimeStampAskingTable {
  id: ColumnType<number, number | undefined, never>;
  asked_at: number;
  failing_since: number | null;
  why: string | null;
}

interface RestorationTable {
  id: ColumnType<number, number | undefined, never>;
  from_size: Once<number>;
  from_root: Once<Hash>;
  signed_size: Once<number>;
}

interface StreamsTable {
  stream: Once<StreamId>;
  seq: number;
  leaf: Hash;
  state: string;
}

interface PacksTable {
  digest: Once<Hash>;
  bytes: Once<Uint8Array>;
}

interface IdsTable {
  id: Once<string>;
  stream: Once<StreamId>;
  index: Once<number>;
}

interface IdempotencyTable {
  idem: Once<Hash>;
  request: Once<Hash>;
  first_index: Once<number>;
  count: Once<number>;
}

interface RequestsTable {
  digest: Once<Hash>;
  request: Once<string>;
}

interface NoticesTable {
  party: Once<PartyId>;
  index: Once<number>;
  grants: Once<string>;
}

interface AcknowledgementsTable {
  party: Once<PartyId>;
  upto: Once<number>;
  index: Once<number>;
  time: Once<Instant>;
}

interface AccessStepsTable {
  index: Once<number>;
  stream: Once<StreamId>;
  time: Once<Instant>;
  step: Once<string>;
  access: Once<AccessId | null>;
  decision: Once<string | null>;
  action: Once<string | null>;
  purpose: Once<string | null>;
  may_defer: Once<boolean | null>;
}

interface WebhooksTable {
  id: Once<WebhookId>;
  party: Once<PartyId>;
  url: Once<string>;
  cursor: number;
  attempts: ColumnType<number, number | undefined, number>;
  next_at: ColumnType<number, number | undefined, number>;
  last_error: ColumnType<string | null, string | null | undefined, string | null>;
  removed_at: ColumnType<number | null, number | null | undefined, number | null>;
}

interface PartDigestsTable {
  index: Once<number>;
  name: Once<string>;
  digest: Once<Hash>;
}

interface DataKeysTable {
  id: Once<string>;
  stream: Once<StreamId>;
  owner: Once<Owner>;
  retention: Once<string>;
  wrapped: Once<Uint8Array>;
}

interface PartsTable {
  index: Once<number>;
  name: Once<string>;
  data_key: Once<string>;
  sealed: Once<Uint8Array>;
}

interface PersonsTable {
  lookup: Once<Hash>;
  person: Once<PersonId>;
}

interface RelationshipsTable {
  handle: Once<Handle>;
  person: Once<PersonId>;
  grantee: Once<PartyId>;
}

interface SubjectKeysTable {
  person: Once<PersonId>;
  public_key: Once<Uint8Array>;
  seq: Once<number>;
}

interface SessionsTable {
  token: Once<Hash>;
  nonce: Once<string>;
  person: Once<PersonId>;
  seq: Once<number>;
  statement: Once<string>;
  signature: Once<string>;
  started_at: Once<Instant>;
  last_used_at: Instant;
  ended_at: ColumnType<Instant | null, null | undefined, Instant>;
}

interface DeviceInvitationsTable {
  person: Once<PersonId>;
  token: Hash;
  handle: Handle;
  expires_at: Instant;
  key: ColumnType<string | null, null | undefined, string>;
  credential: ColumnType<string | null, null | undefined, string>;
  possession: ColumnType<string | null, null | undefined, string>;
  used_at: ColumnType<Instant | null, null | undefined, Instant>;
}

interface CredentialsTable {
  credential: Once<Uint8Array>;
  person: Once<PersonId>;
  public_key: Once<Uint8Array>;
}

interface JobsTable {
  id: Once<JobId>;
  party: Once<PartyId>;
  parts: Once<number>;
  created_at: Once<Instant>;
  idem: Once<Hash>;
  request: Once<Hash>;
}

interface JobPartsTable {
  job: Once<JobId>;
  part: Once<number>;
  request: Once<Hash>;
  content: Once<Hash>;
  rows: Once<number>;
  received_at: Once<Instant>;
  ended_at: ColumnType<Instant | null, null | undefined, Instant>;
  error: ColumnType<string | null, null | undefined, string | null>;
}

interface JobChunksTable {
  job: Once<JobId>;
  part: Once<number>;
  first_row: Once<number>;
  first_index: Once<number>;
  count: Once<number>;
  allowed: Once<number>;
}

interface MigrationsTable {
  id: number;
  name: string;
}

export interface Schema {
  head: HeadTable;
  entries: EntriesTable;
  tiles: TilesTable;
  checkpoints: CheckpointsTable;
  witnessed: WitnessedTable;
  restoration: RestorationTable;
  time_stamps: TimeStampsTable;
  time_stamp_asking: TimeStampAskingTable;
  streams: StreamsTable;
  ids: IdsTable;
  packs: PacksTable;
  idempotency: IdempotencyTable;
  requests: RequestsTable;
  notices: NoticesTable;
  acknowledgements: AcknowledgementsTable;
  access_steps: AccessStepsTable;
  webhooks: WebhooksTable;
  part_digests: PartDigestsTable;
  data_keys: DataKeysTable;
  parts: PartsTable;
  persons: PersonsTable;
  relationships: RelationshipsTable;
  subject_keys: SubjectKeysTable;
  sessions: SessionsTable;
  device_invitations: DeviceInvitationsTable;
  credentials: CredentialsTable;
  jobs: JobsTable;
  job_parts: JobPartsTable;
  job_chunks: JobChunksTable;
  migrations: MigrationsTable;
}

/** What every store function takes first. PGlite has one connection: whoever closed over the database would wait for ever. */
export type Tx = Transaction<Schema>;
export type Database = Kysely<Schema>;
