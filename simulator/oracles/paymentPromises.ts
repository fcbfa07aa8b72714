import type { TrueIntent } from "../psp/Account.ts"
import type { TrueSession, Truth } from "../Truth.ts"
import type { BookedPayment, Evidence } from "./Evidence.ts"
import { match, stepsOf } from "./match.ts"
import { overturnedOf } from "./mishaps.ts"
import type { Context, Findings } from "./Oracle.ts"
import type { PspRecord } from "./payments.ts"
import { wasInHand } from "./prepaid.ts"
import { slowRange } from "./SlowRater.ts"

/** What the operator promises about charges that are paid by card. */
export interface PaymentPromise {
  /** No charge costs more than is held for it and this, but for what flows until it has stopped. */
  readonly riskMinor: bigint
  /** How long a charge goes on at the most after what is held is used up. */
  readonly overshootMs: number
  /** How long after its charge a payment's token may be good for another. */
  readonly tokenGoodMs: number
  /** How long after its driver wanted it a charge may begin: he waits for it no longer, and the next car stands there. */
  readonly beginsWithinMs: number
}

type Fail = (payment: BookedPayment | undefined, expected: string, found: string, sentence: string) => void

/** Less than a payment may be is asked of nobody. */
export const floorMinor = 50n
/** Whether a bank sends back what it is given for a driver: it is tried again, and then people decide. */
export const refundsTried = 1

/**
 * What a payment is to do beside being right in the end. A charge is over before more is used than was held for it; what
 * it came to beyond that is asked of the card that is kept; what drivers were promised back they got; and a token that
 * was paid for starts one charge. Part of `payments`.
 */
export const judgePromises = (
  truth: Truth,
  evidence: Evidence,
  context: Context & { readonly psp: PspRecord },
  found: Findings,
  fail: Fail
): void => {
  const { psp } = context
  const intents = Map.groupBy(psp.intents, ({ metadata }) => metadata["wattproof_payment"] ?? "")
  for (const payment of evidence.payments ?? []) {
    if (payment.topUp !== undefined || payment.invoiceId !== undefined) continue
    const own = intents.get(payment.id) ?? []
    found.check()
    judgeResidual(payment, own, fail)
    judgeGoodwill(payment, own, psp, fail)
    if (psp.promise !== undefined) judgeCover(payment, own, psp.promise, { truth, evidence, context }, fail)
  }
  if (psp.promise !== undefined) judgeTokens(truth, psp.promise, found, fail)
}

/** What is still due was asked of the card that the provider keeps: an intent of it is there, whatever the bank said. */
const judgeResidual = (payment: BookedPayment, own: ReadonlyArray<TrueIntent>, fail: Fail): void => {
  const { residualMinor } = payment
  const isKept = own.some(({ way, hasCustomer }) => way === "hold" && hasCustomer)
  const isAsked = own.some(({ way }) => way === "charge")
  if (residualMinor >= floorMinor && isKept && !isAsked)
    fail(
      payment,
      "a charge",
      `${residualMinor} still due`,
      "What is still due was never asked of the card that is kept."
    )
}

/** What of an intent can still be given back; what people took as nobody's is nobody's. */
const leftOf = (
  { id, capturedMinor, refundedMinor, disputedMinor }: TrueIntent,
  mishaps: PspRecord["mishaps"]
): bigint => capturedMinor - refundedMinor - disputedMinor - overturnedOf(mishaps, id)

/** What was promised was given, unless the money has gone back another way or the bank sends it back. */
const judgeGoodwill = (
  payment: BookedPayment,
  own: ReadonlyArray<TrueIntent>,
  { goodwill, mishaps }: PspRecord,
  fail: Fail
): void => {
  const promisedMinor = goodwill?.get(payment.id)
  if (promisedMinor === undefined || payment.goodwillMinor === promisedMinor) return
  const left = own.reduce((sum, it) => (it.isLost === true ? sum : sum + leftOf(it, mishaps)), 0n)
  const sentBack = own.reduce((sum, { refundsFailed }) => sum + refundsFailed, 0)
  if (payment.goodwillMinor < promisedMinor && (left <= 0n || sentBack >= refundsTried)) return
  fail(payment, `${promisedMinor}`, `${payment.goodwillMinor}`, "A driver did not get what he was promised back.")
}

