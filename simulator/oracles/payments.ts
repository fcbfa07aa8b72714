import type { TrueIntent } from "../psp/Account.ts"
import type { BookedPayment, Evidence } from "./Evidence.ts"
import { stepsOf } from "./match.ts"
import { isWrittenOff, judgeMishaps, keptOf, type MishapRecord, overturnedOf } from "./mishaps.ts"
import { Findings, type Oracle } from "./Oracle.ts"
import { type DunningRecord, judgeOwing } from "./owing.ts"
import { judgePromises, type PaymentPromise, refundsTried } from "./paymentPromises.ts"
import { isKept, judgeStrays, type StrayRecord } from "./strays.ts"

/** What the payment service provider knows of the run, by its own account. */
export interface PspRecord {
  readonly intents: ReadonlyArray<TrueIntent>
  /** Sent to our bank, minor units by currency. */
  readonly paidOut: ReadonlyMap<string, bigint>
  /** Forged notifications that the CMS took for good. */
  readonly forgedAccepted: number
  /** What drivers were promised back though they owed it, by payment; absent where nobody wrote it down. */
  readonly goodwill?: ReadonlyMap<string, bigint>
  /** Absent where nothing is promised. */
  readonly promise?: PaymentPromise
  /** Money that was taken and held at the provider by hand, and what the desk decided; absent where nobody did that. */
  readonly strays?: StrayRecord
  /** What went wrong behind the CMS's back, and what the desk decided; absent where nothing did. */
  readonly mishaps?: MishapRecord
  /** What is asked of who did not pay; absent where nobody follows that up. */
  readonly dunning?: DunningRecord
}

const noPayments = "nothing was paid through a provider"

/**
 * Whatever happened: the provider's account of every intent, the CMS's payments and the ledger say the same; nothing
 * stays held; no session is paid for twice or for more than it comes to, not even for a while; what was not paid is still asked for or
 * written off; charges end before more is used than is held; and forged notifications changed nothing.
 */
export const payments: Oracle = {
  name: "payments",
  title: "Provider, payments, bills and ledger agree, and nobody pays twice",
  misses:
    "How long a hold stood before it ended, a decline told to a driver in the wrong words, a refund to another card " +
    "than was charged, and fees that the provider itself took wrongly.",
  checks: (truth, evidence, context) => {
    const { psp } = context
    const found = new Findings()
    if (psp === undefined) {
      found.blind(noPayments)
      return found.outcome()
    }
    const booked = evidence.payments ?? null
    if (booked === null) {
      found.blind("the payments of this CMS cannot be seen")
      return found.outcome()
    }
    const fail: Fail = (payment, expected, is, sentence) =>
      found.fail({
        stationId: null,
        sessionId: null,
        transactionId: payment?.transactionId ?? null,
        expected,
        found: is,
        sentence: payment === undefined ? sentence : `${sentence} (payment ${payment.id}, ${payment.state})`
      })
    found.check()
    if (psp.forgedAccepted > 0) fail(undefined, "0", `${psp.forgedAccepted}`, "Forged notifications were accepted.")
    judgeIntents(psp, booked, evidence, found, fail)
    judgePayments(psp, booked, evidence, found, fail)
    judgeCredits(booked, evidence, found, fail)
    judgeClearing(psp, evidence, found, fail)
    judgePromises(truth, evidence, { ...context, psp }, found, fail)
    const { strays, mishaps } = psp
    const besideMinor = keptOf(mishaps, psp.intents)
    if (strays !== undefined) judgeStrays(strays, psp.intents, booked, evidence, besideMinor, context.atMs, found)
    if (mishaps !== undefined) judgeMishaps(mishaps, { booked, intents: psp.intents }, evidence, context.atMs, found)
    if (psp.dunning !== undefined) judgeOwing(psp.dunning, evidence, { ...context, psp }, found)
    return found.outcome()
  }
}

type Fail = (payment: BookedPayment | undefined, expected: string, found: string, sentence: string) => void

