-- Signed requests, as they came: body, signature bases, signatures. Evidence of who asked, stored once; entries name them
-- by digest. Only requests that carry handles, ids and codes stand here; those with personal data are parts of the
-- payload. Written by ledger/batch.ts. Append-only.
create table requests (
  digest bytea not null,
  request text not null,
  constraint requests_pkey primary key (digest)
);

do $$
begin
  create trigger requests_append_only before update or delete on requests for each row execute function assent_append_only();
  create trigger requests_no_truncate before truncate on requests for each statement execute function assent_append_only();
  execute 'revoke update, delete, truncate on requests from public, current_user';
end
$$;
