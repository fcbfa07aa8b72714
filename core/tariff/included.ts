import type { CompiledTariff } from "./compile.ts"
import type { RatingLine } from "./Rating.ts"
import type { Draft } from "./rate.ts"
import type { RawLine } from "./total.ts"

/** What of a session a subscription includes: priced at zero. */
export interface Included {
  readonly energyMilliWh: number
  readonly chargingMs: number
}

type Priced = Pick<RatingLine, "scope" | "dimension" | "volume" | "unitPriceMicros" | "adjustment">

/** What of a session could be included: what has a price above zero, what a step added among it. */
export const includable = (lines: ReadonlyArray<Priced>): Included => {
  const sumOf = (dimension: RatingLine["dimension"]) =>
    lines
      .filter((line) => line.scope === "session" && line.dimension === dimension && line.adjustment === null)
      .filter((line) => line.unitPriceMicros > 0)
      .reduce((sum, { volume }) => sum + volume, 0)
  return { energyMilliWh: sumOf("ENERGY"), chargingMs: sumOf("TIME") }
}

/**
 * The lines that take off what is included, in the order in which it was used: so much less of a line at its price, so that
 * a receipt explains itself. They come before caps, discounts and limits, which bind what is left to pay.
 */
export const includedLines = (
  drafts: ReadonlyArray<Draft>,
  compiled: CompiledTariff,
  included: Included
): ReadonlyArray<RawLine> => {
  const left = { ENERGY: included.energyMilliWh, TIME: included.chargingMs }
  const lines: Array<RawLine> = []
  for (const { scope, dimension, period, startAtMs, candidate, volume } of drafts) {
    if (scope !== "session" || (dimension !== "ENERGY" && dimension !== "TIME")) continue
    const part = Math.min(volume, left[dimension])
    if (part <= 0 || candidate.adjustment !== null || candidate.price.priceMicros <= 0) continue
    left[dimension] -= part
    lines.push({
      scope,
      dimension,
      period,
      startAtMs,
      element: candidate.element,
      component: candidate.component,
      volume: -part,
      stepSurplus: 0,
      unitPriceMicros: candidate.price.priceMicros,
      vatPpm: candidate.vatPpm,
      net: { n: -BigInt(part) * candidate.netPerUnit, d: compiled.unit },
      tax: { n: -BigInt(part) * candidate.taxPerUnit, d: compiled.unit },
      adjustment: "INCLUDED"
    })
  }
  return lines
}
