import { Clock, Effect } from "effect"
import { isTopUp } from "#core/payment/Payment.ts"
import { amountsOf, attemptsFor, refundableOf } from "#core/payment/state.ts"
import { standardTopUp } from "#core/payment/topUp.ts"
import type { PresentedToken } from "#core/token/Token.ts"
import type { Books } from "#server/books/Books.ts"
import { Directory } from "#server/directory/Directory.ts"
import type { InvoiceStore } from "#server/invoices/InvoiceStore.ts"
import { PaymentDesk } from "#server/payments/Desk.ts"
import { evidenceOf, heldFor } from "#server/payments/evidence.ts"
import { PaymentStore } from "#server/payments/PaymentStore.ts"
import { patiently } from "#server/station/patiently.ts"
import type { Stream } from "#simulator/Stream.ts"

/** What the operator's pages and desk ask of payments inside the CMS; false where it could not be had. */

const orNot = <R>(asked: Effect.Effect<boolean, { readonly _tag: string }, R>): Effect.Effect<boolean, never, R> =>
  Effect.catch(asked, () => Effect.succeed(false))

/** Opens a payment for a charge there, by a driver's kept card or ad hoc; tells the token and the page's secret. */
export const openPage = (
  { stationId, evseId }: { readonly stationId: string; readonly evseId: number },
  driverId: string | null,
  onMade: (token: PresentedToken) => void,
  onSecret: (secret: string | null) => void
): Effect.Effect<boolean, never, PaymentDesk | Directory> =>
  orNot(
    Effect.gen(function* () {
      const { open } = yield* PaymentDesk
      const directory = yield* Directory
      const station = yield* patiently(directory.station(stationId))
      if (open === undefined || station === undefined) return false
      const quote = yield* open.quote(station, evseId)
      if (quote === undefined) return false
      const methodId = driverId === null ? undefined : (yield* open.cards(driverId))[0]?.methodId
      if (driverId !== null && methodId === undefined) return false
      const payer = driverId === null || methodId === undefined ? null : { driverId, methodId }
      const { payment } = yield* open.start({ station, evseId, quote, payer })
      onMade({ uid: payment.tokenUid, type: "Central" })
      if (payer === null) onSecret(yield* open.clientSecret(payment))
      return true
    })
  )

/** Registers a driver and begins to keep a card; tells the secret of the provider's form. */
export const keepCard = (
  driverId: string,
  onSecret: (secret: string) => void
): Effect.Effect<boolean, never, PaymentDesk | Directory> =>
  orNot(
    Effect.gen(function* () {
      const { open } = yield* PaymentDesk
      const directory = yield* Directory
      if (open === undefined) return false
      const driver = { id: driverId, name: driverId, email: null, createdAtMs: 0 }
      yield* Effect.catchTag(patiently(directory.createDriver(driver)), "AlreadyExists", () => Effect.void)
      onSecret((yield* open.setUpCard(driverId)).clientSecret)
      return true
    })
  )

/** Pays so much into the driver's wallet, by his newest kept card or on a page; tells the payment and the page's secret. */
export const openTopUp = (
  wish: { readonly driverId: string; readonly id: string; readonly amountMinor: bigint; readonly isKept: boolean },
  onMade: (paymentId: string, secret: string | null) => void
): Effect.Effect<boolean, never, PaymentDesk> =>
  orNot(
    Effect.gen(function* () {
      const { open } = yield* PaymentDesk
      if (open === undefined) return false
      const { driverId, id, amountMinor, isKept } = wish
      const methodId = isKept ? ((yield* open.cards(driverId))[0]?.methodId ?? null) : null
      const { waiting } = standardTopUp
      const record = yield* open.topUp({ driverId, id, amountMinor, currency: "EUR", methodId }, waiting)
      if (record === "TooMany") return false
      onMade(record.payment.id, yield* open.clientSecret(record.payment))
      return true
    })
  )

