import { Result } from "effect"
import type { Site } from "#core/site/Site.ts"
import { type Assignment, slotKey } from "#core/tariff/assign/Assignment.ts"
import type { TariffVersion } from "#core/tariff/life.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import type { AssignedAt, TariffDraft } from "../directory/Directory.ts"
import { jsonb } from "../postgres/Database.ts"
import { instant, msOf, msOrNull } from "./columns.ts"
import type { Row } from "./directoryRows.ts"

/** Rows of the directory's sites, tariffs and what is assigned where. */

const tariffFrom = (row: Row): Tariff => Result.getOrThrow(Tariff.decode(row["document"]))

export const selectVersions = "select document, retired_at from tariff_versions where id = $1 order by version"
export const selectNewest = `select v.document, v.retired_at
  from tariffs t join tariff_versions v on v.id = t.id and v.version = t.latest_version`
export const insertVersion = "insert into tariff_versions (id, version, document) values ($1, $2, $3)"
export const retireVersion = `update tariff_versions set retired_at = coalesce(retired_at, $3)
  where id = $1 and version = $2`

export const versionFrom = (row: Row): TariffVersion => ({
  ...tariffFrom(row),
  retiredAtMs: msOrNull(row["retiredAt"] as Date | null)
})

/** Moves the head of a tariff to its next version; no row when that is not the next one. */
export const publishVersion = `with head as (
    insert into tariffs (id, latest_version) select $1, $2::integer where $2::integer = 1
    on conflict (id) do nothing returning id
  ), moved as (
    update tariffs set latest_version = $2::integer
    where id = $1 and latest_version = $2::integer - 1 and $2::integer > 1 returning id
  )
  select id from head union all select id from moved`

export const selectDraft = "select document, saved_at from tariff_drafts"
export const saveDraft = `insert into tariff_drafts (id, document, saved_at) values ($1, $2, $3)
  on conflict (id) do update set document = excluded.document, saved_at = excluded.saved_at`

export const draftParams = ({ tariff, savedAtMs }: TariffDraft): ReadonlyArray<unknown> => [
  tariff.id,
  jsonb(Tariff.encode(tariff)),
  instant(savedAtMs)
]

export const draftFrom = (row: Row): TariffDraft => ({
  tariff: tariffFrom(row),
  savedAtMs: msOf(row["savedAt"] as Date)
})

export const selectSite = "select id, name, time_zone, created_at from sites"
export const insertSite = "insert into sites (id, name, time_zone, created_at) values ($1, $2, $3, $4)"
/** With the zone of its stations, in one statement. */
export const updateSite = `with moved as (update stations set time_zone = $3 where site_id = $1)
  update sites set name = $2, time_zone = $3, created_at = $4 where id = $1`

export const siteParams = ({ id, name, timeZone, createdAtMs }: Site): ReadonlyArray<unknown> => [
  id,
  name,
  timeZone,
  instant(createdAtMs)
]

export const siteFrom = (row: Row): Site => ({
  id: row["id"] as string,
  name: row["name"] as string,
  timeZone: row["timeZone"] as string,
  createdAtMs: msOf(row["createdAt"] as Date)
})

const assignmentColumns = "slot, since, tariff_id, station_id, evse_id, site_id, group_id, partner_id"

export const insertAssignment = `insert into tariff_assignments (${assignmentColumns})
  values ($1, $2, $3, $4, $5, $6, $7, $8)
  on conflict (slot, since) do update set tariff_id = excluded.tariff_id`

export const assignmentParams = ({ slot, sinceMs, tariffId }: Assignment): ReadonlyArray<unknown> => [
  slotKey(slot),
  instant(sinceMs),
  tariffId,
  slot.stationId,
  slot.evseId,
  slot.siteId,
  slot.groupId,
  slot.partnerId
]

export const assignmentFrom = (row: Row): Assignment => ({
  slot: {
    stationId: row["stationId"] as string | null,
    evseId: row["evseId"] as number | null,
    siteId: row["siteId"] as string | null,
    groupId: row["groupId"] as string | null,
    partnerId: row["partnerId"] as string | null
  },
  sinceMs: msOf(row["since"] as Date),
  tariffId: row["tariffId"] as string | null
})

/** The query of what is and was assigned there, and its parameters. */
export const assignmentsAt = (at: AssignedAt): readonly [string, ReadonlyArray<unknown>] => {
  const all = (where: string) =>
    `select ${assignmentColumns} from tariff_assignments where ${where} order by slot, since`
  if (at === "network") return [all("station_id is null and site_id is null"), []]
  return "stationId" in at ? [all("station_id = $1"), [at.stationId]] : [all("site_id = $1"), [at.siteId]]
}

/** The newest assignment of each slot, those that have a tariff by it. */
export const selectAssigned = `select * from (
    select distinct on (slot) ${assignmentColumns} from tariff_assignments order by slot, since desc
  ) newest`

export const selectDefault =
  "select tariff_id from tariff_assignments where slot = 'network' order by since desc limit 1"

/** What a foreign key of an assignment refers to. */
export const referredBy = (constraint: string | undefined, { slot, tariffId }: Assignment) => {
  const referred: Readonly<Record<string, readonly [kind: string, id: string | null]>> = {
    tariff_assignments_tariff_id_fkey: ["tariff", tariffId],
    tariff_assignments_station_id_fkey: ["station", slot.stationId],
    tariff_assignments_site_id_fkey: ["site", slot.siteId],
    tariff_assignments_group_id_fkey: ["group", slot.groupId]
  }
  const [kind, id] = referred[constraint ?? ""] ?? ["slot", slotKey(slot)]
  return { kind, id: id ?? "" }
}
