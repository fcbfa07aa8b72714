import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import type { Operation, OperationRecord, Outcome } from "../operations/Operation.ts"
import { OperationLog } from "../operations/OperationLog.ts"
import { jsonb, ReadSql } from "../postgres/Database.ts"
import { instant, msOf, msOrNull } from "./columns.ts"
import { Conditions, pageFrom } from "./conditions.ts"
import { orUnavailable } from "./failures.ts"

type Row = Readonly<Record<string, unknown>>

const columns = "id, station_id, operation, requested_at, queued_until, status, outcome, done_at"

const upsert = `insert into operations (${columns}) values ($1, $2, $3, $4, $5, $6, $7, $8)
  on conflict (id) do update set operation = excluded.operation, requested_at = excluded.requested_at,
    queued_until = excluded.queued_until, status = excluded.status, outcome = excluded.outcome,
    done_at = excluded.done_at`

/** The operation log on PostgreSQL. */
export const layer: Layer.Layer<OperationLog, never, SqlClient | ReadSql> = Layer.effect(
  OperationLog,
  Effect.gen(function* () {
    const sql = yield* SqlClient
    const reads = yield* ReadSql
    const records = (where: string, params: ReadonlyArray<unknown>) =>
      Effect.map(orUnavailable(reads.unsafe<Row>(`select ${columns} from operations where ${where}`, params)), (rows) =>
        rows.map(recordFrom)
      )
    return OperationLog.of({
      save: (record) =>
        Effect.asVoid(
          orUnavailable(
            sql.unsafe(upsert, [
              record.id,
              record.stationId,
              jsonb(record.operation),
              instant(record.requestedAtMs),
              instant(record.queuedUntilMs),
              record.status,
              record.outcome === null ? null : jsonb(record.outcome),
              instant(record.doneAtMs)
            ])
          )
        ),
      get: (id) => Effect.map(records("id = $1", [id]), ([found]) => found),
      queued: (stationId) => records("station_id = $1 and status = 'Queued' order by requested_at, id", [stationId]),
      overdue: (atMs, limit) =>
        records("status <> 'Done' and queued_until <= $1 order by requested_at, id limit $2", [instant(atMs), limit]),
      list: ({ stationId, limit, cursor }) => {
        const where = new Conditions()
        where.equal("station_id", stationId)
        if (cursor !== undefined) where.and((at) => `id < ${at}`, cursor)
        return Effect.map(
          records(`${where.text} order by id desc limit ${where.add(limit + 1)}`, where.params),
          (found) => pageFrom(found, limit, (record) => record.id)
        )
      }
    })
  })
)

const recordFrom = (row: Row): OperationRecord => ({
  id: row["id"] as string,
  stationId: row["stationId"] as string,
  operation: row["operation"] as Operation,
  requestedAtMs: msOf(row["requestedAt"] as Date),
  queuedUntilMs: msOf(row["queuedUntil"] as Date),
  status: row["status"] as OperationRecord["status"],
  outcome: row["outcome"] as Outcome | null,
  doneAtMs: msOrNull(row["doneAt"] as Date | null)
})
