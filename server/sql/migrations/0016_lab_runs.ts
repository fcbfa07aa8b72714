import type { Migration } from "#server/postgres/Migrations.ts"

/** Runs of the tariff lab: what was asked for, who works on it until when, and what it came to. */
export const labRuns: Migration = [
  `create table lab_runs (
    id uuid primary key,
    request json not null,
    status text not null check (status in ('Waiting', 'Running', 'Done', 'Failed', 'Cancelled')),
    requested_at timestamptz not null,
    lease_until timestamptz,
    done_at timestamptz,
    sessions integer not null default 0,
    outcome json,
    why text,
    check ((outcome is not null) = (status = 'Done')),
    check ((why is not null) = (status = 'Failed')),
    check ((done_at is null) = (status in ('Waiting', 'Running')))
  )`,
  `create index lab_runs_unfinished on lab_runs (id) where done_at is null`
]
