import type { Migration } from "#server/postgres/Migrations.ts"

/** Debts of charges and wallets beside those of invoices. */
export const debts: Migration = [
  "alter table debts drop constraint debts_invoice_id_fkey",
  "alter table debts rename column invoice_id to id",
  "alter table debt_facts rename column invoice_id to debt_id",
  "alter table debts add column kind text not null default 'invoice' check (kind in ('invoice', 'charge', 'wallet'))",
  /* The payment, or the wallet's driver. */
  `alter table debts add column subject_id text collate "C"`,
  "create index debts_subject on debts (kind, subject_id) where subject_id is not null",
  /* A wallet owes once: whoever sees it first watches it. */
  `create unique index debts_one_per_wallet on debts (subject_id) where kind = 'wallet' and open_minor > 0`,
  "create index wallets_in_arrears on wallets (driver_id) where arrears_minor > 0"
]
