import type { BookedDebt, BookedEntry, BookedInvoice } from "../Evidence.ts"
import type { Findings } from "../Oracle.ts"
import { floorMinor } from "../paymentPromises.ts"
import { daysLater, instantOf } from "./calendar.ts"
import type { OwedPromise } from "./record.ts"
import { type Came, cameFor, type Fail, keptOf, sumOf, type World, when } from "./world.ts"

type Step = BookedDebt["steps"][number]

interface Stage extends Pick<Step, "do" | "level" | "feeMinor"> {
  readonly afterDays: number
}

const dayMs = 86_400_000

const stagesOf = ({ reminders, suspendAfterDays, collectAfterDays }: OwedPromise): ReadonlyArray<Stage> => [
  ...reminders.map(({ afterDays, feeMinor }, index) => ({
    do: "reminder" as const,
    level: index + 1,
    feeMinor,
    afterDays
  })),
  { do: "suspension", level: 0, feeMinor: 0n, afterDays: suspendAfterDays },
  { do: "collection", level: 0, feeMinor: 0n, afterDays: collectAfterDays }
]

/**
 * What is asked of each document, on its day and once, while something is open and never after it is known to be paid; and
 * what came is what provider, debts and ledger say.
 */
export const judgeDebts = (
  world: World,
  entries: ReadonlyArray<BookedEntry>,
  billedMinor: ReadonlyMap<string, bigint>,
  found: Findings,
  fail: Fail
): void => {
  const { invoices, debts, atMs, record } = world
  const creditedAtMs = new Map(invoices.map((it) => [it.creditsId ?? "", it.issuedAtMs]))
  const owed = new Map<string, bigint>()
  const add = (driverId: string, minor: bigint) => owed.set(driverId, (owed.get(driverId) ?? 0n) + minor)
  for (const [driverId, minor] of billedMinor) add(driverId, minor)
  for (const invoice of invoices) {
    const { id, kind, driverId, issuedAtMs } = invoice
    if (kind !== "invoice" || driverId === null || invoice.fees.length === 0) continue
    found.check()
    const debt = debts.find(({ invoiceId }) => invoiceId === id)
    const takenBackAtMs = creditedAtMs.get(id)
    if (debt === undefined) {
      add(driverId, takenBackAtMs === undefined ? invoice.payableMinor : 0n)
      const isDue = issuedAtMs + record.promise.lateMs < atMs && takenBackAtMs === undefined
      if (isDue) fail("a debt", "none", `Nobody sees to it that ${id} is paid.`)
      continue
    }
    const came = cameFor(world, debt)
    judgeCharge(world, invoice, takenBackAtMs, fail)
    judgeTerms(world, invoice, debt, takenBackAtMs, came, fail)
    judgeStages(world, invoice, debt, takenBackAtMs, came, fail)
    const feesMinor = takenBackAtMs === undefined ? sumOf(debt.steps, (it) => it.feeMinor) : 0n
    const paidMinor = keptOf(came)
    add(driverId, (takenBackAtMs === undefined ? invoice.payableMinor : 0n) + feesMinor - paidMinor)
  }
  judgeReceivables(entries, owed, found, fail)
}

/** Who keeps a card is not reminded before it was tried. */
const judgeCharge = (
  { record, psp, payments, atMs }: World,
  { id, driverId, issuedAtMs, payableMinor }: BookedInvoice,
  takenBackAtMs: number | undefined,
  fail: Fail
): void => {
  const lastMs = issuedAtMs + record.promise.heardMs
  const keepsCard = record.cards.some((it) => it.driverId === driverId && it.keptAtMs < issuedAtMs)
  if (!keepsCard || payableMinor < floorMinor || lastMs > (takenBackAtMs ?? atMs)) return
  const own = payments.find(({ invoiceId }) => invoiceId === id)?.id ?? "nothing"
  const tried = (psp?.intents ?? []).filter(({ metadata }) => Object.values(metadata).includes(own))
  if (tried.some(({ createdAtMs }) => createdAtMs <= lastMs)) return
  const first = tried.map(({ createdAtMs }) => createdAtMs).sort((a, b) => a - b)[0]
  fail(`by ${when(lastMs)}`, first === undefined ? "never" : when(first), `The card for ${id} was not tried in time.`)
}

