import type { Migration } from "#server/postgres/Migrations.ts"

/** What a station was answered when it last booted: whichever node it speaks to next goes by it. */
export const bootAnswered: Migration = ["alter table station_state add column boot_answered text"]
