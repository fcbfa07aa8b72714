import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { begin, decodeFact, decodeTerms, encodeFact, encodeTerms, evolve, type Payment } from "#core/payment/Payment.ts"
import { amountsOf, stateOf } from "#core/payment/state.ts"
import { decodeEvent, encodeEvent } from "../payments/eventCodec.ts"
import { type PaymentChange, type PaymentRecord, PaymentStore } from "../payments/PaymentStore.ts"
import { jsonb } from "../postgres/Database.ts"
import { instant, isUuid, msOf, msOrNull, texts } from "./columns.ts"
import { Conditions, pageFrom } from "./conditions.ts"
import { postEntries } from "./entryRows.ts"
import { orUnavailable } from "./failures.ts"
import { unmatchedOn } from "./unmatched.ts"

type Row = Readonly<Record<string, unknown>>

const insertPayment = `insert into payments (id, created_at, terms, state, driver_id, token_uid, station_id, currency,
    authorized_minor, captured_minor, refunded_minor, owed_minor, residual_minor, due_at, version)
  values ($1::uuid, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0, null, 0, $9, 0) on conflict do nothing`

const updatePayment = `update payments set state = $3, authorized_minor = $4::bigint, captured_minor = $5::bigint,
    refunded_minor = $6::bigint, owed_minor = $7::bigint, residual_minor = $8::bigint, due_at = $9,
    version = version + $10::integer
  where id = $1::uuid and version = $2::integer returning id`

const insertFacts = `insert into payment_facts (payment_id, seq, fact)
  select $1::uuid, $2::integer + u.position::integer - 1, u.fact::jsonb
  from unnest($3::text[]) with ordinality as u (fact, position)`

const claimDue = `update payments set due_at = $2 where id in (
    select id from payments where due_at <= $1 order by due_at, id limit $3 for update skip locked
  ) returning id`

const claimEvents = `update payment_events set due_at = $2 where (event_id, provider) in (
    select event_id, provider from payment_events where due_at <= $1 order by due_at, event_id limit $3
    for update skip locked
  ) returning event_id, event, received_at`

const closeEvents = `update payment_events set processed_at = $2, due_at = null
  where event_id = any ($1::text[]) and processed_at is null`

const upsertDisputes = `insert into payment_disputes (dispute_id, payment_id, status)
  select u.id, $3::uuid, u.status from unnest($1::text[], $2::text[]) as u (id, status)
  on conflict (dispute_id) do update set status = excluded.status`

