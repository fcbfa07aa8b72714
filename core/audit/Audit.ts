import { accountKindOf } from "../billing/Accounts.ts"
import { beginningOf } from "../billing/beginning.ts"
import { type Cdr, isConsistent } from "../billing/Cdr.ts"
import type { Balance, Entry } from "../billing/Ledger.ts"
import { amountsOf, type Debt } from "../dunning/Debt.ts"
import { categoryTax, ratePpmOf } from "../invoice/draft.ts"
import type { Invoice } from "../invoice/Invoice.ts"
import { exponentOf, scaled } from "../Money.ts"
import type { Payment, PaymentFact } from "../payment/Payment.ts"
import type { Unmatched } from "../payment/Unmatched.ts"
import type { CompiledTariff } from "../tariff/compile.ts"
import { walletAccountOf } from "../wallet/post.ts"
import { evolve, freeOf, isWithinLimit, type Movement, type Wallet } from "../wallet/Wallet.ts"
import { PaymentAudit, type ProviderBooks } from "./PaymentAudit.ts"

/** What must hold of any books, by the names of the design's invariants. */
export const invariants = {
  I1: "Every entry sums to zero",
  I2: "The trial balance is zero, on accounts that exist",
  I3: "Balances are what the entries add up to",
  I4: "Authorised is at least captured, captured at least given back",
  I5: "What was invoiced is paid, open or written off",
  I6: "Lines sum to totals, taxes to the difference of gross and net",
  I7: "One bill stands per transaction, one document per bill",
  I8: "No wallet is below its limit, and the ledger owes what it holds",
  I9: "Numbers of documents have no gap that is not told",
  I10: "Every bill is what its own periods cost by its tariff",
  I11: "No bill is less than its session would have cost had it ended sooner",
  I12: "Every document is booked, every booking has a document",
  I13: "The provider has captured and given back what payments say",
  I14: "Shares of a total sum to it, rate by rate",
  I15: "No document bills more energy than its registers tell",
  I16: "Payments and their bookings are what their facts make of them, in any order",
  I17: "What was taken back nets to zero"
} as const

export type InvariantId = keyof typeof invariants

export interface Violation {
  /** The CDR, entry, document, account or series it concerns. */
  readonly document: string
  /** One sentence that says what is wrong. */
  readonly sentence: string
}

export interface AuditResult {
  readonly id: InvariantId
  readonly title: string
  /** How many things were compared. */
  readonly checked: number
  /** The first `violationLimit` of them. */
  readonly violations: ReadonlyArray<Violation>
  readonly violated: number
}

/** Violations kept per invariant; the rest are counted. */
export const violationLimit = 50

/** What a series of numbers gave out. */
export interface NumberSeries {
  readonly series: string
  readonly nextSequence: number
  readonly voids: ReadonlyArray<{ readonly sequence: number }>
}

interface Money {
  readonly netMinor: bigint
  readonly taxMinor: bigint
  readonly grossMinor: bigint
}

interface Billed extends Money {
  readonly creditReferenceId: string | null
  readonly transactionId: string
}

interface Document {
  readonly kind: Invoice["kind"]
  readonly payableMinor: bigint
  readonly creditsId: string | null
  readonly cdrIds: ReadonlyArray<string>
}

/**
 * Holds books against the invariants, document by document in any order: CDRs, entries and documents are told one after
 * the other, then `finish` says what is wrong. Kept are a few figures of each, not the documents.
 */
export class Audit {
  private readonly counts = new Map<InvariantId, { checked: number; violated: number; kept: Array<Violation> }>()
  private readonly cdrs = new Map<string, Billed>()
  private readonly documents = new Map<string, Document>()
  private readonly numbers = new Map<string, Set<number>>()
  private readonly sources = new Map<string, number>()
  private readonly balances = new Map<string, bigint>()
  private readonly wallets = new Map<string, bigint>()
  private readonly payments = new PaymentAudit((...found) => this.hold(...found))

