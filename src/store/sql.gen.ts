// Generated from sql/ by test/tidy/embed-sql.ts. Do not edit.
export interface Migration {
  readonly id: number;
  readonly name: string;
  readonly statements: readonly string[];
}

export const MIGRATIONS: readonly Migration[] = [
  {
    "id": 1,
    "name": "0001_log",
    "statements": [
      "create table head (\n  id smallint not null default 1,\n  origin text not null,\n  size bigint not null,\n  root bytea not null,\n  frontier bytea not null,\n  time bigint not null,\n  constraint head_pkey primary key (id),\n  constraint head_one_row check (id = 1),\n  constraint head_size check (size >= 0)\n)",
      "create table entries (\n  index bigint not null,\n  stream text not null,\n  seq bigint not null,\n  leaf bytea not null,\n  bytes bytea not null,\n  signature bytea not null,\n  constraint entries_pkey primary key (index),\n  constraint entries_stream_seq unique (stream, seq)\n)",
      "create table tiles (\n  level smallint not null,\n  n bigint not null,\n  hashes bytea not null,\n  root bytea not null,\n  constraint tiles_pkey primary key (level, n)\n)",
      "create table checkpoints (\n  size bigint not null,\n  root bytea not null,\n  note text not null,\n  constraint checkpoints_pkey primary key (size)\n)",
      "create table streams (\n  stream text not null,\n  seq bigint not null,\n  leaf bytea not null,\n  state text not null,\n  constraint streams_pkey primary key (stream)\n)",
      "create table ids (\n  id text not null,\n  stream text not null,\n  index bigint not null,\n  constraint ids_pkey primary key (id)\n)",
      "create table idempotency (\n  idem bytea not null,\n  request bytea not null,\n  first_index bigint not null,\n  count smallint not null,\n  constraint idempotency_pkey primary key (idem)\n)",
      "create function assent_append_only() returns trigger language plpgsql as $$\nbegin\n  raise exception 'table % is append-only', tg_table_name using errcode = 'insufficient_privilege';\nend\n$$",
      "do $$\ndeclare\n  log_table text;\nbegin\n  foreach log_table in array array['entries', 'tiles', 'checkpoints', 'ids', 'idempotency'] loop\n    execute format('create trigger %I before update or delete on %I for each row execute function assent_append_only()', log_table || '_append_only', log_table);\n    execute format('create trigger %I before truncate on %I for each statement execute function assent_append_only()', log_table || '_no_truncate', log_table);\n    execute format('revoke update, delete, truncate on %I from public, current_user', log_table);\n  end loop;\nend\n$$"
    ]
  },
  {
    "id": 2,
    "name": "0002_vault",
    "statements": [
      "create table part_digests (\n  index bigint not null,\n  name text not null,\n  digest bytea not null,\n  constraint part_digests_pkey primary key (index, name)\n)",
      "create table data_keys (\n  id text not null,\n  stream text not null,\n  owner text not null,\n  retention text not null,\n  wrapped bytea not null,\n  constraint data_keys_pkey primary key (id),\n  constraint data_keys_owner unique (stream, owner, retention)\n)",
      "create table parts (\n  index bigint not null,\n  name text not null,\n  data_key text not null,\n  sealed bytea not null,\n  constraint parts_pkey primary key (index, name)\n)",
      "create table persons (\n  lookup bytea not null,\n  person text not null,\n  constraint persons_pkey primary key (lookup)\n)",
      "create table relationships (\n  handle text not null,\n  person text not null,\n  grantee text not null,\n  constraint relationships_pkey primary key (handle),\n  constraint relationships_once unique (person, grantee)\n)",
      "create table subject_keys (\n  person text not null,\n  public_key bytea not null,\n  seq bigint not null,\n  constraint subject_keys_pkey primary key (person, public_key)\n)",
      "do $$\nbegin\n  create trigger part_digests_append_only before update or delete on part_digests for each row execute function assent_append_only();\n  create trigger part_digests_no_truncate before truncate on part_digests for each statement execute function assent_append_only();\n  execute 'revoke update, delete, truncate on part_digests from public, current_user';\nend\n$$"
    ]
  },
  {
    "id": 3,
    "name": "0003_requests",
    "statements": [
      "create table requests (\n  digest bytea not null,\n  request text not null,\n  constraint requests_pkey primary key (digest)\n)",
      "do $$\nbegin\n  create trigger requests_append_only before update or delete on requests for each row execute function assent_append_only();\n  create trigger requests_no_truncate before truncate on requests for each statement execute function assent_append_only();\n  execute 'revoke update, delete, truncate on requests from public, current_user';\nend\n$$"
    ]
  },
  {
    "id": 4,
    "name": "0004_notices",
    "statements": [
      "create table notices (\n  party text not null,\n  index bigint not null,\n  grants text not null,\n  constraint notices_pkey primary key (party, index)\n)",
      "create index notices_index on notices (index)",
      "create table acknowledgements (\n  party text not null,\n  upto bigint not null,\n  index bigint not null,\n  time bigint not null,\n  constraint acknowledgements_pkey primary key (party, upto),\n  constraint acknowledgements_index unique (index)\n)",
      "create table webhooks (\n  id text not null,\n  party text not null,\n  url text not null,\n  cursor bigint not null,\n  attempts int not null default 0,\n  next_at bigint not null default 0,\n  last_error text,\n  removed_at bigint,\n  constraint webhooks_pkey primary key (id)\n)",
      "create unique index webhooks_once on webhooks (party, url) where removed_at is null",
      "do $$\ndeclare\n  log_table text;\nbegin\n  foreach log_table in array array['notices', 'acknowledgements'] loop\n    execute format('create trigger %I before update or delete on %I for each row execute function assent_append_only()', log_table || '_append_only', log_table);\n    execute format('create trigger %I before truncate on %I for each statement execute function assent_append_only()', log_table || '_no_truncate', log_table);\n    execute format('revoke update, delete, truncate on %I from public, current_user', log_table);\n  end loop;\nend\n$$"
    ]
  },
  {
    "id": 5,
    "name": "0005_jobs",
    "statements": [
      "create table jobs (\n  id text not null,\n  party text not null,\n  parts int not null,\n  created_at bigint not null,\n  idem bytea not null,\n  request bytea not null,\n  constraint jobs_pkey primary key (id),\n  constraint jobs_once unique (idem)\n)",
      "create table job_parts (\n  job text not null,\n  part int not null,\n  request bytea not null,\n  content bytea not null,\n  rows int not null,\n  received_at bigint not null,\n  ended_at bigint,\n  error text,\n  constraint job_parts_pkey primary key (job, part)\n)",
      "create index job_parts_due on job_parts (received_at, job, part) where ended_at is null",
      "create table job_chunks (\n  job text not null,\n  part int not null,\n  first_row int not null,\n  first_index bigint not null,\n  count int not null,\n  allowed int not null,\n  constraint job_chunks_pkey primary key (job, part, first_row)\n)"
    ]
  },
  {
    "id": 6,
    "name": "0006_rows",
    "statements": [
      "alter table streams alter column state set storage external",
      "alter table streams set (toast_tuple_target = 8160)",
      "alter table requests alter column request set storage external",
      "alter table requests set (toast_tuple_target = 8160)"
    ]
  },
  {
    "id": 7,
    "name": "0007_packs",
    "statements": [
      "create table packs (\n  digest bytea not null,\n  bytes bytea not null,\n  constraint packs_pkey primary key (digest)\n)",
      "do $$\nbegin\n  create trigger packs_append_only before update or delete on packs for each row execute function assent_append_only();\n  create trigger packs_no_truncate before truncate on packs for each statement execute function assent_append_only();\n  execute 'revoke update, delete, truncate on packs from public, current_user';\nend\n$$"
    ]
  },
  {
    "id": 8,
    "name": "0008_sessions",
    "statements": [
      "create table sessions (\n  token bytea not null,\n  nonce text not null,\n  person text not null,\n  seq bigint not null,\n  statement text not null,\n  signature text not null,\n  started_at bigint not null,\n  last_used_at bigint not null,\n  ended_at bigint,\n  constraint sessions_pkey primary key (token),\n  constraint sessions_once unique (nonce)\n)",
      "create index sessions_person on sessions (person)",
      "create index sessions_started on sessions (started_at)"
    ]
  },
  {
    "id": 9,
    "name": "0009_credentials",
    "statements": [
      "create table credentials (\n  credential bytea not null,\n  person text not null,\n  public_key bytea not null,\n  constraint credentials_pkey primary key (credential)\n)"
    ]
  },
  {
    "id": 10,
    "name": "0010_witnessed",
    "statements": [
      "create table witnessed (\n  size bigint not null,\n  root bytea not null,\n  note text not null,\n  constraint witnessed_pkey primary key (size)\n)",
      "create trigger witnessed_append_only before update or delete on witnessed for each row execute function assent_append_only()",
      "create trigger witnessed_no_truncate before truncate on witnessed for each statement execute function assent_append_only()",
      "do $$\nbegin\n  execute 'revoke update, delete, truncate on witnessed from public, current_user';\nend\n$$"
    ]
  },
  {
    "id": 11,
    "name": "0011_access_steps",
    "statements": [
      "create table access_steps (\n  index bigint not null,\n  stream text not null,\n  time bigint not null,\n  step text not null,\n  access text,\n  decision text,\n  action text,\n  purpose text,\n  may_defer boolean,\n  constraint access_steps_pkey primary key (index)\n)",
      "create index access_steps_stream on access_steps (stream, index)",
      "alter table head add column stepped bigint not null default 0",
      "create trigger access_steps_append_only before update or delete on access_steps for each row execute function assent_append_only()",
      "create trigger access_steps_no_truncate before truncate on access_steps for each statement execute function assent_append_only()",
      "do $$\nbegin\n  execute 'revoke update, delete, truncate on access_steps from public, current_user';\nend\n$$"
    ]
  },
  {
    "id": 12,
    "name": "0012_erasure",
    "statements": [
      "create index parts_data_key on parts (data_key)"
    ]
  },
  {
    "id": 13,
    "name": "0013_restoration",
    "statements": [
      "create table restoration (\n  id smallint not null default 1,\n  from_size bigint not null,\n  from_root bytea not null,\n  signed_size bigint not null,\n  constraint restoration_pkey primary key (id),\n  constraint restoration_one_row check (id = 1)\n)"
    ]
  },
  {
    "id": 14,
    "name": "0014_device_invitations",
    "statements": [
      "create table device_invitations (\n  person text not null,\n  token bytea not null,\n  handle text not null,\n  expires_at bigint not null,\n  key text,\n  credential text,\n  possession text,\n  used_at bigint,\n  constraint device_invitations_pkey primary key (person),\n  constraint device_invitations_token unique (token),\n  constraint device_invitations_key check ((key is null) = (possession is null) and (key is null) = (credential is null))\n)",
      "create index device_invitations_handle on device_invitations (handle)",
      "create index device_invitations_expires on device_invitations (expires_at)"
    ]
  },
  {
    "id": 15,
    "name": "0015_time_stamps",
    "statements": [
      "create table time_stamps (\n  size bigint not null,\n  not_later_than bigint not null,\n  file text not null,\n  constraint time_stamps_pkey primary key (size)\n)",
      "create trigger time_stamps_append_only before update or delete on time_stamps for each row execute function assent_append_only()",
      "create trigger time_stamps_no_truncate before truncate on time_stamps for each statement execute function assent_append_only()",
      "do $$\nbegin\n  execute 'revoke update, delete, truncate on time_stamps from public, current_user';\nend\n$$",
      "create table time_stamp_asking (\n  id smallint not null default 1,\n  asked_at bigint not null,\n  failing_since bigint,\n  why text,\n  constraint time_stamp_asking_pkey primary key (id),\n  constraint time_stamp_asking_one_row check (id = 1),\n  constraint time_stamp_asking_why check ((failing_since is null) = (why is null))\n)"
    ]
  },
  {
    "id": 16,
    "name": "0016_origin",
    "statements": [
      "alter table checkpoints add column origin text not null generated always as (split_part(note, E'\\n', 1)) stored",
      "alter table checkpoints drop constraint checkpoints_pkey",
      "alter table checkpoints add constraint checkpoints_pkey primary key (origin, size)",
      "alter table witnessed add column origin text not null generated always as (split_part(note, E'\\n', 1)) stored",
      "alter table witnessed drop constraint witnessed_pkey",
      "alter table witnessed add constraint witnessed_pkey primary key (origin, size)"
    ]
  },
  {
    "id": 17,
    "name": "0017_served",
    "statements": [
      "alter table checkpoints add column served boolean not null default true",
      "alter table checkpoints alter column served drop default",
      "create index checkpoints_served on checkpoints (origin, size) where served"
    ]
  }
];
