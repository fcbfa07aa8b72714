import { Context, Effect, Option } from "effect"
import { Audit } from "#core/audit/Audit.ts"
import type { Cdr } from "#core/billing/Cdr.ts"
import type { Entry } from "#core/billing/Ledger.ts"
import { type Debt, type DebtFact, amountsOf as debtAmounts } from "#core/dunning/Debt.ts"
import type { Invoice } from "#core/invoice/Invoice.ts"
import { isGivenUp, isTopUp } from "#core/payment/Payment.ts"
import { amountsOf, openAttempts, stateOf } from "#core/payment/state.ts"
import type { Movement, Wallet } from "#core/wallet/Wallet.ts"
import { cdrTeller, finishAudit } from "#server/audit/audit.ts"
import { Books } from "#server/books/Books.ts"
import type { Page, PageRequest } from "#server/books/Page.ts"
import { Directory } from "#server/directory/Directory.ts"
import { DebtStore } from "#server/dunning/DebtStore.ts"
import { paymentIdOf } from "#server/dunning/news.ts"
import { InvoiceStore } from "#server/invoices/InvoiceStore.ts"
import { type PaymentRecord, PaymentStore } from "#server/payments/PaymentStore.ts"
import type { StoreUnavailable } from "#server/record/Journal.ts"
import type { TransactionRow } from "#server/record/Unit.ts"
import { WalletStore } from "#server/wallet/WalletStore.ts"
import type {
  BookedCdr,
  BookedDebt,
  BookedEntry,
  BookedInvoice,
  BookedOwing,
  BookedPayment,
  BookedReadings,
  BookedTransaction,
  BookedWallet,
  Evidence
} from "#simulator/oracles/Evidence.ts"
import type { PspRecord } from "#simulator/oracles/payments.ts"
import type { Telemetry } from "../telemetry/Telemetry.ts"

const pageSize = 1_000

/** All items of a list, page by page. */
const all = Effect.fnUntraced(function* <A>(
  page: (request: PageRequest) => Effect.Effect<Page<A>, StoreUnavailable>
): Effect.fn.Return<ReadonlyArray<A>, StoreUnavailable> {
  const items: Array<A> = []
  let request: PageRequest = { limit: pageSize }
  for (;;) {
    const found = yield* page(request)
    for (const item of found.items) items.push(item)
    if (found.next === undefined) return items
    request = { limit: pageSize, cursor: found.next }
  }
})

/** A transaction's row as an oracle sees it. */
export const bookedTransaction = (row: TransactionRow, readings: BookedReadings | undefined): BookedTransaction => ({
  id: row.id,
  stationId: row.stationId,
  ocppId: row.ocppId,
  evseId: row.evseId,
  connectorId: row.connectorId,
  status: row.status,
  startedAtMs: row.startedAtMs,
  endedAtMs: row.endedAtMs,
  tokenUid: row.token?.uid ?? null,
  authorization: row.authorization,
  findings: row.findings.map(({ code }) => code),
  ...costMismatchOf(row),
  settled: row.status !== "Open" && row.settleAtMs === null,
  readings: readings ?? { count: 0, lowestWh: null, highestWh: null }
})

const costMismatchOf = ({ findings }: TransactionRow) => {
  const found = findings.find(({ code }) => code === "cost-mismatch")
  return found === undefined ? {} : { costMismatch: { text: found.text, costs: found.costs ?? [] } }
}

/** A CDR as an oracle sees it. */
export const bookedCdr = (cdr: Cdr): BookedCdr => ({
  id: cdr.id,
  transactionId: cdr.transactionId,
  stationId: cdr.stationId,
  startAtMs: cdr.startAtMs,
  endAtMs: cdr.endAtMs,
  currency: cdr.currency,
  energyWh: cdr.energyWh,
  durationMs: cdr.durationMs,
  parkingMs: cdr.parkingMs,
  netMinor: cdr.netMinor,
  taxMinor: cdr.taxMinor,
  grossMinor: cdr.grossMinor,
  credit: cdr.credit,
  issuedAtMs: cdr.issuedAtMs,
  ...(cdr.included === undefined ? {} : { included: cdr.included })
})

/** Books list the newest first, and by text: a tenth revision would stand before the second. */
const asIssued = (a: BookedCdr, b: BookedCdr): number =>
  a.transactionId === b.transactionId ? revisionOf(a) - revisionOf(b) : a.transactionId < b.transactionId ? -1 : 1

const revisionOf = ({ id }: BookedCdr): number => Number(id.slice(id.lastIndexOf("-") + 1))

/** A booking in the ledger as an oracle sees it. */
export const bookedEntry = ({ id, source, currency, postings }: Entry): BookedEntry => ({
  id,
  sourceKind: source.kind,
  sourceId: source.id,
  currency,
  postings: postings.map(({ account, amountMinor }) => ({ account, amountMinor }))
})

