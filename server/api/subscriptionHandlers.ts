import { Clock, Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { DriverCaller } from "#core/api/Access.ts"
import { Api } from "#core/api/Api.ts"
import { Conflict, Unprocessable } from "#core/api/Problems.ts"
import type { NewPlan, Plan as PlanView, Subscription as SubscriptionView } from "#core/api/Subscriptions.ts"
import { stateOf as debtState } from "#core/dunning/Debt.ts"
import * as Instant from "#core/Instant.ts"
import { dayOf } from "#core/invoice/days.ts"
import { exponentOf } from "#core/Money.ts"
import { allowanceAt } from "#core/subscription/allowance.ts"
import { periodAt } from "#core/subscription/calendar.ts"
import type { Command } from "#core/subscription/decide.ts"
import type { Plan } from "#core/subscription/Plan.ts"
import { planAt, type Subscription, segmentAt, stateAt } from "#core/subscription/Subscription.ts"
import type { PageRequest } from "../books/Page.ts"
import { Directory } from "../directory/Directory.ts"
import { DebtStore } from "../dunning/DebtStore.ts"
import { Allowances } from "../subscriptions/Allowances.ts"
import { type KeptPlan, type SubscriptionRecord, SubscriptionStore } from "../subscriptions/SubscriptionStore.ts"
import { type SubscriptionRefused, Subscriptions } from "../subscriptions/Subscriptions.ts"
import { conflict, found, unavailable, unknown } from "./failures.ts"
import { inBody } from "./faults.ts"
import { noSeller } from "./invoiceHandlers.ts"
import { pageRequest, pageView } from "./paging.ts"

const planView = ({ plan, retiredAtMs }: KeptPlan): typeof PlanView.Type => {
  const { createdAtMs, feeMinor, ...rest } = plan
  return {
    ...rest,
    feeMinor: String(feeMinor),
    createdAt: Instant.format(createdAtMs),
    retiredAt: retiredAtMs === null ? null : Instant.format(retiredAtMs)
  }
}

const planOf = ({ feeMinor, ...terms }: typeof NewPlan.Type, createdAtMs: number): Plan => ({
  ...terms,
  feeMinor: BigInt(feeMinor),
  createdAtMs
})

const refused = ({ why }: SubscriptionRefused) => Effect.fail(new Unprocessable({ detail: why, errors: [] }))
const missing = ({ kind, id }: { readonly kind: string; readonly id: string }) => Effect.fail(unknown(kind, id))

/** Documents of a subscription that are looked at for whether it is paid. */
const lookedAt = 24

/** What operators and drivers share: the same wishes, of any driver's or of one's own. */
const desk = Effect.gen(function* () {
  const store = yield* SubscriptionStore
  const subscriptions = yield* Subscriptions
  const debts = yield* DebtStore

  const isPastDue = Effect.fnUntraced(function* ({ billed, timeZone }: Subscription, nowMs: number) {
    for (const { invoiceId } of billed.slice(-lookedAt)) {
      const record = invoiceId === null ? undefined : yield* debts.get(invoiceId)
      if (record === undefined) continue
      const isSettled = ["paid", "written-off", "credited"].includes(debtState(record.debt))
      if (!isSettled && record.debt.dueDate < dayOf(nowMs, timeZone)) return true
    }
    return false
  })

  const view = Effect.fnUntraced(function* ({ subscription }: Pick<SubscriptionRecord, "subscription">) {
    const nowMs = yield* Clock.currentTimeMillis
    const state = stateAt(subscription, nowMs)
    const segment = segmentAt(subscription, nowMs)
    const period = segment === undefined ? undefined : periodAt(segment.anchor, segment.plan.interval, nowMs)
    const allowance = allowanceAt(subscription, nowMs)
    const uses = allowance === undefined ? [] : yield* store.uses(subscription.id)
    const own = uses.filter(({ periodFromMs }) => periodFromMs === allowance?.periodFromMs)
    const coming = subscription.segments.find(({ fromMs }) => fromMs > nowMs)
    const pastDue = state === "active" && (yield* isPastDue(subscription, nowMs))
    const answer: typeof SubscriptionView.Type = {
      id: subscription.id,
      driverId: subscription.driverId,
      state: pastDue ? "past_due" : state,
      planId: state === "ended" ? null : (planAt(subscription, nowMs)?.id ?? null),
      proration: subscription.proration,
      timeZone: subscription.timeZone,
      startedAt: Instant.format(subscription.startedAtMs),
      endsAt: subscription.endsAtMs === null ? null : Instant.format(subscription.endsAtMs),
      period: period === undefined ? null : { from: Instant.format(period.fromMs), to: Instant.format(period.toMs) },
      included:
        allowance === undefined
          ? null
          : {
              whole: { energyMilliWh: allowance.energyMilliWh, chargingMs: allowance.chargingMs },
              used: {
                energyMilliWh: own.reduce((sum, use) => sum + use.energyMilliWh, 0),
                chargingMs: own.reduce((sum, use) => sum + use.chargingMs, 0)
              }
            },
      changes:
        coming === undefined || state === "trialing"
          ? null
          : { at: Instant.format(coming.fromMs), planId: coming.plan.id },
      invoiceIds: subscription.billed.flatMap(({ invoiceId }) => (invoiceId === null ? [] : [invoiceId]))
    }
    return answer
  }, unavailable)

  const get = Effect.fnUntraced(function* (id: string, driverId: string | undefined) {
    return yield* store.get(id).pipe(
      Effect.map((record) =>
        driverId === undefined || record?.subscription.driverId === driverId ? record : undefined
      ),
      found("subscription", id),
      unavailable
    )
  })

  const wish = Effect.fnUntraced(function* (id: string, driverId: string | undefined, command: Command) {
    yield* get(id, driverId)
    const record = yield* subscriptions
      .command(id, command)
      .pipe(Effect.catchTags({ NotFound: missing, SubscriptionRefused: refused }))
    return yield* view(record)
  })

  return {
    store,
    view,
    get,
    wish,
    list: Effect.fnUntraced(function* (query: Parameters<typeof pageRequest>[0], driverId: string | undefined) {
      const page: PageRequest = yield* pageRequest(query)
      const records = yield* store.list({ ...page, ...(driverId !== undefined && { driverId }) }).pipe(unavailable)
      const items = yield* Effect.forEach(records.items, view)
      return pageView((item: (typeof items)[number]) => item)({ ...records, items })
    }),
    start: Effect.fnUntraced(function* (
      driverId: string,
      { id, planId }: { readonly id?: string; readonly planId: string },
      proration: "day" | "second"
    ) {
      const record = yield* subscriptions.start({ driverId, proration }, planId, id?.toLowerCase()).pipe(
        Effect.catchTags({
          NotFound: missing,
          SubscriptionRefused: refused,
          NoSeller: () => Effect.fail(noSeller)
        }),
        unavailable
      )
      return yield* view(record)
    }),
    change: Effect.fnUntraced(function* (
      id: string,
      driverId: string | undefined,
      { planId, when }: { readonly planId: string; readonly when: "now" | "period-end" }
    ) {
      const kept = yield* store.plan(planId).pipe(found("plan", planId), unavailable)
      if (kept.retiredAtMs !== null)
        return yield* new Conflict({ detail: `${planId} is not on offer any more.`, kind: "plan", id: planId })
      return yield* wish(id, driverId, { _tag: "Change", plan: kept.plan, when })
    })
  }
})

export const planHandlers = HttpApiBuilder.group(
  Api,
  "plans",
  Effect.fn(function* (handlers) {
    const store = yield* SubscriptionStore
    const directory = yield* Directory
    const allowances = yield* Allowances
    const plan = (id: string) => store.plan(id).pipe(found("plan", id), unavailable)
    return handlers.handleAll({
      list: Effect.fnUntraced(function* ({ query }) {
        return pageView(planView)(yield* store.plans(yield* pageRequest(query)).pipe(unavailable))
      }),
      create: Effect.fnUntraced(function* ({ payload }) {
        const wrong = (pointer: string, message: string) =>
          new Unprocessable({ detail: "The plan cannot be offered like this.", errors: inBody(pointer, message) })
        if (exponentOf(payload.currency) === undefined)
          return yield* wrong("/currency", "Expected an ISO 4217 currency")
        if (payload.groupId !== null && (yield* directory.group(payload.groupId).pipe(unavailable)) === undefined)
          return yield* wrong("/groupId", "Expected a group of drivers that exists")
        const created = planOf(payload, yield* Clock.currentTimeMillis)
        yield* store.createPlan(created).pipe(Effect.catchTag("AlreadyExists", conflict), unavailable)
        yield* allowances.refresh
        return planView({ plan: created, retiredAtMs: null })
      }),
      get: ({ params }) => Effect.map(plan(params.planId), planView),
      retire: Effect.fnUntraced(function* ({ params }) {
        const atMs = yield* Clock.currentTimeMillis
        yield* store.retirePlan(params.planId, atMs).pipe(Effect.catchTag("NotFound", missing), unavailable)
        return planView(yield* plan(params.planId))
      })
    })
  })
)

export const subscriptionHandlers = HttpApiBuilder.group(
  Api,
  "subscriptions",
  Effect.fn(function* (handlers) {
    const { list, start, get, view, change, wish } = yield* desk
    return handlers.handleAll({
      list: ({ query }) => list(query, query.driverId),
      start: ({ payload }) => start(payload.driverId, payload, payload.proration ?? "day"),
      get: ({ params }) => Effect.flatMap(get(params.subscriptionId, undefined), view),
      change: ({ params, payload }) => change(params.subscriptionId, undefined, payload),
      cancel: ({ params, payload: { when } }) => wish(params.subscriptionId, undefined, { _tag: "Cancel", when }),
      pause: ({ params, payload: { when } }) => wish(params.subscriptionId, undefined, { _tag: "Pause", when }),
      resume: ({ params }) => wish(params.subscriptionId, undefined, { _tag: "Resume" })
    })
  })
)

const me = Effect.map(DriverCaller, ({ driverId }) => driverId)

export const mySubscriptionHandlers = HttpApiBuilder.group(
  Api,
  "mySubscriptions",
  Effect.fn(function* (handlers) {
    const { store, list, start, get, view, change, wish } = yield* desk
    return handlers.handleAll({
      plans: Effect.fnUntraced(function* ({ query }) {
        const page = yield* store.plans(yield* pageRequest(query)).pipe(unavailable)
        return pageView(planView)({ ...page, items: page.items.filter(({ retiredAtMs }) => retiredAtMs === null) })
      }),
      list: ({ query }) => Effect.flatMap(me, (driverId) => list(query, driverId)),
      start: ({ payload }) => Effect.flatMap(me, (driverId) => start(driverId, payload, "day")),
      get: ({ params }) => Effect.flatMap(me, (id) => Effect.flatMap(get(params.subscriptionId, id), view)),
      change: ({ params, payload }) => Effect.flatMap(me, (id) => change(params.subscriptionId, id, payload)),
      cancel: ({ params, payload: { when } }) =>
        Effect.flatMap(me, (id) => wish(params.subscriptionId, id, { _tag: "Cancel", when }))
    })
  })
)
