import type { Migration } from "#server/postgres/Migrations.ts"

/** Payments as facts, the inbox of webhooks, and what two books tell differently. */
export const payments: Migration = [
  `create table payments (
    id uuid primary key,
    created_at timestamptz not null,
    terms jsonb not null,
    state text not null,
    driver_id text collate "C",
    token_uid text collate "C" not null unique,
    station_id text collate "C" not null,
    currency text not null,
    authorized_minor bigint not null,
    captured_minor bigint not null,
    refunded_minor bigint not null,
    owed_minor bigint,
    residual_minor bigint not null,
    due_at timestamptz,
    version integer not null,
    constraint payments_amounts check (
      authorized_minor >= captured_minor and captured_minor >= refunded_minor and refunded_minor >= 0
      and residual_minor >= 0
    )
  )`,
  `create index payments_due on payments (due_at, id) where due_at is not null`,
  `create index payments_driver on payments (driver_id, id) where driver_id is not null`,
  `create index payments_station on payments (station_id, id)`,
  `create index payments_state on payments (state, id)`,
  `create table payment_facts (
    payment_id uuid not null references payments,
    seq integer not null,
    fact jsonb not null,
    primary key (payment_id, seq)
  )`,
  `create trigger payment_facts_written_once before update or delete or truncate on payment_facts
    for each statement execute function refuse_change()`,
  `create table payment_intents (
    intent_id text collate "C" primary key,
    payment_id uuid not null references payments
  )`,
  `create table payment_events (
    provider text not null,
    event_id text collate "C" not null,
    event jsonb not null,
    raw text not null,
    received_at timestamptz not null,
    due_at timestamptz,
    processed_at timestamptz,
    primary key (event_id, provider)
  )`,
  `create index payment_events_due on payment_events (due_at, event_id) where due_at is not null`,
  `create table payment_customers (
    driver_id text collate "C" primary key,
    customer_id text collate "C" not null
  )`,
  `create table payment_unmatched (
    id text collate "C" primary key,
    kind text not null,
    detail text not null,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    resolved_at timestamptz
  )`,
  `create index payment_unmatched_open on payment_unmatched (first_seen_at, id) where resolved_at is null`
]
