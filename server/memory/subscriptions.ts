import { Effect, Layer } from "effect"
import type { Invoice } from "#core/invoice/Invoice.ts"
import { grantOf } from "#core/subscription/allowance.ts"
import { evolve, fold, type Subscription, type SubscriptionFact } from "#core/subscription/Subscription.ts"
import { AlreadyExists, NotFound } from "../directory/Directory.ts"
import {
  type KeptPlan,
  type SubscriptionRecord,
  SubscriptionStore,
  type Use
} from "../subscriptions/SubscriptionStore.ts"
import { credit, issue } from "./invoices.ts"
import type { MemoryState } from "./MemoryState.ts"
import { pageOf } from "./paging.ts"
import { SortedKeys } from "./SortedKeys.ts"

interface Kept {
  subscription: Subscription
  dueAtMs: number | null
  readonly facts: Array<SubscriptionFact>
}

/** What the memory store keeps of subscriptions. */
export class SubscriptionShelf {
  readonly plans = new Map<string, KeptPlan>()
  readonly planIds = new SortedKeys()
  readonly subscriptions = new Map<string, Kept>()
  readonly ids = new SortedKeys()
  /** By transaction. */
  readonly uses = new Map<string, Use & { readonly subscriptionId: string }>()
}

const recordOf = (kept: Kept | undefined): SubscriptionRecord | undefined =>
  kept === undefined
    ? undefined
    : { subscription: kept.subscription, version: kept.facts.length, dueAtMs: kept.dueAtMs }

/** Whether it had begun and not ended at an instant. */
const isRunningAt = ({ startedAtMs, endsAtMs }: Subscription, atMs: number): boolean =>
  startedAtMs > 0 && startedAtMs <= atMs && (endsAtMs === null || atMs < endsAtMs)

/** Subscriptions over a state in memory. */
export const layer = (state: MemoryState): Layer.Layer<SubscriptionStore> => {
  const shelf = state.subscriptionShelf
  const { sync } = Effect
  return Layer.succeed(
    SubscriptionStore,
    SubscriptionStore.of({
      createPlan: (plan) =>
        Effect.suspend(() => {
          if (shelf.plans.has(plan.id)) return new AlreadyExists({ kind: "plan", id: plan.id })
          shelf.plans.set(plan.id, { plan, retiredAtMs: null })
          shelf.planIds.add(plan.id)
          return Effect.void
        }),
      plan: (id) => sync(() => shelf.plans.get(id)),
      plans: ({ limit, cursor }) =>
        sync(() => pageOf(shelf.planIds.ascending(cursor), limit, (id) => shelf.plans.get(id))),
      retirePlan: (id, atMs) =>
        Effect.suspend(() => {
          const known = shelf.plans.get(id)
          if (known === undefined) return new NotFound({ kind: "plan", id })
          shelf.plans.set(id, { plan: known.plan, retiredAtMs: known.retiredAtMs ?? atMs })
          return Effect.void
        }),
      hasIncluded: sync(() => [...shelf.plans.values()].some(({ plan }) => plan.included !== null)),
      open: (id, _createdAtMs, terms) =>
        Effect.suspend(() => {
          if (!state.drivers.has(terms.driverId)) return new NotFound({ kind: "driver", id: terms.driverId })
          if (shelf.subscriptions.has(id)) return Effect.void
          shelf.subscriptions.set(id, { subscription: fold(id, terms, []), dueAtMs: null, facts: [] })
          shelf.ids.add(id)
          return Effect.void
        }),
      get: (id) => sync(() => recordOf(shelf.subscriptions.get(id))),
      facts: (id) => sync(() => [...(shelf.subscriptions.get(id)?.facts ?? [])]),
      list: ({ limit, cursor, driverId }) =>
        sync(() =>
          pageOf(
            shelf.ids.descending(cursor),
            limit,
            (id) => recordOf(shelf.subscriptions.get(id)),
            ({ subscription }) => driverId === undefined || subscription.driverId === driverId
          )
        ),
      runningAt: (driverId, atMs) =>
        sync(() =>
          [...shelf.ids.ascending(undefined)]
            .map((id) => shelf.subscriptions.get(id)!.subscription)
            .filter((it) => it.driverId === driverId && isRunningAt(it, atMs))
        ),
      commit: ({ record, documents, facts, dueAtMs }) =>
        Effect.gen(function* () {
          const { id } = record.subscription
          const kept = shelf.subscriptions.get(id)
          if (kept === undefined || kept.facts.length !== record.version) return "Stale" as const
          const issued: Array<Invoice> = []
          for (const { kind, draft } of documents) {
            issued.push(
              yield* kind === "issue" ? Effect.orDie(issue(state, draft)) : Effect.orDie(credit(state, draft))
            )
          }
          const written = facts(issued)
          kept.facts.push(...written)
          kept.subscription = written.reduce(evolve, kept.subscription)
          kept.dueAtMs = dueAtMs
          return recordOf(kept)!
        }),
      claim: (nowMs, leaseUntilMs, limit) =>
        sync(() => {
          const due = [...shelf.subscriptions.values()]
            .filter(({ dueAtMs }) => dueAtMs !== null && dueAtMs <= nowMs)
            .sort((a, b) => a.dueAtMs! - b.dueAtMs! || (a.subscription.id < b.subscription.id ? -1 : 1))
            .slice(0, limit)
          for (const kept of due) kept.dueAtMs = leaseUntilMs
          return due.map(({ subscription }) => subscription.id).sort()
        }),
      grant: ({ subscriptionId, transactionId, wanted, allowance }) =>
        sync(() => {
          const used = { energyMilliWh: 0, chargingMs: 0 }
          for (const use of shelf.uses.values()) {
            if (use.subscriptionId !== subscriptionId || use.periodFromMs !== allowance.periodFromMs) continue
            if (use.transactionId === transactionId) continue
            used.energyMilliWh += use.energyMilliWh
            used.chargingMs += use.chargingMs
          }
          const grant = grantOf(wanted, allowance, used)
          const { periodFromMs } = allowance
          shelf.uses.set(transactionId, { subscriptionId, transactionId, periodFromMs, ...grant })
          return grant
        }),
      release: (transactionId) => sync(() => void shelf.uses.delete(transactionId)),
      uses: (subscriptionId) =>
        sync(() =>
          [...shelf.uses.values()]
            .filter((use) => use.subscriptionId === subscriptionId)
            .sort((a, b) => a.periodFromMs - b.periodFromMs || (a.transactionId < b.transactionId ? -1 : 1))
            .map(({ subscriptionId: _, ...use }) => use)
        )
    })
  )
}
