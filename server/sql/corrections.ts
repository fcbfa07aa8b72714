import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { type CorrectionRecord, CorrectionStore } from "../corrections/CorrectionStore.ts"
import { instant, isUuid, msOf, msOrNull } from "./columns.ts"
import { Conditions, pageFrom } from "./conditions.ts"
import { orUnavailable } from "./failures.ts"

type Row = Readonly<Record<string, unknown>>

const columns =
  "id, transaction_id, request_id, tariff, reason, requested_by, requested_at, status, document_id, done_at, why, outcome"

const insert = `insert into corrections (id, transaction_id, request_id, tariff, reason, requested_by, requested_at, status,
    due_at)
  values ($1::uuid, $2::uuid, $3, $4::json, $5, $6, $7, 'Waiting', $8)
  on conflict (transaction_id, request_id) do nothing`

const claim = `update corrections set due_at = $2 where id in (
    select id from corrections where due_at <= $1 order by id limit $3 for update skip locked
  ) returning ${columns}`

const end = `update corrections set status = $2, done_at = $3, due_at = null, outcome = $4::json, why = $5
  where id = $1::uuid and status = 'Waiting'`

/** Corrections on PostgreSQL. */
export const layer: Layer.Layer<CorrectionStore, never, SqlClient> = Layer.effect(
  CorrectionStore,
  Effect.map(SqlClient, (sql) => {
    const rows = (text: string, params: ReadonlyArray<unknown>) => orUnavailable(sql.unsafe<Row>(text, params))
    const done = (text: string, params: ReadonlyArray<unknown>) => Effect.asVoid(rows(text, params))
    const first = (where: string, params: ReadonlyArray<unknown>) =>
      Effect.map(rows(`select ${columns} from corrections where ${where}`, params), ([row]) =>
        row === undefined ? undefined : recordFrom(row)
      )
    return CorrectionStore.of({
      add: Effect.fnUntraced(function* (request, dueAtMs) {
        const { id, transactionId, requestId, tariff, reason, requestedBy, requestedAtMs } = request
        const priced = tariff === null ? null : JSON.stringify(tariff)
        const asked = [id, transactionId, requestId, priced, reason, requestedBy]
        yield* done(insert, [...asked, instant(requestedAtMs), instant(dueAtMs)])
        return (yield* first("transaction_id = $1::uuid and request_id = $2", [transactionId, requestId]))!
      }),
      get: (id) => (isUuid(id) ? first("id = $1::uuid", [id]) : Effect.undefined),
      list: ({ limit, cursor, transactionId }) => {
        const where = new Conditions()
        if (transactionId !== undefined && !isUuid(transactionId)) where.never()
        if (transactionId !== undefined) where.and((at) => `transaction_id = ${at}::uuid`, transactionId)
        where.before("id", cursor)
        if (where.isNever) return Effect.succeed({ items: [] })
        const text = `select ${columns} from corrections where ${where.text} order by id desc limit ${where.add(limit + 1)}`
        return Effect.map(rows(text, where.params), (found) => pageFrom(found.map(recordFrom), limit, ({ id }) => id))
      },
      trace: (id, documentId) =>
        done("update corrections set document_id = $2 where id = $1::uuid and document_id is null", [id, documentId]),
      claim: (nowMs, leaseUntilMs, limit) =>
        Effect.map(rows(claim, [instant(nowMs), instant(leaseUntilMs), limit]), (found) =>
          found.map(recordFrom).sort((a, b) => (a.id < b.id ? -1 : 1))
        ),
      postpone: (id, dueAtMs) =>
        done("update corrections set due_at = $2 where id = $1::uuid and status = 'Waiting'", [id, instant(dueAtMs)]),
      end: (id, it, atMs) =>
        done(end, [
          id,
          it.status,
          instant(atMs),
          it.status === "Done" ? JSON.stringify(it.outcome) : null,
          it.status === "Refused" ? it.why : null
        ])
    })
  })
)

const recordFrom = (row: Row): CorrectionRecord => ({
  id: row["id"] as string,
  transactionId: row["transactionId"] as string,
  requestId: row["requestId"] as string,
  tariff: row["tariff"] as CorrectionRecord["tariff"],
  reason: row["reason"] as string,
  requestedBy: row["requestedBy"] as string,
  requestedAtMs: msOf(row["requestedAt"] as Date),
  status: row["status"] as CorrectionRecord["status"],
  documentId: row["documentId"] as string | null,
  doneAtMs: msOrNull(row["doneAt"] as Date | null),
  why: row["why"] as string | null,
  outcome: row["outcome"] as CorrectionRecord["outcome"]
})
