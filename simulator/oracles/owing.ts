import type { TrueIntent } from "../psp/Account.ts"
import type { BookedOwing, BookedPayment, Evidence } from "./Evidence.ts"
import type { Context, Findings } from "./Oracle.ts"
import type { PspRecord } from "./payments.ts"
import { instantOf } from "./subscribed/calendar.ts"
import { judgeStages, type Suspension } from "./subscribed/debts.ts"
import type { OwedPromise, TrueTransfer } from "./subscribed/record.ts"
import { type Came, failIn, sumOf, when } from "./subscribed/world.ts"
import { judgeWaived } from "./waived.ts"

/** What is promised about charges short of their bill and wallets in arrears, and what came for charges past the card. */
export interface DunningRecord {
  readonly promise: OwedPromise
  readonly transfers: ReadonlyArray<TrueTransfer>
}

const dayMs = 86_400_000

type Fail = ReturnType<typeof failIn>

/**
 * What a charge's payment did not cover and what a wallet owes is asked for: each once, from its day on, in the stages that
 * were promised, until it is paid and no longer; with the fees that are told, and what came past the card taken off. Part
 * of `payments`.
 */
export const judgeOwing = (
  record: DunningRecord,
  evidence: Evidence,
  context: Context & { readonly psp: PspRecord },
  found: Findings
): void => {
  const { owing, payments, wallets } = evidence
  if (owing == null || payments == null) {
    found.blind("what is owed cannot be seen in this CMS")
    return
  }
  const fail = failIn(found)
  const corrections = Map.groupBy(context.corrections?.all ?? [], ({ transactionId }) => transactionId)
  const byPayment = new Map(owing.flatMap((debt) => (debt.of.kind === "charge" ? [[debt.of.id, debt] as const] : [])))
  for (const payment of payments) {
    if (payment.transactionId === null || payment.invoiceId !== undefined || payment.topUp !== undefined) continue
    found.check()
    const debt = byPayment.get(payment.id)
    if (debt === undefined) {
      if (payment.residualMinor > 0n && payment.hasDriver === true)
        fail("a debt", "none", `Nobody sees to it that the ${payment.residualMinor} due of ${payment.id} are paid.`)
      continue
    }
    const own = corrections.get(payment.transactionId) ?? []
    const isCorrected = own.length > 0
    judgeFigures(record, payment, debt, isCorrected, fail)
    judgeWaived(record, payment, debt, context.psp, own, fail)
    judgeForgiven(record, payment, debt, context.psp, fail)
    if (!isCorrected) judgeCourse(record, payment, debt, evidence, context, fail)
  }
  for (const { driverId, arrearsMinor } of wallets ?? []) {
    found.check()
    const own = owing.filter(({ of }) => of.kind === "wallet" && of.id === driverId)
    const openMinor = sumOf(own, (debt) => debt.openMinor)
    if (openMinor !== arrearsMinor || own.filter((debt) => debt.openMinor > 0n).length > 1)
      fail(
        `${arrearsMinor}`,
        own.map((debt) => debt.openMinor).join(" and "),
        `What ${driverId}'s wallet owes differs.`
      )
    for (const debt of own) {
      const paid: Came = { atMs: debt.toldAtMs, knownByMs: debt.toldAtMs, minor: 1n << 62n, backMinor: 0n }
      const came = debt.openMinor === 0n ? [paid] : []
      judgeStages({ record, atMs: context.atMs }, { id: debt.invoiceId }, debt, undefined, came, fail)
    }
  }
}

/**
 * The debt, the payment and the world say the same of what is open, of fees, of what came past the card and of what was
 * given up; where a bill was corrected, some of that may have been taken back.
 */
const judgeFigures = (
  { transfers }: DunningRecord,
  payment: BookedPayment,
  debt: BookedOwing,
  mayBeTakenBack: boolean,
  fail: Fail
): void => {
  const same = (what: string, expected: bigint, is: bigint) => {
    if (expected !== is) fail(`${expected}`, `${is}`, `The ${what} of ${debt.invoiceId} differs.`)
  }
  same("amount", payment.owedMinor ?? 0n, debt.amountMinor)
  same("open amount", payment.residualMinor, debt.openMinor)
  same(
    "sum of fees",
    sumOf(debt.steps, ({ feeMinor, waivedAtMs }) => (waivedAtMs === undefined ? feeMinor : 0n)),
    payment.feesMinor ?? 0n
  )
  const past = Map.groupBy(
    transfers.filter(({ invoiceId }) => invoiceId === debt.invoiceId),
    ({ kind }) => kind
  )
  const pastOf = (kind: TrueTransfer["kind"]) => sumOf(past.get(kind) ?? [], ({ amountMinor }) => amountMinor)
  same("money that came past the card", pastOf("transfer"), payment.elsewhereMinor ?? 0n)
  const givenUpMinor = payment.givenUpMinor ?? 0n
  if (mayBeTakenBack && givenUpMinor < pastOf("write-off")) return
  same("money that was given up", pastOf("write-off"), givenUpMinor)
}

