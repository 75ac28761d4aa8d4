-- Packs: the canonical bytes of each version that was published, by their digest, which its entry holds. Written by the
-- batch that publishes it, served, and read again by the audit. Never changed.

create table packs (
  digest bytea not null,
  bytes bytea not null,
  constraint packs_pkey primary key (digest)
);

do $$
begin
  create trigger packs_append_only before update or delete on packs for each row execute function assent_append_only();
  create trigger packs_no_truncate before truncate on packs for each statement execute function assent_append_only();
  execute 'revoke update, delete, truncate on packs from public, current_user';
end
$$;
