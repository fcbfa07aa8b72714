import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { type Assignment, everMs, slotKey, stationSlot } from "#core/tariff/assign/Assignment.ts"
import { canonicalUid } from "#core/token/Token.ts"
import { AlreadyExists, Directory, LastApiKey, NotFound } from "../directory/Directory.ts"
import { constraintOf, ReadSql } from "../postgres/Database.ts"
import { instant, texts } from "./columns.ts"
import { Conditions, pageFrom } from "./conditions.ts"
import * as rows from "./directoryRows.ts"
import { isDangling, isDuplicate, isSqlError, orUnavailable } from "./failures.ts"
import * as prices from "./tariffRows.ts"
import * as tariffs from "./tariffs.ts"

type Row = rows.Row

/** The directory on PostgreSQL, without a cache. */
export const layer: Layer.Layer<Directory, never, SqlClient | ReadSql> = Layer.effect(
  Directory,
  Effect.gen(function* () {
    const sql = yield* SqlClient
    const reads = yield* ReadSql
    const read = (text: string, params: ReadonlyArray<unknown>) => orUnavailable(reads.unsafe<Row>(text, params))
    const first = <A>(text: string, params: ReadonlyArray<unknown>, decode: (row: Row) => A) =>
      Effect.map(read(text, params), ([row]) => (row === undefined ? undefined : decode(row)))
    const page = <A>(
      text: string,
      where: Conditions,
      { limit, cursor, key }: { readonly limit: number; readonly cursor?: string | undefined; readonly key: string },
      decode: (row: Row) => A,
      idOf: (item: A) => string
    ) => {
      if (cursor !== undefined) where.and((at) => `${key} > ${at}`, cursor)
      const query = `${text} where ${where.text} order by ${key} limit ${where.add(limit + 1)}`
      return Effect.map(read(query, where.params), (found) => pageFrom(found.map(decode), limit, idOf))
    }
    const insert = (text: string, params: ReadonlyArray<unknown>, kind: string, id: string) =>
      Effect.mapError(sql.unsafe(text, params), (error): SqlError | AlreadyExists =>
        isDuplicate(error) ? new AlreadyExists({ kind, id }) : error
      )
    const update = (text: string, params: ReadonlyArray<unknown>, kind: string, id: string) =>
      Effect.flatMap(sql.unsafe(`${text} returning 1 as one`, params), (found) =>
        found.length === 0 ? Effect.fail(new NotFound({ kind, id })) : Effect.void
      )
    /** The row refers to something: when that is not there, this is what to say. */
    const refersTo =
      (kind: string, id: string | null) =>
      <A, E>(write: Effect.Effect<A, E | SqlError>): Effect.Effect<A, E | SqlError | NotFound> =>
        Effect.mapError(write, (error) =>
          id !== null && isSqlError(error) && isDangling(error) ? new NotFound({ kind, id }) : error
        )
    const done = <E>(write: Effect.Effect<unknown, E | SqlError>) => Effect.asVoid(orUnavailable(write))

    return Directory.of({
      station: (id) => first(`${rows.selectStation} where id = $1`, [id], rows.stationFrom),
      token: (uid) => first(`${rows.selectKnownToken} where uid = $1`, [canonicalUid(uid)], rows.knownTokenFrom),
      driver: (id) => first(`${rows.selectDriver} where id = $1`, [id], rows.driverFrom),
      group: (id) => first(`${rows.selectGroup} where id = $1`, [id], rows.groupFrom),
      memberships: (driverId) =>
        Effect.map(read(rows.selectMemberships, [driverId]), (found) => found.map(rows.membershipFrom)),
      site: (id) => first(`${prices.selectSite} where id = $1`, [id], prices.siteFrom),
      tariff: (id) => Effect.map(read(prices.selectVersions, [id]), (found) => found.map(prices.versionFrom)),
      assignments: (at) => Effect.map(read(...prices.assignmentsAt(at)), (found) => found.map(prices.assignmentFrom)),
      defaultTariffId: Effect.map(
        read(prices.selectDefault, []),
        ([row]) => (row?.["tariffId"] as string | null | undefined) ?? undefined
      ),
      setDefaultTariffId: (id) => done(tariffs.assign(sql, tariffs.defaultAssignment(id))),
      assign: (assignment) => done(tariffs.assign(sql, assignment)),
      publishTariff: (tariff) => done(tariffs.publish(sql, tariff)),
      retireTariff: ({ id, version, atMs }) =>
        done(update(prices.retireVersion, [id, version, instant(atMs)], "tariff version", `${id} ${version}`)),
      tariffDraft: (id) => first(`${prices.selectDraft} where id = $1`, [id], prices.draftFrom),
      saveTariffDraft: (draft) => done(sql.unsafe(prices.saveDraft, prices.draftParams(draft))),
      dropTariffDraft: (id) => done(update("delete from tariff_drafts where id = $1", [id], "draft", id)),
      createSite: (site) => done(insert(prices.insertSite, prices.siteParams(site), "site", site.id)),
      updateSite: (site) => done(update(prices.updateSite, prices.siteParams(site), "site", site.id)),

      createStation: (station) => {
        const { id, tariffId, siteId } = station
        const created = refersTo("site", siteId)(insert(rows.insertStation, rows.stationParams(station), "station", id))
        if (tariffId === null) return done(created)
        const own = { slot: stationSlot(id), sinceMs: everMs, tariffId }
        return done(sql.withTransaction(Effect.andThen(created, tariffs.assign(sql, own))))
      },
      updateStation: (station) =>
        done(
          refersTo(
            "site",
            station.siteId
          )(update(rows.updateStation, rows.stationParams(station), "station", station.id))
        ),
      createDriver: (driver) => done(insert(rows.insertDriver, rows.driverParams(driver), "driver", driver.id)),
      updateDriver: (driver) => done(update(rows.updateDriver, rows.driverParams(driver), "driver", driver.id)),
      createGroup: (group) => done(insert(rows.insertGroup, rows.groupParams(group), "group", group.id)),
      updateGroup: (group) => done(update(rows.updateGroup, rows.groupParams(group), "group", group.id)),
      joinGroup: ({ driverId, groupId, atMs }) =>
        done(
          Effect.mapError(sql.unsafe(rows.joinGroup, [driverId, groupId, instant(atMs)]), (error) =>
            !isDangling(error)
              ? error
              : constraintOf(error) === "driver_group_members_group_id_fkey"
                ? new NotFound({ kind: "group", id: groupId })
                : new NotFound({ kind: "driver", id: driverId })
          )
        ),
      leaveGroup: ({ driverId, groupId, atMs }) =>
        done(update(rows.leaveGroup, [driverId, groupId, instant(atMs)], "member", `${groupId} ${driverId}`)),
      createToken: (token) =>
        done(refersTo("driver", token.driverId)(insert(rows.insertToken, rows.tokenParams(token), "token", token.uid))),
      updateToken: (token) =>
        done(refersTo("driver", token.driverId)(update(rows.updateToken, rows.tokenParams(token), "token", token.uid))),

      stations: (request) => {
        const { registration, tariffId, siteId, ids } = request
        const where = new Conditions()
        where.equal("registration", registration)
        where.equal(rows.ownTariff, tariffId)
        where.equal("site_id", siteId)
        if (ids !== undefined) {
          where.and((at) => (ids.are === "among" ? `id = any(${at})` : `id <> all(${at})`), texts(ids.these))
        }
        return page(rows.selectStation, where, { ...request, key: "id" }, rows.stationFrom, (it) => it.id)
      },
      drivers: (request) =>
        page(rows.selectDriver, new Conditions(), { ...request, key: "id" }, rows.driverFrom, (it) => it.id),
      groups: (request) =>
        page(rows.selectGroup, new Conditions(), { ...request, key: "id" }, rows.groupFrom, (it) => it.id),
      members: (request) => {
        const where = new Conditions()
        where.and(
          (at) =>
            `exists (select from driver_group_members where driver_id = drivers.id and group_id = ${at} and until is null)`,
          request.groupId
        )
        return page(rows.selectDriver, where, { ...request, key: "id" }, rows.driverFrom, (it) => it.id)
      },
      tokens: (request) => {
        const where = new Conditions()
        where.equal("driver_id", request.driverId)
        return page(rows.selectToken, where, { ...request, key: "uid" }, rows.tokenFrom, (it) => it.uid)
      },
      sites: (request) =>
        page(prices.selectSite, new Conditions(), { ...request, key: "id" }, prices.siteFrom, (it) => it.id),
      tariffs: (request) =>
        page(prices.selectNewest, new Conditions(), { ...request, key: "t.id" }, prices.versionFrom, (it) => it.id),
      tariffDrafts: (request) =>
        page(prices.selectDraft, new Conditions(), { ...request, key: "id" }, prices.draftFrom, (it) => it.tariff.id),
      assigned: (request) => {
        const where = new Conditions()
        if (request.tariffId === undefined) where.also("tariff_id is not null")
        where.equal("tariff_id", request.tariffId)
        const key = (it: Assignment) => slotKey(it.slot)
        return page(prices.selectAssigned, where, { ...request, key: "slot" }, prices.assignmentFrom, key)
      },

      apiKey: (secretHash) => first(`${rows.selectApiKey} where secret_hash = $1`, [secretHash], rows.apiKeyFrom),
      createApiKey: (key) => done(insert(rows.insertApiKey, rows.apiKeyParams(key), "API key", key.id)),
      apiKeys: (request) =>
        page(rows.selectApiKey, new Conditions(), { ...request, key: "id" }, rows.apiKeyFrom, (it) => it.id),
      revokeApiKey: (id) =>
        done(
          Effect.flatMap(
            sql.unsafe<Row>(rows.revokeApiKey, [id]),
            ([row]): Effect.Effect<void, NotFound | LastApiKey> => {
              if (row?.["gone"] === true) return Effect.void
              return row?.["known"] === true ? new LastApiKey({ id }) : new NotFound({ kind: "API key", id })
            }
          )
        ),
      hasApiKeys: Effect.map(
        read("select exists (select from api_keys) as found", []),
        ([row]) => row?.["found"] === true
      )
    })
  })
)
