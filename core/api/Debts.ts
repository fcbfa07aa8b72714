import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { debtKinds, debtStates } from "../dunning/Debt.ts"
import { Access, Checked, DriverAccess, PatienceMs } from "./Access.ts"
import { AmountMinor, Currency, DriverId, Id, Instant, pageOf, paging } from "./Fields.ts"
import { Pdf } from "./Invoices.ts"
import { patienceMs } from "./Payments.ts"
import { UnknownResource, Unprocessable } from "./Problems.ts"

const about = (summary: string, description?: string) =>
  OpenApi.annotations({ summary, ...(description !== undefined && { description }) })

const Day = Schema.String.annotate({ description: "A day, local to the seller.", examples: ["2026-03-01"] }).check(
  Schema.isPattern(/^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/u)
)
const Reason = Schema.String.check(Schema.isBetweenLength(1, 255))
const RequestId = Id.annotate({ description: "Made by the client: the same id asks for the same thing once." })
const Level = Schema.String.annotate({ description: "Which reminder: 1 is the first." }).check(Schema.isMaxLength(9))
const Wanted = Schema.String.annotate({ description: "Whole minor units as decimal text, more than 0." }).check(
  Schema.isPattern(/^[1-9]\d{0,17}$/u, { expected: "whole minor units as decimal text, more than 0" })
)
const State = Schema.Literals(debtStates).annotate({
  identifier: "DebtState",
  description: "suspended and collection: its driver may start no charge until it is paid or written off."
})

const Reminder = Schema.Struct({
  level: Schema.Int,
  at: Instant,
  feeMinor: AmountMinor,
  feeWaivedAt: Schema.NullOr(Instant).annotate({
    description: "When its fee was taken back: the bill came to less, and nothing was due when it was written."
  }),
  /** In short, what its letter says. */
  text: Schema.String,
  reference: Schema.NullOr(Schema.String).annotate({
    description:
      "Of its letter, which is there as PDF; null where none was written, as no seller was set. It is once one is, of the last reminder and while something is open."
  })
}).annotate({ identifier: "Reminder" })

export const Debt = Schema.Struct({
  id: Id,
  kind: Schema.Literals(debtKinds).annotate({
    description: "An invoice; a charge that its payment did not cover; or what a wallet could not pay."
  }),
  invoiceId: Schema.NullOr(Id).annotate({ description: "Of an invoice: the debt has its number." }),
  driverId: DriverId,
  state: State,
  currency: Currency,
  amountMinor: AmountMinor.annotate({ description: "What is to be paid for it: of an invoice, what no session pays." }),
  feesMinor: AmountMinor,
  paidMinor: AmountMinor,
  writtenOffMinor: AmountMinor,
  openMinor: AmountMinor,
  dueDate: Day,
  heldUntil: Schema.NullOr(Instant),
  suspendedAt: Schema.NullOr(Instant),
  paymentId: Schema.NullOr(Id).annotate({ description: "The payment by card, where there is one." }),
  reminders: Schema.Array(Reminder)
}).annotate({ identifier: "Debt", description: "Something that is to be paid, and what became of it." })

export const DunningPolicy = Schema.Struct({
  reminders: Schema.Array(
    Schema.Struct({
      afterDays: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 365 })),
      feeMinor: AmountMinor.check(Schema.isPattern(/^\d{1,9}$/u))
    })
  ).check(Schema.isMaxLength(9)),
  suspendAfterDays: Schema.NullOr(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 730 }))),
  collectAfterDays: Schema.NullOr(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 730 })))
}).annotate({
  identifier: "DunningPolicy",
  description: "Days after it was due, in the seller's zone. Fees have no VAT: they are damages."
})

const params = { debtId: Id }
const ofReminder = { ...params, level: Level }
const errors = [UnknownResource, Unprocessable] as const
const Pay = Schema.Struct({ id: RequestId, methodId: Schema.optionalKey(Schema.NullOr(Id)) }).annotate({
  identifier: "PayDebt"
})

