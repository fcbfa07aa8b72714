import { Clock, Context, Data, Effect, Layer, Result } from "effect"
import type { Cdr } from "#core/billing/Cdr.ts"
import { receivableOf } from "#core/billing/Ledger.ts"
import { dayOf } from "#core/invoice/days.ts"
import { type CannotInvoice, draftOf, type Request, type SessionBill } from "#core/invoice/draft.ts"
import { creditNoteOf, type Invoice } from "#core/invoice/Invoice.ts"
import { buyerOf, type Language, languageOf, type Seller } from "#core/invoice/Party.ts"
import { Books } from "../books/Books.ts"
import { Directory, NotFound } from "../directory/Directory.ts"
import type { StoreUnavailable } from "../record/Journal.ts"
import { InvoiceStore, NotCreditable, NotOpen } from "./InvoiceStore.ts"

/** Nothing can be issued before it was told who issues. */
export class NoSeller extends Data.TaggedError("NoSeller") {}

/** Drivers asked for at once, and sessions on one document: what is more goes on the next. */
const driversAtOnce = 100
const sessionsPerDocument = 500

/** What a run did. */
export interface RunReport {
  readonly issued: ReadonlyArray<string>
  /** Documents taken back because a CDR of theirs was credited, each with its credit note. */
  readonly credited: ReadonlyArray<{ readonly id: string; readonly creditNoteId: string }>
  /** CDRs of which no document can be made, and why. */
  readonly refused: ReadonlyArray<{ readonly cdrId: string; readonly reason: CannotInvoice["reason"] }>
}

/** What stands instead of a document that was taken back. */
export interface Replaced {
  readonly creditNoteId: string
  /** Documents of what is still owed of its sessions; empty where nothing is. */
  readonly invoiceIds: ReadonlyArray<string>
}

type Refused = NoSeller | CannotInvoice | NotOpen | NotFound | StoreUnavailable

/** Issues documents: on request for a session, for everybody at the end of a month, and back again when a bill changes. */
export class Invoicing extends Context.Service<
  Invoicing,
  {
    /** A receipt of a transaction's bill, or the document that stands for it already. */
    readonly receipt: (transactionId: string) => Effect.Effect<Invoice, Refused>
    /**
     * Takes back what a later bill made wrong, then issues the documents of all drivers for what ended before an
     * instant. Interrupted at any point it is simply run again: what is issued is not open any more.
     */
    readonly run: (request: { readonly endedBeforeMs: number }) => Effect.Effect<RunReport, NoSeller | StoreUnavailable>
    /**
     * Takes back a document of which a bill was corrected, for that reason, and issues what must stand instead. Interrupted
     * at any point it is simply asked for again.
     */
    readonly replace: (id: string, reason: string) => Effect.Effect<Replaced, NoSeller | NotFound | StoreUnavailable>
    /** Takes a document back. Its sessions are open again. */
    readonly credit: (id: string, reason: string) => Effect.Effect<Invoice, NotCreditable | NotFound | StoreUnavailable>
  }
>()("server/invoices/Invoicing") {
  static readonly layer = Layer.effect(
    Invoicing,
    Effect.gen(function* () {
      const office = { store: yield* InvoiceStore, directory: yield* Directory, books: yield* Books }
      return Invoicing.of({
        receipt: (transactionId) => receipt(office, transactionId),
        run: ({ endedBeforeMs }) => run(office, endedBeforeMs),
        replace: (id, reason) => replace(office, id, reason),
        credit: (id, reason) => credit(office, id, reason)
      })
    })
  )
}

const reasons: Readonly<Record<Language, string>> = {
  de: "Korrektur der Abrechnung nach nachgelieferten Daten der Ladestation",
  en: "Correction of the bill after data that the station delivered late"
}

interface Office {
  readonly store: InvoiceStore["Service"]
  readonly directory: Directory["Service"]
  readonly books: Books["Service"]
}

const sellerOf = (office: Office) =>
  Effect.flatMap(
    office.store.seller,
    (seller): Effect.Effect<Seller, NoSeller> =>
      seller === undefined ? Effect.fail(new NoSeller()) : Effect.succeed(seller)
  )

const receipt = Effect.fnUntraced(function* (
  office: Office,
  transactionId: string
): Effect.fn.Return<Invoice, Refused> {
  const seller = yield* sellerOf(office)
  const cdr = yield* standingCdr(office, transactionId)
  if (cdr === undefined) return yield* new NotFound({ kind: "bill of transaction", id: transactionId })
  const known = yield* office.store.standingFor(cdr.id)
  if (known !== undefined) return known
  return yield* issue(office, "receipt", seller, [cdr])
})

