import { Schema } from "effect"

/**
 * What a payment service provider says of one of its payment intents (Stripe's PaymentIntent): the whole of it, as it
 * stood when asked. Two views of one intent are joined, never overwritten: every part only grows, so that views may
 * come late, twice or in any order and end in the same (3.3 of the billing rules).
 */

/** How far an intent has come, by rank. Declined is below Authorized: another card may be tried on an open intent. */
export const intentStatuses = [
  "Created",
  "RequiresAction",
  "Processing",
  "Declined",
  "Authorized",
  "Canceled",
  "Succeeded"
] as const

export const refundStatuses = ["Pending", "Succeeded", "Failed"] as const

export const disputeStatuses = ["Inquiry", "Open", "Won", "Lost"] as const

export const RefundView = Schema.Struct({
  id: Schema.String,
  /** The key of the attempt that made it; null: made at the provider, by hand. */
  key: Schema.NullOr(Schema.String),
  amountMinor: Schema.BigIntFromString,
  status: Schema.Literals(refundStatuses),
  /** Given without a bill that went down: an expense, not a smaller claim. */
  goodwill: Schema.Boolean
})

export const DisputeView = Schema.Struct({
  id: Schema.String,
  amountMinor: Schema.BigIntFromString,
  status: Schema.Literals(disputeStatuses),
  /** Why, in the provider's word: `fraudulent`. */
  reason: Schema.optionalKey(Schema.String),
  /** Until when evidence is taken. */
  dueByMs: Schema.optionalKey(Schema.Int),
  /** How often evidence was submitted. */
  submissions: Schema.optionalKey(Schema.Int),
  /** What the provider keeps for its trouble, whatever comes of it; null while it has not said. */
  feeMinor: Schema.NullOr(Schema.BigIntFromString),
  /** What it kept since, in order: for an answer, say; negative where it gave it back. Absent while there is none. */
  laterFees: Schema.optionalKey(Schema.Array(Schema.BigIntFromString))
})

export const IntentView = Schema.Struct({
  id: Schema.String,
  /** The key of the attempt that made it. */
  key: Schema.String,
  status: Schema.Literals(intentStatuses),
  /** Held on the card at the most so far; what was captured at once was held as well. */
  authorizedMinor: Schema.BigIntFromString,
  /** Taken from the card. Refunds do not make it less. */
  capturedMinor: Schema.BigIntFromString,
  /** Until when what is held can be captured; null while nothing is, or when the provider does not say. */
  captureBeforeMs: Schema.NullOr(Schema.Int),
  /** Why the last try was declined, in the provider's code; null when none was. */
  declineCode: Schema.NullOr(Schema.String),
  refunds: Schema.Array(RefundView),
  disputes: Schema.Array(DisputeView),
  /** What the provider kept; null while it has not said. */
  feeMinor: Schema.NullOr(Schema.BigIntFromString),
  /** Whether the money has become available to us. */
  settled: Schema.Boolean
})

export type IntentView = typeof IntentView.Type
export type RefundView = typeof RefundView.Type
export type DisputeView = typeof DisputeView.Type
export type DisputeStatus = DisputeView["status"]
export type IntentStatus = IntentView["status"]

const rankIn = <S extends string>(order: ReadonlyArray<S>, status: S): number => order.indexOf(status)

const later = <S extends string>(order: ReadonlyArray<S>, a: S, b: S): S =>
  rankIn(order, a) >= rankIn(order, b) ? a : b

const larger = <A extends bigint | number>(a: A, b: A): A => (a >= b ? a : b)

const largerOrNull = <A extends bigint | number | string>(a: A | null, b: A | null): A | null =>
  a === null ? b : b === null ? a : a >= b ? a : b

/** Whether an intent has come that far, or further. */
export const isAtLeast = (view: Pick<IntentView, "status">, status: IntentStatus): boolean =>
  rankIn(intentStatuses, view.status) >= rankIn(intentStatuses, status)

/** Whether nothing can be held or taken by this intent any more. */
export const isOver = (view: Pick<IntentView, "status">): boolean => isAtLeast(view, "Canceled")

const joinRefund = (a: RefundView, b: RefundView): RefundView => ({
  ...a,
  key: largerOrNull(a.key, b.key),
  amountMinor: larger(a.amountMinor, b.amountMinor),
  status: later(refundStatuses, a.status, b.status),
  goodwill: a.goodwill && b.goodwill
})

const joinDispute = (a: DisputeView, b: DisputeView): DisputeView => {
  const reason = largerOrNull(a.reason ?? null, b.reason ?? null)
  const dueByMs = largerOrNull(a.dueByMs ?? null, b.dueByMs ?? null)
  const submissions = largerOrNull(a.submissions ?? null, b.submissions ?? null)
  const laterFees = longer(a.laterFees, b.laterFees)
  return {
    id: a.id,
    amountMinor: larger(a.amountMinor, b.amountMinor),
    status: later(disputeStatuses, a.status, b.status),
    ...(reason !== null && { reason }),
    ...(dueByMs !== null && { dueByMs }),
    ...(submissions !== null && { submissions }),
    feeMinor: largerOrNull(a.feeMinor, b.feeMinor),
    ...(laterFees !== undefined && { laterFees })
  }
}

/** Of two states of a list that is only added to, the later. */
const longer = <A>(a: ReadonlyArray<A> | undefined, b: ReadonlyArray<A> | undefined): ReadonlyArray<A> | undefined =>
  (a?.length ?? 0) >= (b?.length ?? 0) ? a : b

/** What the provider has kept for a dispute in all so far; null while it has not said. */
export const keptFor = ({ feeMinor, laterFees = [] }: DisputeView): bigint | null =>
  feeMinor === null ? null : laterFees.reduce((sum, it) => sum + it, feeMinor)

/** Members by id, sorted by it; what both know is joined. */
const joinById = <A extends { readonly id: string }>(
  known: ReadonlyArray<A>,
  told: ReadonlyArray<A>,
  join: (a: A, b: A) => A
): ReadonlyArray<A> => {
  const byId = new Map(known.map((member) => [member.id, member]))
  for (const member of told) {
    const there = byId.get(member.id)
    byId.set(member.id, there === undefined ? member : join(there, member))
  }
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Two views of the same intent as one: commutative, associative and idempotent. */
export const joinIntent = (a: IntentView, b: IntentView): IntentView => ({
  id: a.id,
  key: a.key,
  status: later(intentStatuses, a.status, b.status),
  authorizedMinor: larger(a.authorizedMinor, b.authorizedMinor),
  capturedMinor: larger(a.capturedMinor, b.capturedMinor),
  captureBeforeMs: largerOrNull(a.captureBeforeMs, b.captureBeforeMs),
  declineCode: largerOrNull(a.declineCode, b.declineCode),
  refunds: joinById(a.refunds, b.refunds, joinRefund),
  disputes: joinById(a.disputes, b.disputes, joinDispute),
  feeMinor: largerOrNull(a.feeMinor, b.feeMinor),
  settled: a.settled || b.settled
})

/** A view taken into those that are known. */
export const joinIntents = (known: ReadonlyArray<IntentView>, told: IntentView): ReadonlyArray<IntentView> =>
  joinById(known, [told], joinIntent)
