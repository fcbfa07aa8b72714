import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Access, Checked } from "./Access.ts"
import { AmountMinor, Currency, DriverId, Id, Instant, pageOf, paging } from "./Fields.ts"
import { Conflict, UnknownResource, Unprocessable } from "./Problems.ts"

const Day = Schema.String.annotate({ description: "A day, local to the seller.", examples: ["2026-03-01"] })
const text = Schema.String.check(Schema.isBetweenLength(1, 255))
const country = Schema.String.annotate({ description: "ISO 3166-1 alpha-2.", examples: ["DE"] }).check(
  Schema.isPattern(/^[A-Z]{2}$/u)
)

const Address = Schema.Struct({
  line1: text,
  line2: Schema.NullOr(text),
  postCode: text,
  city: text,
  country
}).annotate({ identifier: "Address" })

export const Seller = Schema.Struct({
  id: text,
  name: text,
  registration: Schema.NullOr(text).annotate({ description: "Court and number of the commercial register." }),
  address: Address,
  vatId: Schema.NullOr(text),
  taxNumber: Schema.NullOr(text),
  contact: Schema.Struct({ name: text, phone: text, email: text }),
  bank: Schema.NullOr(Schema.Struct({ name: Schema.NullOr(text), iban: text, bic: Schema.NullOr(text) })),
  timeZone: text.annotate({ description: "IANA time zone in which its days and months begin." }),
  paymentDays: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 365 })),
  invoicePrefix: text.annotate({ description: "Before the year in an invoice's number.", examples: ["RE"] }),
  creditPrefix: text.annotate({ description: "The same of credit notes; not that of invoices.", examples: ["GS"] }),
  exemptionReason: text.annotate({ description: "Said where a tariff names no VAT." })
}).annotate({ identifier: "Seller", description: "The legal entity that issues documents." })

export const BillingProfile = Schema.Struct({
  language: Schema.Literals(["de", "en"]),
  company: Schema.NullOr(text),
  address: Schema.NullOr(Address),
  vatId: Schema.NullOr(text),
  reference: Schema.NullOr(text).annotate({ description: "What the buyer wants to find: an order, the Leitweg-ID." })
}).annotate({ identifier: "BillingProfile", description: "What a driver's documents say beyond name and email." })

const InvoiceTax = Schema.Struct({
  category: Schema.Literals(["S", "Z", "E"]),
  ratePercent: Schema.String,
  netMinor: AmountMinor,
  taxMinor: AmountMinor
}).annotate({ identifier: "InvoiceTax" })

const InvoicedSession = Schema.Struct({
  cdrId: Id,
  transactionId: Id,
  stationId: Schema.String,
  startAt: Instant,
  endAt: Instant,
  energyWh: Schema.Int,
  grossMinor: AmountMinor
}).annotate({ identifier: "InvoicedSession" })

export const Invoice = Schema.Struct({
  id: Id.annotate({ description: "Its number." }),
  kind: Schema.Literals(["invoice", "receipt", "credit-note"]),
  issuedAt: Instant,
  issueDate: Day,
  dueDate: Schema.NullOr(Day),
  periodFrom: Day,
  periodTo: Day,
  driverId: Schema.NullOr(Schema.String),
  currency: Currency,
  sessions: Schema.Array(InvoicedSession),
  taxes: Schema.Array(InvoiceTax),
  netMinor: AmountMinor,
  taxMinor: AmountMinor,
  grossMinor: AmountMinor,
  roundingMinor: AmountMinor.annotate({ description: "What brings the gross total to what its sessions come to." }),
  payableMinor: AmountMinor,
  credits: Schema.NullOr(Schema.Struct({ id: Id, reason: Schema.String })).annotate({
    description: "Of a credit note: what it takes back. Its amounts are those that are given back."
  })
}).annotate({ identifier: "Invoice", description: "Never edited: a correction is a credit note and a new invoice." })

export const InvoiceRun = Schema.Struct({
  issued: Schema.Array(Id),
  credited: Schema.Array(Schema.Struct({ id: Id, creditNoteId: Id })),
  refused: Schema.Array(Schema.Struct({ cdrId: Id, reason: Schema.String }))
}).annotate({ identifier: "InvoiceRun" })

