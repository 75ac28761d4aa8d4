-- Sessions of persons who signed in. They decide nothing by themselves: an act by session is an entry, and carries the
-- statement that opened it. Written by service/sessions.ts; rows that are over are removed when others are opened.

create table sessions (
  -- SHA-256 of the token; the token itself is in the person's browser only.
  token bytea not null,
  -- Of the ledger's challenge: a statement opens one session, once.
  nonce text not null,
  person text not null,
  -- Where the key that signed was bound, in the person's stream.
  seq bigint not null,
  -- What was signed, canonical, and the signature: what an act by this session has as its evidence.
  statement text not null,
  signature text not null,
  started_at bigint not null,
  last_used_at bigint not null,
  ended_at bigint,
  constraint sessions_pkey primary key (token),
  constraint sessions_once unique (nonce)
);

create index sessions_person on sessions (person);
create index sessions_started on sessions (started_at);
