import type { Migration } from "#server/postgres/Migrations.ts"

/** Corrections of bills: who asked for what and why, which document had the bill, and what came of it. */
export const corrections: Migration = [
  `create table corrections (
    id uuid primary key,
    transaction_id uuid not null,
    request_id text collate "C" not null,
    tariff json,
    reason text not null,
    requested_by text not null,
    requested_at timestamptz not null,
    status text not null check (status in ('Waiting', 'Done', 'Refused')),
    document_id text collate "C" references invoices,
    due_at timestamptz,
    done_at timestamptz,
    why text,
    outcome json,
    unique (transaction_id, request_id),
    check ((outcome is not null) = (status = 'Done')),
    check ((why is not null) = (status = 'Refused')),
    check ((done_at is null) = (status = 'Waiting') and (due_at is not null) = (status = 'Waiting'))
  )`,
  `create index corrections_due on corrections (due_at, id) where due_at is not null`
]
