-- Jobs: lists too long for one request. They decide nothing: what was decided stands in the log, and these rows say where.
-- A part's signed request is stored in `requests`, in the transaction that acknowledges the part. Written by
-- service/jobs.

create table jobs (
  id text not null,
  party text not null,
  parts int not null,
  created_at bigint not null,
  -- As in `idempotency`: a request that is repeated makes no second job.
  idem bytea not null,
  request bytea not null,
  constraint jobs_pkey primary key (id),
  constraint jobs_once unique (idem)
);

create table job_parts (
  job text not null,
  part int not null,
  -- Which row of `requests`; and SHA-256 of its body alone, which is the same however often it is signed.
  request bytea not null,
  content bytea not null,
  rows int not null,
  received_at bigint not null,
  -- When the last of its rows was decided, or when it could not go on; then with the code of why.
  ended_at bigint,
  error text,
  constraint job_parts_pkey primary key (job, part)
);

-- What the runner looks for, a second after the other.
create index job_parts_due on job_parts (received_at, job, part) where ended_at is null;

-- One row for each commit of a part: which of its rows, and where their entries stand. Lost, it is made again from
-- `idempotency`.
create table job_chunks (
  job text not null,
  part int not null,
  first_row int not null,
  first_index bigint not null,
  count int not null,
  allowed int not null,
  constraint job_chunks_pkey primary key (job, part, first_row)
);