export const Pdf = Schema.Uint8Array.pipe(HttpApiSchema.asUint8Array({ contentType: "application/pdf" }))
const Xml = Schema.String.pipe(HttpApiSchema.asText({ contentType: "application/xml" }))
const params = { invoiceId: Id }
const about = (summary: string, description?: string) =>
  OpenApi.annotations({ summary, ...(description !== undefined && { description }) })

export class InvoicesGroup extends HttpApiGroup.make("invoices")
  .add(
    HttpApiEndpoint.get("list", "/invoices", {
      query: {
        ...paging,
        driverId: Schema.optionalKey(Id),
        kind: Schema.optionalKey(Schema.Literals(["invoice", "receipt", "credit-note"])),
        issuedFrom: Schema.optionalKey(Instant),
        issuedBefore: Schema.optionalKey(Instant)
      },
      success: pageOf(Invoice)
    }).annotateMerge(about("List invoices, receipts and credit notes", "By number, the last first.")),
    HttpApiEndpoint.get("get", "/invoices/:invoiceId", {
      params,
      success: Invoice,
      error: UnknownResource
    }).annotateMerge(about("A document")),
    HttpApiEndpoint.get("pdf", "/invoices/:invoiceId/pdf", {
      params,
      success: Pdf,
      error: UnknownResource
    }).annotateMerge(
      about("A document as PDF/A-3", "ZUGFeRD where the buyer's address is known; the same bytes each time.")
    ),
    HttpApiEndpoint.get("xml", "/invoices/:invoiceId/xml", {
      params,
      query: { profile: Schema.optionalKey(Schema.Literals(["en16931", "xrechnung"])) },
      success: Xml,
      error: [UnknownResource, Unprocessable]
    }).annotateMerge(about("A document as XML (CII)", "EN 16931 unless another profile is asked for.")),
    HttpApiEndpoint.post("run", "/invoices/runs", {
      payload: Schema.Struct({
        month: Schema.String.annotate({ examples: ["2026-03"] }).check(Schema.isPattern(/^\d{4}-(0[1-9]|1[0-2])$/u))
      }).annotate({ identifier: "NewInvoiceRun" }),
      success: InvoiceRun,
      error: [Conflict, Unprocessable]
    }).annotateMerge(
      about(
        "Issue the invoices of a month",
        "For every driver, for all that ended by the end of the month and is on no document yet. Corrects what later bills made wrong. May be repeated: nothing is issued twice."
      )
    ),
    HttpApiEndpoint.post("receipt", "/transactions/:transactionId/receipt", {
      params: { transactionId: Id },
      success: Invoice,
      error: [UnknownResource, Conflict, Unprocessable]
    }).annotateMerge(about("A receipt of a transaction", "Issued once; then the same one again.")),
    HttpApiEndpoint.post("credit", "/invoices/:invoiceId/credit", {
      params,
      payload: Schema.Struct({ reason: text }).annotate({ identifier: "NewCredit" }),
      success: Invoice.pipe(HttpApiSchema.status(201)),
      error: [UnknownResource, Conflict]
    }).annotateMerge(about("Take a document back", "Its sessions go on the next run's documents.")),
    HttpApiEndpoint.get("seller", "/seller", { success: Seller, error: UnknownResource }).annotateMerge(
      about("Who issues documents")
    ),
    HttpApiEndpoint.put("setSeller", "/seller", {
      payload: Seller,
      success: Seller,
      error: Unprocessable
    }).annotateMerge(about("Say who issues documents", "Documents that were issued stay as they are.")),
    HttpApiEndpoint.get("profile", "/drivers/:driverId/billing-profile", {
      params: { driverId: DriverId },
      success: BillingProfile,
      error: UnknownResource
    }).annotateMerge(about("What a driver's documents say")),
    HttpApiEndpoint.put("setProfile", "/drivers/:driverId/billing-profile", {
      params: { driverId: DriverId },
      payload: BillingProfile,
      success: BillingProfile,
      error: UnknownResource
    }).annotateMerge(about("Say what a driver's documents say"))
  )
  .middleware(Checked)
  .middleware(Access)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "Invoices", description: "Invoices, receipts, credit notes." })) {}
