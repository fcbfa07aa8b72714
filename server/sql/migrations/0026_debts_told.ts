import type { Migration } from "#server/postgres/Migrations.ts"

/** How much of its payment's story the debt of a charge has heard: what is written there later is news. */
export const debtsTold: Migration = ["alter table debts add column told_version integer not null default 0"]
