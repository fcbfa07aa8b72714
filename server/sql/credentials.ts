import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { Credentials, codeTries, type DriverKey } from "../credentials/Credentials.ts"
import { NotFound } from "../directory/Directory.ts"
import { ReadSql } from "../postgres/Database.ts"
import { instant, msOf } from "./columns.ts"
import { Conditions, pageFrom } from "./conditions.ts"
import { isDangling, orUnavailable } from "./failures.ts"

type Row = Readonly<Record<string, unknown>>

const selectKey = "select id, driver_id, name, secret_hash, created_at, expires_at from driver_keys"

const insertKey = `insert into driver_keys (id, driver_id, name, secret_hash, created_at, expires_at)
  values ($1, $2, $3, $4, $5, $6)`

const upsertCode = `insert into card_codes (uid, code_hash, created_at, expires_at, tries, used_by)
  values ($1, $2, $3, $4, 0, null)
  on conflict (uid) do update set code_hash = excluded.code_hash, created_at = excluded.created_at,
    expires_at = excluded.expires_at, tries = 0, used_by = null`

/** A right code is taken by the first who brings it; a wrong one is counted. */
const useCode = `update card_codes set
    used_by = case when code_hash = $2 then coalesce(used_by, $3) else used_by end,
    tries = case when code_hash = $2 then tries else tries + 1 end
  where uid = $1 and tries < $5::integer and expires_at > $4
  returning code_hash = $2 and used_by = $3 as is_right`

/** Drivers' credentials on PostgreSQL. */
export const layer: Layer.Layer<Credentials, never, SqlClient | ReadSql> = Layer.effect(
  Credentials,
  Effect.gen(function* () {
    const sql = yield* SqlClient
    const reads = yield* ReadSql
    const refersTo = (kind: string, id: string) =>
      Effect.mapError((error: SqlError) => (isDangling(error) ? new NotFound({ kind, id }) : error))
    return Credentials.of({
      driverKey: (secretHash) =>
        Effect.map(orUnavailable(reads.unsafe<Row>(`${selectKey} where secret_hash = $1`, [secretHash])), ([row]) =>
          row === undefined ? undefined : keyFrom(row)
        ),
      createDriverKey: ({ id, driverId, name, secretHash, createdAtMs, expiresAtMs }) =>
        sql
          .unsafe(insertKey, [id, driverId, name, secretHash, instant(createdAtMs), instant(expiresAtMs)])
          .pipe(refersTo("driver", driverId), orUnavailable, Effect.asVoid),
      driverKeys: (driverId, { limit, cursor }) => {
        const where = new Conditions()
        where.equal("driver_id", driverId)
        if (cursor !== undefined) where.and((at) => `id > ${at}`, cursor)
        const text = `${selectKey} where ${where.text} order by id limit ${where.add(limit + 1)}`
        return Effect.map(orUnavailable(reads.unsafe<Row>(text, where.params)), (rows) =>
          pageFrom(rows.map(keyFrom), limit, (key) => key.id)
        )
      },
      revokeDriverKey: (driverId, id) =>
        orUnavailable(
          Effect.flatMap(
            sql.unsafe<Row>("delete from driver_keys where driver_id = $1 and id = $2 returning id", [driverId, id]),
            (gone): Effect.Effect<void, NotFound> => (gone.length > 0 ? Effect.void : new NotFound({ kind: "key", id }))
          )
        ),
      setCardCode: ({ uid, codeHash, createdAtMs, expiresAtMs }) =>
        sql
          .unsafe(upsertCode, [uid, codeHash, instant(createdAtMs), instant(expiresAtMs)])
          .pipe(refersTo("token", uid), orUnavailable, Effect.asVoid),
      useCardCode: ({ uid, codeHash, driverId, atMs }) =>
        Effect.map(
          orUnavailable(sql.unsafe<Row>(useCode, [uid, codeHash, driverId, instant(atMs), codeTries])),
          ([row]) => row?.["isRight"] === true
        )
    })
  })
)

const keyFrom = (row: Row): DriverKey => ({
  id: row["id"] as string,
  driverId: row["driverId"] as string,
  name: row["name"] as string,
  secretHash: row["secretHash"] as string,
  createdAtMs: msOf(row["createdAt"] as Date),
  expiresAtMs: msOf(row["expiresAt"] as Date)
})