  /** `compiled` is the version of the tariff that the CDR names, in its zone; undefined when it is lost. */
  cdr(cdr: Cdr, compiled: CompiledTariff | undefined): void {
    const { id, netMinor, taxMinor, grossMinor, creditReferenceId, transactionId } = cdr
    this.cdrs.set(id, { netMinor, taxMinor, grossMinor, creditReferenceId, transactionId })
    const sign = cdr.credit ? -1n : 1n
    const net = sumOf(cdr.lines, (line) => line.netMinor)
    const tax = sumOf(cdr.lines, (line) => line.taxMinor)
    const isSum = net * sign === netMinor && tax * sign === taxMinor && netMinor + taxMinor === grossMinor
    this.hold("I6", isSum, id, `The lines of CDR ${id} do not sum to its totals.`)
    const isShared = cdr.taxes.every((rate) => {
      const own = cdr.lines.filter((line) => line.vatPercent === rate.vatPercent)
      return (
        sumOf(own, (line) => line.netMinor) === rate.netMinor && sumOf(own, (line) => line.taxMinor) === rate.taxMinor
      )
    })
    const isWhole = sumOf(cdr.taxes, (rate) => rate.taxMinor) === tax
    this.hold("I14", isShared && isWhole, id, `The rates of CDR ${id} are not what its lines share.`)
    const isPriced = compiled !== undefined && isConsistent(cdr, compiled)
    const tariff = `${cdr.tariff.id} v${cdr.tariff.version}`
    const why = compiled === undefined ? `was priced by ${tariff}, which is lost` : `is not what ${tariff} makes of it`
    this.hold("I10", isPriced, id, `CDR ${id} ${why}.`)
    const beginning = compiled === undefined ? null : beginningOf(cdr, compiled)
    if (beginning === null) return
    const { billedMinor, soonerMinor } = beginning
    const cheaper = `CDR ${id} comes to ${billedMinor}, and to ${soonerMinor} had its session ended sooner.`
    this.hold("I11", billedMinor >= soonerMinor, id, cheaper)
  }

  /** Something that is to be paid, with what its payment by card, or its wallet, says for itself. */
  debt(debt: Debt, card: { readonly paidMinor: bigint; readonly writtenOffMinor: bigint } | null): void {
    const { id, transfers, writtenOff, reminders, amountMinor, creditedAtMs } = debt
    const { openMinor, overpaidMinor } = amountsOf(debt)
    this.payments.debt(debt)
    const feesMinor = sumOf(reminders, (it) => (it.waivedAtMs === null ? it.feeMinor : 0n))
    const owedMinor = creditedAtMs === null ? amountMinor + feesMinor : 0n
    const paidMinor = (card?.paidMinor ?? 0n) + sumOf(transfers, (it) => it.amountMinor)
    const givenUpMinor = (card?.writtenOffMinor ?? 0n) + sumOf(writtenOff, (it) => it.amountMinor)
    const isWhole = paidMinor + givenUpMinor + openMinor - overpaidMinor === owedMinor
    const parts = `${paidMinor} paid, ${givenUpMinor} written off and ${openMinor} open`
    this.hold("I5", isWhole, id, `Of ${id} ${parts} are not the ${owedMinor} owed.`)
  }

  entry(entry: Entry): void {
    let sum = 0n
    for (const { account, amountMinor } of entry.postings) {
      sum += amountMinor
      const key = `${entry.currency} ${account}`
      this.balances.set(key, (this.balances.get(key) ?? 0n) + amountMinor)
      this.hold(
        "I2",
        accountKindOf(account) !== undefined,
        entry.id,
        `Entry ${entry.id} posts to ${account}, which is no account.`
      )
    }
    this.hold("I1", sum === 0n, entry.id, `The postings of entry ${entry.id} sum to ${sum} ${entry.currency}.`)
    const source = `${entry.source.kind} ${entry.source.id}`
    this.sources.set(source, (this.sources.get(source) ?? 0) + 1)
    this.payments.entry(entry)
  }

  /** A payment as the store has it, with all its facts in the order recorded. */
  payment(payment: Payment, facts: ReadonlyArray<PaymentFact>): void {
    this.payments.payment(payment, facts)
  }

  /** What people decided about something that books told differently. */
  unmatched(item: Unmatched): void {
    this.payments.unmatched(item)
  }

