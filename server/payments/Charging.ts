import { createHash } from "node:crypto"
import { Clock, Effect } from "effect"
import type { Command } from "#core/payment/decide.ts"
import { type GuardDecision, type GuardPolicy, guard } from "#core/payment/guard.ts"
import type { Payment } from "#core/payment/Payment.ts"
import { attemptsFor, holdOf, openAttempts } from "#core/payment/state.ts"
import type { Token } from "#core/token/Token.ts"
import { LiveView } from "../api/Live.ts"
import { Billing } from "../billing/Billing.ts"
import { Books } from "../books/Books.ts"
import { Directory } from "../directory/Directory.ts"
import { Owners } from "../station/Owners.ts"
import { patiently } from "../station/patiently.ts"
import { makeStops, type StopPace } from "../station/Stops.ts"
import { costAt } from "./exposure.ts"

export interface ChargingPolicy extends GuardPolicy {
  /** Until a stop asked for now has taken effect, and the next reading has come. */
  readonly stopLatencyMs: number
  /** Until an increment asked for now has been answered. */
  readonly incrementLatencyMs: number
  /** How often a station is asked to stop a charge that goes on. */
  readonly stopPace: StopPace
}

export const standardCharging: ChargingPolicy = {
  riskMinor: 0n,
  stepMinor: 2_000n,
  maxMinor: 20_000n,
  captureLeadMs: 3_600_000,
  stopLatencyMs: 90_000,
  incrementLatencyMs: 60_000,
  stopPace: { againMs: 60_000, mostMs: 16 * 60_000, unansweredMs: 0 }
}

/** How long a token that was paid for may be used to start. */
const tokenForMs = 15 * 60_000
/** How long a station may take to answer a remote start or stop. */
const stationPatienceMs = 60_000
/** A token of one payment starts one charge; more is a repetition or a fault, and still counted. */
const transactionLimit = 50

/** The token that charges on a payment: follows from its id, and fits an OCPP 1.6 idTag. */
export const tokenUidOf = (paymentId: string): string =>
  `PAY${createHash("sha256").update(paymentId).digest("hex").slice(0, 17).toUpperCase()}`