const judgeTerms = (
  world: World,
  { id, payableMinor, issueDate }: BookedInvoice,
  debt: BookedDebt,
  takenBackAtMs: number | undefined,
  came: ReadonlyArray<Came>,
  fail: Fail
): void => {
  const { promise } = world.record
  const same = (what: string, expected: unknown, is: unknown) => {
    if (expected !== is) fail(`${expected}`, `${is}`, `The ${what} of ${id} is wrong.`)
  }
  same("amount", payableMinor, debt.amountMinor)
  same("day due", daysLater(issueDate, promise.paymentDays), debt.dueDate)
  const feesMinor = sumOf(debt.steps, (it) => it.feeMinor)
  const asked = takenBackAtMs === undefined ? payableMinor + feesMinor : 0n
  const isHeard = came.every(({ knownByMs }) => knownByMs < world.atMs)
  if (!isHeard) return
  const paid = keptOf(came)
  const known = debt.paidByCardMinor + debt.transferredMinor + debt.writtenOffMinor
  if (known !== paid) fail(`${paid}`, `${known}`, `What came for ${id} is not what its debt says.`)
  if (paid > asked) fail(`at most ${asked}`, `${paid}`, `More was taken for ${id} than is owed, and not given back.`)
  same("open amount", asked > paid ? asked - paid : 0n, debt.openMinor)
  const most = payableMinor + feesMinor
  const taken = sumOf(world.payments, (it) =>
    it.invoiceId === id ? sumOf(it.intents, ({ capturedMinor }) => capturedMinor) : 0n
  )
  if (taken > most) fail(`at most ${most}`, `${taken}`, `${id} was charged twice.`)
}

/** Every stage in its order: not before its day nor long after it, once, and only of who has not paid. */
export const judgeStages = (
  { record, atMs }: { readonly record: { readonly promise: OwedPromise }; readonly atMs: number },
  { id }: Pick<BookedInvoice, "id">,
  { steps, dueDate, amountMinor }: Pick<BookedDebt, "steps" | "dueDate" | "amountMinor">,
  takenBackAtMs: number | undefined,
  came: ReadonlyArray<Came>,
  fail: Fail
): void => {
  const { promise } = record
  const { lateMs, timeZone } = promise
  const untilMs = takenBackAtMs ?? atMs
  let owedMinor = amountMinor
  let before: { readonly stage: Stage; readonly doneAtMs: number } | undefined
  let next = 0
  for (const stage of stagesOf(promise)) {
    const byDate = instantOf(daysLater(dueDate, stage.afterDays), 0, timeZone)
    // Stages keep their distance, less a day for those that came late.
    const gapMs = before === undefined ? 0 : Math.max(0, stage.afterDays - before.stage.afterDays - 1) * dayMs
    const fromMs = Math.max(byDate, before === undefined ? 0 : before.doneAtMs + gapMs)
    const step = steps[next]
    const name = stage.do === "reminder" ? `reminder ${stage.level}` : stage.do
    if (step === undefined || step.do !== stage.do || step.level !== stage.level) {
      const lastMs = fromMs + lateMs
      const isOpen = owedMinor - sumOf(came, (it) => (it.atMs <= lastMs ? it.minor : 0n)) > 0n
      if (isOpen && lastMs < untilMs) fail(`by ${when(lastMs)}`, "nothing", `The ${name} of ${id} never came.`)
      break
    }
    next++
    if (step.atMs < fromMs) fail(`from ${when(fromMs)}`, when(step.atMs), `The ${name} of ${id} came too early.`)
    const wasOpen = owedMinor - sumOf(came, (it) => (it.atMs <= fromMs ? it.minor : 0n)) > 0n
    if (step.atMs > fromMs + lateMs && wasOpen)
      fail(`by ${when(fromMs + lateMs)}`, when(step.atMs), `The ${name} of ${id} came too late.`)
    const knownMinor = sumOf(came, (it) => (it.knownByMs < step.atMs ? it.minor : 0n))
    if (owedMinor - knownMinor <= 0n)
      fail("nothing", when(step.atMs), `The ${name} of ${id} came although it was paid.`)
    if (takenBackAtMs !== undefined && step.atMs > takenBackAtMs + lateMs)
      fail("nothing", when(step.atMs), `The ${name} of ${id} came although it was taken back.`)
    if (step.feeMinor !== stage.feeMinor)
      fail(`${stage.feeMinor}`, `${step.feeMinor}`, `The ${name} of ${id} has another fee.`)
    owedMinor += step.feeMinor
    before = { stage, doneAtMs: step.atMs }
  }
  const others = steps.slice(next)
  for (const it of others)
    fail("once, in its order", when(it.atMs), `There is a ${it.do} of ${id} too many (level ${it.level}).`)
}

