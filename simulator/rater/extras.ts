import { decimal, type Fraction, isLess, minus, nothing, over, plus, sumOf, times, whole } from "./Fraction.ts"
import { isByClock, type Moment } from "./holds.ts"
import type { Discount, OcpiElement, OcpiTariff, Stretch } from "./Model.ts"
import type { SlowLine } from "./price.ts"
import { wallTime } from "./wallClock.ts"

/** What OCPI lacks, worked out a second time. */

/** Whether the calendar lets an element hold on that day. */
export const isItsDay = ({ wattproof: own }: OcpiElement, { wattproof }: OcpiTariff, moment: Moment): boolean => {
  if (own?.holidays === undefined) return true
  const { date } = wallTime(moment.stretch.startAtMs, moment.timeZone)
  const isHoliday = wattproof?.holidays?.dates.includes(date) === true
  return own.holidays === "ONLY" ? isHoliday : !isHoliday
}

/** Of each stretch, whether quiet hours hold when it starts. */
export const quietOf = (
  { wattproof }: OcpiTariff,
  stretches: ReadonlyArray<Stretch>,
  timeZone: string
): ReadonlyArray<boolean> =>
  stretches.map((stretch) => (wattproof?.quiet_hours ?? []).some((it) => isByClock(it, { stretch, timeZone })))

/** Why parking costs nothing in a stretch whose element would charge it; undefined where it does. */
export const freeBy = (
  element: OcpiElement,
  stretches: ReadonlyArray<Stretch>,
  index: number,
  quiet: ReadonlyArray<boolean>
): "GRACE" | "QUIET_HOURS" | undefined => {
  if (quiet[index]) return "QUIET_HOURS"
  const grace = element.wattproof?.grace
  if (grace === undefined) return undefined
  // Charging comes first in a stretch that has both, and begins the count anew.
  const charged = stretches.findLastIndex((it, at) => at <= index && it.chargingMs > 0)
  const since = grace.per === "SESSION" ? 0 : Math.max(charged, 0)
  if (grace.per === "STRETCH" && charged === index) return "GRACE"
  let parkedMs = 0
  for (let at = since; at < index; at++) if (!quiet[at]) parkedMs += stretches[at]!.parkingMs
  return parkedMs < grace.seconds * 1000 ? "GRACE" : undefined
}

/** The price of a kWh by the series; undefined where it has none. Never below 0. */
export const seriesPrice = ({ wattproof }: OcpiTariff, atMs: number): Fraction | undefined => {
  const series = wattproof?.energy_prices
  if (series === undefined || atMs >= Date.parse(series.end_date_time)) return undefined
  const begun = series.prices.filter((it) => Date.parse(it.start_date_time) <= atMs)
  const last = begun[begun.length - 1]
  if (last === undefined) return undefined
  const price = plus(decimal(last.price), decimal(series.surcharge ?? 0))
  return isLess(price, nothing) ? nothing : price
}

/** What a cap or a discount took of a line. */
export interface Reduction {
  readonly reason: "CAP" | "DISCOUNT"
  /** Into the tariff's caps or discounts. */
  readonly index: number
  readonly line: SlowLine
  readonly net: Fraction
  readonly gross: Fraction
}

/** The lines after caps and discounts, one by one each in the same proportion, and what was taken on the way. */
export const reduced = (
  tariff: OcpiTariff,
  lines: ReadonlyArray<SlowLine>,
  groups: ReadonlyArray<string>
): { readonly left: ReadonlyArray<SlowLine>; readonly taken: ReadonlyArray<Reduction> } => {
  const { caps = [], discounts = [] } = tariff.wattproof ?? {}
  const taken: Array<Reduction> = []
  let left = lines
  const lower = (
    reason: Reduction["reason"],
    index: number,
    concerns: (line: SlowLine) => boolean,
    after: (asked: Fraction) => Fraction
  ) => {
    const asked = sumOf(left.filter(concerns).map((it) => (tariff.tax_included === "YES" ? it.gross : it.net)))
    if (!isLess(nothing, asked)) return
    const part = over(after(asked), asked)
    left = left.map((line) => {
      if (!concerns(line)) return line
      const [net, gross] = [times(line.net, part), times(line.gross, part)]
      taken.push({ reason, index, line, net: minus(net, line.net), gross: minus(gross, line.gross) })
      return { ...line, net, gross }
    })
  }
  caps.forEach(({ type, amount }, index) => {
    const most = decimal(amount)
    const concerns = (line: SlowLine) => line.scope === "session" && line.dimension === type
    lower("CAP", index, concerns, (asked) => (isLess(most, asked) ? most : asked))
  })
  discounts.forEach((discount, index) => {
    const { type, groups: those } = discount
    if (those !== undefined && !those.some((group) => groups.includes(group))) return
    const concerns = (line: SlowLine) => type === undefined || (line.scope === "session" && line.dimension === type)
    lower("DISCOUNT", index, concerns, (asked) => discounted(discount, asked))
  })
  return { left, taken }
}

const discounted = ({ percent, amount }: Discount, asked: Fraction): Fraction => {
  if (percent !== undefined) return times(asked, minus(whole(1), over(decimal(percent), whole(100))))
  const rest = minus(asked, decimal(amount ?? 0))
  return isLess(rest, nothing) ? nothing : rest
}
