import type { Migration } from "#server/postgres/Migrations.ts"

/** Drivers' own credentials. */
export const drivers: Migration = [
  `create table driver_keys (
    id text collate "C" primary key,
    driver_id text collate "C" not null references drivers,
    name text not null,
    secret_hash text collate "C" not null unique,
    created_at timestamptz not null,
    expires_at timestamptz not null
  )`,
  `create index driver_keys_driver on driver_keys (driver_id, id)`,
  `create table card_codes (
    uid text collate "C" primary key references tokens,
    code_hash text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    tries integer not null,
    used_by text collate "C"
  )`
]