/** What the ledger has as owed by a driver is what is billed and asked less what came. */
const judgeReceivables = (
  entries: ReadonlyArray<BookedEntry>,
  owed: ReadonlyMap<string, bigint>,
  found: Findings,
  fail: Fail
): void => {
  const booked = new Map<string, bigint>()
  for (const { postings } of entries) {
    for (const { account, amountMinor } of postings) {
      if (!account.startsWith("receivable:driver:")) continue
      const driverId = account.slice("receivable:driver:".length)
      booked.set(driverId, (booked.get(driverId) ?? 0n) + amountMinor)
    }
  }
  for (const driverId of new Set([...owed.keys(), ...booked.keys()])) {
    found.check()
    const [expected, is] = [owed.get(driverId) ?? 0n, booked.get(driverId) ?? 0n]
    if (expected !== is) fail(`${expected}`, `${is}`, `The ledger has something else as owed by ${driverId}.`)
  }
}

/** A time in which a driver may start nothing, by what is open: surely from its first instant to the second. */
export interface Suspension {
  readonly fromMs: number
  /** The debt was paid: from then on he is let in as soon as that is heard of. */
  readonly surelyUntilMs: number
  readonly perhapsUntilMs: number
}

/** When which drivers may start nothing, by documents, their days, and what truly came for them. */
export const suspensionsOf = (world: World): ReadonlyMap<string, ReadonlyArray<Suspension>> => {
  const found = new Map<string, Array<Suspension>>()
  const creditedAtMs = new Map(world.invoices.map((it) => [it.creditsId ?? "", it.issuedAtMs]))
  for (const debt of world.debts) {
    const { invoiceId, driverId, steps, amountMinor } = debt
    const fromMs = steps.find((it) => it.do === "suspension")?.atMs
    if (fromMs === undefined) continue
    const owedMinor = amountMinor + sumOf(steps, (it) => it.feeMinor)
    const paid = allCame(cameFor(world, debt), owedMinor)
    const credited = creditedAtMs.get(invoiceId) ?? Number.POSITIVE_INFINITY
    const { lateMs } = world.record.promise
    const suspension: Suspension = {
      fromMs,
      surelyUntilMs: Math.min(paid.atMs, credited),
      perhapsUntilMs: Math.min(paid.knownByMs, credited) + lateMs
    }
    found.set(driverId, [...(found.get(driverId) ?? []), suspension])
  }
  return found
}

const allCame = (came: ReadonlyArray<Came>, owedMinor: bigint): Pick<Came, "atMs" | "knownByMs"> => {
  let minor = 0n
  let knownByMs = 0
  for (const it of came) {
    minor += it.minor
    knownByMs = Math.max(knownByMs, it.knownByMs)
    if (minor >= owedMinor) return { atMs: it.atMs, knownByMs }
  }
  return { atMs: Number.POSITIVE_INFINITY, knownByMs: Number.POSITIVE_INFINITY }
}
