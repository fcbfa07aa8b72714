import { fraction, nearest } from "../../rater/Fraction.ts"
import { dayAt, daysFromTo, daysLater, instantOf, monthsLater, timeOfDayMs } from "./calendar.ts"
import type { TruePlan, TrueSubscription } from "./record.ts"

/**
 * Which fees are owed for which days, worked out a second time from what a subscriber asked for: shares no code with the
 * CMS, and reads no book of it.
 */

/** A time under one plan. */
interface Stretch {
  readonly plan: TruePlan
  readonly count: Count
  readonly fromMs: number
  /** Exclusive. */
  readonly untilMs: number
  /** Since when that end was agreed. */
  readonly endAgreedAtMs: number
}

/** From where months are counted. */
interface Count {
  readonly day: string
  readonly timeMs: number
}

interface Period {
  readonly fromMs: number
  readonly toMs: number
}

/** What is owed for some days of a plan, or given back of it. */
export interface OwedFee {
  readonly subscriptionId: string
  readonly driverId: string
  readonly plan: TruePlan
  /** Tax included; negative of what is given back. */
  readonly grossMinor: bigint
  /** Both days inclusive. */
  readonly fromDay: string
  readonly toDay: string
  readonly dueAtMs: number
}

/** A subscription's life by the calendar of its operator, as far as its subscriber's wishes until an instant make it. */
export class Life {
  readonly subscription: TrueSubscription
  private readonly timeZone: string
  private readonly stretches: ReadonlyArray<Stretch>
  /** When it is over; never: infinite. */
  readonly endsAtMs: number

  constructor(subscription: TrueSubscription, timeZone: string, knownUntilMs: number) {
    this.subscription = subscription
    this.timeZone = timeZone
    const { plan, startedAtMs, acts } = subscription
    const trialEndMs =
      plan.trialDays === 0
        ? startedAtMs
        : this.boundary(this.countFrom(startedAtMs), { unit: "day", count: plan.trialDays }, 1)
    let stretches = [this.stretch(plan, trialEndMs)]
    let cancelledAtMs = Number.POSITIVE_INFINITY
    for (const { atMs, wish } of acts) {
      if (atMs > knownUntilMs) break
      const effectiveMs =
        "when" in wish && wish.when === "period-end" ? this.periodEndAt(stretches, atMs, trialEndMs) : atMs
      stretches = stretches
        .filter(({ fromMs }) => fromMs < effectiveMs)
        .map((it) => (it.untilMs <= effectiveMs ? it : { ...it, untilMs: effectiveMs, endAgreedAtMs: atMs }))
      const last = stretches.at(-1)
      if (wish.do === "cancel") cancelledAtMs = effectiveMs
      if (wish.do === "resume") stretches.push(this.stretch(last!.plan, atMs))
      if (wish.do === "change") stretches.push(this.changed(last, wish.plan, effectiveMs))
    }
    this.stretches = stretches
    const lastOne = stretches.at(-1)
    const isPass = lastOne !== undefined && !lastOne.plan.renews
    this.endsAtMs = Math.min(cancelledAtMs, isPass ? lastOne.untilMs : Number.POSITIVE_INFINITY)
  }

  private countFrom(atMs: number): Count {
    const timeMs = this.subscription.proration === "day" ? 0 : timeOfDayMs(atMs, this.timeZone)
    return { day: dayAt(atMs, this.timeZone), timeMs }
  }

  /** When so many intervals since then are over. */
  private boundary(from: Count, { unit, count }: TruePlan["interval"], times: number): number {
    const day = unit === "day" ? daysLater(from.day, count * times) : monthsLater(from.day, count * times)
    return instantOf(day, from.timeMs, this.timeZone)
  }

  private stretch(plan: TruePlan, fromMs: number, count: Count = this.countFrom(fromMs)): Stretch {
    const untilMs = plan.renews ? Number.POSITIVE_INFINITY : this.boundary(count, plan.interval, 1)
    return { plan, count, fromMs, untilMs, endAgreedAtMs: fromMs }
  }

  /** The month goes on being counted where it was, if it is as long. */
  private changed(before: Stretch | undefined, plan: TruePlan, fromMs: number): Stretch {
    const { unit, count } = plan.interval
    const isAlike = plan.renews && before?.plan.interval.unit === unit && before.plan.interval.count === count
    return this.stretch(plan, fromMs, isAlike ? before.count : undefined)
  }

  private periodsOf({ plan, count, fromMs, untilMs }: Stretch, nowMs: number): ReadonlyArray<Period> {
    const periods: Array<Period> = []
    for (let times = 0; ; times++) {
      const period = {
        fromMs: this.boundary(count, plan.interval, times),
        toMs: this.boundary(count, plan.interval, times + 1)
      }
      if (period.fromMs >= untilMs || period.fromMs > nowMs) return periods
      if (period.toMs > fromMs) periods.push(period)
    }
  }

