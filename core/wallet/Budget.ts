import * as Instant from "../Instant.ts"
import { dayAfterMonth, dayOf, daysAfter, startOfDay } from "../invoice/days.ts"
import { dayMs, weekdayOf } from "../tariff/Zone.ts"
import { type Charge, countedMinor, countedWh } from "./Charge.ts"

export const budgetPeriods = ["day", "week", "month"] as const

export type BudgetPeriod = (typeof budgetPeriods)[number]

/** What happens at a budget's end: no start is accepted any more, or running charges are stopped as well. */
export const atLimits = ["refuse", "stop"] as const

/**
 * What a token may charge in a day, a week (from Monday) or a month by the calendar of a zone. A charge counts wholly in
 * the period in which it began. Null is no limit.
 */
export interface Budget {
  readonly tokenUid: string
  readonly period: BudgetPeriod
  readonly timeZone: string
  /** Of `maxMinor`: charges at prices in another currency are refused where money is limited. */
  readonly currency: string
  readonly maxMinor: bigint | null
  readonly maxWh: number | null
  readonly maxSessions: number | null
  readonly atLimit: (typeof atLimits)[number]
  readonly setAtMs: number
}

/** A budget, and what was used of it in the period asked about. */
export interface BudgetState {
  readonly budget: Budget
  readonly fromMs: number
  readonly untilMs: number
  readonly usedMinor: bigint
  readonly usedWh: number
  readonly usedSessions: number
}

/** The period that an instant falls in: from its first instant up to, and without, its last. */
export const periodAt = (
  { period, timeZone }: Pick<Budget, "period" | "timeZone">,
  atMs: number
): { readonly fromMs: number; readonly untilMs: number } => {
  const day = dayOf(atMs, timeZone)
  const [first, next] = daysOf(period, day)
  return { fromMs: startOfDay(first, timeZone), untilMs: startOfDay(next, timeZone) }
}

/** The first day of the period that a day is in, and that of the next. */
const daysOf = (period: BudgetPeriod, day: string): readonly [string, string] => {
  switch (period) {
    case "day":
      return [day, daysAfter(day, 1)]
    case "week": {
      const monday = daysAfter(day, -((weekdayOf(Instant.parse(`${day}T00:00:00Z`)! / dayMs) + 6) % 7))
      return [monday, daysAfter(monday, 7)]
    }
    case "month":
      return [`${day.slice(0, 8)}01`, dayAfterMonth(day.slice(0, 7))]
  }
}

/** A budget's use in the period of an instant: `charges` are those of its token that began in it. */
export const usedOf = (budget: Budget, charges: Iterable<Charge>, atMs: number): BudgetState => {
  const { fromMs, untilMs } = periodAt(budget, atMs)
  let [usedMinor, usedWh, usedSessions] = [0n, 0, 0]
  for (const charge of charges) {
    if (charge.startedAtMs < fromMs || charge.startedAtMs >= untilMs) continue
    if (charge.currency === budget.currency) usedMinor += countedMinor(charge)
    usedWh += countedWh(charge)
    if (charge.accepted) usedSessions++
  }
  return { budget, fromMs, untilMs, usedMinor, usedWh, usedSessions }
}
