import type { Migration } from "#server/postgres/Migrations.ts"

/** What the operator registers. Names and ids compare by their bytes, so that lists have the same order everywhere. */
export const directory: Migration = [
  `create table tariffs (
    id text collate "C" primary key,
    latest_version integer not null check (latest_version > 0)
  )`,
  `create table tariff_versions (
    id text collate "C" not null references tariffs,
    version integer not null check (version > 0),
    document jsonb not null,
    primary key (id, version)
  )`,
  `create table settings (
    name text collate "C" primary key,
    value text not null
  )`,
  `create table stations (
    id text collate "C" primary key,
    name text,
    security_profile smallint not null check (security_profile in (0, 1)),
    password_hashes text[] not null,
    registration text not null check (registration in ('Accepted', 'Pending', 'Rejected')),
    strictness text not null check (strictness in ('strict', 'lenient')),
    time_zone text not null,
    tariff_id text collate "C" references tariffs,
    created_at timestamptz not null
  )`,
  `create table drivers (
    id text collate "C" primary key,
    name text not null,
    email text,
    created_at timestamptz not null
  )`,
  `create table tokens (
    uid text collate "C" primary key,
    type text not null,
    group_id text,
    driver_id text collate "C" references drivers,
    expires_at timestamptz,
    blocked_at timestamptz,
    concurrency_limit double precision,
    allowed_stations text[],
    created_at timestamptz not null
  )`,
  `create index tokens_driver on tokens (driver_id, uid) where driver_id is not null`,
  `create table api_keys (
    id text collate "C" primary key,
    name text not null,
    secret_hash text collate "C" not null unique,
    created_at timestamptz not null
  )`,
  `create table operations (
    id text collate "C" primary key,
    station_id text collate "C" not null,
    operation jsonb not null,
    requested_at timestamptz not null,
    queued_until timestamptz not null,
    status text not null check (status in ('Queued', 'Sent', 'Done')),
    outcome jsonb,
    done_at timestamptz
  )`,
  `create index operations_station on operations (station_id, id)`,
  `create index operations_undone on operations (requested_at, id) where status <> 'Done'`,
  `create table numbers (
    name text collate "C" primary key,
    next_number bigint not null
  )`
]
