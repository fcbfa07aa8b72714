import type { Migration } from "#server/postgres/Migrations.ts"

/** Plans, subscriptions as facts, and what was used of what they include; what of invoices is not paid. */
export const subscriptions: Migration = [
  `create table plans (
    id text collate "C" primary key,
    document jsonb not null,
    has_included boolean not null,
    retired_at timestamptz
  )`,
  `create table subscriptions (
    id uuid primary key,
    driver_id text collate "C" not null references drivers,
    created_at timestamptz not null,
    terms jsonb not null,
    started_at timestamptz,
    ends_at timestamptz,
    due_at timestamptz,
    version integer not null
  )`,
  `create index subscriptions_driver on subscriptions (driver_id, id)`,
  `create index subscriptions_due on subscriptions (due_at, id) where due_at is not null`,
  `create table subscription_facts (
    subscription_id uuid not null references subscriptions,
    seq integer not null,
    fact jsonb not null,
    primary key (subscription_id, seq)
  )`,
  `create trigger subscription_facts_written_once before update or delete or truncate on subscription_facts
    for each statement execute function refuse_change()`,
  /* One part of a period for each session, whatever its bill is revised to. */
  `create table subscription_uses (
    transaction_id text collate "C" primary key,
    subscription_id uuid not null references subscriptions,
    period_at timestamptz not null,
    energy_milli_wh bigint not null check (energy_milli_wh >= 0),
    charging_ms bigint not null check (charging_ms >= 0)
  )`,
  `create index subscription_uses_period on subscription_uses (subscription_id, period_at)`,
  `create table debts (
    invoice_id text collate "C" primary key references invoices,
    driver_id text collate "C" not null,
    terms jsonb not null,
    state text not null,
    open_minor bigint not null check (open_minor >= 0),
    blocks_at timestamptz,
    due_at timestamptz,
    version integer not null
  )`,
  `create index debts_driver on debts (driver_id, invoice_id)`,
  `create index debts_state on debts (state, invoice_id)`,
  `create index debts_due on debts (due_at, invoice_id) where due_at is not null`,
  /* Asked with every token that is looked up. */
  `create index debts_blocking on debts (driver_id, blocks_at) where blocks_at is not null`,
  `create table debt_facts (
    invoice_id text collate "C" not null references debts,
    seq integer not null,
    fact jsonb not null,
    primary key (invoice_id, seq)
  )`,
  `create trigger debt_facts_written_once before update or delete or truncate on debt_facts
    for each statement execute function refuse_change()`
]