/** Of what a driver was forgiven nothing is paid out to him: while some of it is given up, he has paid no more than he owes. */
const judgeForgiven = (
  { transfers }: DunningRecord,
  { id, givenUpMinor = 0n }: BookedPayment,
  { invoiceId }: BookedOwing,
  { intents, goodwill }: PspRecord,
  fail: Fail
): void => {
  const [forgiven, ...more] = transfers.filter((it) => it.kind === "write-off" && it.invoiceId === invoiceId)
  // Whoever was promised goodwill gets it all the same, and who was forgiven twice may have had something back in between.
  if (forgiven === undefined || more.length > 0 || givenUpMinor === 0n || goodwill?.has(id)) return
  const own = intents.filter(({ metadata }) => metadata["wattproof_payment"] === id)
  const given = own.find(({ refundedAtMs }) => refundedAtMs !== null && refundedAtMs > forgiven.knownAtMs)
  if (given !== undefined)
    fail(
      "nothing given back",
      `${given.refundedMinor}`,
      `What was forgiven of ${invoiceId} was paid out to its driver.`
    )
}

/** It is asked for from the day of its bill on, stage by stage. */
const judgeCourse = (
  { promise, transfers }: DunningRecord,
  payment: BookedPayment,
  debt: BookedOwing,
  { cdrs }: Evidence,
  { atMs, psp }: Context & { readonly psp: PspRecord },
  fail: Fail
): void => {
  const billedAtMs = (cdrs ?? []).find((cdr) => cdr.transactionId === payment.transactionId)?.issuedAtMs
  const dueMs = instantOf(debt.dueDate, 0, promise.timeZone)
  if (billedAtMs !== undefined && (dueMs + dayMs < billedAtMs || dueMs > billedAtMs + dayMs))
    fail(when(billedAtMs), debt.dueDate, `The day on which ${debt.invoiceId} is due is not that of its bill.`)
  const own = psp.intents.filter(({ metadata }) => metadata["wattproof_payment"] === payment.id)
  const past = transfers.filter(({ invoiceId }) => invoiceId === debt.invoiceId)
  const came = [
    ...own.flatMap((intent) => byCard(intent, promise)),
    ...past.map(
      ({ askedAtMs, knownAtMs, amountMinor }): Came => ({
        atMs: askedAtMs,
        knownByMs: knownAtMs,
        minor: amountMinor,
        backMinor: 0n
      })
    )
  ].sort((a, b) => a.atMs - b.atMs)
  judgeStages({ record: { promise }, atMs }, { id: debt.invoiceId }, debt, undefined, came, fail)
  // Whoever has paid stays reminded, and kept from charging, until the debt hears of it.
  for (const { way, capturedAtMs } of own) {
    if (way !== "charge" || capturedAtMs === null || capturedAtMs < dueMs + dayMs || debt.openMinor > 0n) continue
    const lastMs = capturedAtMs + promise.heardMs + promise.lateMs
    if (debt.toldAtMs > lastMs)
      fail(`by ${when(lastMs)}`, when(debt.toldAtMs), `What a card paid for ${debt.invoiceId} was heard of too late.`)
  }
}

const byCard = ({ capturedAtMs, capturedMinor, refundedMinor }: TrueIntent, { heardMs }: OwedPromise) =>
  capturedAtMs === null
    ? []
    : [{ atMs: capturedAtMs, knownByMs: capturedAtMs + heardMs, minor: capturedMinor, backMinor: refundedMinor }]

/** When whom a charge or a wallet may keep from charging, by what the CMS says of its own stages: never for sure. */
export const owingSuspensions = (
  { promise }: DunningRecord,
  { owing }: Evidence
): ReadonlyArray<readonly [driverId: string, Suspension]> =>
  (owing ?? []).flatMap(({ driverId, steps, openMinor, toldAtMs }) => {
    const fromMs = steps.find((step) => step.do === "suspension")?.atMs
    if (fromMs === undefined) return []
    const perhapsUntilMs = openMinor > 0n ? Number.POSITIVE_INFINITY : toldAtMs + promise.lateMs
    return [[driverId, { fromMs, surelyUntilMs: fromMs, perhapsUntilMs }] as const]
  })
