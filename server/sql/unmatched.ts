import { Effect } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type { Entry } from "#core/billing/Ledger.ts"
import { decodeResolutions, encodeResolutions, type Resolution, type Unmatched } from "#core/payment/Unmatched.ts"
import type { UnmatchedQueue } from "../payments/PaymentStore.ts"
import { jsonb } from "../postgres/Database.ts"
import { instant, msOf, msOrNull, texts } from "./columns.ts"
import { Conditions, pageFrom } from "./conditions.ts"
import { orUnavailable } from "./failures.ts"

type Row = Readonly<Record<string, unknown>>

/* Under way: the last decision has no end. Dealt with: it has one, did not fail, and was about that very difference. */
const isUnderWay = `(p.resolutions -> -1) is not null and jsonb_typeof(p.resolutions -> -1 -> 'doneAtMs') = 'null'`

const isDealtWith = `p.resolved_at is not null and coalesce(
    jsonb_typeof(p.resolutions -> -1 -> 'doneAtMs') = 'number' and jsonb_typeof(p.resolutions -> -1 -> 'why') = 'null'
    and p.resolutions -> -1 ->> 'detail' = excluded.detail, false)`

const upsert = `insert into payment_unmatched as p (id, kind, detail, payment_id, first_seen_at, last_seen_at)
  select u.id, u.kind, u.detail, u.payment_id, $5, $5
  from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as u (id, kind, detail, payment_id)
  on conflict (id) do update set kind = excluded.kind, detail = excluded.detail, payment_id = excluded.payment_id,
    last_seen_at = excluded.last_seen_at,
    first_seen_at = case when p.resolved_at is null or (${isDealtWith}) then p.first_seen_at
      else excluded.first_seen_at end,
    resolved_at = case when ${isDealtWith} then p.resolved_at else null end`

const ask = `update payment_unmatched p set resolutions = p.resolutions || $2::jsonb
  where p.id = $1 and p.resolved_at is null and not (${isUnderWay}) returning p.id`

const end = `update payment_unmatched p set resolutions = (p.resolutions - -1) || $2::jsonb,
    resolved_at = case when $3::boolean then coalesce(p.resolved_at, $4) else p.resolved_at end
  where p.id = $1 and ${isUnderWay} returning p.id`

/** The queue of what is unmatched on PostgreSQL. `book` writes what is not in the books yet. */
export const unmatchedOn = (
  sql: SqlClient,
  book: (entries: ReadonlyArray<Entry>) => Effect.Effect<void, SqlError>
): UnmatchedQueue => {
  const rows = (text: string, params: ReadonlyArray<unknown>) => orUnavailable(sql.unsafe<Row>(text, params))
  const done = (text: string, params: ReadonlyArray<unknown>) => Effect.asVoid(rows(text, params))
  const items = (where: string, params: ReadonlyArray<unknown>) =>
    Effect.map(rows(`select p.* from payment_unmatched p where ${where}`, params), (found) => found.map(itemFrom))
  return {
    reportUnmatched: (found, atMs) =>
      done(upsert, [
        texts(found.map(({ id }) => id)),
        texts(found.map(({ kind }) => kind)),
        texts(found.map(({ detail }) => detail)),
        texts(found.map(({ paymentId }) => paymentId)),
        instant(atMs)
      ]),
    resolveUnmatched: (seenBeforeMs, atMs) =>
      done("update payment_unmatched set resolved_at = $2 where resolved_at is null and last_seen_at < $1", [
        instant(seenBeforeMs),
        instant(atMs)
      ]),
    unmatched: (limit) => items("p.resolved_at is null order by p.first_seen_at, p.id limit $1", [limit]),
    unmatchedItem: (id) => Effect.map(items("p.id = $1", [id]), ([item]) => item),
    decidedUnmatched: ({ limit, cursor }) => {
      const where = new Conditions()
      where.also("p.resolutions <> '[]'")
      if (cursor !== undefined) where.and((at) => `p.id > ${at}`, cursor)
      return Effect.map(items(`${where.text} order by p.id limit ${where.add(limit + 1)}`, where.params), (found) =>
        pageFrom(found, limit, ({ id }) => id)
      )
    },
    resolving: (limit) => items(`p.resolved_at is null and ${isUnderWay} order by p.id limit $1`, [limit]),
    askResolution: (id, resolution) =>
      Effect.map(rows(ask, [id, jsonb(encodeResolutions([resolution]))]), (found) => found.length > 0),
    endResolution: (id, resolution, entries) => orUnavailable(sql.withTransaction(ended(id, resolution, entries)))
  }

  function ended(id: string, resolution: Resolution, entries: ReadonlyArray<Entry>) {
    const change = [id, jsonb(encodeResolutions([resolution])), resolution.why === null, instant(resolution.doneAtMs)]
    return Effect.flatMap(sql.unsafe<Row>(end, change), (found) =>
      found.length === 0 ? Effect.succeed(false) : Effect.as(book(entries), true)
    )
  }
}

const itemFrom = (row: Row): Unmatched => ({
  id: row["id"] as string,
  kind: row["kind"] as Unmatched["kind"],
  detail: row["detail"] as string,
  paymentId: row["paymentId"] as string | null,
  firstSeenAtMs: msOf(row["firstSeenAt"] as Date),
  lastSeenAtMs: msOf(row["lastSeenAt"] as Date),
  resolvedAtMs: msOrNull(row["resolvedAt"] as Date | null),
  resolutions: decodeResolutions(row["resolutions"])
})