/** Each intent of the provider's is a payment's, with the same amounts, and holds nothing once its session is over. */
const judgeIntents = (
  { intents, strays, mishaps }: PspRecord,
  booked: ReadonlyArray<BookedPayment>,
  evidence: Evidence,
  found: Findings,
  fail: Fail
): void => {
  const open = new Set((evidence.transactions ?? []).filter(({ settled }) => !settled).map(({ id }) => id))
  const known = new Map(booked.flatMap((payment) => payment.intents.map((intent) => [intent.id, { payment, intent }])))
  const seen = new Set<string>()
  for (const truth of intents) {
    found.check()
    seen.add(truth.id)
    const ours = known.get(truth.id)
    const isOpen = open.has(ours?.payment.transactionId ?? "")
    if (truth.heldMinor !== 0n && !isOpen) {
      fail(ours?.payment, "0", `${truth.heldMinor}`, `Intent ${truth.id} still holds a driver's money.`)
    }
    if (truth.captures > 1) fail(ours?.payment, "1", `${truth.captures}`, `Intent ${truth.id} was captured twice.`)
    if (ours === undefined) {
      if ((truth.capturedMinor === 0n && truth.heldMinor === 0n) || isKept(strays, truth.id)) continue
      fail(undefined, "a payment", "none", `Money moved on intent ${truth.id}, and the CMS does not know of it.`)
      continue
    }
    const { payment, intent } = ours
    const same = (what: string, true_: bigint, is: bigint): void => {
      if (true_ !== is) fail(payment, `${true_}`, `${is}`, `What was ${what} on intent ${truth.id} differs.`)
    }
    same("captured", truth.capturedMinor, intent.capturedMinor)
    same("refunded", truth.refundedMinor, intent.refundedMinor)
    // What a bank thought better of stays lost to the payment: it is kept as nobody's.
    const isOverturned = intent.disputedMinor !== truth.disputedMinor
    const overturnedMinor = isOverturned ? overturnedOf(mishaps, truth.id) : 0n
    same("lost to disputes", truth.disputedMinor + overturnedMinor, intent.disputedMinor)
    if (truth.isLost === true && !isWrittenOff(mishaps, truth.id))
      fail(payment, "a decision", "none", `The provider has lost intent ${truth.id}.`)
    if (truth.currency !== payment.currency) {
      fail(payment, payment.currency, truth.currency, `Intent ${truth.id} is in another currency than its payment.`)
    }
  }
  for (const [id, { payment, intent }] of known) {
    if (seen.has(id) || (intent.capturedMinor === 0n && intent.authorizedMinor === 0n)) continue
    fail(payment, "an intent", "none", `The provider does not know intent ${id}.`)
  }
}

/** Each session is paid for once, with what its bills come to: neither more nor, unless it is said so, less. */
const judgePayments = (
  { intents }: PspRecord,
  booked: ReadonlyArray<BookedPayment>,
  evidence: Evidence,
  found: Findings,
  fail: Fail
): void => {
  const truths = new Map(intents.map((truth) => [truth.id, truth]))
  const billed = new Map<string, bigint>()
  for (const { transactionId, grossMinor } of evidence.cdrs ?? []) {
    billed.set(transactionId, (billed.get(transactionId) ?? 0n) + grossMinor)
  }
  const asked = everAsked(evidence)
  // Those that were taken back since are among them.
  const askedFees = new Map(
    (evidence.owing ?? []).map(({ of, steps }) => [of.id, steps.reduce((sum, it) => sum + it.feeMinor, 0n)])
  )
  const open = new Set((evidence.transactions ?? []).filter(({ settled }) => !settled).map(({ id }) => id))
  const paying = new Map<string, BookedPayment>()
  for (const payment of booked) {
    found.check()
    const { transactionId } = payment
    if (!payment.isAtRest) fail(payment, "an end", payment.state, "What became of a call was never found out.")
    if (payment.topUp !== undefined) {
      judgeTopUp(payment, payment.topUp, evidence, fail)
      continue
    }
    const kept = payment.intents.reduce((sum, it) => sum + it.capturedMinor - it.refundedMinor, 0n)
    const { feesMinor = 0n, elsewhereMinor = 0n, givenUpMinor = 0n } = payment
    const billedMinor = billed.get(transactionId ?? "") ?? 0n
    const dueMinor = billedMinor + feesMinor - elsewhereMinor
    // What came by transfer beyond what is owed goes back by hand.
    const owed = dueMinor < 0n ? 0n : dueMinor
    // Who got back what is not owed got it once, whatever it was called.
    const net = kept + payment.goodwillMinor - (payment.setOffMinor ?? 0n)
    // What it is to come to follows from a debt: that is for the oracle of subscriptions.
    if (payment.invoiceId !== undefined) continue
    if (transactionId === null) {
      if (net !== 0n) fail(payment, "0", `${net}`, "A payment took money, and no session belongs to it.")
      continue
    }
    const other = paying.get(transactionId)
    if (other !== undefined && net > 0n) fail(payment, "1 payment", "2", `Its session is paid for by ${other.id} too.`)
    if (net > 0n) paying.set(transactionId, payment)
    if (open.has(transactionId)) continue
    if (payment.owedMinor !== billedMinor && !(payment.owedMinor === null && billedMinor === 0n)) {
      const is = `${payment.owedMinor ?? "nothing known"}`
      fail(payment, `${billedMinor}`, is, "It does not ask for what the bills come to.")
    }
    // What the bank holds until it has decided cannot be given back as well; what it took for good is set off.
    const withheldMinor = payment.intents.reduce((sum, it) => sum + (it.undecidedMinor ?? it.disputedMinor), 0n)
    const isWithheld = withheldMinor > 0n && (kept <= withheldMinor || net - withheldMinor <= owed)
    // Nor what comes back from it each time that it is sent.
    const sentBack = payment.intents.reduce((sum, { id }) => sum + (truths.get(id)?.refundsFailed ?? 0), 0)
    // Of what the provider has lost nothing goes back at all.
    const isLost = payment.intents.some(({ id }) => truths.get(id)?.isLost === true)
    const isWithdrawn = net > owed && (isWithheld || isLost || sentBack >= refundsTried)
    if (net > owed && !isWithdrawn)
      fail(payment, `at most ${owed}`, `${net}`, "More was taken than is owed, and not given back.")
    const most = (asked.get(transactionId) ?? 0n) + (askedFees.get(payment.id) ?? 0n)
    const captured = payment.intents.reduce((sum, it) => sum + it.capturedMinor, 0n)
    if (captured > most)
      fail(payment, `at most ${most}`, `${captured}`, "More was taken in all than was ever asked for.")
    const writtenOffMinor = payment.writtenOffMinor + givenUpMinor
    const accounted = (isWithdrawn ? owed : net) + payment.residualMinor + writtenOffMinor
    if (accounted !== owed) {
      const is = `${net} taken, ${payment.residualMinor} due, ${writtenOffMinor} written off`
      fail(payment, `${owed}`, is, "Taken, still due and written off do not make what is owed.")
    }
  }
}

