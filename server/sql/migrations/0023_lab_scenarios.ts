import type { Migration } from "#server/postgres/Migrations.ts"

/** How far a scenario is that a run of the lab lives, and the page of a run that is done. */
export const labScenarios: Migration = [`alter table lab_runs add column percent integer, add column report text`]