  invoice(invoice: Invoice): void {
    const { id, series, sequence } = invoice
    const cdrIds = invoice.sessions.map(({ cdrId }) => cdrId)
    const { kind, payableMinor, credits } = invoice
    this.documents.set(id, { kind, payableMinor, creditsId: credits?.id ?? null, cdrIds })
    const used = this.numbers.get(series) ?? new Set()
    this.hold("I9", !used.has(sequence), id, `The number ${sequence} of ${series} was used twice.`)
    this.numbers.set(series, used.add(sequence))
    const isSum =
      sumOf(invoice.lines, (line) => line.netMinor) === invoice.netMinor &&
      sumOf(invoice.taxes, (tax) => tax.taxMinor) === invoice.taxMinor &&
      invoice.netMinor + invoice.taxMinor === invoice.grossMinor &&
      invoice.grossMinor + invoice.roundingMinor === invoice.payableMinor &&
      sumOf(invoice.sessions, (session) => session.grossMinor) + feesMinorOf(invoice) === invoice.payableMinor
    this.hold("I6", isSum, id, `The amounts of ${id} do not add up.`)
    const isTaxed = invoice.taxes.every((tax) => {
      const own = invoice.lines.filter((it) => it.category === tax.category && it.ratePercent === tax.ratePercent)
      const net = sumOf(own, (line) => line.netMinor)
      return net === tax.netMinor && categoryTax(net, ratePpmOf(tax.ratePercent)) === tax.taxMinor
    })
    this.hold("I14", isTaxed, id, `A tax of ${id} is not its rate of what its lines sum to.`)
    for (const { register, energyWh, transactionId } of invoice.sessions) {
      if (register === null) continue
      const isMetered = energyWh <= register.stopWh - register.startWh
      this.hold("I15", isMetered, id, `${id} bills ${energyWh} Wh of ${transactionId}, more than its registers tell.`)
    }
  }

  /** A wallet as the books have it, with all its movements, in any order. */
  wallet(wallet: Wallet, movements: ReadonlyArray<Movement>): void {
    const { driverId, currency, balanceMinor } = wallet
    const folded = movements.reduce(evolve, { ...wallet, balanceMinor: 0n, movements: 0 })
    const isFolded = folded.balanceMinor === balanceMinor && folded.movements === wallet.movements
    this.hold("I8", isFolded, driverId, `The wallet of ${driverId} is not what its movements add up to.`)
    // What its limit was before is not known: a credit line may be lowered, and used up before that.
    this.hold("I8", isWithinLimit(wallet), driverId, `The wallet of ${driverId} is below its limit.`)
    const isOwing = wallet.arrearsMinor === 0n || freeOf(wallet) === 0n
    this.hold("I8", isOwing, driverId, `The wallet of ${driverId} has money and owes ${wallet.arrearsMinor}.`)
    this.wallets.set(`${currency} ${walletAccountOf(driverId)}`, balanceMinor)
  }

  /**
   * What the books say of themselves, and what the provider says of them, is compared with what was told; then all is
   * known. Without the provider's word nothing is checked by I13.
   */
  finish(books: {
    readonly balances: ReadonlyArray<Balance>
    readonly series: ReadonlyArray<NumberSeries>
    readonly provider?: ProviderBooks
  }): ReadonlyArray<AuditResult> {
    this.judgeBalances(books.balances)
    this.judgeWallets()
    this.judgeCredits()
    this.judgeSources()
    this.judgeNumbers(books.series)
    this.payments.finish(books.provider)
    return Object.entries(invariants).map(([id, title]) => {
      const { checked = 0, violated = 0, kept = [] } = this.counts.get(id as InvariantId) ?? {}
      return { id: id as InvariantId, title, checked, violated, violations: kept }
    })
  }

  private hold(id: InvariantId, holds: boolean, document: string, sentence: string): void {
    let count = this.counts.get(id)
    if (count === undefined) {
      count = { checked: 0, violated: 0, kept: [] }
      this.counts.set(id, count)
    }
    count.checked++
    if (holds) return
    count.violated++
    if (count.kept.length < violationLimit) count.kept.push({ document, sentence })
  }

  private judgeBalances(balances: ReadonlyArray<Balance>): void {
    const totals = new Map<string, bigint>()
    const told = new Map(balances.map(({ account, currency, amountMinor }) => [`${currency} ${account}`, amountMinor]))
    for (const key of new Set([...told.keys(), ...this.balances.keys()])) {
      const currency = key.slice(0, key.indexOf(" "))
      const folded = this.balances.get(key) ?? 0n
      totals.set(currency, (totals.get(currency) ?? 0n) + folded)
      const is = told.get(key) ?? 0n
      this.hold("I3", is === folded, key, `The balance of ${key} is ${is}, its entries add up to ${folded}.`)
    }
    for (const [currency, total] of totals) {
      this.hold("I2", total === 0n, currency, `All accounts in ${currency} sum to ${total}.`)
    }
  }

  private judgeWallets(): void {
    const accounts = [...this.balances.keys()].filter((key) => key.includes(" wallet:"))
    for (const key of new Set([...accounts, ...this.wallets.keys()])) {
      const [booked, kept] = [-(this.balances.get(key) ?? 0n), this.wallets.get(key) ?? 0n]
      this.hold("I8", booked === kept, key, `The ledger owes ${booked} on ${key}, and the wallet holds ${kept}.`)
    }
  }

