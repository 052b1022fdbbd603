-- Core tables of Sluice. Migrations are in the folder migrations/; this file is made from them and is for reading.

create table organisation (
  id          integer generated always as identity primary key,
  name        text not null,
  agreement   text not null default 'basic' check (agreement in ('basic', 'silver', 'gold')),
  -- Two-factor sign-in for all members. New organisations have it on since release 2025.9.
  require_second_factor boolean not null default true,
  closed_at   timestamptz  -- data are kept for 90 days after this moment, then purged by the job purge_closed
);

create table member (
  organisation_id integer not null references organisation,
  person_id       integer not null references person,
  role            text not null check (role in ('administrator', 'editor', 'reader', 'guest', 'billing')),
  primary key (organisation_id, person_id)
);
comment on column member.role is
  'guest: sees names of members and the devices shared with them, never addresses. Enforced by row-level security since the incident of June 2025.';

create table device (
  serial          text primary key check (serial ~ '^(H2|H4|P1|P2)-[0-9]{6}$'),
  organisation_id integer references organisation,  -- null: released, may be claimed
  claim_code_hash bytea not null,
  name            text not null default '',
  position        geography(point),
  profile         text not null default 'coastal',
  wiper_strokes   integer not null default 0,
  deleted_at      timestamptz  -- can be undone for 30 days by an administrator
);

create table record (
  serial   text not null references device,
  channel  smallint not null,
  taken_at timestamptz not null,
  value    double precision,  -- null: the head did not answer
  quality  smallint not null default 0,  -- 0 good, 1 suspect, 2 bad, 3 missing
  primary key (serial, channel, taken_at)
) partition by range (taken_at);
-- One partition a month. Partitions older than 25 months are moved to the slow volume, never dropped.

create table alert (
  id              bigint generated always as identity primary key,
  serial          text not null references device,
  rule_id         integer not null references alert_rule,
  raised_at       timestamptz not null,
  acknowledged_at timestamptz,
  acknowledged_by integer references person,
  node            text not null  -- which database server took the row; saved us in November 2024
);
create index alert_open on alert (serial) where acknowledged_at is null;

create table audit (
  at       timestamptz not null default now(),
  actor    integer,
  action   text not null,
  subject  text not null,
  node     text not null
);
-- Kept for 18 months. Nobody but the role "auditor" may read it, nobody may change it.