/** Payments on PostgreSQL. */
export const layer: Layer.Layer<PaymentStore, never, SqlClient> = Layer.effect(
  PaymentStore,
  Effect.map(SqlClient, (sql) => {
    const rows = (text: string, params: ReadonlyArray<unknown>) => orUnavailable(sql.unsafe<Row>(text, params))
    const done = (text: string, params: ReadonlyArray<unknown>) => Effect.asVoid(rows(text, params))
    const first = (text: string, params: ReadonlyArray<unknown>, column: string) =>
      Effect.map(rows(text, params), ([row]) => row?.[column] as string | undefined)

    const load = Effect.fnUntraced(function* (where: string, params: ReadonlyArray<unknown>) {
      const heads = yield* rows(`select id, created_at, terms, due_at, version from payments where ${where}`, params)
      const facts = yield* rows(
        `select payment_id, fact from payment_facts where payment_id = any ($1::text[]::uuid[]) order by payment_id, seq`,
        [texts(heads.map((row) => row["id"] as string))]
      )
      const byPayment = Map.groupBy(facts, (row) => row["paymentId"])
      return heads.map((row) => recordFrom(row, byPayment.get(row["id"]) ?? []))
    })

    /** Books what is not in the books yet. */
    const book = (entries: PaymentChange["entries"]): Effect.Effect<void, SqlError> =>
      entries.length === 0
        ? Effect.void
        : Effect.flatMap(
            sql.unsafe<Row>("select id from ledger_entries where id = any ($1::text[])", [
              texts(entries.map(({ id }) => id))
            ]),
            (known) => {
              const there = new Set(known.map((row) => row["id"]))
              return postEntries(
                sql,
                entries.filter(({ id }) => !there.has(id))
              )
            }
          )

    const write = Effect.fnUntraced(function* (change: PaymentChange) {
      const { payment, version, facts, eventIds } = change
      const moved = yield* sql.unsafe<Row>(updatePayment, [
        payment.id,
        version,
        ...projection(payment),
        instant(change.dueAtMs),
        facts.length
      ])
      if (moved.length === 0) return "Stale" as const
      if (facts.length > 0) {
        const encoded = facts.map((fact) => JSON.stringify(encodeFact(fact)))
        yield* sql.unsafe(insertFacts, [payment.id, version, texts(encoded)])
        yield* sql.unsafe(
          `insert into payment_intents (intent_id, payment_id)
           select u.id, $2::uuid from unnest($1::text[]) as u (id) on conflict do nothing`,
          [texts(payment.intents.map(({ id }) => id)), payment.id]
        )
      }
      const disputes = payment.intents.flatMap((intent) => intent.disputes)
      if (facts.length > 0 && disputes.length > 0)
        yield* sql.unsafe(upsertDisputes, [
          texts(disputes.map(({ id }) => id)),
          texts(disputes.map(({ status }) => status)),
          payment.id
        ])
      for (const { driverId, kind, amountMinor, sourceId, reason } of change.walletMoves ?? [])
        yield* sql.unsafe("select move_paid_wallet($1, $2, $3::bigint, $4, $5, $6, $7)", [
          driverId,
          kind,
          String(amountMinor),
          sourceId,
          reason,
          instant(change.atMs),
          payment.provider
        ])
      yield* book(change.entries)
      if (eventIds !== undefined) yield* sql.unsafe(closeEvents, [texts(eventIds), instant(change.atMs)])
      return "Committed" as const
    })

    return PaymentStore.of({
      open: (id, createdAtMs, terms, dueAtMs) =>
        done(insertPayment, [
          id,
          instant(createdAtMs),
          jsonb(encodeTerms(terms)),
          stateOf(begin(id, createdAtMs, terms)),
          terms.driverId,
          terms.tokenUid,
          terms.stationId,
          terms.currency,
          instant(dueAtMs)
        ]),
      get: (id) => (isUuid(id) ? Effect.map(load("id = $1::uuid", [id]), ([found]) => found) : Effect.undefined),
      ofToken: (tokenUid) => first("select id from payments where token_uid = $1", [tokenUid], "id"),
      ofIntent: (intentId) =>
        first("select payment_id from payment_intents where intent_id = $1", [intentId], "paymentId"),
      facts: (id) =>
        isUuid(id)
          ? Effect.map(rows("select fact from payment_facts where payment_id = $1::uuid order by seq", [id]), (found) =>
              found.map((row) => decodeFact(row["fact"]))
            )
          : Effect.succeed([]),
      list: ({ state, driverId, stationId, createdFromMs, limit, cursor }) => {
        const where = new Conditions()
        where.equal("state", state)
        where.equal("driver_id", driverId)
        where.equal("station_id", stationId)
        if (createdFromMs !== undefined) where.and((at) => `created_at >= ${at}`, instant(createdFromMs))
        where.before("id", cursor)
        if (where.isNever) return Effect.succeed({ items: [] })
        return Effect.map(load(`${where.text} order by id desc limit ${where.add(limit + 1)}`, where.params), (found) =>
          pageFrom(found, limit, ({ payment }) => payment.id)
        )
      },
      commit: (change) => orUnavailable(sql.withTransaction(write(change))),
      claim: (nowMs, leaseUntilMs, limit) =>
        Effect.map(rows(claimDue, [instant(nowMs), instant(leaseUntilMs), limit]), (found) =>
          found.map((row) => row["id"] as string).sort()
        ),
      receive: (provider, event, raw, receivedAtMs) =>
        Effect.map(
          rows(
            `insert into payment_events (provider, event_id, event, raw, received_at, due_at)
             values ($1, $2, $3, $4, $5, $5) on conflict do nothing returning event_id`,
            [provider, event.id, jsonb(encodeEvent(event)), raw, instant(receivedAtMs)]
          ),
          (added) => added.length > 0
        ),
      claimEvents: (nowMs, leaseUntilMs, limit) =>
        Effect.map(rows(claimEvents, [instant(nowMs), instant(leaseUntilMs), limit]), (found) =>
          found
            .map((row) => ({ event: decodeEvent(row["event"]), receivedAtMs: msOf(row["receivedAt"] as Date) }))
            .sort((a, b) => a.receivedAtMs - b.receivedAtMs || (a.event.id < b.event.id ? -1 : 1))
        ),
      closeEvent: (eventId, entries, atMs) =>
        orUnavailable(
          sql.withTransaction(
            Effect.andThen(book(entries), Effect.asVoid(sql.unsafe(closeEvents, [texts([eventId]), instant(atMs)])))
          )
        ),
      customer: (driverId) =>
        first("select customer_id from payment_customers where driver_id = $1", [driverId], "customerId"),
      keepCustomer: (driverId, customerId) =>
        done("insert into payment_customers (driver_id, customer_id) values ($1, $2) on conflict do nothing", [
          driverId,
          customerId
        ]),
      disputes: ({ status, limit, cursor }) => {
        const where = new Conditions()
        where.equal("status", status)
        if (cursor !== undefined) where.and((at) => `payment_id::text || ' ' || dispute_id < ${at}`, cursor)
        const text = `select dispute_id, payment_id::text as payment_id from payment_disputes where ${where.text}
          order by payment_id::text || ' ' || dispute_id desc limit ${where.add(limit + 1)}`
        return Effect.gen(function* () {
          const found = yield* rows(text, where.params)
          const ids = [...new Set(found.map((row) => row["paymentId"] as string))]
          const records = yield* load("id = any ($1::text[]::uuid[])", [texts(ids)])
          const byId = new Map(records.map(({ payment }) => [payment.id, payment]))
          const disputed = found.map((row) => ({
            disputeId: row["disputeId"] as string,
            payment: byId.get(row["paymentId"] as string)!
          }))
          return pageFrom(disputed, limit, ({ payment, disputeId }) => `${payment.id} ${disputeId}`)
        })
      },
      ofDispute: (disputeId) =>
        first("select payment_id from payment_disputes where dispute_id = $1", [disputeId], "paymentId"),
      ...unmatchedOn(sql, book),
      unbooked: (entryIds) =>
        Effect.map(
          rows(
            `select u.id from unnest($1::text[]) as u (id)
             where not exists (select from ledger_entries e where e.id = u.id) order by u.id`,
            [texts(entryIds)]
          ),
          (found) => found.map((row) => row["id"] as string)
        )
    })
  })
)

/** The columns by which payments are listed, from the payment as it stands. */
const projection = (payment: Payment): ReadonlyArray<unknown> => {
  const { authorizedMinor, capturedMinor, refundedMinor, owedMinor, residualMinor } = amountsOf(payment)
  return [
    stateOf(payment),
    String(authorizedMinor),
    String(capturedMinor),
    String(refundedMinor),
    owedMinor === null ? null : String(owedMinor),
    String(residualMinor)
  ]
}

const recordFrom = (row: Row, facts: ReadonlyArray<Row>): PaymentRecord => {
  let payment = begin(row["id"] as string, msOf(row["createdAt"] as Date), decodeTerms(row["terms"]))
  for (const { fact } of facts) payment = evolve(payment, decodeFact(fact))
  return { payment, version: row["version"] as number, dueAtMs: msOrNull(row["dueAt"] as Date | null) }
}
