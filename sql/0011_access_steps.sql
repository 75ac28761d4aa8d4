-- What became of each access, one row an entry: a person's own page finds its accesses here, and reads only the entries that
-- it shows. It decides nothing. Written by ledger/batch.ts in the statement that appends the entries, and by ledger/steps.ts
-- for those that older code appended. The audit derives it again. Append-only.
create table access_steps (
  index bigint not null,
  stream text not null,
  -- Ledger time of the entry, ms.
  time bigint not null,
  -- decided, redeemed, settled; told: notice was given of deferred accesses.
  step text not null,
  -- What the entry says: the access (null: told names none), and of a decided one, what it was.
  access text,
  decision text,
  action text,
  purpose text,
  -- Whether law may let its subject be told of it later; the entry says from when.
  may_defer boolean,
  constraint access_steps_pkey primary key (index)
);

create index access_steps_stream on access_steps (stream, index);

-- The entries before this one have their rows above. Code that does not know the table leaves it behind, and is caught up with.
alter table head add column stepped bigint not null default 0;

create trigger access_steps_append_only before update or delete on access_steps for each row execute function assent_append_only();
create trigger access_steps_no_truncate before truncate on access_steps for each statement execute function assent_append_only();

do $$
begin
  execute 'revoke update, delete, truncate on access_steps from public, current_user';
end
$$;
