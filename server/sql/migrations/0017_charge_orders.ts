import type { Migration } from "#server/postgres/Migrations.ts"

/** How far charges are to go whose start was asked for and that have not begun: of a token at an EVSE the last. */
export const chargeOrders: Migration = [
  `create table charge_orders (
    station_id text collate "C" not null,
    evse_id integer not null,
    token_uid text collate "C" not null,
    max_wh bigint,
    max_ms bigint,
    max_minor bigint,
    asked_at timestamptz not null,
    primary key (station_id, evse_id, token_uid)
  )`
]