export class DebtsGroup extends HttpApiGroup.make("debts")
  .add(
    HttpApiEndpoint.get("list", "/debts", {
      query: { ...paging, driverId: Schema.optionalKey(DriverId), state: Schema.optionalKey(State) },
      success: pageOf(Debt)
    }).annotateMerge(about("List what is to be paid", "Invoices, charges and wallets; by id, the last first.")),
    HttpApiEndpoint.get("get", "/debts/:debtId", { params, success: Debt, error: UnknownResource }).annotateMerge(
      about("What became of a debt")
    ),
    HttpApiEndpoint.get("reminderPdf", "/debts/:debtId/reminders/:level/pdf", {
      params: ofReminder,
      success: Pdf,
      error: UnknownResource
    }).annotateMerge(about("The letter of a reminder as PDF/A-3", "As it was written; the same bytes each time.")),
    HttpApiEndpoint.post("transfer", "/debts/:debtId/transfers", {
      params,
      payload: Schema.Struct({ id: RequestId, amountMinor: Wanted }).annotate({ identifier: "NewTransfer" }),
      success: Debt,
      error: errors
    }).annotateMerge(about("Money came by transfer")),
    HttpApiEndpoint.post("pay", "/debts/:debtId/payments", { params, payload: Pay, success: Debt, error: errors })
      .annotate(PatienceMs, patienceMs)
      .annotateMerge(about("Try the driver's card again, or another one")),
    HttpApiEndpoint.post("hold", "/debts/:debtId/hold", {
      params,
      payload: Schema.Struct({ until: Instant, reason: Reason }).annotate({ identifier: "NewHold" }),
      success: Debt,
      error: errors
    }).annotateMerge(about("Do not remind until then")),
    HttpApiEndpoint.post("extend", "/debts/:debtId/extension", {
      params,
      payload: Schema.Struct({ dueDate: Day, reason: Reason }).annotate({ identifier: "NewExtension" }),
      success: Debt,
      error: errors
    }).annotateMerge(about("Give until a later day to pay")),
    HttpApiEndpoint.post("writeOff", "/debts/:debtId/write-offs", {
      params,
      payload: Schema.Struct({ id: RequestId, amountMinor: Wanted, reason: Reason }).annotate({
        identifier: "NewDebtWriteOff"
      }),
      success: Debt,
      error: errors
    }).annotateMerge(about("Give up on what is open")),
    HttpApiEndpoint.get("policy", "/dunning-policy", { success: DunningPolicy }).annotateMerge(
      about("How what is not paid is asked for")
    ),
    HttpApiEndpoint.put("setPolicy", "/dunning-policy", {
      payload: DunningPolicy,
      success: DunningPolicy,
      error: Unprocessable
    }).annotateMerge(about("Say how what is not paid is asked for"))
  )
  .middleware(Checked)
  .middleware(Access)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "Debts", description: "What drivers are to pay." })) {}

export class MyDebtsGroup extends HttpApiGroup.make("myDebts")
  .add(
    HttpApiEndpoint.get("list", "/me/debts", { query: paging, success: pageOf(Debt) }).annotateMerge(
      about("What I am to pay")
    ),
    HttpApiEndpoint.get("get", "/me/debts/:debtId", { params, success: Debt, error: UnknownResource }).annotateMerge(
      about("What became of one of my debts")
    ),
    HttpApiEndpoint.get("reminderPdf", "/me/debts/:debtId/reminders/:level/pdf", {
      params: ofReminder,
      success: Pdf,
      error: UnknownResource
    }).annotateMerge(about("The letter of a reminder to me as PDF/A-3")),
    HttpApiEndpoint.post("pay", "/me/debts/:debtId/payments", {
      params,
      payload: Pay,
      success: Debt,
      error: errors
    })
      .annotate(PatienceMs, patienceMs)
      .annotateMerge(about("Pay one of my debts by card", "What my wallet owes is paid into it."))
  )
  .middleware(Checked)
  .middleware(DriverAccess)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "My debts", description: "For drivers: one's own." })) {}