/** A payment as an oracle sees it. `invoices`: the documents that payments pay for, by the payment's id. */
export const bookedPayment = (
  { payment }: PaymentRecord,
  invoices: ReadonlyMap<string, string> = new Map()
): BookedPayment => {
  const invoiceId = invoices.get(payment.id)
  const { owedMinor, writtenOffMinor, residualMinor, goodwillMinor, setOffMinor, feesMinor } = amountsOf(payment)
  const total = (amounts: ReadonlyArray<{ readonly amountMinor: bigint }>) =>
    amounts.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)
  return {
    id: payment.id,
    transactionId: payment.began?.transactionId ?? null,
    ...(invoiceId === undefined ? {} : { invoiceId }),
    currency: payment.currency,
    state: stateOf(payment),
    isAtRest: openAttempts(payment).length === 0,
    owedMinor,
    writtenOffMinor,
    residualMinor,
    goodwillMinor,
    setOffMinor: setOffMinor.goodwill + setOffMinor.chargeback,
    feesMinor,
    elsewhereMinor: total(payment.elsewhere.filter((it) => !isGivenUp(it))),
    givenUpMinor: total(payment.elsewhere.filter(isGivenUp)),
    hasDriver: payment.driverId !== null,
    ...(isTopUp(payment) && payment.driverId !== null
      ? { topUp: { driverId: payment.driverId, askedMinor: payment.holdMinor } }
      : {}),
    intents: payment.intents.map(({ id, authorizedMinor, capturedMinor, refunds, disputes }) => ({
      id,
      authorizedMinor,
      capturedMinor,
      refundedMinor: total(refunds.filter(({ status }) => status !== "Failed")),
      disputedMinor: total(disputes.filter(({ status }) => status === "Open" || status === "Lost")),
      undecidedMinor: total(disputes.filter(({ status }) => status === "Open"))
    }))
  }
}

/** A wallet as an oracle sees it; the books list the newest movement first. */
const bookedWallet = (wallet: Wallet, movements: ReadonlyArray<Movement>): BookedWallet => {
  const { driverId, currency, balanceMinor, heldMinor, arrearsMinor } = wallet
  return { driverId, currency, balanceMinor, heldMinor, arrearsMinor, movements: movements.toReversed() }
}

/** A document as an oracle sees it. */
const bookedInvoice = (invoice: Invoice): BookedInvoice => {
  const { id, kind, series, sequence, issuedAtMs, issueDate, dueDate, driverId } = invoice
  const { netMinor, taxMinor, payableMinor, credits, taxes, lines } = invoice
  return {
    ...{ id, kind, series, sequence, issuedAtMs, issueDate, dueDate, driverId, netMinor, taxMinor, payableMinor },
    creditsId: credits?.id ?? null,
    cdrIds: invoice.sessions.map(({ cdrId }) => cdrId),
    taxes,
    fees: lines.flatMap(({ fee, unitPrice: price, netMinor, ratePercent }) =>
      fee === undefined ? [] : [{ ...fee, price, netMinor, ratePercent }]
    )
  }
}

/** A debt as an oracle sees it. */
const bookedDebt = (debt: Debt, facts: ReadonlyArray<DebtFact>): BookedDebt => {
  const { id: invoiceId, driverId, amountMinor, dueDate, card, creditedAtMs } = debt
  const { openMinor, writtenOffMinor } = debtAmounts(debt)
  return {
    ...{ invoiceId, driverId, amountMinor, dueDate, writtenOffMinor, openMinor },
    paidByCardMinor: card?.paidMinor ?? 0n,
    transferredMinor: debt.transfers.reduce((sum, it) => sum + it.amountMinor, 0n),
    isCredited: creditedAtMs !== null,
    steps: facts.flatMap((fact): BookedDebt["steps"] => {
      const { atMs } = fact
      if (fact._tag === "Reminded") {
        const { level, feeMinor } = fact
        const waivedAtMs = debt.reminders.find((it) => it.level === level)?.waivedAtMs ?? null
        return [{ do: "reminder", level, feeMinor, atMs, ...(waivedAtMs !== null && { waivedAtMs }) }]
      }
      if (fact._tag === "Suspended") return [{ do: "suspension", level: 0, feeMinor: 0n, atMs }]
      return fact._tag === "Collected" ? [{ do: "collection", level: 0, feeMinor: 0n, atMs }] : []
    })
  }
}