/** What the card paid is in the driver's wallet, once, and no more than he asked for. What went back is the wallet's oracle's. */
const judgeTopUp = (
  payment: BookedPayment,
  { driverId, askedMinor }: NonNullable<BookedPayment["topUp"]>,
  { wallets }: Evidence,
  fail: Fail
): void => {
  const movements = wallets?.find((wallet) => wallet.driverId === driverId)?.movements ?? []
  let takenMinor = 0n
  for (const { id, capturedMinor } of payment.intents) {
    takenMinor += capturedMinor
    const credited = movements.filter(({ kind, sourceId }) => kind === "top-up" && sourceId === id)
    const expected = capturedMinor === 0n ? "" : `${capturedMinor}`
    const is = credited.map(({ amountMinor }) => `${amountMinor}`).join(" and ")
    if (is !== expected) fail(payment, expected, is, `A top-up is not in the wallet of ${driverId} once.`)
  }
  if (takenMinor > askedMinor)
    fail(payment, `at most ${askedMinor}`, `${takenMinor}`, "A top-up took more than was asked for.")
}

/** Every top-up that a wallet has is one that a card paid. */
const judgeCredits = (booked: ReadonlyArray<BookedPayment>, evidence: Evidence, found: Findings, fail: Fail): void => {
  const paid = new Set(
    booked.flatMap(({ topUp, intents }) =>
      topUp === undefined ? [] : intents.map(({ id }) => `${topUp.driverId} ${id}`)
    )
  )
  for (const { driverId, movements } of evidence.wallets ?? []) {
    for (const { kind, sourceId, amountMinor } of movements) {
      if (kind !== "top-up") continue
      found.check()
      if (!paid.has(`${driverId} ${sourceId}`))
        fail(
          undefined,
          "a payment",
          "none",
          `The wallet of ${driverId} got ${amountMinor} of ${sourceId}, which nobody paid.`
        )
    }
  }
}

/**
 * The most that may ever have been taken for each session, whatever was given back since: its first bill, and what each
 * later one asks for beyond the one before. A charge that was doubled and noticed was paid twice for a while all the same.
 */
const everAsked = (evidence: Evidence): ReadonlyMap<string, bigint> => {
  const asked = new Map<string, bigint>()
  for (const [transactionId, cdrs] of Map.groupBy(evidence.cdrs ?? [], (cdr) => cdr.transactionId)) {
    let before = 0n
    let most = 0n
    for (const { minor } of stepsOf(cdrs)) {
      if (minor > before) most += minor - before
      before = minor
    }
    asked.set(transactionId, most)
  }
  return asked
}

/** What the ledger has as lying with the provider is what lies there. */
const judgeClearing = ({ intents, paidOut }: PspRecord, evidence: Evidence, found: Findings, fail: Fail): void => {
  if (evidence.entries === null) {
    found.blind("the ledger of this CMS cannot be seen")
    return
  }
  const lies = new Map<string, bigint>()
  const add = (sums: Map<string, bigint>, currency: string, by: bigint) => {
    sums.set(currency, (sums.get(currency) ?? 0n) + by)
  }
  for (const { currency, capturedMinor, refundedMinor, disputedMinor, feeMinor, isLost } of intents) {
    if (isLost === true) continue
    add(lies, currency, capturedMinor - refundedMinor - disputedMinor - feeMinor)
  }
  for (const [currency, minor] of paidOut) add(lies, currency, -minor)
  const clearing = new Map<string, bigint>()
  for (const { currency, postings } of evidence.entries) {
    for (const { account, amountMinor } of postings) {
      if (account.startsWith("psp_clearing:")) add(clearing, currency, amountMinor)
    }
  }
  for (const currency of new Set([...lies.keys(), ...clearing.keys()])) {
    found.check()
    const [there, ours] = [lies.get(currency) ?? 0n, clearing.get(currency) ?? 0n]
    if (there !== ours) {
      fail(undefined, `${there}`, `${ours}`, `What lies with the provider in ${currency} differs from the ledger.`)
    }
  }
}
