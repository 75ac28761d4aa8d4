-- Which key a passkey's credential is: an authenticator names what it signs with by a credential id. Finds a person who
-- signs in; streams decide whether the key counts.

create table credentials (
  credential bytea not null,
  person text not null,
  -- As in subject_keys.
  public_key bytea not null,
  constraint credentials_pkey primary key (credential)
);
