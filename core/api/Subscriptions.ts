import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Access, Checked, DriverAccess } from "./Access.ts"
import { AmountMinor, Currency, DriverId, GroupId, Id, Instant, Name, pageOf, paging } from "./Fields.ts"
import { Conflict, UnknownResource, Unprocessable } from "./Problems.ts"

const about = (summary: string, description?: string) =>
  OpenApi.annotations({ summary, ...(description !== undefined && { description }) })

const PlanId = Schema.String.check(Schema.isPattern(/^[A-Za-z0-9._-]{1,36}$/u)).annotate({
  description: "At most 36 of A-Z a-z 0-9 . _ -",
  examples: ["home-20"]
})
const whole = (most: number) => Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: most }))

const terms = {
  id: PlanId,
  name: Name.annotate({ description: "As it stands on documents.", examples: ["Home 20"] }),
  currency: Currency.check(Schema.isPattern(/^[A-Z]{3}$/u)),
  interval: Schema.Struct({ unit: Schema.Literals(["day", "month", "year"]), count: whole(366) }).annotate({
    description:
      "The length of a period. Months keep the day on which it began, or take their last where they are shorter."
  }),
  renews: Schema.Boolean.annotate({ description: "False: a pass, which ends with its first period." }),
  feeMinor: AmountMinor.check(Schema.isPattern(/^\d{1,12}$/u)).annotate({ description: "Per period, tax included." }),
  vatPercent: Schema.NullOr(Schema.String.check(Schema.isPattern(/^\d{1,2}(\.\d{1,4})?$/u))),
  taxCountry: Schema.NullOr(Schema.String.check(Schema.isPattern(/^[A-Z]{2}$/u))),
  groupId: Schema.NullOr(GroupId).annotate({ description: "Subscribers are members of this group of drivers." }),
  included: Schema.NullOr(
    Schema.Struct({ energyWh: Schema.NullOr(whole(100_000_000)), minutes: Schema.NullOr(whole(1_000_000)) })
  ).annotate({ description: "Energy and charging time at a price of zero, in every period." }),
  trialDays: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 366 }))
}

export const NewPlan = Schema.Struct(terms).annotate({
  identifier: "NewPlan",
  examples: [
    {
      id: "home-20",
      name: "Home 20",
      currency: "EUR",
      interval: { unit: "month", count: 1 },
      renews: true,
      feeMinor: "999",
      vatPercent: "19",
      taxCountry: "DE",
      groupId: null,
      included: { energyWh: 20_000, minutes: null },
      trialDays: 0
    }
  ]
})

export const Plan = Schema.Struct({ ...terms, createdAt: Instant, retiredAt: Schema.NullOr(Instant) }).annotate({
  identifier: "Plan",
  description:
    "What can be subscribed to. Never edited: a new price is a new plan, and who has subscribed keeps theirs."
})

const AskedAs = Schema.String.check(Schema.isUUID()).annotate({
  description: "Made by the client: the same id starts one subscription, however often it is asked for."
})

const When = Schema.Literals(["now", "period-end"]).annotate({
  description: "At once, what was paid for and does not come being given back; or when the period ends."
})
const Proration = Schema.Literals(["day", "second"])
const Included = Schema.Struct({ energyMilliWh: Schema.Int, chargingMs: Schema.Int })

export const Subscription = Schema.Struct({
  id: Id,
  driverId: DriverId,
  state: Schema.Literals(["trialing", "active", "past_due", "paused", "ended"]).annotate({
    description: "past_due: it goes on, and an invoice of it is not paid though it was due."
  }),
  planId: Schema.NullOr(PlanId).annotate({ description: "Now; null once it has ended." }),
  proration: Proration,
  timeZone: Schema.String,
  startedAt: Instant,
  endsAt: Schema.NullOr(Instant),
  period: Schema.NullOr(Schema.Struct({ from: Instant, to: Instant })),
  included: Schema.NullOr(Schema.Struct({ whole: Included, used: Included })).annotate({
    description: "In the period that runs."
  }),
  changes: Schema.NullOr(Schema.Struct({ at: Instant, planId: PlanId })).annotate({
    description: "To which plan it changes, and when."
  }),
  invoiceIds: Schema.Array(Id).annotate({ description: "The documents on which its fees stand." })
}).annotate({ identifier: "Subscription" })

const params = { subscriptionId: Id }
const Wish = Schema.Struct({ when: When })
const ChangeWish = Schema.Struct({ planId: PlanId, when: When }).annotate({ identifier: "SubscriptionChange" })
const errors = [UnknownResource, Conflict, Unprocessable] as const

