-- A log may go on under another origin (docs/adr/0028): its checkpoints, and those that a quorum has cosigned, are then of
-- several names, each of its own sizes. A checkpoint's first line is its origin. What is served is of the name in force, that of
-- `head`; the others are read by the audit, and by their archive.

alter table checkpoints add column origin text not null generated always as (split_part(note, E'\n', 1)) stored;
alter table checkpoints drop constraint checkpoints_pkey;
alter table checkpoints add constraint checkpoints_pkey primary key (origin, size);

alter table witnessed add column origin text not null generated always as (split_part(note, E'\n', 1)) stored;
alter table witnessed drop constraint witnessed_pkey;
alter table witnessed add constraint witnessed_pkey primary key (origin, size);