/** The first bill is no more than was held, and what flows until the station has stopped, where the CMS had a say. */
const judgeCover = (
  payment: BookedPayment,
  own: ReadonlyArray<TrueIntent>,
  { riskMinor, overshootMs }: PaymentPromise,
  { truth, evidence, context }: { readonly truth: Truth; readonly evidence: Evidence; readonly context: Context },
  fail: Fail
): void => {
  const { sessionsOf, cdrsOf } = match(truth, evidence)
  const [session, ...others] = sessionsOf.get(payment.transactionId ?? "") ?? []
  if (session === undefined || others.length > 0 || session.endedAtMs === null || !wasInHand(session)) return
  const [bill] = stepsOf(cdrsOf.get(payment.transactionId ?? "") ?? [])
  const [tariff] = context.tariffsOf(session.stationId, session)
  if (bill === undefined || tariff === undefined) return
  // What the bank agreed to afterwards covered nothing.
  const overAtMs = session.trueEndedAtMs ?? context.atMs
  const heldMinor = own
    .filter(({ way }) => way === "hold")
    .flatMap(({ raises }) => raises)
    .reduce((most, raise) => (raise.atMs <= overAtMs && raise.heldMinor > most ? raise.heldMinor : most), 0n)
  const energyWh = Math.ceil((session.maxPowerW * overshootMs) / 3_600_000)
  const { most } = slowRange(tariff, { energyWh, durationMs: overshootMs, parkedMs: 0 })
  const mostMinor = heldMinor + riskMinor + most.grossMinor
  if (bill.minor > mostMinor)
    fail(payment, `at most ${mostMinor}`, `${bill.minor}`, `A charge went on beyond the ${heldMinor} held for it.`)
}

/** On a token that was made for a payment nothing begins once its driver has gone, or its charge is over. */
const judgeTokens = (truth: Truth, promise: PaymentPromise, found: Findings, fail: Fail): void => {
  const { tokenGoodMs } = promise
  const isPaid = ({ tokenUid }: TrueSession): boolean => tokenUid?.startsWith("PAY") === true
  for (const [tokenUid, sessions] of Map.groupBy(truth.sessions.filter(isPaid), (session) => session.tokenUid)) {
    found.check()
    const [first, ...later] = sessions.toSorted((a, b) => a.trueStartedAtMs - b.trueStartedAtMs)
    if (first !== undefined) judgeBeginning(truth, first, promise, fail)
    const overAtMs = first?.trueEndedAtMs ?? null
    if (overAtMs === null) continue
    for (const { trueStartedAtMs, startAcknowledged, rejected, startOffline } of later) {
      if (rejected || startOffline || !startAcknowledged || trueStartedAtMs <= overAtMs + tokenGoodMs) continue
      const seconds = Math.round((trueStartedAtMs - overAtMs) / 1000)
      fail(
        undefined,
        "a refusal",
        `a charge ${seconds} s later`,
        `${tokenUid} had paid for its charge and started another.`
      )
    }
  }
}

/** Somebody who scans a code waits a while and drives on: the charge is not begun for him when the next car stands there. */
const judgeBeginning = (truth: Truth, session: TrueSession, { beginsWithinMs }: PaymentPromise, fail: Fail): void => {
  const { stationId, evseId, tokenUid, trueStartedAtMs } = session
  const askedAtMs = truth
    .at(stationId, evseId, tokenUid ?? "")
    .findLast(({ way, atMs }) => way !== "card" && atMs <= trueStartedAtMs)?.atMs
  if (askedAtMs === undefined || trueStartedAtMs <= askedAtMs + beginsWithinMs) return
  fail(
    undefined,
    `a beginning within ${Math.round(beginsWithinMs / 1000)} s`,
    `one after ${Math.round((trueStartedAtMs - askedAtMs) / 1000)} s`,
    `A charge on ${tokenUid} began when its driver waited for it no more.`
  )
}
