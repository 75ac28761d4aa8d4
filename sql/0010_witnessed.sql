-- Checkpoints with the cosignatures of a quorum under them, as notes: what readers are served where there is a policy.
-- Written by ledger/witnesses.ts alone.

-- Append-only; sizes only grow.
create table witnessed (
  size bigint not null,
  root bytea not null,
  note text not null,
  constraint witnessed_pkey primary key (size)
);

create trigger witnessed_append_only before update or delete on witnessed for each row execute function assent_append_only();
create trigger witnessed_no_truncate before truncate on witnessed for each statement execute function assent_append_only();

do $$
begin
  execute 'revoke update, delete, truncate on witnessed from public, current_user';
end
$$;
