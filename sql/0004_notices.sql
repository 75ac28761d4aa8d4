-- Who has to hear of what: an outbox, written in the same statement as the entries, and who said to have heard. The audit
-- derives both again from the entries. Written by ledger/batch.ts. Append-only.
create table notices (
  party text not null,
  index bigint not null,
  -- The grants that the entry is about for this party: their ids, as canonical JSON. A door hears of its own only.
  grants text not null,
  constraint notices_pkey primary key (party, index)
);

-- The audit goes by entry, the feed by party.
create index notices_index on notices (index);

-- Up to which entry a party has acknowledged, and by which entry it did so.
create table acknowledgements (
  party text not null,
  upto bigint not null,
  index bigint not null,
  -- Ledger time of that entry, ms.
  time bigint not null,
  constraint acknowledgements_pkey primary key (party, upto),
  constraint acknowledgements_index unique (index)
);

-- Where parties want notices to be sent, and how far each has got: configuration, no part of the log.
create table webhooks (
  id text not null,
  party text not null,
  url text not null,
  -- The entry of the last notice that was taken.
  cursor bigint not null,
  -- How often the next one was tried.
  attempts int not null default 0,
  -- Not tried again before, ms.
  next_at bigint not null default 0,
  last_error text,
  -- When it was removed, ms.
  removed_at bigint,
  constraint webhooks_pkey primary key (id)
);

create unique index webhooks_once on webhooks (party, url) where removed_at is null;

do $$
declare
  log_table text;
begin
  foreach log_table in array array['notices', 'acknowledgements'] loop
    execute format('create trigger %I before update or delete on %I for each row execute function assent_append_only()', log_table || '_append_only', log_table);
    execute format('create trigger %I before truncate on %I for each statement execute function assent_append_only()', log_table || '_no_truncate', log_table);
    execute format('revoke update, delete, truncate on %I from public, current_user', log_table);
  end loop;
end
$$;
