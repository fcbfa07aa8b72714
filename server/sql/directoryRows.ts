import type { Driver } from "#core/driver/Driver.ts"
import type { DriverGroup, Membership } from "#core/driver/Group.ts"
import type { Station } from "#core/station/Station.ts"
import { canonicalUid, type Token } from "#core/token/Token.ts"
import type { ApiKey, KnownToken } from "../directory/Directory.ts"
import { instant, msOf, msOrNull, texts } from "./columns.ts"

/** A row as the driver gives it: names in camel case. */
export type Row = Readonly<Record<string, unknown>>

const stationColumns = `id, name, security_profile, password_hashes, registration, strictness, time_zone, site_id,
  cost_display, created_at`

/** The tariff that is assigned to a station for everyone, by the newest assignment. */
export const ownTariff = `(select a.tariff_id from tariff_assignments a
  where a.station_id = stations.id and a.evse_id is null and a.group_id is null and a.partner_id is null
  order by a.since desc limit 1)`

export const selectStation = `select ${stationColumns}, ${ownTariff} as tariff_id from stations`
export const insertStation = `insert into stations (${stationColumns}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
export const updateStation = `update stations set name = $2, security_profile = $3, password_hashes = $4,
  registration = $5, strictness = $6, time_zone = $7, site_id = $8, cost_display = $9, created_at = $10
  where id = $1`

export const stationParams = (station: Station): ReadonlyArray<unknown> => [
  station.id,
  station.name,
  station.securityProfile,
  texts(station.passwordHashes),
  station.registration,
  station.strictness,
  station.timeZone,
  station.siteId,
  station.costDisplay,
  instant(station.createdAtMs)
]

export const stationFrom = (row: Row): Station => ({
  id: row["id"] as string,
  name: row["name"] as string | null,
  securityProfile: row["securityProfile"] as Station["securityProfile"],
  passwordHashes: row["passwordHashes"] as ReadonlyArray<string>,
  registration: row["registration"] as Station["registration"],
  strictness: row["strictness"] as Station["strictness"],
  siteId: row["siteId"] as string | null,
  timeZone: row["timeZone"] as string,
  tariffId: row["tariffId"] as string | null,
  costDisplay: row["costDisplay"] as Station["costDisplay"],
  createdAtMs: msOf(row["createdAt"] as Date)
})

export const selectDriver = "select id, name, email, created_at from drivers"
export const insertDriver = "insert into drivers (id, name, email, created_at) values ($1, $2, $3, $4)"
export const updateDriver = "update drivers set name = $2, email = $3, created_at = $4 where id = $1"

export const driverParams = ({ id, name, email, createdAtMs }: Driver): ReadonlyArray<unknown> => [
  id,
  name,
  email,
  instant(createdAtMs)
]

export const driverFrom = (row: Row): Driver => ({
  id: row["id"] as string,
  name: row["name"] as string,
  email: row["email"] as string | null,
  createdAtMs: msOf(row["createdAt"] as Date)
})

export const selectGroup = "select id, name, created_at from driver_groups"
export const insertGroup = "insert into driver_groups (id, name, created_at) values ($1, $2, $3)"
export const updateGroup = "update driver_groups set name = $2, created_at = $3 where id = $1"

export const groupParams = ({ id, name, createdAtMs }: DriverGroup): ReadonlyArray<unknown> => [
  id,
  name,
  instant(createdAtMs)
]

export const groupFrom = (row: Row): DriverGroup => ({
  id: row["id"] as string,
  name: row["name"] as string,
  createdAtMs: msOf(row["createdAt"] as Date)
})

export const selectMemberships =
  "select group_id, since, until from driver_group_members where driver_id = $1 order by group_id, since"

export const membershipFrom = (row: Row): Membership => ({
  groupId: row["groupId"] as string,
  sinceMs: msOf(row["since"] as Date),
  untilMs: msOrNull(row["until"] as Date | null)
})

/** Who left and comes back within one millisecond never left. */
export const joinGroup = `insert into driver_group_members (driver_id, group_id, since)
  select $1, $2, $3::timestamptz where not exists (
    select from driver_group_members where driver_id = $1 and group_id = $2 and until is null)
  on conflict (driver_id, group_id, since) do update set until = null`
export const leaveGroup = `update driver_group_members set until = greatest(since, $3::timestamptz)
  where driver_id = $1 and group_id = $2 and until is null`

const tokenColumns = `uid, type, group_id, driver_id, expires_at, blocked_at, concurrency_limit, allowed_stations,
  created_at, partner_id`

export const selectToken = `select ${tokenColumns} from tokens`
/** With the memberships of its driver and whether anything bounds it, so that a start asks once. */
export const selectKnownToken = `select ${tokenColumns}, (
    select json_agg(json_build_object('groupId', group_id, 'sinceMs', extract(epoch from since) * 1000,
      'untilMs', extract(epoch from until) * 1000) order by group_id, since)
    from driver_group_members m where m.driver_id = tokens.driver_id
  ) as memberships,
    exists (select from wallets w where w.driver_id = tokens.driver_id)
    or exists (select from budgets b where b.token_uid = tokens.uid) as limited,
    (select min(blocks_at) from debts where blocks_at is not null and debts.driver_id = tokens.driver_id)
      as suspended_at
  from tokens`
export const insertToken = `insert into tokens (${tokenColumns}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
export const updateToken = `update tokens set type = $2, group_id = $3, driver_id = $4, expires_at = $5,
  blocked_at = $6, concurrency_limit = $7, allowed_stations = $8, created_at = $9, partner_id = $10 where uid = $1`

export const tokenParams = (token: Token): ReadonlyArray<unknown> => [
  canonicalUid(token.uid),
  token.type,
  token.groupId,
  token.driverId,
  instant(token.expiresAtMs),
  instant(token.blockedAtMs),
  token.concurrencyLimit,
  token.allowedStations === null ? null : texts(token.allowedStations),
  instant(token.createdAtMs),
  token.partnerId
]

export const tokenFrom = (row: Row): Token => ({
  uid: row["uid"] as string,
  type: row["type"] as Token["type"],
  groupId: row["groupId"] as string | null,
  driverId: row["driverId"] as string | null,
  partnerId: row["partnerId"] as string | null,
  expiresAtMs: msOrNull(row["expiresAt"] as Date | null),
  blockedAtMs: msOrNull(row["blockedAt"] as Date | null),
  concurrencyLimit: row["concurrencyLimit"] as number | null,
  allowedStations: row["allowedStations"] as ReadonlyArray<string> | null,
  createdAtMs: msOf(row["createdAt"] as Date)
})

const none: ReadonlyArray<Membership> = []

export const knownTokenFrom = (row: Row): KnownToken => ({
  ...tokenFrom(row),
  memberships: (row["memberships"] as ReadonlyArray<Membership> | null) ?? none,
  limited: row["limited"] as boolean,
  ...(row["suspendedAt"] != null && { suspendedAtMs: msOf(row["suspendedAt"] as Date) })
})

export const selectApiKey = "select id, name, secret_hash, created_at from api_keys"
export const insertApiKey = "insert into api_keys (id, name, secret_hash, created_at) values ($1, $2, $3, $4)"
/** Locks every key, so that of two that are revoked at the same moment the second sees the first one gone. */
export const revokeApiKey = `with locked as (select id from api_keys order by id for update), gone as (
    delete from api_keys where id = $1 and (select count(*) from locked) > 1 returning id
  )
  select exists (select from gone) as gone, exists (select from locked where id = $1) as known`

export const apiKeyParams = ({ id, name, secretHash, createdAtMs }: ApiKey): ReadonlyArray<unknown> => [
  id,
  name,
  secretHash,
  instant(createdAtMs)
]

export const apiKeyFrom = (row: Row): ApiKey => ({
  id: row["id"] as string,
  name: row["name"] as string,
  secretHash: row["secretHash"] as string,
  createdAtMs: msOf(row["createdAt"] as Date)
})
