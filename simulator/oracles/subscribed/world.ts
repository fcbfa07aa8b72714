import * as Instant from "#core/Instant.ts"
import type { TrueIntent } from "../../psp/Account.ts"
import type { BookedDebt, BookedInvoice, BookedPayment, Evidence } from "../Evidence.ts"
import type { Failure, Findings } from "../Oracle.ts"
import { floorMinor } from "../paymentPromises.ts"
import type { PspRecord } from "../payments.ts"
import type { OwedPromise, SubscribersRecord, TrueTransfer } from "./record.ts"

/** What is looked at: what subscribers know, what the provider knows, and the books. */
export interface World {
  readonly record: SubscribersRecord
  readonly psp: PspRecord | undefined
  readonly invoices: ReadonlyArray<BookedInvoice>
  readonly debts: ReadonlyArray<BookedDebt>
  readonly payments: ReadonlyArray<BookedPayment>
  /** When the evidence was taken. */
  readonly atMs: number
}

/** Undefined where documents or debts cannot be seen. */
export const worldOf = (
  record: SubscribersRecord,
  psp: PspRecord | undefined,
  evidence: Evidence,
  atMs: number
): World | undefined => {
  const { invoices, debts, payments } = evidence
  if (invoices == null || debts == null || payments == null) return undefined
  return { record, psp, invoices, debts, payments, atMs }
}

export const sumOf = <A>(items: Iterable<A>, part: (item: A) => bigint): bigint => {
  let sum = 0n
  for (const item of items) sum += part(item)
  return sum
}

/** Tells what is wrong with whose; sessions are named where there is one. */
export type Fail = (expected: string, is: string, sentence: string, place?: Partial<Failure>) => void

export const failIn =
  (found: Findings): Fail =>
  (expected, is, sentence, place = {}) =>
    found.fail({
      stationId: null,
      sessionId: null,
      transactionId: null,
      expected,
      found: is,
      sentence,
      ...place
    })

/** Money that truly came for a document, taken by the provider or past the card; or that nobody will ask for any more. */
export interface Came {
  readonly atMs: number
  /** When the CMS must know at the latest. */
  readonly knownByMs: number
  readonly minor: bigint
  /** Given back since, because it was too much. */
  readonly backMinor: bigint
}

/** What came and was not given back. */
export const keptOf = (came: ReadonlyArray<Came>): bigint => sumOf(came, ({ minor, backMinor }) => minor - backMinor)

/** What came for the document of a debt, and what was given up of it, by the instant. */
export const cameFor = (world: World, debt: BookedDebt): ReadonlyArray<Came> => {
  const { record, psp, payments } = world
  const own = payments.filter(({ invoiceId }) => invoiceId === debt.invoiceId)
  const ids = new Set(own.flatMap(({ intents }) => intents.map(({ id }) => id)))
  const taken = (psp?.intents ?? []).filter(({ id }) => ids.has(id)).flatMap((it) => byCard(it, record.promise))
  const isTakenBack = world.invoices.some(({ creditsId }) => creditsId === debt.invoiceId)
  const past = record.transfers
    .filter((it) => it.invoiceId === debt.invoiceId)
    .map((it) => pastTheCard(it, isTakenBack))
  const came = [...taken, ...past].sort((a, b) => a.atMs - b.atMs)
  return own.length === 0 ? came : [...came, ...givenUp(world, debt, came)].sort((a, b) => a.atMs - b.atMs)
}

/** Less than a payment may be is asked of nobody: as soon as nothing more is left than that, it is given up. */
const givenUp = (
  { invoices, record }: World,
  { invoiceId, amountMinor, steps }: BookedDebt,
  came: ReadonlyArray<Came>
): ReadonlyArray<Came> => {
  const invoice = invoices.find(({ id }) => id === invoiceId)
  if (invoice === undefined || invoices.some(({ creditsId }) => creditsId === invoiceId)) return []
  const { issuedAtMs } = invoice
  const asked = { atMs: issuedAtMs, knownByMs: issuedAtMs + record.promise.heardMs, minor: 0n, backMinor: 0n }
  let paidMinor = 0n
  for (const { atMs, knownByMs, minor, backMinor } of [asked, ...came]) {
    paidMinor += minor - backMinor
    const feesMinor = sumOf(steps, (it) => (it.atMs <= atMs ? it.feeMinor : 0n))
    const leftMinor = amountMinor + feesMinor - paidMinor
    if (leftMinor > 0n && leftMinor < floorMinor) return [{ atMs, knownByMs, minor: leftMinor, backMinor: 0n }]
  }
  return []
}

const byCard = (intent: TrueIntent, { heardMs }: OwedPromise): ReadonlyArray<Came> => {
  const { capturedAtMs, capturedMinor, refundedMinor } = intent
  if (capturedAtMs === null) return []
  return [{ atMs: capturedAtMs, knownByMs: capturedAtMs + heardMs, minor: capturedMinor, backMinor: refundedMinor }]
}

/** What was given up of a document that is taken back is nothing that anybody was owed. */
const pastTheCard = ({ kind, askedAtMs, knownAtMs, amountMinor }: TrueTransfer, isTakenBack: boolean): Came => ({
  atMs: askedAtMs,
  knownByMs: knownAtMs,
  minor: amountMinor,
  backMinor: isTakenBack && kind === "write-off" ? amountMinor : 0n
})

/** An instant in words, UTC. */
export const when = (atMs: number): string => Instant.format(atMs).slice(0, 19)
