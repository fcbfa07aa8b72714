import { decimal, fraction, nearest, times, whole } from "../../rater/Fraction.ts"
import type { BookedInvoice } from "../Evidence.ts"
import type { Findings } from "../Oracle.ts"
import { Life, type OwedFee } from "./fees.ts"
import { type Fail, sumOf, type World, when } from "./world.ts"

type BookedFee = BookedInvoice["fees"][number]

/** A fee on a document, by what is printed of it. */
interface Printed {
  readonly fee: BookedFee
  readonly on: BookedInvoice
  readonly grossMinor: bigint
  isOwed: boolean
}

/** Money as printed, in minor units of a currency with two decimals. */
const minorOf = (price: string): bigint => nearest(times(decimal(price), whole(100)))

/**
 * Every fee that is owed stands on one document, once, with its days, its price and its tax, from its day on and not long
 * after; and nothing else does. Numbers have no gap, and a document that is taken back is taken back whole.
 */
export const judgeDocuments = (world: World, found: Findings, fail: Fail): void => {
  judgeNumbers(world.invoices, found, fail)
  const creditedBy = new Map(world.invoices.map((it) => [it.creditsId ?? "", it]))
  const ever = world.invoices.filter(({ kind }) => kind !== "credit-note").flatMap(printedOn)
  for (const subscription of world.record.subscriptions) {
    const own = ever.filter(({ fee }) => fee.itemId.startsWith(`${subscription.id}/`))
    const life = new Life(subscription, world.record.promise.timeZone, world.atMs)
    judgeFees(world, life, own, creditedBy, found, fail)
  }
  for (const { fee, on, isOwed } of ever) {
    if (isOwed || creditedBy.has(on.id)) continue
    const what = `${fee.text}, ${fee.fromDay} to ${fee.toDay}, ${fee.price}`
    fail("no such fee", what, `${on.id} bills ${on.driverId} a fee that nobody owes, or owes once only.`)
  }
  for (const invoice of world.invoices) if (invoice.fees.length > 0) judgeSums(invoice, world.invoices, found, fail)
}

const printedOn = (on: BookedInvoice): ReadonlyArray<Printed> =>
  on.fees.map((fee) => ({ fee, on, grossMinor: minorOf(fee.price), isOwed: false }))

const isSame = ({ fee, grossMinor }: Printed, owed: OwedFee): boolean =>
  grossMinor === owed.grossMinor &&
  fee.text === owed.plan.name &&
  fee.fromDay === owed.fromDay &&
  fee.toDay === owed.toDay &&
  Number(fee.ratePercent) === owed.plan.vatPercent

const judgeFees = (
  { record, atMs }: World,
  life: Life,
  own: ReadonlyArray<Printed>,
  creditedBy: ReadonlyMap<string, BookedInvoice>,
  found: Findings,
  fail: Fail
): void => {
  const { lateMs } = record.promise
  const owed = life.feesUntil(atMs)
  const left = new Set(owed)
  const billableAtMs = billableFrom(owed, life.endsAtMs)
  for (const fee of owed) {
    found.check()
    const alike = own.filter((it) => !it.isOwed && isSame(it, fee))
    const standing = alike.find(({ on }) => !creditedBy.has(on.id))
    if (standing === undefined) continue
    left.delete(fee)
    // A document that was taken back and issued anew has the fee a second time, and the first told in time.
    const first = alike.reduce((a, b) => (b.on.issuedAtMs < a.on.issuedAtMs ? b : a))
    standing.isOwed = true
    const { issuedAtMs, id } = first.on
    const name = named(fee)
    if (issuedAtMs < fee.dueAtMs) fail(`from ${when(fee.dueAtMs)}`, when(issuedAtMs), `${id} bills ${name} too early.`)
    const lastMs = billableAtMs.get(fee)! + lateMs
    if (issuedAtMs > lastMs) fail(`by ${when(lastMs)}`, when(issuedAtMs), `${id} bills ${name} too late.`)
  }
  for (const fee of left) {
    if (billableAtMs.get(fee)! + lateMs >= atMs) continue
    const what = fee.grossMinor > 0n ? "is on no document" : "was never given back"
    fail(`${fee.grossMinor} minor units`, "nothing", `${named(fee)} ${what} (${life.subscription.driverId}).`)
  }
}

