import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { sourceKinds } from "../billing/Ledger.ts"
import { Access, Checked } from "./Access.ts"
import { AmountMinor, Currency, Id, Instant, pageOf, paging } from "./Fields.ts"

const Account = Schema.String.annotate({ examples: ["receivable:driver:ada", "revenue:energy", "vat_payable:19"] })

export const Entry = Schema.Struct({
  id: Id,
  bookedAt: Instant,
  effectiveAt: Instant,
  source: Schema.Struct({ kind: Schema.Literals(sourceKinds), id: Id }),
  currency: Currency,
  postings: Schema.Array(Schema.Struct({ account: Account, amountMinor: AmountMinor }))
}).annotate({
  identifier: "Entry",
  description: "A booking: debit positive, credit negative, summing to zero. Never edited."
})

export const TrialBalance = Schema.Struct({
  items: Schema.Array(Schema.Struct({ account: Account, currency: Currency, amountMinor: AmountMinor })),
  totals: Schema.Array(Schema.Struct({ currency: Currency, amountMinor: AmountMinor })).annotate({
    description: "Over all accounts, per currency: zero, or the books are wrong."
  })
}).annotate({ identifier: "TrialBalance", description: "Debits less credits per account and currency." })

export class LedgerGroup extends HttpApiGroup.make("ledger")
  .add(
    HttpApiEndpoint.get("entries", "/ledger/entries", {
      query: {
        ...paging,
        sourceId: Schema.optionalKey(Id).annotate({ description: "The document that gave rise to it, a CDR for one." }),
        account: Schema.optionalKey(Id)
      },
      success: pageOf(Entry)
    }).annotateMerge(OpenApi.annotations({ summary: "Entries of the ledger", description: "Oldest first." })),
    HttpApiEndpoint.get("balances", "/ledger/balances", { success: TrialBalance }).annotateMerge(
      OpenApi.annotations({ summary: "Trial balance", description: "By account; empty accounts are left out." })
    )
  )
  .middleware(Checked)
  .middleware(Access)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "Ledger", description: "Double entry of everything billed." })) {}
