import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { atLimits, budgetPeriods } from "../wallet/Budget.ts"
import { movementKinds } from "../wallet/Wallet.ts"
import { Access, Checked, DriverAccess, PatienceMs } from "./Access.ts"
import { AmountMinor, Currency, DriverId, EnergyWh, Id, Instant, Name, pageOf, paging, TokenUid } from "./Fields.ts"
import { patienceMs, State } from "./Payments.ts"
import { Conflict, Unavailable, UnknownResource, Unprocessable } from "./Problems.ts"

/** Money that drivers pay ahead, and what their cards may charge in a while. */

const about = (summary: string, description?: string) =>
  OpenApi.annotations({ summary, ...(description !== undefined && { description }) })

const amount = (pattern: RegExp, least: string) =>
  Schema.String.annotate({
    description: `Whole minor units of the currency (cents for EUR) as decimal text, ${least}.`,
    examples: ["2500"]
  }).check(Schema.isPattern(pattern, { expected: `whole minor units as decimal text, ${least}` }))

const Positive = amount(/^[1-9]\d{0,14}$/u, "more than 0")
const NotNegative = amount(/^(0|[1-9]\d{0,14})$/u, "0 or more")

export const Wallet = Schema.Struct({
  driverId: DriverId,
  currency: Currency,
  balanceMinor: AmountMinor,
  creditLineMinor: AmountMinor.annotate({ description: "How far below zero it may go." }),
  heldMinor: AmountMinor.annotate({ description: "Set aside for charges that run." }),
  freeMinor: AmountMinor.annotate({ description: "What a new charge may use: balance and credit, less what is held." }),
  arrearsMinor: AmountMinor.annotate({
    description: "Owed for charges beyond what it could pay. No charge begins meanwhile; what comes in pays it first."
  }),
  openedAt: Instant
}).annotate({ identifier: "Wallet", description: "Money that a driver paid ahead." })

export const Movement = Schema.Struct({
  seq: Schema.Int.annotate({ description: "The wallet's n-th." }),
  kind: Schema.Literals(movementKinds),
  amountMinor: AmountMinor.annotate({ description: "Into the wallet positive, out of it negative." }),
  balanceMinor: AmountMinor.annotate({ description: "After it." }),
  sourceId: Schema.String.annotate({ description: "What gave rise to it; its entry is `entry-` and this." }),
  transactionId: Schema.NullOr(Schema.String),
  reason: Schema.NullOr(Schema.String),
  at: Instant
}).annotate({ identifier: "WalletMovement", description: "Written once; a correction is another movement." })

export const TopUp = Schema.Struct({
  id: Id.annotate({ description: "Of its payment." }),
  state: State,
  currency: Currency,
  amountMinor: AmountMinor,
  creditedMinor: AmountMinor.annotate({ description: "What the wallet got: nothing until the card has paid." }),
  refundedMinor: AmountMinor.annotate({ description: "Given back to the card, and taken from the wallet again." }),
  clientSecret: Schema.NullOr(Schema.String).annotate({
    description: "With it the provider's own form enters a card, or confirms the one that is used."
  }),
  declined: Schema.NullOr(Schema.String),
  abandoned: Schema.NullOr(Schema.String).annotate({ description: "Why nothing came of it." }),
  createdAt: Instant
}).annotate({ identifier: "TopUp", description: "A payment by card into one's wallet." })

const NewTopUp = Schema.Struct({
  id: Schema.String.check(Schema.isBetweenLength(1, 64)).annotate({
    description: "Made by the client: the same id pays once, however often it is asked for."
  }),
  amountMinor: Positive,
  methodId: Schema.optionalKey(Schema.NullOr(Id)).annotate({
    description: "One of my kept cards. Without it the client secret is for the form that enters one."
  })
}).annotate({ identifier: "NewTopUp", examples: [{ id: "phone-17", amountMinor: "2000" }] })

const topUpErrors = [UnknownResource, Conflict, Unprocessable, Unavailable] as const

const NewWallet = Schema.Struct({
  driverId: DriverId,
  currency: Currency,
  creditLineMinor: Schema.optionalKey(NotNegative)
}).annotate({ identifier: "NewWallet", examples: [{ driverId: "ada", currency: "EUR" }] })

const NewMovement = Schema.Struct({
  id: Schema.String.check(Schema.isBetweenLength(1, 64)).annotate({
    description: "Made by the client: the same id moves once, however often it is asked for."
  }),
  kind: Schema.Literals(["credit", "refund"]).annotate({ description: "Credit goes in, a refund is paid out." }),
  amountMinor: Positive,
  reason: Schema.String.check(Schema.isBetweenLength(1, 255))
}).annotate({
  identifier: "NewWalletMovement",
  examples: [{ id: "desk-17", kind: "credit", amountMinor: "2000", reason: "paid at the desk" }]
})

const limits = {
  timeZone: Name.annotate({ description: "IANA zone by whose calendar it counts.", examples: ["Europe/Berlin"] }),
  currency: Currency.annotate({ description: "Charges at prices in another are refused where money is limited." }),
  maxMinor: Schema.NullOr(NotNegative),
  maxWh: Schema.NullOr(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000_000 }))),
  maxSessions: Schema.NullOr(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 }))),
  atLimit: Schema.Literals(atLimits).annotate({
    description: "At its end no charge begins any more (refuse), or those that run are stopped as well (stop)."
  })
}