/**
 * When each must be on a document: at once, unless more is to be given back than is owed. Then all that is due waits for
 * the next fee, and at the latest for the end.
 */
const billableFrom = (owed: ReadonlyArray<OwedFee>, endsAtMs: number): ReadonlyMap<OwedFee, number> => {
  const from = new Map<OwedFee, number>()
  let waiting: Array<OwedFee> = []
  const byInstant = [...Map.groupBy(owed, ({ dueAtMs }) => dueAtMs)].sort(([a], [b]) => a - b)
  for (const [dueAtMs, fees] of byInstant) {
    waiting.push(...fees)
    if (sumOf(waiting, ({ grossMinor }) => grossMinor) < 0n && dueAtMs < endsAtMs) continue
    for (const fee of waiting) from.set(fee, dueAtMs)
    waiting = []
  }
  for (const fee of waiting) from.set(fee, endsAtMs)
  return from
}

const named = ({ plan, fromDay, toDay, grossMinor }: OwedFee): string =>
  `${plan.name} from ${fromDay} to ${toDay}, ${grossMinor} minor units`

const judgeNumbers = (invoices: ReadonlyArray<BookedInvoice>, found: Findings, fail: Fail): void => {
  for (const [series, documents] of Map.groupBy(invoices, (it) => it.series)) {
    found.check()
    const inOrder = documents.toSorted((a, b) => a.sequence - b.sequence)
    let lastMs = 0
    for (const [index, { sequence, issuedAtMs, id }] of inOrder.entries()) {
      if (sequence !== index + 1) {
        fail(`${index + 1}`, `${sequence}`, `The numbers of ${series} have a gap or one twice before ${id}.`)
        break
      }
      if (issuedAtMs < lastMs) fail(`from ${when(lastMs)}`, when(issuedAtMs), `${id} was issued before its number.`)
      lastMs = issuedAtMs
    }
  }
}

/** Net of each fee is what is inside its price, the tax that of their sum, and what is to be paid their prices' sum. */
const judgeSums = (
  invoice: BookedInvoice,
  invoices: ReadonlyArray<BookedInvoice>,
  found: Findings,
  fail: Fail
): void => {
  const { id, fees, taxes, netMinor, taxMinor, payableMinor, creditsId } = invoice
  found.check()
  const same = (what: string, expected: bigint, is: bigint) => {
    if (expected !== is) fail(`${expected}`, `${is}`, `The ${what} of ${id} is wrong.`)
  }
  const rate = (percent: string) => decimal(percent)
  for (const { price, ratePercent, netMinor: net } of fees) {
    const percent = rate(ratePercent)
    const inside = fraction(minorOf(price) * 100n * percent.below, 100n * percent.below + percent.above)
    same("net of a fee", nearest(inside), net)
  }
  for (const tax of taxes) {
    const net = sumOf(fees, (it) => (it.ratePercent === tax.ratePercent ? it.netMinor : 0n))
    same("net of a rate", net, tax.netMinor)
    same("tax", nearest(times(fraction(net, 100n), rate(tax.ratePercent))), tax.taxMinor)
  }
  same(
    "net",
    sumOf(taxes, (it) => it.netMinor),
    netMinor
  )
  same(
    "sum of taxes",
    sumOf(taxes, (it) => it.taxMinor),
    taxMinor
  )
  same(
    "sum to be paid",
    sumOf(fees, (it) => minorOf(it.price)),
    payableMinor
  )
  const taken = creditsId === null ? undefined : invoices.find((it) => it.id === creditsId)
  if (creditsId !== null && taken?.payableMinor !== payableMinor)
    fail(`${payableMinor}`, `${taken?.payableMinor ?? "no document"}`, `${id} does not take ${creditsId} back whole.`)
}