const credit = Effect.fnUntraced(function* (
  office: Office,
  id: string,
  reason: string
): Effect.fn.Return<Invoice, NotCreditable | NotFound | StoreUnavailable> {
  const invoice = yield* office.store.get(id)
  if (invoice === undefined) return yield* new NotFound({ kind: "invoice", id })
  return yield* takeBack(office, invoice, reason)
})

const run = Effect.fnUntraced(function* (
  office: Office,
  endedBeforeMs: number
): Effect.fn.Return<RunReport, NoSeller | StoreUnavailable> {
  const seller = yield* sellerOf(office)
  const issued: Array<string> = []
  const credited: Array<{ readonly id: string; readonly creditNoteId: string }> = []
  const refused = new Map<string, CannotInvoice["reason"]>()
  const issue = (kind: Request["kind"], cdrs: ReadonlyArray<Cdr>) =>
    issueAll(office, kind, seller, cdrs, issued, refused)
  let after: string | undefined
  for (;;) {
    const ids = yield* office.store.outdated({ limit: driversAtOnce, ...(after !== undefined && { after }) })
    for (const id of ids) {
      const replaced = yield* replaceable(office, id)
      if (replaced === undefined) continue
      credited.push({ id, creditNoteId: replaced.note.id })
      yield* issue(replaced.kind, replaced.cdrs)
    }
    if (ids.length < driversAtOnce) break
    after = ids[ids.length - 1]!
  }
  after = undefined
  for (;;) {
    const asked: string | undefined = after
    const drivers: ReadonlyArray<string> = yield* office.store.driversWithOpen({
      endedBeforeMs,
      limit: driversAtOnce,
      ...(asked !== undefined && { after: asked })
    })
    for (const driverId of drivers) {
      for (;;) {
        const cdrs = yield* office.store.openCdrs({ driverId, endedBeforeMs, limit: sessionsPerDocument })
        const fresh = cdrs.filter(({ id }) => !refused.has(id))
        if (fresh.length > 0) yield* issue("invoice", fresh)
        if (fresh.length === 0 || cdrs.length < sessionsPerDocument) break
      }
    }
    if (drivers.length < driversAtOnce) break
    after = drivers[drivers.length - 1]!
  }
  return { issued, credited, refused: [...refused].map(([cdrId, reason]) => ({ cdrId, reason })) }
})

/** Takes back a document that stands wrongly; what must stand instead. Undefined when somebody else was faster. */
const replaceable = Effect.fnUntraced(function* (office: Office, id: string) {
  const invoice = yield* office.store.get(id)
  if (invoice === undefined) return undefined
  const note = yield* takeBack(office, invoice, reasons[invoice.language]).pipe(
    Effect.catchTag("NotCreditable", () => Effect.undefined)
  )
  return note === undefined ? undefined : { note, ...(yield* instead(office, invoice)) }
})

/** What must stand instead of a document: the bills of its sessions, as they are now. */
const instead = Effect.fnUntraced(function* (office: Office, invoice: Invoice) {
  const cdrs = yield* Effect.forEach(invoice.sessions, ({ transactionId }) => standingCdr(office, transactionId))
  const standing = cdrs.filter(
    (cdr): cdr is Cdr => cdr !== undefined && cdr.grossMinor !== 0n && receivableOf(cdr) === invoice.receivable
  )
  const kind = invoice.kind === "receipt" ? ("receipt" as const) : ("invoice" as const)
  return { kind, cdrs: standing }
})

const replace = Effect.fnUntraced(function* (
  office: Office,
  id: string,
  reason: string
): Effect.fn.Return<Replaced, NoSeller | NotFound | StoreUnavailable> {
  const seller = yield* sellerOf(office)
  const invoice = yield* office.store.get(id)
  if (invoice === undefined) return yield* new NotFound({ kind: "invoice", id })
  // It was taken back by whoever was interrupted here.
  const noted = yield* Effect.map(takeBack(office, invoice, reason), (note) => note.id).pipe(
    Effect.catchTag("NotCreditable", () => office.store.creditNoteFor(id))
  )
  if (noted === undefined) return yield* new NotFound({ kind: "invoice that can be taken back", id })
  const { kind, cdrs } = yield* instead(office, invoice)
  const documents = (of: ReadonlyArray<Cdr>) => Effect.forEach(of, (cdr) => office.store.standingFor(cdr.id))
  const before = yield* documents(cdrs)
  const open = cdrs.filter((_, index) => before[index] === undefined)
  yield* issueAll(office, kind, seller, open, [], new Map())
  const after = yield* documents(cdrs)
  return { creditNoteId: noted, invoiceIds: [...new Set(after.flatMap((it) => (it === undefined ? [] : [it.id])))] }
})