/** Whether a top-up has brought its money. */
export const isCredited = (paymentId: string): Effect.Effect<boolean, never, PaymentStore> =>
  orNot(
    Effect.gen(function* () {
      const record = yield* (yield* PaymentStore).get(paymentId)
      return record !== undefined && amountsOf(record.payment).capturedMinor > 0n
    })
  )

/**
 * The operator gives a third of what was taken, or all of it, back to that share of who paid: whom, the payment's own stream
 * says, so that asking again asks for the same. What is refused today is asked for again the next time. What the
 * books have of it is noted in `given`.
 */
export const giveBack = (
  share: number,
  stream: Stream,
  given: Map<string, bigint>
): Effect.Effect<boolean, never, PaymentDesk | PaymentStore> =>
  orNot(
    Effect.gen(function* () {
      const { open } = yield* PaymentDesk
      const store = yield* PaymentStore
      if (open === undefined) return false
      const { items } = yield* store.list({ limit: 500 })
      for (const { payment } of items) {
        const refundable = payment.intents.reduce((sum, intent) => sum + refundableOf(intent), 0n)
        const isBilled = payment.owed !== null || isTopUp(payment)
        const isPaid = isBilled && amountsOf(payment).residualMinor === 0n && refundable >= 3n
        const luck = stream.split(payment.id)
        for (const { amountMinor } of payment.goodwill) given.set(payment.id, amountMinor)
        if (!isPaid || payment.goodwill.length > 0 || !luck.chance(share)) continue
        const id = `goodwill-${payment.id}`
        const amountMinor = luck.chance(0.25) ? refundable : refundable / 3n
        const wish = { _tag: "Refund", id, amountMinor, reason: "the reader was broken" } as const
        yield* Effect.result(open.command(payment.id, wish))
      }
      return true
    })
  )

/** Later nobody stands beside his car any more. */
export const standsThereMs = 4 * 60_000

/**
 * Drivers whose hold was not had, and who keep a card: that share orders the charge once more, each once, while the page
 * is still open.
 */
export const tryAgain = (share: number, stream: Stream): Effect.Effect<boolean, never, PaymentDesk | PaymentStore> =>
  orNot(
    Effect.gen(function* () {
      const { open } = yield* PaymentDesk
      const store = yield* PaymentStore
      if (open === undefined) return false
      const nowMs = yield* Clock.currentTimeMillis
      const { items } = yield* store.list({ limit: 100 })
      for (const { payment } of items) {
        const { id, createdAtMs, began, abandoned, methodId, retries } = payment
        if (nowMs > createdAtMs + standsThereMs) continue
        const last = attemptsFor(payment, "authorize").at(-1)
        // No answer is no charge either, for whoever stands beside his car.
        const isWithout = last !== undefined && last.status !== "Done" && last.status !== "Sent"
        if (!isWithout || methodId === null || began !== null || abandoned !== null || retries.length > 0) continue
        if (!stream.split(id).chance(share)) continue
        yield* Effect.result(open.command(id, { _tag: "Retry", id: "once more", methodId }))
      }
      return true
    })
  )

/**
 * The operator answers that share of open disputes: half are contested with what the books hold, half given up. Which, the
 * dispute's own stream says. What is refused today is asked for again the next time.
 */
export const answerDisputes = (
  share: number,
  stream: Stream
): Effect.Effect<boolean, never, PaymentDesk | PaymentStore | Books | Directory | InvoiceStore> =>
  orNot(
    Effect.gen(function* () {
      const { open } = yield* PaymentDesk
      const store = yield* PaymentStore
      if (open === undefined) return false
      const { items } = yield* store.disputes({ status: "Open", limit: 500 })
      for (const { disputeId, payment } of items) {
        const own = stream.split(disputeId)
        if (payment.disputeAnswers.some(({ id }) => id === disputeId) || !own.chance(share)) continue
        const evidence = own.chance(0.5) ? null : evidenceOf(payment, yield* heldFor(payment), "")
        const answer = {
          _tag: "AnswerDispute",
          id: disputeId,
          by: "desk",
          reason: "as the file says",
          evidence
        } as const
        yield* Effect.result(open.command(payment.id, answer))
      }
      return true
    })
  )
