import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type { Invoice } from "#core/invoice/Invoice.ts"
import { grantOf } from "#core/subscription/allowance.ts"
import { decodePlan, encodePlan } from "#core/subscription/Plan.ts"
import {
  decodeFact,
  decodeTerms,
  encodeFact,
  encodeTerms,
  evolve,
  fold,
  type Subscription
} from "#core/subscription/Subscription.ts"
import { AlreadyExists, NotFound } from "../directory/Directory.ts"
import { jsonb } from "../postgres/Database.ts"
import {
  type KeptPlan,
  type SubscriptionChange,
  type SubscriptionRecord,
  SubscriptionStore
} from "../subscriptions/SubscriptionStore.ts"
import { instant, isUuid, msOf, msOrNull, texts } from "./columns.ts"
import { Conditions, pageFrom } from "./conditions.ts"
import { isDangling, isDuplicate, orUnavailable } from "./failures.ts"
import { credit, issue } from "./invoices.ts"

type Row = Readonly<Record<string, unknown>>

const updateSubscription = `update subscriptions set started_at = $3, ends_at = $4, due_at = $5,
    version = version + $6::integer
  where id = $1::uuid and version = $2::integer returning id`

const lockVersion = "select version from subscriptions where id = $1::uuid for update"

const insertFacts = `insert into subscription_facts (subscription_id, seq, fact)
  select $1::uuid, $2::integer + u.position::integer - 1, u.fact::jsonb
  from unnest($3::text[]) with ordinality as u (fact, position)`

const claimDue = `update subscriptions set due_at = $2 where id in (
    select id from subscriptions where due_at <= $1 order by due_at, id limit $3 for update skip locked
  ) returning id`

/** Others' uses of a period. */
const selectUsed = `select coalesce(sum(energy_milli_wh), 0)::float8 as energy, coalesce(sum(charging_ms), 0)::float8 as time
  from subscription_uses where subscription_id = $1::uuid and period_at = $2 and transaction_id <> $3`

const upsertUse = `insert into subscription_uses (transaction_id, subscription_id, period_at, energy_milli_wh, charging_ms)
  values ($1, $2::uuid, $3, $4::text::bigint, $5::text::bigint)
  on conflict (transaction_id) do update set subscription_id = excluded.subscription_id,
    period_at = excluded.period_at, energy_milli_wh = excluded.energy_milli_wh, charging_ms = excluded.charging_ms`