/** Documents and debts, where the CMS keeps any. */
const owedOf = Effect.gen(function* () {
  const found = Option.all({
    invoices: yield* Effect.serviceOption(InvoiceStore),
    debts: yield* Effect.serviceOption(DebtStore)
  })
  if (Option.isNone(found)) return { invoices: [], debts: [], owing: [] }
  const { invoices: store, debts: debtStore } = found.value
  const invoices = yield* all((request) => store.list(request))
  const debts: Array<BookedDebt> = []
  const owing: Array<BookedOwing> = []
  for (const { debt } of yield* all((request) => debtStore.list(request))) {
    const facts = yield* debtStore.facts(debt.id)
    const booked = bookedDebt(debt, facts)
    if (debt.of === undefined) debts.push(booked)
    else owing.push({ ...booked, of: debt.of, toldAtMs: debt.card?.atMs ?? 0 })
  }
  return { invoices: invoices.map(bookedInvoice).reverse(), debts, owing }
})

/** What the books show of the connectors of those stations. */
export const connectorsShown = Effect.fnUntraced(function* (stationIds: Iterable<string>) {
  const books = yield* Books
  const stations = yield* Effect.forEach(stationIds, (stationId) => books.station(stationId), { concurrency: 32 })
  return stations.flatMap(({ stationId, connectors }) =>
    connectors.map(({ evseId, connectorId, status }) => ({ stationId, evseId, connectorId, status }))
  )
})

/** The books against their invariants, over what was read of them already; undefined where a part of them is missing. */
const auditOf = Effect.fnUntraced(function* (
  cdrs: ReadonlyArray<Cdr>,
  entries: ReadonlyArray<Entry>,
  psp: PspRecord | undefined
) {
  const found = Option.all({
    directory: yield* Effect.serviceOption(Directory),
    invoices: yield* Effect.serviceOption(InvoiceStore),
    payments: yield* Effect.serviceOption(PaymentStore),
    wallets: yield* Effect.serviceOption(WalletStore),
    debts: yield* Effect.serviceOption(DebtStore)
  })
  if (Option.isNone(found)) return undefined
  const { directory, invoices, payments, wallets, debts } = found.value
  const services = Context.make(Books, yield* Books).pipe(
    Context.add(Directory, directory),
    Context.add(InvoiceStore, invoices),
    Context.add(PaymentStore, payments),
    Context.add(WalletStore, wallets),
    Context.add(DebtStore, debts)
  )
  const audit = new Audit()
  const tell = yield* Effect.provideContext(cdrTeller(audit), services)
  for (const cdr of cdrs) yield* tell(cdr)
  for (const entry of entries) audit.entry(entry)
  // A run knows all that its provider has, from the first to the last.
  const intents = psp?.intents.filter(({ isLost }) => isLost !== true)
  const provider = intents && { intents, openedFromMs: 0, openedBeforeMs: Number.POSITIVE_INFINITY }
  return yield* Effect.provideContext(finishAudit(audit, provider), services)
})

/**
 * Everything that oracles look at, out of the books; `telemetry` gets to see what they do not look at. `psp`: what the
 * run's payment provider knows, where it has one.
 */
export const gather = Effect.fnUntraced(function* (
  stationIds: ReadonlyArray<string>,
  readings: ReadonlyMap<string, BookedReadings>,
  telemetry?: Telemetry,
  psp?: PspRecord
) {
  const books = yield* Books
  const rows = yield* all((request) => books.transactions(request))
  const cdrs = yield* all((request) => books.cdrs(request))
  if (telemetry !== undefined) for (const cdr of cdrs) telemetry.cdr(cdr)
  const entries = yield* all((request) => books.entries(request))
  // The simulated load's server keeps no payments.
  const store = yield* Effect.serviceOption(PaymentStore)
  const payments = Option.isNone(store) ? undefined : yield* all((request) => store.value.list(request))
  const { invoices, debts, owing } = yield* owedOf
  const paidFor = new Map(debts.map(({ invoiceId }) => [paymentIdOf(invoiceId), invoiceId]))
  const walletStore = yield* Effect.serviceOption(WalletStore)
  const wallets = Option.isNone(walletStore) ? [] : yield* all((request) => walletStore.value.list(request))
  const bookedWallets = yield* Effect.forEach(wallets, (wallet) =>
    Effect.map(
      all((request) => Option.getOrThrow(walletStore).movements(wallet.driverId, request)),
      (movements) => bookedWallet(wallet, movements)
    )
  )
  const connectors = yield* connectorsShown(stationIds)
  const audited = yield* auditOf(cdrs, entries, psp)
  return {
    transactions: rows.map((row) => bookedTransaction(row, readings.get(row.id))),
    cdrs: cdrs.map(bookedCdr).sort(asIssued),
    entries: entries.map(bookedEntry),
    ...(payments === undefined ? {} : { payments: payments.map((it) => bookedPayment(it, paidFor)) }),
    ...(invoices.length === 0 ? {} : { invoices, debts }),
    owing,
    ...(wallets.length === 0 ? {} : { wallets: bookedWallets }),
    ...(audited === undefined ? {} : { audit: audited }),
    connectors
  } satisfies Evidence
})
