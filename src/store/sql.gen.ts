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
  }
];