export const Budget = Schema.Struct({
  period: Schema.Literals(budgetPeriods),
  ...limits,
  setAt: Instant,
  from: Instant,
  until: Instant.annotate({ description: "The first instant of the next period." }),
  usedMinor: AmountMinor,
  usedWh: EnergyWh,
  usedSessions: Schema.Int
}).annotate({
  identifier: "Budget",
  description: "What a card may charge in a while, and what was used of it in the present one. Null is no limit."
})

const wallet = { driverId: DriverId }
const card = { uid: TokenUid }
const budget = { uid: TokenUid, period: Schema.Literals(budgetPeriods) }
const Budgets = Schema.Struct({ items: Schema.Array(Budget) })

export class WalletsGroup extends HttpApiGroup.make("wallets")
  .add(
    HttpApiEndpoint.get("list", "/wallets", { query: paging, success: pageOf(Wallet) }).annotateMerge(
      about("List wallets", "In the order of their drivers.")
    ),
    HttpApiEndpoint.post("open", "/wallets", {
      payload: NewWallet,
      success: Wallet.pipe(HttpApiSchema.status(201)),
      error: [Conflict, Unprocessable]
    }).annotateMerge(about("Open a wallet for a driver", "Charges that run already are billed as before.")),
    HttpApiEndpoint.get("get", "/wallets/:driverId", {
      params: wallet,
      success: Wallet,
      error: UnknownResource
    }).annotateMerge(about("A driver's wallet")),
    HttpApiEndpoint.patch("setCreditLine", "/wallets/:driverId", {
      params: wallet,
      payload: Schema.Struct({ creditLineMinor: NotNegative }),
      success: Wallet,
      error: [UnknownResource, Conflict]
    }).annotateMerge(about("Set how far below zero it may go", "409 when more than that is used or held.")),
    HttpApiEndpoint.get("movements", "/wallets/:driverId/movements", {
      params: wallet,
      query: paging,
      success: pageOf(Movement),
      error: UnknownResource
    }).annotateMerge(about("What moved on a wallet", "Newest first.")),
    HttpApiEndpoint.post("move", "/wallets/:driverId/movements", {
      params: wallet,
      payload: NewMovement,
      success: Wallet,
      error: [UnknownResource, Conflict]
    }).annotateMerge(
      about("Give a driver money, or pay it out", "Arrears are paid first. 409 when more is to go out than is free.")
    ),
    HttpApiEndpoint.get("budgets", "/tokens/:uid/budgets", {
      params: card,
      success: Budgets,
      error: UnknownResource
    }).annotateMerge(about("A card's budgets, and what was used of them")),
    HttpApiEndpoint.put("putBudget", "/tokens/:uid/budgets/:period", {
      params: budget,
      payload: Schema.Struct(limits).annotate({
        identifier: "NewBudget",
        examples: [
          {
            timeZone: "Europe/Berlin",
            currency: "EUR",
            maxMinor: "5000",
            maxWh: null,
            maxSessions: 2,
            atLimit: "stop"
          }
        ]
      }),
      success: Budgets,
      error: [UnknownResource, Unprocessable]
    }).annotateMerge(
      about("Set a card's budget of a day, a week or a month", "Charges of this month that are billed count in it.")
    ),
    HttpApiEndpoint.delete("removeBudget", "/tokens/:uid/budgets/:period", {
      params: budget,
      success: HttpApiSchema.NoContent,
      error: UnknownResource
    }).annotateMerge(about("Take a card's budget away"))
  )
  .middleware(Checked)
  .middleware(Access)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "Wallets", description: "Money paid ahead, and budgets of cards." })) {}

export class MyWalletGroup extends HttpApiGroup.make("myWallet")
  .add(
    HttpApiEndpoint.get("get", "/me/wallet", { success: Wallet, error: UnknownResource }).annotateMerge(
      about("My wallet")
    ),
    HttpApiEndpoint.get("movements", "/me/wallet/movements", {
      query: paging,
      success: pageOf(Movement),
      error: UnknownResource
    }).annotateMerge(about("What moved on my wallet", "Newest first.")),
    HttpApiEndpoint.post("topUp", "/me/wallet/top-ups", {
      payload: NewTopUp,
      success: TopUp.pipe(HttpApiSchema.status(201)),
      error: topUpErrors
    })
      .annotate(PatienceMs, patienceMs)
      .annotateMerge(
        about(
          "Top my wallet up by card",
          "The amount is held first, and credited in the moment it is known to be taken. What was charged beyond the " +
            "wallet is paid from it first."
        )
      ),
    HttpApiEndpoint.get("topUpStatus", "/me/wallet/top-ups/:topUpId", {
      params: { topUpId: Id },
      success: TopUp,
      error: topUpErrors
    }).annotateMerge(about("How one of my top-ups stands")),
    HttpApiEndpoint.get("budgets", "/me/tokens/:uid/budgets", {
      params: card,
      success: Budgets,
      error: UnknownResource
    }).annotateMerge(about("The budgets of one of my cards, and what was used of them"))
  )
  .middleware(Checked)
  .middleware(DriverAccess)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "My wallet", description: "For drivers: one's own." })) {}