/** What a payment asks of stations and learns from the books. */
export const makeCharging = (policy: ChargingPolicy) =>
  Effect.gen(function* () {
    const books = yield* Books
    const directory = yield* Directory
    const live = yield* LiveView
    const owners = yield* Owners
    const billing = yield* Billing
    const stops = yield* makeStops(policy.stopPace)

    /** The token is known from here on, and good for one charge at one station. */
    const admit = Effect.fnUntraced(function* (payment: Payment) {
      const nowMs = yield* Clock.currentTimeMillis
      const token: Token = {
        uid: payment.tokenUid,
        type: "Central",
        groupId: null,
        driverId: payment.driverId,
        partnerId: null,
        expiresAtMs: nowMs + tokenForMs,
        blockedAtMs: null,
        concurrencyLimit: 1,
        allowedStations: [payment.stationId],
        createdAtMs: nowMs
      }
      yield* patiently(directory.createToken(token)).pipe(
        // It was made by whoever died before the station was asked.
        Effect.catchTags({ AlreadyExists: () => Effect.void, NotFound: Effect.die })
      )
    })

    /** Nothing starts on the token any more. */
    const retire = Effect.fnUntraced(function* (payment: Payment) {
      const token = yield* patiently(directory.token(payment.tokenUid))
      if (token === undefined || token.blockedAtMs !== null) return
      const blockedAtMs = yield* Clock.currentTimeMillis
      yield* patiently(directory.updateToken({ ...token, blockedAtMs })).pipe(
        Effect.catchTags({ NotFound: Effect.die })
      )
    })

    /** Asks the station to start; whether it said that it would not. */
    const start = Effect.fnUntraced(function* ({ stationId, evseId, tokenUid, limit }: Payment) {
      const wanted = limit === undefined ? {} : { limit }
      const operation = { _tag: "Start", evseId, tokenUid, tokenType: "Central", ...wanted } as const
      const record = yield* patiently(
        live.runOperation(stationId, operation, { waitMs: stationPatienceMs, queueForMs: 0 })
      ).pipe(Effect.catchTag("NotFound", Effect.die))
      const { outcome } = record
      if (outcome === null) return false
      if (outcome._tag === "Answered") return !outcome.accepted
      // A station that was not asked or said no will not start; of the others nobody knows.
      return outcome._tag === "Refused" || outcome._tag === "Expired" || outcome._tag === "Impossible"
    })

    /**
     * Whether this process can ask the station: it holds the socket, or nobody does and it may say so. Otherwise another
     * process will come by that payment.
     */
    const canAsk = Effect.fnUntraced(function* ({ stationId }: Payment) {
      if (live.isConnected(stationId) !== undefined) return true
      return (yield* patiently(books.station(stationId))).presence === null
    })

    /** Asks the station to stop, unless it was asked just now or has done so. */
    const stop = Effect.fnUntraced(function* (payment: Payment) {
      const transaction = payment.began === null ? undefined : owners.transaction(payment.began.transactionId)
      if (transaction !== undefined) yield* stops.due(transaction, yield* Clock.currentTimeMillis) ?? Effect.void
    })

    /** What the books say of the session: that it began, and once it is settled what it comes to. */
    const observe = Effect.fnUntraced(function* (payment: Payment) {
      const commands: Array<Command> = []
      if (payment.startAsked === null) return commands
      const { items } = yield* patiently(books.transactions({ tokenUid: payment.tokenUid, limit: transactionLimit }))
      const [oldest] = items.toReversed()
      if (oldest === undefined) return commands
      if (payment.began === null) commands.push({ _tag: "Begin", transactionId: oldest.id })
      if (items.some(({ status, settleAtMs }) => status === "Open" || settleAtMs !== null)) return commands
      let revision = 0
      let amountMinor = 0n
      for (const { id } of items) {
        const bills = yield* patiently(books.cdrs({ transactionId: id, limit: 500 }))
        revision += 1 + bills.items.length
        for (const { grossMinor } of bills.items) amountMinor += grossMinor
      }
      if (payment.owed === null || payment.owed.revision < revision)
        commands.push({ _tag: "Owe", revision, amountMinor: amountMinor < 0n ? 0n : amountMinor })
      return commands
    })

    /** Whether the charge goes on, by what is held for it. Only who has the station's socket can tell. */
    const watch = Effect.fnUntraced(function* (payment: Payment) {
      const goOn: GuardDecision = { _tag: "Continue" }
      const hold = holdOf(payment)
      if (payment.began === null || payment.owed !== null || hold === undefined) return goOn
      const transaction = owners.transaction(payment.began.transactionId)
      if (transaction === undefined) {
        stops.forget(payment.began.transactionId)
        return goOn
      }
      const nowMs = yield* Clock.currentTimeMillis
      const last = attemptsFor(payment, "increment").at(-1)
      const isPending = openAttempts(payment).length > 0
      const isRefused = last?.status === "Declined" || last?.status === "Refused"
      // Readings are dated by the station's clock, which may be hours off.
      const atStopMs = owners.shown(transaction, nowMs) + policy.stopLatencyMs
      return guard(
        {
          authorizedMinor: hold.status === "Authorized" ? hold.authorizedMinor : 0n,
          atStopMinor: yield* costAt(billing, transaction, atStopMs),
          afterIncrementMinor: yield* costAt(billing, transaction, atStopMs + policy.incrementLatencyMs),
          increment: isRefused ? "refused" : isPending ? "pending" : "possible",
          captureBeforeMs: hold.captureBeforeMs
        },
        policy,
        nowMs
      )
    })

    return { admit, retire, canAsk, start, stop, observe, watch }
  })
