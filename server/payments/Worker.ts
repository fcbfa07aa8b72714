import { Clock, Duration, Effect, FiberSet, Layer, Semaphore, Stream } from "effect"
import type { LiveEvent } from "#core/api/LiveEvent.ts"
import { payoutEntry } from "#core/payment/post.ts"
import { LiveEvents } from "../api/Events.ts"
import { patiently } from "../station/patiently.ts"
import { type InboxEvent, PaymentStore } from "./PaymentStore.ts"
import { Payments } from "./Payments.ts"
import { PaymentProvider } from "./Provider.ts"
import { reconcile } from "./reconcile.ts"
import { resolveAsked } from "./resolve.ts"

export interface WorkerOptions {
  /** Between two looks at what is due; what this process hears of is done at once. */
  readonly poll?: Duration.Input
  /** For how long what was taken up is nobody else's; after a crash, when it is taken up again. */
  readonly leaseMs?: number
  /** Between two reconciliations with the provider, when the last one came to an end. */
  readonly reconcileEvery?: Duration.Input
  /** What is younger than this is not held against the provider yet. */
  readonly settlingMs?: number
}

/** Taken up per look, and worked on at the same time. */
const claimLimit = 100
const concurrency = 32

/** After a start, and after a reconciliation that did not come to its end; twice as long each time it does not. */
const soonMs = 15 * 60_000

/**
 * Soon after the start, since a server that starts anew each day would otherwise never come to it; then every so often,
 * but soon again where it could not be done.
 */
const paced = (work: Effect.Effect<boolean>, everyMs: number): Effect.Effect<never> =>
  Effect.gen(function* () {
    let pauseMs = soonMs
    let againMs = soonMs
    while (true) {
      yield* Effect.sleep(Math.min(pauseMs, everyMs))
      const isDone = yield* work
      pauseMs = isDone ? everyMs : againMs
      againMs = isDone ? soonMs : Math.min(2 * againMs, everyMs)
    }
  })

/**
 * Moves payments on: what is due by the clock, what a webhook tells, what happens at stations. Rows are claimed with
 * SKIP LOCKED and a lease, so that any number of processes share the work and a dead one's is taken over.
 */
export const worker = (
  options: WorkerOptions = {}
): Layer.Layer<never, never, Payments | PaymentStore | PaymentProvider | LiveEvents> =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const store = yield* PaymentStore
      const payments = yield* Payments
      const provider = yield* PaymentProvider
      const events = yield* LiveEvents
      const leaseMs = options.leaseMs ?? 3 * 60_000
      const run = yield* FiberSet.makeRuntime<never>()
      const places = Semaphore.makeUnsafe(concurrency)
      /** Under way, and whether something has happened since. */
      const running = new Map<string, boolean>()
      /** Payments by what the live events name. */
      const byTransaction = new Map<string, string>()

      const move = (id: string): void => {
        if (running.has(id)) {
          running.set(id, true)
          return
        }
        running.set(id, false)
        run(
          Effect.gen(function* () {
            const { payment } = yield* places.withPermit(payments.advance(id))
            if (payment.began !== null) byTransaction.set(payment.began.transactionId, id)
            if (payment.owed !== null && payment.began !== null) byTransaction.delete(payment.began.transactionId)
          }).pipe(
            Effect.catchCause((cause) => Effect.logError("a payment could not be moved on", { id }, cause)),
            Effect.ensuring(
              Effect.sync(() => {
                const isWanted = running.get(id) === true
                running.delete(id)
                if (isWanted) move(id)
              })
            )
          )
        )
      }

      const hear = Effect.fnUntraced(function* (event: LiveEvent) {
        const transactionId = "transactionId" in event ? event.transactionId : undefined
        if (event._tag === "TransactionStarted" && event.tokenUid !== null) {
          const id = yield* patiently(store.ofToken(event.tokenUid))
          if (id === undefined) return
          byTransaction.set(event.transactionId, id)
          move(id)
        } else if (transactionId !== undefined) {
          const id = byTransaction.get(transactionId)
          if (id !== undefined) move(id)
        }
      })

      const take = Effect.fnUntraced(function* ({ event }: InboxEvent) {
        const nowMs = yield* Clock.currentTimeMillis
        const { id, intentId, payout } = event
        if (payout !== null)
          return yield* patiently(store.closeEvent(id, [payoutEntry(provider.name, payout, nowMs)], nowMs))
        const paymentId =
          intentId === null ? undefined : ((yield* patiently(store.ofIntent(intentId))) ?? event.paymentId)
        const known = paymentId == null ? undefined : yield* patiently(store.get(paymentId))
        if (intentId === null || known === undefined) return yield* patiently(store.closeEvent(id, [], nowMs))
        const outcome = yield* payments.observe(known.payment.id, intentId, id)
        // While the provider is away the event stays, and comes again when its lease is over.
        if (outcome === "Missing") yield* patiently(store.closeEvent(id, [], nowMs))
        if (outcome === "Taken") move(known.payment.id)
      })

      const look = Effect.gen(function* () {
        const nowMs = yield* Clock.currentTimeMillis
        const inbox = yield* patiently(store.claimEvents(nowMs, nowMs + leaseMs, claimLimit))
        yield* Effect.forEach(inbox, take, { concurrency: 8, discard: true })
        for (const id of yield* patiently(store.claim(nowMs, nowMs + leaseMs, claimLimit))) move(id)
      }).pipe(Effect.catchCause((cause) => Effect.logError("payments could not be looked at", cause)))

      const asked = Effect.catchCause(resolveAsked({ store, payments, provider }), (cause) =>
        Effect.logError("what people decided about unmatched items could not be looked at", cause)
      )

      const every = (pause: Duration.Input, work: Effect.Effect<unknown>) =>
        Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(pause), work)))

      yield* every(options.poll ?? "2 seconds", look)
      const reconciled = Effect.andThen(
        asked,
        Effect.catchCause(reconcile(store, payments, provider, options.settlingMs), (cause) =>
          Effect.as(Effect.logError("payments could not be reconciled", cause), false)
        )
      )
      yield* Effect.forkScoped(paced(reconciled, Duration.toMillis(options.reconcileEvery ?? "1 day")))
      yield* Effect.forkScoped(asked)
      const kinds = ["TransactionStarted", "MeterReading", "TransactionEnded", "CdrIssued"] as const
      yield* Effect.forkScoped(
        Stream.runForEach(events.stream({ kinds }), (delivery) =>
          delivery._tag === "Event" ? hear(delivery.event) : Effect.void
        )
      )
    })
  )
