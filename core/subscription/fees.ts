import { dayOf, daysAfter } from "../invoice/days.ts"
import { amountUntil, type Period, periodAt } from "./calendar.ts"
import type { Plan } from "./Plan.ts"
import { type Segment, type Subscription, segmentAt } from "./Subscription.ts"

/** A fee, or what of one is given back. Its id says for which stretch it is, so that it stands on one document only. */
export interface FeeItem {
  readonly id: string
  readonly plan: Plan
  /** Tax included; negative of what is given back. */
  readonly grossMinor: bigint
  readonly fromMs: number
  readonly toMs: number
  /** Days from and to, both inclusive, in the billing zone. */
  readonly fromDay: string
  readonly toDay: string
  readonly dueAtMs: number
}

/**
 * Every fee that came due by an instant, in the order of their dates. A period is owed when it begins, as far as the plan
 * holds in it; what was owed and then does not come is given back. Both are differences of {@link amountUntil}, so that
 * whatever was changed how often, the fees of a stretch sum to what the calendar says of it, and never to twice that.
 */
export const feesUntil = (subscription: Subscription, nowMs: number): ReadonlyArray<FeeItem> =>
  subscription.segments
    .flatMap((segment, index) => segmentFees(subscription, segment, index, nowMs))
    .filter(({ grossMinor, dueAtMs }) => grossMinor !== 0n && dueAtMs <= nowMs)
    .sort((a, b) => a.dueAtMs - b.dueAtMs || (a.id < b.id ? -1 : 1))

const segmentFees = (
  subscription: Subscription,
  segment: Segment,
  index: number,
  nowMs: number
): ReadonlyArray<FeeItem> => {
  const { timeZone, proration } = subscription
  const { plan, anchor, fromMs, untilMs, endKnownAtMs } = segment
  const items: Array<FeeItem> = []
  if (nowMs < fromMs) return items
  const item = (of: Period, kind: "fee" | "back", fromMs: number, toMs: number, dueAtMs: number): void => {
    const amount = (atMs: number) => amountUntil(plan.feeMinor, of, atMs, proration, timeZone)
    const grossMinor = amount(toMs) - amount(fromMs)
    const fromDay = dayOf(fromMs, timeZone)
    const lastDay = proration === "day" ? daysAfter(dayOf(toMs, timeZone), -1) : dayOf(toMs - 1, timeZone)
    items.push({
      id: `${subscription.id}/${index}/${of.index}/${kind}`,
      plan,
      grossMinor: kind === "fee" ? grossMinor : -grossMinor,
      fromMs,
      toMs,
      fromDay,
      toDay: lastDay < fromDay ? fromDay : lastDay,
      dueAtMs
    })
  }
  for (let of = periodAt(anchor, plan.interval, fromMs); ; of = periodAt(anchor, plan.interval, of.toMs)) {
    const beginMs = Math.max(of.fromMs, fromMs)
    if (beginMs > nowMs || (untilMs !== null && beginMs >= untilMs)) break
    const endsInside = untilMs !== null && untilMs < of.toMs
    const wasKnown = endsInside && endKnownAtMs !== null && endKnownAtMs <= beginMs
    item(of, "fee", beginMs, wasKnown ? untilMs : of.toMs, beginMs)
    if (endsInside && !wasKnown) item(of, "back", untilMs, of.toMs, untilMs)
  }
  return items
}

/** Fees due that stand on no document yet. */
export const unbilled = (subscription: Subscription, nowMs: number): ReadonlyArray<FeeItem> => {
  const billed = new Set(subscription.billed.flatMap(({ itemIds }) => itemIds))
  return feesUntil(subscription, nowMs).filter(({ id }) => !billed.has(id))
}

/** When a fee comes due that is not due yet, or something else changes by the calendar; null: never. */
export const nextDueAt = (subscription: Subscription, nowMs: number): number | null => {
  const instants: Array<number> = []
  for (const { fromMs, untilMs } of subscription.segments) {
    if (fromMs > nowMs) instants.push(fromMs)
    if (untilMs !== null && untilMs > nowMs) instants.push(untilMs)
  }
  const segment = segmentAt(subscription, nowMs)
  if (segment !== undefined) {
    const { toMs } = periodAt(segment.anchor, segment.plan.interval, nowMs)
    if (segment.untilMs === null || toMs < segment.untilMs) instants.push(toMs)
  }
  return instants.length === 0 ? null : Math.min(...instants)
}
