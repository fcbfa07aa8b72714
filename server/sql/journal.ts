import { Clock, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { Pipeline, ReadSql, type Services } from "../postgres/Database.ts"
import { begunAmong, Journal, type StationSnapshot, type StoreUnavailable } from "../record/Journal.ts"
import { patientlyFor } from "../station/patiently.ts"
import { presenceFrom } from "./books.ts"
import { instant, integers, isUuid, texts } from "./columns.ts"
import { commit } from "./commit.ts"
import { orUnavailable } from "./failures.ts"
import { loadStations, loadTransactions } from "./load.ts"
import { keepMonths, makeMonths } from "./partitions.ts"

/** Stations loaded with one set of queries; bounds what a mass reconnect holds in memory at once. */
const loadAtOnce = 200

/** The database was reached a moment ago: a connection that breaks now is no reason to end the server that starts. */
const whileStarting = patientlyFor("30 seconds")

const allocate = `insert into numbers (name, next_number) values ($1, 1 + $2::bigint)
  on conflict (name) do update set next_number = numbers.next_number + $2::bigint
  returning (next_number - $2::bigint)::float8 as first`

const begunAt = `t.id in (select id from transactions where station_id = $1 and evse_id = $2 order by id desc limit $5)
  and t.connector_id = $3 and t.started_at <= $4 order by t.started_at desc, t.id desc limit 1`

const selectLost = `select e.station_id, e.epoch, s.dialect, s.connected_at, s.remote_address
  from unnest($1::text[], $2::integer[]) as u (id, epoch)
  join station_epochs e on e.station_id = u.id and e.epoch <> u.epoch
  left join station_state s on s.station_id = e.station_id order by e.station_id`

interface LostRow extends Readonly<Record<string, unknown>> {
  readonly stationId: string
  readonly epoch: number
}

/**
 * The journal on PostgreSQL. Building it takes a number for this node, by which other nodes fence it, and makes the
 * partitions for the readings of the months around now.
 */
export const layer: Layer.Layer<Journal, StoreUnavailable, Services> = Layer.effect(
  Journal,
  Effect.gen(function* () {
    const sql = yield* SqlClient
    const reads = yield* ReadSql
    const pipeline = yield* Pipeline
    const numbers = (name: string, count: number) =>
      orUnavailable(
        Effect.map(sql.unsafe<{ readonly first: number }>(allocate, [name, count]), (rows) => rows[0]!.first)
      )
    const node = yield* whileStarting(numbers("node", 1))
    yield* whileStarting(orUnavailable(makeMonths(sql, yield* Clock.currentTimeMillis)))
    yield* Effect.forkScoped(Effect.delay(keepMonths(sql), "1 day"))

    const claim = Effect.fnUntraced(function* (stationIds: ReadonlyArray<string>) {
      const statement = { sql: "select claimed, newest from claim_stations($1, $2)", params: [node, texts(stationIds)] }
      const [result] = yield* orUnavailable(pipeline.transact([statement]))
      const next = new Map(result!.rows.map((row) => [row["claimed"], Number(row["newest"])]))
      const claims = new Map<string, number>()
      for (const id of stationIds) claims.set(id, (claims.get(id) ?? 0) + 1)
      for (const [id, count] of claims) next.set(id, next.get(id)! - count)
      return stationIds.map((id) => {
        const epoch = next.get(id)! + 1
        next.set(id, epoch)
        return epoch
      })
    })

    const load = Effect.fnUntraced(function* (stationIds: ReadonlyArray<string>) {
      const snapshots: Array<StationSnapshot> = []
      for (let from = 0; from < stationIds.length; from += loadAtOnce) {
        const some = yield* orUnavailable(loadStations(reads, stationIds.slice(from, from + loadAtOnce)))
        for (const snapshot of some) snapshots.push(snapshot)
      }
      return snapshots
    })

    return Journal.of({
      commit: commit(pipeline, node),
      claim,
      load,
      lost: (claims) => {
        const params = [texts(claims.map((it) => it.stationId)), integers(claims.map((it) => it.epoch))]
        return orUnavailable(
          Effect.map(reads.unsafe<LostRow>(selectLost, params), (rows) =>
            rows.map((row) => ({ stationId: row.stationId, epoch: row.epoch, presence: presenceFrom(row) }))
          )
        )
      },
      transaction: (by) => {
        if ("id" in by) {
          if (!isUuid(by.id)) return Effect.undefined
          return orUnavailable(Effect.map(loadTransactions(reads, "t.id = $1::uuid", [by.id]), ([found]) => found))
        }
        if ("begunBy" in by) {
          const params = [by.stationId, by.evseId, by.connectorId, instant(by.begunBy), begunAmong]
          return orUnavailable(Effect.map(loadTransactions(reads, begunAt, params), ([found]) => found))
        }
        const [column, key] = "ocppId" in by ? ["ocpp_id", by.ocppId] : ["start_key", by.startKey]
        const where = `t.station_id = $1 and t.${column} = $2`
        return orUnavailable(Effect.map(loadTransactions(reads, where, [by.stationId, key]), ([found]) => found))
      },
      due: (atMs, limit) =>
        orUnavailable(
          loadTransactions(reads, "t.settle_at <= $1 order by t.settle_at, t.id limit $2", [instant(atMs), limit])
        ),
      openOn: (tokenUid) =>
        orUnavailable(
          Effect.map(
            reads<{ readonly id: string }>`select id::text from transactions
              where status = 'Open' and token_uid = ${tokenUid} order by id`,
            (rows) => rows.map(({ id }) => id)
          )
        ),
      allocateNumbers: (count) => numbers("ocpp-transaction", count)
    })
  })
)
