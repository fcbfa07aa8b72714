import { Clock, type Duration, Effect, Layer } from "effect"
import { patiently } from "../station/patiently.ts"
import { Allowances } from "../subscriptions/Allowances.ts"
import { SubscriptionStore } from "../subscriptions/SubscriptionStore.ts"
import { Subscriptions } from "../subscriptions/Subscriptions.ts"
import { DebtStore } from "./DebtStore.ts"
import { Dunning } from "./Dunning.ts"

export interface CollectionsOptions {
  /** Between two looks at what is due; what is asked for here is done at once. */
  readonly poll?: Duration.Input
  /** For how long what was taken up is nobody else's; after a crash, when it is taken up again. */
  readonly leaseMs?: number
}

/** Taken up per look. */
const claimLimit = 100
const concurrency = 8

/**
 * Moves subscriptions and debts on: what is due by the calendar, invoices and what charges and wallets owe that nobody
 * watches yet, and those that were taken back, or paid where they are owed. Rows are claimed with SKIP LOCKED and a lease, so that any number of processes share the work and a dead
 * one's is taken over; every step is written with the version it was decided on, so that none is taken twice.
 */
export const collections = (
  options: CollectionsOptions = {}
): Layer.Layer<never, never, Allowances | Subscriptions | SubscriptionStore | Dunning | DebtStore> =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const subscriptions = yield* Subscriptions
      const subscriptionStore = yield* SubscriptionStore
      const dunning = yield* Dunning
      const debtStore = yield* DebtStore
      const allowances = yield* Allowances
      const leaseMs = options.leaseMs ?? 15 * 60_000

      const each = (ids: ReadonlyArray<string>, move: (id: string) => Effect.Effect<unknown, unknown>) =>
        Effect.forEach(
          ids,
          (id) =>
            Effect.catchCause(move(id), (cause) =>
              Effect.logError("what is owed could not be moved on", { id }, cause)
            ),
          { concurrency, discard: true }
        )

      const look = Effect.gen(function* () {
        yield* allowances.refresh
        const nowMs = yield* Clock.currentTimeMillis
        const due = yield* patiently(subscriptionStore.claim(nowMs, nowMs + leaseMs, claimLimit))
        yield* each(due, subscriptions.advance)
        for (const invoice of yield* patiently(debtStore.unwatched(claimLimit))) yield* dunning.watch(invoice)
        for (const owing of yield* patiently(debtStore.owing(claimLimit))) yield* dunning.watchOwing(owing)
        yield* each(yield* patiently(debtStore.takenBack(claimLimit)), dunning.advance)
        yield* each(yield* patiently(debtStore.moved(claimLimit)), dunning.advance)
        yield* each(yield* patiently(debtStore.claim(nowMs, nowMs + leaseMs, claimLimit)), dunning.advance)
      }).pipe(Effect.catchCause((cause) => Effect.logError("what is owed could not be looked at", cause)))

      yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(options.poll ?? "10 minutes"), look)))
    })
  )
