import type { Migration } from "#server/postgres/Migrations.ts"

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
  `alter table transactions add column driver_groups jsonb`
]