/** Documents of CDRs of one debtor, one per currency and tax country; those that cannot be invoiced are left out. */
const issueAll = Effect.fnUntraced(function* (
  office: Office,
  kind: Request["kind"],
  seller: Seller,
  cdrs: ReadonlyArray<Cdr>,
  issued: Array<string>,
  refused: Map<string, CannotInvoice["reason"]>
): Effect.fn.Return<void, StoreUnavailable> {
  const groups = Map.groupBy(cdrs, ({ currency, taxCountry }) => `${currency}|${taxCountry ?? ""}`)
  for (const group of groups.values()) {
    let left = group
    while (left.length > 0) {
      const done = yield* Effect.result(issue(office, kind, seller, left))
      if (Result.isSuccess(done)) {
        issued.push(done.success.id)
        break
      }
      const { failure } = done
      if (failure._tag === "StoreUnavailable") return yield* failure
      // Another run has them, and issues them.
      if (failure._tag === "NotOpen") break
      refused.set(failure.cdrId, failure.reason)
      left = left.filter(({ id }) => id !== failure.cdrId)
    }
  }
})

const issue = Effect.fnUntraced(function* (
  office: Office,
  kind: Request["kind"],
  seller: Seller,
  cdrs: ReadonlyArray<Cdr>
): Effect.fn.Return<Invoice, CannotInvoice | NotOpen | StoreUnavailable> {
  const registers = yield* office.store.registers(cdrs.map(({ transactionId }) => transactionId))
  const [first, ...others] = yield* Effect.forEach([...cdrs].sort(byStart), (cdr) => bill(office, cdr, registers))
  if (first === undefined) return yield* new NotOpen({ cdrIds: [] })
  const driverId = first.cdr.driverId
  const driver = driverId === null ? undefined : yield* office.directory.driver(driverId)
  const profile = driverId === null ? undefined : yield* office.store.profile(driverId)
  const drafted = draftOf({
    kind,
    seller,
    buyer: driver === undefined ? null : buyerOf(driver, profile),
    language: languageOf(seller, profile),
    issuedAtMs: yield* Clock.currentTimeMillis,
    bills: [first, ...others]
  })
  if (Result.isFailure(drafted)) return yield* drafted.failure
  return yield* office.store.issue(drafted.success)
})

const bill = Effect.fnUntraced(function* (
  office: Office,
  cdr: Cdr,
  registers: ReadonlyMap<string, NonNullable<SessionBill["register"]>>
): Effect.fn.Return<SessionBill, StoreUnavailable> {
  const versions = yield* office.directory.tariff(cdr.tariff.id)
  const tariff = versions.find(({ version }) => version === cdr.tariff.version)
  return {
    cdr,
    priceIncludesTax: tariff?.taxIncluded === "YES",
    register: registers.get(cdr.transactionId) ?? null
  }
})

const takeBack = (
  office: Office,
  invoice: Invoice,
  reason: string
): Effect.Effect<Invoice, NotCreditable | StoreUnavailable> =>
  Effect.flatMap(Clock.currentTimeMillis, (issuedAtMs) =>
    invoice.kind === "credit-note"
      ? Effect.fail(new NotCreditable({ id: invoice.id }))
      : office.store.credit(
          creditNoteOf(invoice, { issuedAtMs, issueDate: dayOf(issuedAtMs, invoice.seller.timeZone), reason })
        )
  )

/** The bill of a transaction that was not taken back. */
const standingCdr = (office: Office, transactionId: string): Effect.Effect<Cdr | undefined, StoreUnavailable> =>
  Effect.map(office.books.cdrs({ transactionId, limit: revisionsKept }), ({ items }) => {
    const credited = new Set(items.map(({ creditReferenceId }) => creditReferenceId))
    return items.find((cdr) => !cdr.credit && !credited.has(cdr.id))
  })
/** More bills than a transaction ever gets. */
const revisionsKept = 500

const byStart = (a: Cdr, b: Cdr): number => a.startAtMs - b.startAtMs || (a.id < b.id ? -1 : 1)
