import { Effect, Layer, Result } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { Tariff } from "#core/tariff/Tariff.ts"
import { canonicalUid } from "#core/token/Token.ts"
import { AlreadyExists, Directory, LastApiKey, NotFound } from "../directory/Directory.ts"
import { constraintOf, jsonb, ReadSql } from "../postgres/Database.ts"
import { instant, texts } from "./columns.ts"
import { Conditions, pageFrom } from "./conditions.ts"
import * as rows from "./directoryRows.ts"
import { isDangling, isDuplicate, isSqlError, orUnavailable } from "./failures.ts"

type Row = rows.Row

const publish = `with head as (
    insert into tariffs (id, latest_version) select $1, $2::integer where $2::integer = 1
    on conflict (id) do nothing returning id
  ), moved as (
    update tariffs set latest_version = $2::integer
    where id = $1 and latest_version = $2::integer - 1 and $2::integer > 1 returning id
  )
  select id from head union all select id from moved`

const newest = `select v.document from tariffs t join tariff_versions v on v.id = t.id and v.version = t.latest_version`

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
      tariff: (id) =>
        Effect.map(read("select document from tariff_versions where id = $1 order by version", [id]), (found) =>
          found.map(tariffFrom)
        ),
      defaultTariffId: first(
        "select value from settings where name = 'default-tariff'",
        [],
        (row) => row["value"] as string
      ),
      setDefaultTariffId: (id) =>
        done(
          update(
            `insert into settings (name, value) select 'default-tariff', id from tariffs where id = $1
             on conflict (name) do update set value = excluded.value`,
            [id],
            "tariff",
            id
          )
        ),

      createStation: (station) =>
        done(
          refersTo(
            "tariff",
            station.tariffId
          )(insert(rows.insertStation, rows.stationParams(station), "station", station.id))
        ),
      updateStation: (station) =>
        done(
          refersTo(
            "tariff",
            station.tariffId
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
      publishTariff: (tariff) =>
        done(
          sql.withTransaction(
            Effect.gen(function* () {
              const { id, version } = tariff
              const published = yield* sql.unsafe(publish, [id, version])
              if (published.length === 0) {
                const known = yield* sql.unsafe<{ readonly latestVersion: number }>(
                  "select latest_version from tariffs where id = $1",
                  [id]
                )
                const latest = known[0]?.latestVersion ?? 0
                if (version > latest + 1)
                  return yield* Effect.die(new Error(`version ${version} of tariff ${id} would leave a gap`))
                return yield* new AlreadyExists({ kind: "tariff version", id: `${id} ${version}` })
              }
              yield* sql.unsafe("insert into tariff_versions (id, version, document) values ($1, $2, $3)", [
                id,
                version,
                jsonb(Tariff.encode(tariff))
              ])
            })
          )
        ),

      stations: (request) => {
        const { registration, tariffId, ids } = request
        const where = new Conditions()
        where.equal("registration", registration)
        where.equal("tariff_id", tariffId)
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
      tariffs: (request) => page(newest, new Conditions(), { ...request, key: "t.id" }, tariffFrom, (it) => it.id),

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

const tariffFrom = (row: Row): Tariff => Result.getOrThrow(Tariff.decode(row["document"]))
