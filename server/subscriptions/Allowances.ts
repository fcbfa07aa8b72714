import { Context, Effect, Layer } from "effect"
import type { Cdr } from "#core/billing/Cdr.ts"
import { allowanceAt, type Grant } from "#core/subscription/allowance.ts"
import { patiently } from "../station/patiently.ts"
import { SubscriptionStore } from "./SubscriptionStore.ts"

/** What of a bill subscriptions take off. */
export class Allowances extends Context.Service<
  Allowances,
  {
    /** Whether any plan includes anything: while none does, no bill is kept waiting for the store. */
    readonly isOn: () => boolean
    /** Asks the store whether one does: at the start, now and then, and when a plan is made here. */
    readonly refresh: Effect.Effect<void>
    /**
     * A session's part of what its driver's subscription includes, by the period in which it began; undefined when it gets
     * none. Asked again for a bill that is revised it is measured anew, and never added to what it had.
     */
    readonly grant: (session: {
      readonly driverId: string
      readonly transactionId: string
      readonly startAtMs: number
      readonly wanted: Grant
    }) => Effect.Effect<Cdr["included"] | undefined>
  }
>()("server/subscriptions/Allowances") {
  static readonly layer = Layer.effect(
    Allowances,
    Effect.gen(function* () {
      const store = yield* SubscriptionStore
      let isOn = false
      const refresh = Effect.map(patiently(store.hasIncluded), (found) => {
        isOn = found
      })
      yield* refresh
      return Allowances.of({
        isOn: () => isOn,
        refresh,
        grant: Effect.fnUntraced(function* ({ driverId, transactionId, startAtMs, wanted }) {
          for (const subscription of yield* patiently(store.runningAt(driverId, startAtMs))) {
            const allowance = allowanceAt(subscription, startAtMs)
            if (allowance === undefined) continue
            const request = { subscriptionId: subscription.id, transactionId, wanted, allowance }
            const grant = yield* patiently(store.grant(request))
            if (grant.energyMilliWh === 0 && grant.chargingMs === 0) return undefined
            return { subscriptionId: subscription.id, ...grant }
          }
          yield* patiently(store.release(transactionId))
          return undefined
        })
      })
    })
  )
}
