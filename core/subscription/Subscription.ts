import { Schema } from "effect"
import { type Anchor, anchorAt, boundary, type Interval, periodAt } from "./calendar.ts"
import { Plan } from "./Plan.ts"

/** Who subscribes, and by which calendar. */
export const Terms = Schema.Struct({
  driverId: Schema.String,
  /** The billing zone: in which days and months begin. */
  timeZone: Schema.String,
  proration: Schema.Literals(["day", "second"])
})

const At = { atMs: Schema.Int }

/** What happened to a subscription. `effectiveAtMs` is never before `atMs`: the past is not changed. */
export const SubscriptionFact = Schema.TaggedUnion({
  Started: { ...At, plan: Plan },
  /** Another plan from an instant on: at once, or when the period ends. The last one told stands for what is to come. */
  Changed: { ...At, effectiveAtMs: Schema.Int, plan: Plan },
  /** Nothing is owed for what comes after. */
  Cancelled: { ...At, effectiveAtMs: Schema.Int },
  /** Rests: no fees, nothing included. */
  Paused: { ...At, effectiveAtMs: Schema.Int },
  /** Goes on, with a period that begins then. */
  Resumed: { ...At },
  /** These fees stand on that document, in place of others that were taken back; without one they come to nothing. */
  Billed: {
    ...At,
    invoiceId: Schema.NullOr(Schema.String),
    itemIds: Schema.Array(Schema.String),
    replaces: Schema.Array(Schema.String)
  },
  /** The subscriber was put into the plan's group, or taken out. */
  Joined: { ...At, groupId: Schema.String },
  Left: { ...At, groupId: Schema.String }
})

export type Terms = typeof Terms.Type
export type SubscriptionFact = typeof SubscriptionFact.Type

export const encodeFact = Schema.encodeSync(SubscriptionFact)
export const decodeFact = Schema.decodeUnknownSync(SubscriptionFact)
export const encodeTerms = Schema.encodeSync(Terms)
export const decodeTerms = Schema.decodeUnknownSync(Terms)

/** A stretch under one plan and one count of periods. */
export interface Segment {
  readonly plan: Plan
  readonly anchor: Anchor
  readonly fromMs: number
  /** Exclusive; null: open. */
  readonly untilMs: number | null
  /** When it became known that it ends then. */
  readonly endKnownAtMs: number | null
}

export interface Subscription extends Terms {
  readonly id: string
  readonly startedAtMs: number
  /** By time; what lies between two of them is a pause. */
  readonly segments: ReadonlyArray<Segment>
  /** Nothing comes after; null: it goes on. */
  readonly endsAtMs: number | null
  /** Rests from then on; null: does not. */
  readonly pausedAtMs: number | null
  /** The group that it has put the subscriber into. */
  readonly memberOf: string | null
  /** Fees by the document they stand on, in the order billed. */
  readonly billed: ReadonlyArray<{ readonly invoiceId: string | null; readonly itemIds: ReadonlyArray<string> }>
}

export type SubscriptionState = "trialing" | "active" | "paused" | "ended"

/** The subscription that its facts, in the order recorded, make. */
export const fold = (id: string, terms: Terms, facts: ReadonlyArray<SubscriptionFact>): Subscription =>
  facts.reduce(evolve, {
    ...terms,
    id,
    startedAtMs: 0,
    segments: [],
    endsAtMs: null,
    pausedAtMs: null,
    memberOf: null,
    billed: []
  })

export const evolve = (before: Subscription, fact: SubscriptionFact): Subscription => {
  switch (fact._tag) {
    case "Started":
      return started(before, fact.plan, fact.atMs)
    case "Changed":
      return changed(before, fact.plan, fact.atMs, fact.effectiveAtMs)
    case "Cancelled":
      return { ...cut(before, fact.effectiveAtMs, fact.atMs), endsAtMs: fact.effectiveAtMs }
    case "Paused":
      return { ...cut(before, fact.effectiveAtMs, fact.atMs), pausedAtMs: fact.effectiveAtMs }
    case "Resumed": {
      const plan = before.segments.at(-1)!.plan
      return { ...begun(cut(before, fact.atMs, fact.atMs), plan, fact.atMs), pausedAtMs: null }
    }
    case "Billed": {
      const standing = before.billed.filter(({ invoiceId }) => invoiceId === null || !fact.replaces.includes(invoiceId))
      return { ...before, billed: [...standing, { invoiceId: fact.invoiceId, itemIds: fact.itemIds }] }
    }
    case "Joined":
      return { ...before, memberOf: fact.groupId }
    case "Left":
      return { ...before, memberOf: before.memberOf === fact.groupId ? null : before.memberOf }
  }
}