  private judgeCredits(): void {
    const standing = new Map<string, Array<string>>()
    const credited = new Set<string>()
    for (const { creditReferenceId } of this.cdrs.values())
      if (creditReferenceId !== null) credited.add(creditReferenceId)
    for (const [id, cdr] of this.cdrs) {
      if (cdr.creditReferenceId === null) {
        if (!credited.has(id)) standing.set(cdr.transactionId, [...(standing.get(cdr.transactionId) ?? []), id])
        continue
      }
      const original = this.cdrs.get(cdr.creditReferenceId)
      const isZero =
        original !== undefined &&
        original.grossMinor + cdr.grossMinor === 0n &&
        original.netMinor + cdr.netMinor === 0n &&
        original.taxMinor + cdr.taxMinor === 0n
      this.hold("I17", isZero, id, `Credit CDR ${id} does not take ${cdr.creditReferenceId} back.`)
    }
    for (const [transactionId, ids] of standing) {
      this.hold("I7", ids.length === 1, ids[0]!, `Transaction ${transactionId} has the bills ${ids.join(" and ")}.`)
    }
    this.judgeDocuments()
  }

  private judgeDocuments(): void {
    const credited = new Set<string>()
    for (const [id, document] of this.documents) {
      if (document.creditsId === null) continue
      const original = this.documents.get(document.creditsId)
      const isZero = original !== undefined && original.payableMinor === document.payableMinor
      this.hold("I17", isZero, id, `Credit note ${id} does not take ${document.creditsId} back.`)
      this.hold("I7", !credited.has(document.creditsId), id, `${document.creditsId} was taken back twice.`)
      credited.add(document.creditsId)
    }
    const billedBy = new Map<string, string>()
    for (const [id, { kind, cdrIds }] of this.documents) {
      if (kind === "credit-note" || credited.has(id)) continue
      for (const cdrId of cdrIds) {
        const other = billedBy.get(cdrId)
        this.hold("I7", other === undefined, id, `CDR ${cdrId} stands on ${other} and on ${id}.`)
        billedBy.set(cdrId, id)
      }
    }
  }

  private judgeSources(): void {
    const kindOf = (kind: Invoice["kind"]) => (kind === "credit-note" ? "credit-note" : "invoice")
    const documents = [
      ...[...this.cdrs.keys()].map((id) => ["cdr", id] as const),
      ...[...this.documents].map(([id, { kind }]) => [kindOf(kind), id] as const)
    ]
    const known = new Set(documents.map(([kind, id]) => `${kind} ${id}`))
    for (const [kind, id] of documents) {
      const booked = this.sources.get(`${kind} ${id}`) ?? 0
      this.hold("I12", booked === 1, id, `The ${kind} ${id} was booked ${booked} times.`)
    }
    for (const source of this.sources.keys()) {
      const kind = source.slice(0, source.indexOf(" "))
      if (kind !== "cdr" && kind !== "invoice" && kind !== "credit-note") continue
      this.hold("I12", known.has(source), source, `There is a booking of the ${source}, which does not exist.`)
    }
  }

  private judgeNumbers(series: ReadonlyArray<NumberSeries>): void {
    const told = new Set(series.map((it) => it.series))
    for (const name of this.numbers.keys()) this.hold("I9", told.has(name), name, `The series ${name} is not known.`)
    for (const { series: name, nextSequence, voids } of series) {
      const used = this.numbers.get(name) ?? new Set()
      const voided = new Set(voids.map(({ sequence }) => sequence))
      for (let sequence = 1; sequence < nextSequence; sequence++) {
        const isOne = used.has(sequence) !== voided.has(sequence)
        const why = used.has(sequence) ? "is void and used" : "is missing, and nothing says why"
        this.hold("I9", isOne, name, `The number ${sequence} of ${name} ${why}.`)
      }
      const beyond = [...used].filter((sequence) => sequence >= nextSequence)
      this.hold("I9", beyond.length === 0, name, `The series ${name} has numbers that it never gave out.`)
    }
  }
}

const sumOf = <A>(items: ReadonlyArray<A>, part: (item: A) => bigint): bigint =>
  items.reduce((sum, item) => sum + part(item), 0n)

/** What the fees on a document come to, tax included: a line of them is one at its printed price. */
const feesMinorOf = ({ lines, currency }: Invoice): bigint =>
  sumOf(lines, ({ fee, unitPrice }) => (fee === undefined ? 0n : (scaled(unitPrice, exponentOf(currency) ?? 0) ?? 0n)))
