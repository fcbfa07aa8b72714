import type { Migration } from "#server/postgres/Migrations.ts"

/** Whether a station is told what a charge costs: as its operator says, or as it reports itself. */
export const costDisplay: Migration = [
  `alter table stations add column cost_display text not null default 'auto'
    constraint stations_cost_display check (cost_display in ('auto', 'on', 'off'))`
]
