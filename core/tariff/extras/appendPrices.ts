import { Result } from "effect"
import * as Instant from "../../Instant.ts"
import type { Tariff } from "../Tariff.ts"
import type { EnergyPrices } from "./Extras.ts"
import { maxSeriesPrices } from "./ExtrasWire.ts"

/** Prices that do not go on where a tariff's series ends: where in them, as a JSON pointer, and what is expected. */
export interface NotNext {
  readonly path: string
  readonly message: string
}

/** Prices to be added: each until the next one, the last until the end. */
export type AddedPrices = Pick<EnergyPrices, "prices" | "endAtMs">

/**
 * The tariff with the next prices in its series; itself when it has them already. They begin where the series ends, so
 * that no hour is left out or told twice; a series that is over begins anew. Prices that are over at that instant are
 * left out: no session begins in them any more.
 */
export const appendPrices = (tariff: Tariff, added: AddedPrices, nowMs: number): Result.Result<Tariff, NotNext> => {
  const { extras } = tariff
  const series = extras?.energyPrices ?? null
  const first = added.prices[0]
  if (extras === null || series === null || first === undefined)
    return Result.fail({ path: "", message: `Expected a tariff with a price series; ${tariff.id} has none` })
  if (hasAlready(series, added)) return Result.succeed(tariff)
  const isOver = series.endAtMs <= nowMs
  if (first.startAtMs < series.endAtMs || (first.startAtMs > series.endAtMs && !isOver)) {
    const message = `Expected ${Instant.format(series.endAtMs)}, where the series ends: no hour may be left out or told twice`
    return Result.fail({ path: "/prices/0/start_date_time", message })
  }
  if (added.endAtMs <= nowMs)
    return Result.fail({ path: "/end_date_time", message: "Expected an instant that is still to come" })
  const before = first.startAtMs > series.endAtMs ? [] : series.prices
  const all = [...before, ...added.prices]
  const prices = all.filter((_, index) => (all[index + 1]?.startAtMs ?? added.endAtMs) > nowMs)
  if (prices.length > maxSeriesPrices)
    return Result.fail({
      path: "/prices",
      message: `Expected no more than ${maxSeriesPrices} prices that are still to come`
    })
  return Result.succeed({
    ...tariff,
    extras: { ...extras, energyPrices: { ...series, prices, endAtMs: added.endAtMs } }
  })
}

const hasAlready = (series: EnergyPrices, { prices, endAtMs }: AddedPrices): boolean => {
  if (endAtMs > series.endAtMs) return false
  const ends = new Set([...series.prices.map(({ startAtMs }) => startAtMs), series.endAtMs])
  return (
    ends.has(endAtMs) &&
    prices.every(({ startAtMs, priceMicros }) =>
      series.prices.some((it) => it.startAtMs === startAtMs && it.priceMicros === priceMicros)
    )
  )
}
