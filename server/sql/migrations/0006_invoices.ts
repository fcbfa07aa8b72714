import type { Migration } from "#server/postgres/Migrations.ts"

/** Documents with their numbers. Written once, like what they are made of. */
export const invoices: Migration = [
  `create table billing_profiles (
    driver_id text collate "C" primary key references drivers,
    document json not null
  )`,
  /* The row is locked by whoever issues until that is committed: the next number is either used or still there. */
  `create table invoice_series (
    series text collate "C" primary key,
    next_sequence integer not null check (next_sequence > 0)
  )`,
  `create table invoices (
    id text collate "C" primary key,
    series text collate "C" not null references invoice_series,
    sequence integer not null check (sequence > 0),
    kind text not null check (kind in ('invoice', 'receipt', 'credit-note')),
    driver_id text collate "C",
    currency text not null,
    net_minor bigint not null,
    tax_minor bigint not null,
    rounding_minor bigint not null,
    payable_minor bigint not null,
    credits_id text collate "C" references invoices,
    issued_at timestamptz not null,
    document json not null,
    unique (series, sequence),
    check (net_minor + tax_minor + rounding_minor = payable_minor),
    check ((kind = 'credit-note') = (credits_id is not null))
  )`,
  `create unique index invoices_credited_once on invoices (credits_id) where credits_id is not null`,
  `create index invoices_driver on invoices (driver_id, id) where driver_id is not null`,
  `create table invoice_voids (
    series text collate "C" not null references invoice_series,
    sequence integer not null,
    reason text not null,
    voided_at timestamptz not null,
    primary key (series, sequence)
  )`,
  /* Which document stands for a CDR: one at most. A credit note takes the rows of what it credits away. */
  `create table invoiced_cdrs (
    cdr_id text collate "C" primary key references cdrs,
    invoice_id text collate "C" not null references invoices
  )`,
  `create index invoiced_cdrs_invoice on invoiced_cdrs (invoice_id)`,
  `create trigger invoices_written_once before update or delete or truncate on invoices
    for each statement execute function refuse_change()`,
  `create trigger invoice_voids_written_once before update or delete or truncate on invoice_voids
    for each statement execute function refuse_change()`
]