  private periodEndAt(stretches: ReadonlyArray<Stretch>, atMs: number, trialEndMs: number): number {
    const now = stretches.find(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs)
    return now === undefined ? trialEndMs : this.periodsOf(now, atMs).at(-1)!.toMs
  }

  /** What of an amount falls on a part of a period: the amount until its end less that until its beginning, each rounded. */
  private partOf(amount: bigint, period: Period, fromMs: number, untilMs: number): bigint {
    return this.amountUntil(amount, period, untilMs) - this.amountUntil(amount, period, fromMs)
  }

  private amountUntil(amount: bigint, { fromMs, toMs }: Period, atMs: number): bigint {
    if (atMs <= fromMs) return 0n
    if (atMs >= toMs) return amount
    const { timeZone } = this
    const isByDay = this.subscription.proration === "day"
    const first = dayAt(fromMs, timeZone)
    const gone = isByDay ? daysFromTo(first, dayAt(atMs, timeZone)) : Math.floor((atMs - fromMs) / 1000)
    const all = isByDay ? daysFromTo(first, dayAt(toMs, timeZone)) : Math.round((toMs - fromMs) / 1000)
    return nearest(fraction(amount * BigInt(gone), BigInt(all)))
  }

  /** Every fee that came due by an instant, and what of one is given back. */
  feesUntil(nowMs: number): ReadonlyArray<OwedFee> {
    const { id: subscriptionId, driverId } = this.subscription
    const fees: Array<OwedFee> = []
    const owe = (plan: TruePlan, period: Period, sign: bigint, fromMs: number, toMs: number, dueAtMs: number) => {
      const grossMinor = sign * this.partOf(plan.feeMinor, period, fromMs, toMs)
      if (grossMinor === 0n || dueAtMs > nowMs) return
      fees.push({ subscriptionId, driverId, plan, grossMinor, ...this.daysOf(fromMs, toMs), dueAtMs })
    }
    for (const stretch of this.stretches) {
      for (const period of this.periodsOf(stretch, nowMs)) {
        const { plan, fromMs, untilMs, endAgreedAtMs } = stretch
        const beginMs = Math.max(fromMs, period.fromMs)
        const endMs = Math.min(untilMs, period.toMs)
        if (endAgreedAtMs <= beginMs) owe(plan, period, 1n, beginMs, endMs, beginMs)
        else {
          owe(plan, period, 1n, beginMs, period.toMs, beginMs)
          owe(plan, period, -1n, endMs, period.toMs, endMs)
        }
      }
    }
    return fees
  }

  private daysOf(fromMs: number, toMs: number): Pick<OwedFee, "fromDay" | "toDay"> {
    const { timeZone } = this
    const fromDay = dayAt(fromMs, timeZone)
    const isByDay = this.subscription.proration === "day"
    const lastDay = isByDay ? daysLater(dayAt(toMs, timeZone), -1) : dayAt(toMs - 1, timeZone)
    return { fromDay, toDay: lastDay < fromDay ? fromDay : lastDay }
  }

  /** The group that the subscriber is in by it at an instant, also while it is tried. */
  groupAt(atMs: number): string | null {
    const { startedAtMs, plan } = this.subscription
    if (atMs < startedAtMs || atMs >= this.endsAtMs) return null
    const [first] = this.stretches
    if (first === undefined || atMs < first.fromMs) return plan.groupId
    return this.stretches.find(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs)?.plan.groupId ?? null
  }

  /** What the period of an instant includes in all; undefined where nothing is. Each plan in it gives its part. */
  includedAt(
    atMs: number
  ): { readonly periodFromMs: number; readonly milliWh: bigint; readonly ms: bigint } | undefined {
    const now = this.stretches.find(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs)
    if (now === undefined || !includesAny(now.plan)) return undefined
    const period = this.periodsOf(now, atMs).at(-1)!
    let [milliWh, ms] = [0n, 0n]
    for (const { plan, count, fromMs, untilMs } of this.stretches) {
      const isSame = count.day === now.count.day && count.timeMs === now.count.timeMs
      if (!isSame || fromMs >= period.toMs || untilMs <= period.fromMs) continue
      milliWh += this.partOf(BigInt(plan.includedWh) * 1000n, period, fromMs, untilMs)
      ms += this.partOf(BigInt(plan.includedMinutes) * 60_000n, period, fromMs, untilMs)
    }
    return { periodFromMs: period.fromMs, milliWh, ms }
  }
}

const includesAny = ({ includedWh, includedMinutes }: TruePlan): boolean => includedWh > 0 || includedMinutes > 0
