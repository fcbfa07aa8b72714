import { HttpApi, OpenApi } from "effect/http-api"
import { ApiKeysGroup } from "./ApiKeys.ts"
import { CdrsGroup } from "./Cdrs.ts"
import { CorrectionsGroup } from "./Corrections.ts"
import { DebtsGroup, MyDebtsGroup } from "./Debts.ts"
import { DisputesGroup } from "./Disputes.ts"
import { DriverGroupsGroup } from "./DriverGroups.ts"
import { DriversGroup } from "./Drivers.ts"
import { describe } from "./describe.ts"
import { EventsGroup } from "./Events.ts"
import { HealthGroup } from "./Health.ts"
import { InvoicesGroup } from "./Invoices.ts"
import { LabGroup } from "./LabRuns.ts"
import { LedgerGroup } from "./Ledger.ts"
import { MeGroup, RegistrationGroup } from "./Me.ts"
import { OperationsGroup } from "./Operations.ts"
import { AdHocGroup, PaymentsGroup } from "./Payments.ts"
import { PublicQuotesGroup, QuotesGroup } from "./Quotes.ts"
import { SitesGroup } from "./Sites.ts"
import { StationsGroup } from "./Stations.ts"
import { MySubscriptionsGroup, PlansGroup, SubscriptionsGroup } from "./Subscriptions.ts"
import { TariffAssignmentsGroup } from "./TariffAssignments.ts"
import { TariffsGroup } from "./Tariffs.ts"
import { TokensGroup } from "./Tokens.ts"
import { TransactionsGroup } from "./Transactions.ts"
import { MyWalletGroup, WalletsGroup } from "./Wallets.ts"

const description = `Everything an operator needs to run a charging network on Wattproof.

- **Access.** Send \`Authorization: Bearer TOKEN\`. The first token is printed when the server starts for the first time; more are made with \`POST /api/v1/api-keys\`. Drivers have tokens of their own (\`POST /api/v1/drivers/{driverId}/keys\`), which open \`/api/v1/me\` and nothing else. Only \`/health\`, \`/docs\`, \`/api/v1/openapi.json\` and \`/api/v1/public/...\`, which the code on a station leads to, are open.
- **Instants** are RFC 3339 text; answers use UTC with milliseconds.
- **Money** is a whole number of the currency's minor units (cents), as decimal text, in fields named \`...Minor\`. Unit prices and exact amounts are decimal text in currency units.
- **Energy** is whole watt hours in fields named \`...Wh\`.
- **Lists** come in pages: \`limit\` (1 to 500, 50 unless told) and \`cursor\`, the \`next\` of the page before. A page without \`next\` is the last.
- **Unknown fields and parameters** are refused, so that a misspelt filter does not silently match everything.
- **Errors** are RFC 9457 problem details.`

/** The HTTP contract: servers, clients, tests and the documentation derive from it. */
export class Api extends HttpApi.make("wattproof")
  .add(
    HealthGroup,
    StationsGroup,
    OperationsGroup,
    TransactionsGroup,
    CdrsGroup,
    CorrectionsGroup,
    InvoicesGroup,
    LedgerGroup,
    QuotesGroup,
    PublicQuotesGroup,
    PaymentsGroup,
    DisputesGroup,
    AdHocGroup,
    SitesGroup,
    TariffsGroup,
    LabGroup,
    TariffAssignmentsGroup,
    DriversGroup,
    DriverGroupsGroup,
    TokensGroup,
    EventsGroup,
    ApiKeysGroup,
    MeGroup,
    RegistrationGroup,
    PlansGroup,
    SubscriptionsGroup,
    MySubscriptionsGroup,
    DebtsGroup,
    MyDebtsGroup,
    WalletsGroup,
    MyWalletGroup
  )
  .annotate(HttpApi.QueryParseOptions, { errors: "all", onExcessProperty: "error" })
  .annotate(HttpApi.PayloadParseOptions, { errors: "all", onExcessProperty: "error" })
  .annotateMerge(
    OpenApi.annotations({
      title: "Wattproof",
      version: "1",
      summary: "Charging management system for public EV charging",
      description,
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
      transform: describe
    })
  ) {}
