import type { Migration } from "#server/postgres/Migrations.ts"

/** Reconciliation reads the payments of a time. */
export const paymentsCreated: Migration = ["create index payments_created on payments (created_at, id)"]
