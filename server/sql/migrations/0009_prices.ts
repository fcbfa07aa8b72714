import type { Migration } from "#server/postgres/Migrations.ts"

/** What stations and the network had until now is what they had from the beginning; slots are written as `slotKey` does. */
const moved = [
  `insert into tariff_assignments (slot, since, tariff_id, station_id)
    select 'station/' || replace(replace(replace(replace(replace(replace(id,
      '=', '%3D'), ':', '%3A'), '+', '%2B'), '|', '%7C'), '@', '%40'), ' ', '%20'),
      timestamptz '1970-01-01 00:00:00Z', tariff_id, id
    from stations where tariff_id is not null`,
  `insert into tariff_assignments (slot, since, tariff_id)
    select 'network', timestamptz '1970-01-01 00:00:00Z', value from settings where name = 'default-tariff'`,
  "delete from settings where name = 'default-tariff'",
  "alter table stations drop column tariff_id"
]

/**
 * Who is charged what, where: groups of drivers, sites, the tariffs assigned to them, and the life of a tariff's versions.
 * What held at an instant must be known later, for starts made offline: memberships and assignments are kept, not edited.
 */
export const prices: Migration = [
  `create table driver_groups (
    id text collate "C" primary key,
    name text not null,
    created_at timestamptz not null
  )`,
  `create table driver_group_members (
    driver_id text collate "C" not null references drivers,
    group_id text collate "C" not null references driver_groups,
    since timestamptz not null,
    until timestamptz,
    primary key (driver_id, group_id, since),
    constraint driver_group_members_order check (until is null or until >= since)
  )`,
  `create unique index driver_group_members_now on driver_group_members (group_id, driver_id) where until is null`,
  `alter table transactions add column driver_groups jsonb`,
  `alter table tokens add column partner_id text`,
  `create table sites (
    id text collate "C" primary key,
    name text not null,
    time_zone text not null,
    created_at timestamptz not null
  )`,
  `alter table stations add column site_id text collate "C" references sites`,
  `create index stations_site on stations (site_id, id) where site_id is not null`,
  `create table tariff_assignments (
    slot text collate "C" not null,
    since timestamptz not null,
    tariff_id text collate "C" references tariffs,
    station_id text collate "C" references stations,
    evse_id integer,
    site_id text collate "C" references sites,
    group_id text collate "C" references driver_groups,
    partner_id text,
    primary key (slot, since),
    constraint tariff_assignments_place check (
      (evse_id is null or station_id is not null) and (station_id is null or site_id is null)
    ),
    constraint tariff_assignments_payer check (group_id is null or partner_id is null)
  )`,
  `create index tariff_assignments_station on tariff_assignments (station_id) where station_id is not null`,
  `create index tariff_assignments_site on tariff_assignments (site_id) where site_id is not null`,
  `create index tariff_assignments_network on tariff_assignments (slot) where station_id is null and site_id is null`,
  ...moved,
  `alter table tariff_versions add column retired_at timestamptz`,
  `create table tariff_drafts (
    id text collate "C" primary key,
    document jsonb not null,
    saved_at timestamptz not null
  )`
]
