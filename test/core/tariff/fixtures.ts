import { Result } from "effect"
import { type CompiledTariff, compile } from "#core/tariff/compile.ts"
import { Tariff } from "#core/tariff/Tariff.ts"

/** A published tariff from the figures a test cares about. */
export const tariffOf = (
  elements: ReadonlyArray<{
    readonly price_components: ReadonlyArray<Record<string, unknown>>
    readonly restrictions?: unknown
    readonly wattproof?: unknown
  }>,
  rest: Record<string, unknown> = {}
): Tariff => Result.getOrThrow(Tariff.parse({ id: "T", currency: "EUR", tax_included: "NO", elements, ...rest }))

export const compiledOf = (tariff: Tariff, timeZone = "UTC"): CompiledTariff =>
  Result.getOrThrow(compile(tariff, timeZone))

export const energyPrice = (price: number, rest: Record<string, unknown> = {}) => ({
  price_components: [{ type: "ENERGY", price, step_size: 0, ...rest }]
})
