import { Effect, Layer } from "effect"
import type { Entry } from "#core/billing/Ledger.ts"
import { begin } from "#core/payment/Payment.ts"
import { stateOf } from "#core/payment/state.ts"
import { type DisputedPayment, type PaymentChange, type PaymentRecord, PaymentStore } from "../payments/PaymentStore.ts"
import { postEntries } from "./entries.ts"
import type { MemoryState } from "./MemoryState.ts"
import type { KeptEvent, KeptPayment } from "./PaymentShelf.ts"
import { pageOf } from "./paging.ts"
import { unmatchedOver } from "./unmatched.ts"
import { movePaid } from "./walletMoves.ts"

/** Payments over a state in memory. */
export const layer = (state: MemoryState): Layer.Layer<PaymentStore> => {
  const shelf = state.paymentShelf
  const sync = Effect.sync
  return Layer.succeed(
    PaymentStore,
    PaymentStore.of({
      open: (id, createdAtMs, terms, dueAtMs) =>
        sync(() => {
          if (shelf.payments.has(id) || shelf.byToken.has(terms.tokenUid)) return
          shelf.payments.set(id, { payment: begin(id, createdAtMs, terms), version: 0, dueAtMs, facts: [] })
          shelf.paymentIds.add(id)
          shelf.byToken.set(terms.tokenUid, id)
          shelf.due.add(id)
        }),
      get: (id) => sync(() => recordOf(shelf.payments.get(id))),
      ofToken: (tokenUid) => sync(() => shelf.byToken.get(tokenUid)),
      ofIntent: (intentId) => sync(() => shelf.byIntent.get(intentId)),
      facts: (id) => sync(() => [...(shelf.payments.get(id)?.facts ?? [])]),
      list: ({ state: wanted, driverId, stationId, createdFromMs, limit, cursor }) =>
        sync(() =>
          pageOf(
            shelf.paymentIds.descending(cursor),
            limit,
            (id) => recordOf(shelf.payments.get(id)),
            ({ payment }) =>
              (wanted === undefined || stateOf(payment) === wanted) &&
              (driverId === undefined || payment.driverId === driverId) &&
              (stationId === undefined || payment.stationId === stationId) &&
              (createdFromMs === undefined || payment.createdAtMs >= createdFromMs)
          )
        ),
      commit: (change) => Effect.suspend(() => commit(state, change)),
      claim: (nowMs, leaseUntilMs, limit) =>
        sync(() => {
          const due = dueOf(shelf.due, shelf.payments, nowMs, limit)
          for (const id of due) shelf.payments.get(id)!.dueAtMs = leaseUntilMs
          return due.sort()
        }),
      receive: (_provider, event, _raw, receivedAtMs) =>
        sync(() => {
          if (shelf.events.has(event.id)) return false
          shelf.events.set(event.id, { event, receivedAtMs, dueAtMs: receivedAtMs })
          shelf.dueEvents.add(event.id)
          return true
        }),
      claimEvents: (nowMs, leaseUntilMs, limit) =>
        sync(() => {
          const due = dueOf(shelf.dueEvents, shelf.events, nowMs, limit).map((id) => shelf.events.get(id)!)
          for (const kept of due) kept.dueAtMs = leaseUntilMs
          return due
            .map(({ event, receivedAtMs }) => ({ event, receivedAtMs }))
            .sort((a, b) => a.receivedAtMs - b.receivedAtMs || (a.event.id < b.event.id ? -1 : 1))
        }),
      closeEvent: (eventId, entries) =>
        Effect.map(book(state, entries), () => {
          closeEvents(state, [eventId])
        }),
      customer: (driverId) => sync(() => shelf.customers.get(driverId)),
      keepCustomer: (driverId, customerId) =>
        sync(() => {
          if (!shelf.customers.has(driverId)) shelf.customers.set(driverId, customerId)
        }),
      disputes: ({ status, limit, cursor }) =>
        sync(() => {
          const all = [...shelf.byDispute]
            .map(([disputeId, paymentId]) => ({ disputeId, payment: shelf.payments.get(paymentId)!.payment }))
            .filter((it) => status === undefined || statusOf(it) === status)
            .filter((it) => cursor === undefined || disputeKey(it) < cursor)
            .sort((a, b) => (disputeKey(a) < disputeKey(b) ? 1 : -1))
          const items = all.slice(0, limit)
          return all.length > limit ? { items, next: disputeKey(items.at(-1)!) } : { items }
        }),
      ofDispute: (disputeId) => sync(() => shelf.byDispute.get(disputeId)),
      ...unmatchedOver(shelf, (entries) => book(state, entries)),
      unbooked: (entryIds) => sync(() => entryIds.filter((id) => !state.entries.has(id)).toSorted())
    })
  )
}

const recordOf = (kept: KeptPayment | undefined): PaymentRecord | undefined =>
  kept === undefined ? undefined : { payment: kept.payment, version: kept.version, dueAtMs: kept.dueAtMs }

const disputeKey = ({ payment, disputeId }: DisputedPayment): string => `${payment.id} ${disputeId}`

const statusOf = ({ payment, disputeId }: DisputedPayment) =>
  payment.intents.flatMap(({ disputes }) => disputes).find(({ id }) => id === disputeId)?.status

/** Those due, oldest first. */
const dueOf = (
  ids: ReadonlySet<string>,
  kept: ReadonlyMap<string, KeptPayment | KeptEvent>,
  nowMs: number,
  limit: number
): Array<string> => {
  const dueAt = (id: string): number => kept.get(id)?.dueAtMs ?? Number.POSITIVE_INFINITY
  return [...ids]
    .filter((id) => dueAt(id) <= nowMs)
    .sort((a, b) => dueAt(a) - dueAt(b) || (a < b ? -1 : 1))
    .slice(0, limit)
}

/** Books what is not in the books yet; what contradicts them is a defect. */
const book = (state: MemoryState, entries: ReadonlyArray<Entry>): Effect.Effect<void> =>
  Effect.suspend(() => {
    const why = postEntries(
      state,
      entries.filter(({ id }) => !state.entries.has(id))
    )
    return why === undefined ? Effect.void : Effect.die(new Error(why))
  })

const closeEvents = ({ paymentShelf }: MemoryState, eventIds: ReadonlyArray<string>): void => {
  for (const id of eventIds) {
    const kept = paymentShelf.events.get(id)
    if (kept !== undefined) kept.dueAtMs = null
    paymentShelf.dueEvents.delete(id)
  }
}

const commit = (state: MemoryState, change: PaymentChange): Effect.Effect<"Committed" | "Stale"> => {
  const { paymentShelf: shelf } = state
  const { payment, version, facts, entries, dueAtMs, eventIds = [] } = change
  const kept = shelf.payments.get(payment.id)
  if (kept === undefined || kept.version !== version) return Effect.succeed("Stale")
  for (const move of change.walletMoves ?? []) movePaid(state, move, change.atMs, payment.provider)
  return Effect.map(book(state, entries), () => {
    kept.payment = payment
    kept.version = version + facts.length
    kept.dueAtMs = dueAtMs
    kept.facts.push(...facts)
    if (dueAtMs === null) shelf.due.delete(payment.id)
    else shelf.due.add(payment.id)
    for (const { id, disputes } of payment.intents) {
      if (!shelf.byIntent.has(id)) shelf.byIntent.set(id, payment.id)
      for (const dispute of disputes) shelf.byDispute.set(dispute.id, payment.id)
    }
    closeEvents(state, eventIds)
    return "Committed" as const
  })
}
