-- The log itself: what is hashed, chained, signed and served. Written by ledger/commit.ts and ledger/publish.ts alone.

-- The one row that every batch locks. Indices come from here, never from a sequence.
create table head (
  id smallint not null default 1,
  origin text not null,
  size bigint not null,
  root bytea not null,
  -- Roots of the perfect subtrees, largest first, 32 bytes each: all that appending needs.
  frontier bytea not null,
  -- Ledger time of the last entry, ms.
  time bigint not null,
  constraint head_pkey primary key (id),
  constraint head_one_row check (id = 1),
  constraint head_size check (size >= 0)
);

-- Every entry, byte for byte as it is hashed. Append-only.
create table entries (
  index bigint not null,
  stream text not null,
  seq bigint not null,
  leaf bytea not null,
  bytes bytea not null,
  -- Ed25519 by the issuing key over the leaf: the promise that was answered.
  signature bytea not null,
  constraint entries_pkey primary key (index),
  constraint entries_stream_seq unique (stream, seq)
);

-- Full tiles of 256 hashes (C2SP tlog-tiles); a partial one is read off entries, or off the roots of the tiles below. Append-only.
create table tiles (
  level smallint not null,
  n bigint not null,
  hashes bytea not null,
  root bytea not null,
  constraint tiles_pkey primary key (level, n)
);

-- Signed tree heads, as notes. Append-only; sizes only grow.
create table checkpoints (
  size bigint not null,
  root bytea not null,
  note text not null,
  constraint checkpoints_pkey primary key (size)
);

-- Where each stream ends, and its state: the canonical fold of its entries. The audit folds again and compares each row.
create table streams (
  stream text not null,
  seq bigint not null,
  leaf bytea not null,
  state text not null,
  constraint streams_pkey primary key (stream)
);

-- In which entry an id was minted. Append-only.
create table ids (
  id text not null,
  stream text not null,
  index bigint not null,
  constraint ids_pkey primary key (id)
);

-- Which entries a request made: keyed digests of its actor and key, and of what it asked. Append-only.
create table idempotency (
  idem bytea not null,
  request bytea not null,
  first_index bigint not null,
  count smallint not null,
  constraint idempotency_pkey primary key (idem)
);

create function assent_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'table % is append-only', tg_table_name using errcode = 'insufficient_privilege';
end
$$;

do $$
declare
  log_table text;
begin
  foreach log_table in array array['entries', 'tiles', 'checkpoints', 'ids', 'idempotency'] loop
    execute format('create trigger %I before update or delete on %I for each row execute function assent_append_only()', log_table || '_append_only', log_table);
    execute format('create trigger %I before truncate on %I for each statement execute function assent_append_only()', log_table || '_no_truncate', log_table);
    execute format('revoke update, delete, truncate on %I from public, current_user', log_table);
  end loop;
end
$$;
