-- One log of what people write, whatever it is about: who, when, and the whole row before and after.
-- Until here on-call and alerts had a log each. A table whose rows are logged has a revision, so that whoever
-- saves second is told, and its rows stay: what is taken back is marked, not deleted.

alter table team.oncall_change rename to audit;
alter table team.audit drop constraint oncall_change_subject_check;
alter table team.audit add constraint audit_subject_check check (subject <> '');
alter index team.oncall_change_pkey rename to audit_pkey;
alter index team.oncall_change_of rename to audit_of;
alter sequence team.oncall_change_change_id_seq rename to audit_change_id_seq;

insert into team.audit (service, subject, subject_id, changed_by, changed_at, before, after)
select service, subject, subject_id, changed_by, changed_at, before, after
from team.alert_change
order by change_id;
drop table team.alert_change;

-- What is newest of a service: caches ask it every few seconds, and the page of the log shows it first.
create index audit_newest on team.audit (service, change_id);
