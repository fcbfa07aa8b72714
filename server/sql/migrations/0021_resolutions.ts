import type { Migration } from "#server/postgres/Migrations.ts"

/** What people did about what was unmatched, and which payment it concerns. */
export const resolutions: Migration = [
  `alter table payment_unmatched
    add column payment_id text collate "C",
    add column resolutions jsonb not null default '[]'`,
  `create index payment_unmatched_decided on payment_unmatched (id) where resolutions <> '[]'`
]
