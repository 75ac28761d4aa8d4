-- Time-stamps (RFC 3161) that an authority made of this log's checkpoints. Derived evidence: no entry rests on them, and they
-- are verified by their files alone. Written by node/time-stamp/stamp-keeper.ts alone.

-- Append-only; sizes only grow.
create table time_stamps (
  -- Of the tree that the stamped checkpoint is of.
  size bigint not null,
  -- By the authority's own clock, with the accuracy that it states: the tree existed by then.
  not_later_than bigint not null,
  -- The file as it is served: assent/time-stamp/v1.
  file text not null,
  constraint time_stamps_pkey primary key (size)
);

create trigger time_stamps_append_only before update or delete on time_stamps for each row execute function assent_append_only();
create trigger time_stamps_no_truncate before truncate on time_stamps for each statement execute function assent_append_only();

do $$
begin
  execute 'revoke update, delete, truncate on time_stamps from public, current_user';
end
$$;

-- How the authority answered last, for whoever asks how the ledger is; one row, or none before it was first asked.
create table time_stamp_asking (
  id smallint not null default 1,
  asked_at bigint not null,
  -- Since when nothing came of it, and why; null: the last answer was a time-stamp.
  failing_since bigint,
  why text,
  constraint time_stamp_asking_pkey primary key (id),
  constraint time_stamp_asking_one_row check (id = 1),
  constraint time_stamp_asking_why check ((failing_since is null) = (why is null))
);
