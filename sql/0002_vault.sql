-- The vault: payloads behind commitments. What is erasable is here; what must survive erasure is in part_digests.
-- Written by ledger/commit.ts.

-- The salted digest of each part: what the entry's commitment covers. Append-only; says nothing without the salt.
create table part_digests (
  index bigint not null,
  name text not null,
  digest bytea not null,
  constraint part_digests_pkey primary key (index, name)
);

-- One key per stream, owner and retention class, wrapped by a key outside the database. Erasing is destroying it.
create table data_keys (
  id text not null,
  stream text not null,
  owner text not null,
  retention text not null,
  wrapped bytea not null,
  constraint data_keys_pkey primary key (id),
  constraint data_keys_owner unique (stream, owner, retention)
);

-- Each part's salt and value, sealed with AES-256-GCM under its data key.
create table parts (
  index bigint not null,
  name text not null,
  data_key text not null,
  sealed bytea not null,
  constraint parts_pkey primary key (index, name)
);

-- Which person an identifier belongs to: a keyed digest of its kind and normalised number.
create table persons (
  lookup bytea not null,
  person text not null,
  constraint persons_pkey primary key (lookup)
);

-- Whose relationship a handle is. Never in an entry; the opening's payload says the same, and the audit compares.
create table relationships (
  handle text not null,
  person text not null,
  grantee text not null,
  constraint relationships_pkey primary key (handle),
  constraint relationships_once unique (person, grantee)
);

-- Where a subject's public key was bound. The person's stream decides whether it counts.
create table subject_keys (
  person text not null,
  public_key bytea not null,
  seq bigint not null,
  constraint subject_keys_pkey primary key (person, public_key)
);

do $$
begin
  create trigger part_digests_append_only before update or delete on part_digests for each row execute function assent_append_only();
  create trigger part_digests_no_truncate before truncate on part_digests for each statement execute function assent_append_only();
  execute 'revoke update, delete, truncate on part_digests from public, current_user';
end
$$;
