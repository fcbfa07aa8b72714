import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import type { LabRequest } from "#core/lab/Request.ts"
import { type LabRunHead, type LabRunRecord, LabRunStore } from "../lab/LabRunStore.ts"
import { instant, isUuid, msOf, msOrNull } from "./columns.ts"
import { Conditions, pageFrom } from "./conditions.ts"
import { orUnavailable } from "./failures.ts"

type Row = Readonly<Record<string, unknown>>

const head = "id, request, status, requested_at, done_at, sessions, percent, why"
const columns = `${head}, outcome`

/* Two that ask at once may both find the last place free: the bound keeps the queue short, it guards nothing. */
const insert = `insert into lab_runs (id, request, status, requested_at)
  select $1::uuid, $2::json, 'Waiting', $3
  where (select count(*) from lab_runs where done_at is null) < $4::integer
  on conflict do nothing returning id`

const claim = `update lab_runs set status = 'Running', sessions = 0, percent = null, lease_until = $2 where id = (
    select id from lab_runs where done_at is null and (lease_until is null or lease_until <= $1)
    order by id limit 1 for update skip locked
  ) returning ${columns}`

const progress = `update lab_runs set sessions = $2::integer, percent = $4::integer, lease_until = $3
  where id = $1::uuid and status = 'Running' returning id`

const end = `update lab_runs set status = $2, done_at = $3, outcome = $4::json, why = $5,
    sessions = coalesce($6::integer, sessions), report = $7
  where id = $1::uuid and done_at is null returning id`

/** Runs of the lab on PostgreSQL. */
export const layer: Layer.Layer<LabRunStore, never, SqlClient> = Layer.effect(
  LabRunStore,
  Effect.map(SqlClient, (sql) => {
    const rows = (text: string, params: ReadonlyArray<unknown>) => orUnavailable(sql.unsafe<Row>(text, params))
    const isDone = (text: string, params: ReadonlyArray<unknown>) =>
      Effect.map(rows(text, params), (found) => found.length > 0)
    return LabRunStore.of({
      add: ({ id, request, requestedAtMs }, mostUnfinished) =>
        isDone(insert, [id, JSON.stringify(request), instant(requestedAtMs), mostUnfinished]),
      get: (id) =>
        isUuid(id)
          ? Effect.map(rows(`select ${columns} from lab_runs where id = $1::uuid`, [id]), ([row]) =>
              row === undefined ? undefined : recordFrom(row)
            )
          : Effect.succeed(undefined),
      list: ({ limit, cursor }) => {
        const where = new Conditions()
        where.before("id", cursor)
        if (where.isNever) return Effect.succeed({ items: [] })
        const text = `select ${head} from lab_runs where ${where.text} order by id desc limit ${where.add(limit + 1)}`
        return Effect.map(rows(text, where.params), (found) => pageFrom(found.map(headFrom), limit, ({ id }) => id))
      },
      claim: (nowMs, leaseUntilMs) =>
        Effect.map(rows(claim, [instant(nowMs), instant(leaseUntilMs)]), ([row]) =>
          row === undefined ? undefined : recordFrom(row)
        ),
      progress: (id, { sessions, percent }, leaseUntilMs) =>
        isDone(progress, [id, sessions, instant(leaseUntilMs), percent]),
      report: (id) =>
        isUuid(id)
          ? Effect.map(
              rows("select report from lab_runs where id = $1::uuid", [id]),
              ([row]) => (row?.["report"] as string | null | undefined) ?? undefined
            )
          : Effect.undefined,
      end: (id, it, atMs) =>
        isDone(end, [
          id,
          it.status,
          instant(atMs),
          it.status === "Done" ? JSON.stringify(it.outcome) : null,
          it.status === "Failed" ? it.why : null,
          it.status === "Done" ? it.sessions : null,
          it.status === "Done" ? it.report : null
        ])
    })
  })
)

const headFrom = (row: Row): LabRunHead => ({
  id: row["id"] as string,
  request: row["request"] as LabRequest,
  status: row["status"] as LabRunHead["status"],
  requestedAtMs: msOf(row["requestedAt"] as Date),
  doneAtMs: msOrNull(row["doneAt"] as Date | null),
  sessions: row["sessions"] as number,
  percent: row["percent"] as number | null,
  why: row["why"] as string | null
})

const recordFrom = (row: Row): LabRunRecord => ({
  ...headFrom(row),
  outcome: row["outcome"] as LabRunRecord["outcome"]
})