/** Subscriptions on PostgreSQL. */
export const layer: Layer.Layer<SubscriptionStore, never, SqlClient> = Layer.effect(
  SubscriptionStore,
  Effect.map(SqlClient, (sql) => {
    const rows = (text: string, params: ReadonlyArray<unknown>) => orUnavailable(sql.unsafe<Row>(text, params))
    const within = <A, E>(work: Effect.Effect<A, E | SqlError>) => orUnavailable(sql.withTransaction(work))

    const load = Effect.fnUntraced(function* (where: string, params: ReadonlyArray<unknown>) {
      const heads = yield* rows(`select id, terms, due_at, version from subscriptions where ${where}`, params)
      const facts = yield* rows(
        `select subscription_id, fact from subscription_facts where subscription_id = any ($1::text[]::uuid[])
         order by subscription_id, seq`,
        [texts(heads.map((row) => row["id"] as string))]
      )
      const own = Map.groupBy(facts, (row) => row["subscriptionId"])
      return heads.map((row) => recordFrom(row, own.get(row["id"]) ?? []))
    })

    const write = Effect.fnUntraced(function* ({ record, documents, facts, dueAtMs }: SubscriptionChange) {
      const { id } = record.subscription
      const [head] = yield* sql.unsafe<Row>(lockVersion, [id])
      if (head?.["version"] !== record.version) return "Stale" as const
      const issued: Array<Invoice> = []
      for (const { kind, draft } of documents)
        issued.push(yield* kind === "issue" ? issue(sql, draft) : credit(sql, draft))
      const written = facts(issued)
      const subscription = written.reduce(evolve, record.subscription)
      yield* sql.unsafe(updateSubscription, [
        id,
        record.version,
        instant(subscription.startedAtMs),
        instant(subscription.endsAtMs),
        instant(dueAtMs),
        written.length
      ])
      yield* sql.unsafe(insertFacts, [
        id,
        record.version,
        texts(written.map((fact) => JSON.stringify(encodeFact(fact))))
      ])
      return { subscription, version: record.version + written.length, dueAtMs }
    })

    return SubscriptionStore.of({
      createPlan: (plan) =>
        sql
          .unsafe("insert into plans (id, document, has_included) values ($1, $2, $3)", [
            plan.id,
            jsonb(encodePlan(plan)),
            plan.included !== null
          ])
          .pipe(
            Effect.mapError((error) => (isDuplicate(error) ? new AlreadyExists({ kind: "plan", id: plan.id }) : error)),
            orUnavailable,
            Effect.asVoid
          ),
      plan: (id) =>
        Effect.map(rows("select document, retired_at from plans where id = $1", [id]), ([row]) =>
          row === undefined ? undefined : planFrom(row)
        ),
      plans: ({ limit, cursor }) => {
        const where = new Conditions()
        if (cursor !== undefined) where.and((at) => `id > ${at}`, cursor)
        const text = `select document, retired_at from plans where ${where.text} order by id limit ${where.add(limit + 1)}`
        return Effect.map(rows(text, where.params), (found) =>
          pageFrom(found.map(planFrom), limit, ({ plan }) => plan.id)
        )
      },
      retirePlan: (id, atMs) =>
        Effect.flatMap(
          rows("update plans set retired_at = coalesce(retired_at, $2) where id = $1 returning id", [
            id,
            instant(atMs)
          ]),
          (found): Effect.Effect<void, NotFound> =>
            found.length > 0 ? Effect.void : new NotFound({ kind: "plan", id })
        ),
      hasIncluded: Effect.map(
        rows("select exists (select from plans where has_included) as found", []),
        ([row]) => row?.["found"] === true
      ),
      open: (id, createdAtMs, terms) =>
        sql
          .unsafe(
            `insert into subscriptions (id, driver_id, created_at, terms, version) values ($1::uuid, $2, $3, $4, 0)
             on conflict (id) do nothing`,
            [id, terms.driverId, instant(createdAtMs), jsonb(encodeTerms(terms))]
          )
          .pipe(
            Effect.mapError((error) =>
              isDangling(error) ? new NotFound({ kind: "driver", id: terms.driverId }) : error
            ),
            orUnavailable,
            Effect.asVoid
          ),
      get: (id) => (isUuid(id) ? Effect.map(load("id = $1::uuid", [id]), ([found]) => found) : Effect.undefined),
      facts: (id) =>
        isUuid(id)
          ? Effect.map(
              rows("select fact from subscription_facts where subscription_id = $1::uuid order by seq", [id]),
              (found) => found.map((row) => decodeFact(row["fact"]))
            )
          : Effect.succeed([]),
      list: ({ limit, cursor, driverId }) => {
        const where = new Conditions()
        where.equal("driver_id", driverId)
        where.before("id", cursor)
        if (where.isNever) return Effect.succeed({ items: [] })
        return Effect.map(load(`${where.text} order by id desc limit ${where.add(limit + 1)}`, where.params), (found) =>
          pageFrom(found, limit, ({ subscription }) => subscription.id)
        )
      },
      runningAt: (driverId, atMs) =>
        Effect.map(
          load("driver_id = $1 and started_at <= $2 and (ends_at is null or ends_at > $2) order by id", [
            driverId,
            instant(atMs)
          ]),
          (found): ReadonlyArray<Subscription> => found.map(({ subscription }) => subscription)
        ),
      // What a subscription issues or takes back is its own: whoever did it meanwhile has made this one stale.
      commit: (change) => within(Effect.catchTags(write(change), { NotOpen: Effect.die, NotCreditable: Effect.die })),
      claim: (nowMs, leaseUntilMs, limit) =>
        Effect.map(rows(claimDue, [instant(nowMs), instant(leaseUntilMs), limit]), (found) =>
          found.map((row) => row["id"] as string).sort()
        ),
      grant: ({ subscriptionId, transactionId, wanted, allowance }) =>
        within(
          Effect.gen(function* () {
            // One after the other for each subscription: what one takes the next one sees.
            yield* sql.unsafe(lockVersion, [subscriptionId])
            const period = instant(allowance.periodFromMs)
            const [row] = yield* sql.unsafe<Row>(selectUsed, [subscriptionId, period, transactionId])
            const used = { energyMilliWh: row?.["energy"] as number, chargingMs: row?.["time"] as number }
            const grant = grantOf(wanted, allowance, used)
            const amounts = [String(grant.energyMilliWh), String(grant.chargingMs)]
            yield* sql.unsafe(upsertUse, [transactionId, subscriptionId, period, ...amounts])
            return grant
          })
        ),
      release: (transactionId) =>
        Effect.asVoid(rows("delete from subscription_uses where transaction_id = $1", [transactionId])),
      uses: (subscriptionId) =>
        Effect.map(
          rows(
            `select transaction_id, period_at, energy_milli_wh::float8 as energy, charging_ms::float8 as time
             from subscription_uses where subscription_id = $1::uuid order by period_at, transaction_id`,
            [subscriptionId]
          ),
          (found) =>
            found.map((row) => ({
              transactionId: row["transactionId"] as string,
              periodFromMs: msOf(row["periodAt"] as Date),
              energyMilliWh: row["energy"] as number,
              chargingMs: row["time"] as number
            }))
        )
    })
  })
)

const planFrom = (row: Row): KeptPlan => ({
  plan: decodePlan(row["document"]),
  retiredAtMs: msOrNull(row["retiredAt"] as Date | null)
})

const recordFrom = (row: Row, facts: ReadonlyArray<Row>): SubscriptionRecord => ({
  subscription: fold(
    row["id"] as string,
    decodeTerms(row["terms"]),
    facts.map(({ fact }) => decodeFact(fact))
  ),
  version: row["version"] as number,
  dueAtMs: msOrNull(row["dueAt"] as Date | null)
})
