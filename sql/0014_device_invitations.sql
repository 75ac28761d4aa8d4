-- Links by which a person adds a device: it makes its key behind one, and a device that is there adds that key. They decide
-- nothing by themselves: what binds the key is an entry, signed by both. Written by service/person/device-invitations.ts.

create table device_invitations (
  -- One at a time: another one takes its place.
  person text not null,
  -- SHA-256 of the capability; the capability itself is in the link only.
  token bytea not null,
  -- The relationship that the key is brought through.
  handle text not null,
  expires_at bigint not null,
  -- The key that waits to be added, its id on its device, and what it signed; null: none was made yet.
  key text,
  credential text,
  possession text,
  -- When the key was added.
  used_at bigint,
  constraint device_invitations_pkey primary key (person),
  constraint device_invitations_token unique (token),
  constraint device_invitations_key check ((key is null) = (possession is null) and (key is null) = (credential is null))
);

create index device_invitations_handle on device_invitations (handle);
create index device_invitations_expires on device_invitations (expires_at);
