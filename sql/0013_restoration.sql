-- A restore that was begun and is not whole yet: where the database stood before it, and what the signer remembered then.
-- Broken off, it is begun again from here, so that its entry says what was lost from the start. Written by
-- ledger/restore-tail.ts; gone with the entry's own transaction.

create table restoration (
  id smallint not null default 1,
  from_size bigint not null,
  from_root bytea not null,
  signed_size bigint not null,
  constraint restoration_pkey primary key (id),
  constraint restoration_one_row check (id = 1)
);