export class PlansGroup extends HttpApiGroup.make("plans")
  .add(
    HttpApiEndpoint.get("list", "/plans", { query: paging, success: pageOf(Plan) }).annotateMerge(
      about("List plans", "In the order of their ids.")
    ),
    HttpApiEndpoint.post("create", "/plans", {
      payload: NewPlan,
      success: Plan.pipe(HttpApiSchema.status(201)),
      error: [Conflict, Unprocessable]
    }).annotateMerge(about("Make a plan")),
    HttpApiEndpoint.get("get", "/plans/:planId", {
      params: { planId: Id },
      success: Plan,
      error: UnknownResource
    }).annotateMerge(about("A plan")),
    HttpApiEndpoint.post("retire", "/plans/:planId/retirement", {
      params: { planId: Id },
      success: Plan,
      error: UnknownResource
    }).annotateMerge(about("Offer a plan no longer", "Who has subscribed keeps it."))
  )
  .middleware(Checked)
  .middleware(Access)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "Plans", description: "Subscriptions and passes on offer." })) {}

export class SubscriptionsGroup extends HttpApiGroup.make("subscriptions")
  .add(
    HttpApiEndpoint.get("list", "/subscriptions", {
      query: { ...paging, driverId: Schema.optionalKey(DriverId) },
      success: pageOf(Subscription)
    }).annotateMerge(about("List subscriptions", "Newest first.")),
    HttpApiEndpoint.post("start", "/subscriptions", {
      payload: Schema.Struct({
        id: Schema.optionalKey(AskedAs),
        driverId: DriverId,
        planId: PlanId,
        proration: Schema.optionalKey(Proration).annotate({ description: "By days unless told." })
      }).annotate({ identifier: "NewSubscription" }),
      success: Subscription.pipe(HttpApiSchema.status(201)),
      error: errors
    }).annotateMerge(about("Subscribe a driver", "The first fee is invoiced at once, or when a trial is over.")),
    HttpApiEndpoint.get("get", "/subscriptions/:subscriptionId", {
      params,
      success: Subscription,
      error: UnknownResource
    }).annotateMerge(about("A subscription")),
    HttpApiEndpoint.post("change", "/subscriptions/:subscriptionId/change", {
      params,
      payload: ChangeWish,
      success: Subscription,
      error: errors
    }).annotateMerge(about("Change to another plan")),
    HttpApiEndpoint.post("cancel", "/subscriptions/:subscriptionId/cancellation", {
      params,
      payload: Wish,
      success: Subscription,
      error: errors
    }).annotateMerge(about("End a subscription")),
    HttpApiEndpoint.post("pause", "/subscriptions/:subscriptionId/pause", {
      params,
      payload: Wish,
      success: Subscription,
      error: errors
    }).annotateMerge(about("Let a subscription rest", "No fees, nothing included.")),
    HttpApiEndpoint.post("resume", "/subscriptions/:subscriptionId/resumption", {
      params,
      success: Subscription,
      error: errors
    }).annotateMerge(about("Go on with a subscription", "With a period that begins now."))
  )
  .middleware(Checked)
  .middleware(Access)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "Subscriptions", description: "Who has subscribed to what." })) {}

export class MySubscriptionsGroup extends HttpApiGroup.make("mySubscriptions")
  .add(
    HttpApiEndpoint.get("plans", "/me/plans", { query: paging, success: pageOf(Plan) }).annotateMerge(
      about("What I can subscribe to")
    ),
    HttpApiEndpoint.get("list", "/me/subscriptions", { query: paging, success: pageOf(Subscription) }).annotateMerge(
      about("My subscriptions")
    ),
    HttpApiEndpoint.post("start", "/me/subscriptions", {
      payload: Schema.Struct({ id: Schema.optionalKey(AskedAs), planId: PlanId }).annotate({
        identifier: "OwnSubscription"
      }),
      success: Subscription.pipe(HttpApiSchema.status(201)),
      error: errors
    }).annotateMerge(about("Subscribe")),
    HttpApiEndpoint.get("get", "/me/subscriptions/:subscriptionId", {
      params,
      success: Subscription,
      error: UnknownResource
    }).annotateMerge(about("One of my subscriptions")),
    HttpApiEndpoint.post("change", "/me/subscriptions/:subscriptionId/change", {
      params,
      payload: ChangeWish,
      success: Subscription,
      error: errors
    }).annotateMerge(about("Change one of my subscriptions to another plan")),
    HttpApiEndpoint.post("cancel", "/me/subscriptions/:subscriptionId/cancellation", {
      params,
      payload: Wish,
      success: Subscription,
      error: errors
    }).annotateMerge(about("End one of my subscriptions"))
  )
  .middleware(Checked)
  .middleware(DriverAccess)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "My subscriptions", description: "For drivers: one's own." })) {}
