import { Clock, Effect, Result } from "effect"
import { Audit, type AuditResult } from "#core/audit/Audit.ts"
import type { ProviderBooks } from "#core/audit/PaymentAudit.ts"
import type { Cdr } from "#core/billing/Cdr.ts"
import { amountsOf, standingRefunds } from "#core/payment/state.ts"
import { type CompiledTariff, compile } from "#core/tariff/compile.ts"
import type { Movement } from "#core/wallet/Wallet.ts"
import { Books } from "../books/Books.ts"
import type { Page, PageRequest } from "../books/Page.ts"
import { Directory } from "../directory/Directory.ts"
import { DebtStore } from "../dunning/DebtStore.ts"
import { paymentOfDebt } from "../dunning/news.ts"
import { InvoiceStore } from "../invoices/InvoiceStore.ts"
import { eachListed } from "../payments/listing.ts"
import { PaymentStore } from "../payments/PaymentStore.ts"
import { type PaymentProvider, Unanswered } from "../payments/Provider.ts"
import { reconciledWindow } from "../payments/reconcile.ts"
import type { StoreUnavailable } from "../record/Journal.ts"
import { WalletStore } from "../wallet/WalletStore.ts"

const pageSize = 500

/** Compiled tariffs kept while the CDRs pass. */
const compiledLimit = 1_000

/** Tells every item of a list, page by page. */
const each = Effect.fnUntraced(function* <A, R>(
  page: (request: PageRequest) => Effect.Effect<Page<A>, StoreUnavailable>,
  tell: (item: A) => Effect.Effect<void, StoreUnavailable, R>
): Effect.fn.Return<void, StoreUnavailable, R> {
  let request: PageRequest = { limit: pageSize }
  for (;;) {
    const found: Page<A> = yield* page(request)
    for (const item of found.items) yield* tell(item)
    if (found.next === undefined) return
    request = { limit: pageSize, cursor: found.next }
  }
})

/** Who tells an audit of CDRs: with the version of the tariff that each names, compiled once. */
export const cdrTeller = Effect.fnUntraced(function* (audit: Audit) {
  const directory = yield* Directory
  const compiled = new Map<string, CompiledTariff | undefined>()
  const compiledFor = Effect.fnUntraced(function* ({ tariff, timeZone }: Cdr) {
    const key = `${tariff.id}|${tariff.version}|${timeZone}`
    if (compiled.has(key)) return compiled.get(key)
    const versions = yield* directory.tariff(tariff.id)
    const version = versions.find((it) => it.version === tariff.version)
    const made = version === undefined ? undefined : Result.getOrUndefined(compile(version, timeZone))
    if (compiled.size >= compiledLimit) compiled.clear()
    compiled.set(key, made)
    return made
  })
  return (cdr: Cdr) => Effect.map(compiledFor(cdr), (tariff) => audit.cdr(cdr, tariff))
})

/** What a provider says of the payments that reconciliation looks back on; fails when it does not answer. */
export const providerBooks = Effect.fnUntraced(function* (provider: PaymentProvider["Service"]) {
  const { createdFromMs, createdBeforeMs } = reconciledWindow(yield* Clock.currentTimeMillis)
  const intents: Array<ProviderBooks["intents"][number]> = []
  let untold = 0
  yield* eachListed(provider, { createdFromMs, createdBeforeMs }, ({ intent, isPartial }) =>
    Effect.sync(() => {
      if (isPartial === true) untold++
      const refundedMinor = standingRefunds(intent).reduce((sum, { amountMinor }) => sum + amountMinor, 0n)
      intents.push({ id: intent.id, capturedMinor: intent.capturedMinor, refundedMinor })
    })
  )
  if (untold > 0)
    return yield* new Unanswered({ why: "provider-error", message: `${untold} intents without their refunds` })
  return {
    intents,
    openedFromMs: createdFromMs,
    openedBeforeMs: createdBeforeMs
  } satisfies ProviderBooks
})

/**
 * Tells an audit that knows the CDRs and the entries of everything else, and asks for its word. `provider`: what the
 * payment service provider says; undefined when it was not asked.
 */
export const finishAudit = Effect.fnUntraced(function* (audit: Audit, provider?: ProviderBooks) {
  const books = yield* Books
  const invoices = yield* InvoiceStore
  const wallets = yield* WalletStore
  const debts = yield* DebtStore
  const payments = yield* PaymentStore
  yield* each(
    (request) => invoices.list(request),
    (invoice) => Effect.sync(() => audit.invoice(invoice))
  )
  yield* each(
    (request) => wallets.list(request),
    Effect.fnUntraced(function* (wallet) {
      const movements: Array<Movement> = []
      yield* each(
        (request) => wallets.movements(wallet.driverId, request),
        (movement) => Effect.sync(() => movements.push(movement))
      )
      audit.wallet(wallet, movements)
    })
  )
  yield* each(
    (request) => debts.list(request),
    Effect.fnUntraced(function* ({ debt }) {
      const paymentId = paymentOfDebt(debt)
      // What a wallet owes has no payment: the wallet's own figures are held to its movements.
      if (paymentId === null) return audit.debt(debt, debt.card)
      const record = yield* payments.get(paymentId)
      const card = record === undefined ? null : amountsOf(record.payment)
      audit.debt(debt, card)
    })
  )
  yield* each(
    (request) => payments.list(request),
    ({ payment }) => Effect.map(payments.facts(payment.id), (facts) => audit.payment(payment, facts))
  )
  yield* each(
    (request) => payments.decidedUnmatched(request),
    (item) => Effect.sync(() => audit.unmatched(item))
  )
  return audit.finish({
    balances: yield* books.balances,
    series: yield* invoices.series,
    ...(provider !== undefined && { provider })
  })
})

/**
 * Holds the books of a store against the invariants, and against what the provider says where that is given. To be asked
 * of books at rest or within `atOneInstant`: what is written while they are read may be seen in part.
 */
export const auditBooks = Effect.fnUntraced(function* (
  provider?: ProviderBooks
): Effect.fn.Return<
  ReadonlyArray<AuditResult>,
  StoreUnavailable,
  Books | Directory | InvoiceStore | WalletStore | DebtStore | PaymentStore
> {
  const books = yield* Books
  const audit = new Audit()
  const tell = yield* cdrTeller(audit)
  yield* each((request) => books.cdrs(request), tell)
  yield* each(
    (request) => books.entries(request),
    (entry) => Effect.sync(() => audit.entry(entry))
  )
  return yield* finishAudit(audit, provider)
})
