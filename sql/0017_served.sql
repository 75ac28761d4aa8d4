-- Whether readers are served a checkpoint as it is, or not before a quorum has cosigned it (table `witnessed`): decided by the
-- process that signs it, and true for all processes, so that what is served never shrinks, whoever serves it. Of those of
-- before nothing is known, and none may be taken back.

alter table checkpoints add column served boolean not null default true;
alter table checkpoints alter column served drop default;
create index checkpoints_served on checkpoints (origin, size) where served;