const started = (before: Subscription, plan: Plan, atMs: number): Subscription => {
  const subscription = { ...before, startedAtMs: atMs }
  if (plan.trialDays === 0) return begun(subscription, plan, atMs)
  // A trial is no period: what is to be paid for begins when it is over.
  const days: Interval = { unit: "day", count: plan.trialDays }
  return begun(subscription, plan, boundary(anchorAt(atMs, before.timeZone, before.proration), days, 1))
}

/** A segment that counts its periods from its own beginning. */
const begun = (before: Subscription, plan: Plan, fromMs: number): Subscription => {
  const anchor = anchorAt(fromMs, before.timeZone, before.proration)
  const untilMs = plan.renews ? null : boundary(anchor, plan.interval, 1)
  const segment: Segment = { plan, anchor, fromMs, untilMs, endKnownAtMs: untilMs === null ? null : fromMs }
  return { ...before, segments: [...before.segments, segment], endsAtMs: untilMs }
}

/** Periods of the same length go on being counted from where they were: the month does not begin anew. */
const changed = (before: Subscription, plan: Plan, atMs: number, fromMs: number): Subscription => {
  const kept = cut(before, fromMs, atMs)
  const last = kept.segments.at(-1)
  const isAlike =
    last !== undefined &&
    plan.renews &&
    last.plan.interval.unit === plan.interval.unit &&
    last.plan.interval.count === plan.interval.count
  if (!isAlike) return begun(kept, plan, fromMs)
  const segment: Segment = { plan, anchor: last.anchor, fromMs, untilMs: null, endKnownAtMs: null }
  return { ...kept, segments: [...kept.segments, segment], endsAtMs: null }
}

/** What was agreed from an instant on is not any more. */
const cut = (before: Subscription, atMs: number, knownAtMs: number): Subscription => ({
  ...before,
  segments: before.segments
    .filter(({ fromMs }) => fromMs < atMs)
    .map((segment) =>
      segment.untilMs !== null && segment.untilMs <= atMs
        ? segment
        : { ...segment, untilMs: atMs, endKnownAtMs: knownAtMs }
    )
})

export const segmentAt = ({ segments }: Subscription, atMs: number): Segment | undefined =>
  segments.find(({ fromMs, untilMs }) => fromMs <= atMs && (untilMs === null || atMs < untilMs))

/** Where a subscription stands at an instant. Whether it is paid for is for its debts to say. */
export const stateAt = (subscription: Subscription, atMs: number): SubscriptionState => {
  const { endsAtMs, pausedAtMs, segments } = subscription
  if (endsAtMs !== null && atMs >= endsAtMs) return "ended"
  if (pausedAtMs !== null && atMs >= pausedAtMs) return "paused"
  const [first] = segments
  return first !== undefined && atMs < first.fromMs ? "trialing" : "active"
}

/** Whether it gives what the plan gives: also while it is tried. */
export const isInForce = (subscription: Subscription, atMs: number): boolean => {
  const state = stateAt(subscription, atMs)
  return state === "trialing" || state === "active"
}

/** The plan at an instant; in a trial the one that is tried. */
export const planAt = (subscription: Subscription, atMs: number): Plan | undefined =>
  (segmentAt(subscription, atMs) ?? subscription.segments[0])?.plan

/** When the period that runs at an instant ends: when what is changed "at the period's end" changes. */
export const periodEndAt = (subscription: Subscription, atMs: number): number => {
  const segment = segmentAt(subscription, atMs)
  if (segment === undefined) return Math.max(atMs, subscription.segments[0]?.fromMs ?? atMs)
  return periodAt(segment.anchor, segment.plan.interval, atMs).toMs
}
