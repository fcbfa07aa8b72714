import { roundHalfAwayFromZero, unscaled } from "../../Money.ts"
import type { PriceComponent, Tariff } from "../Tariff.ts"
import type { Lose } from "./Loss.ts"

const million = 1_000_000n

/**
 * The same tariff with prices before taxes, for formats that know no others. A price with its tax inside is divided by
 * 1 + VAT; where that is no whole number of millionths it is rounded, and the loss says so.
 */
export const beforeTaxes = (tariff: Tariff, lose: Lose): Tariff => {
  if (tariff.taxIncluded === "NO") return tariff
  return {
    ...tariff,
    taxIncluded: "NO",
    elements: tariff.elements.map((element, index) => ({
      ...element,
      priceComponents: element.priceComponents.map((component, place) => {
        const path = `/elements/${index}/price_components/${place}`
        return tariff.taxIncluded === "YES" ? netOf(component, path, lose) : untaxed(component, path, lose)
      })
    }))
  }
}

const untaxed = (component: PriceComponent, path: string, lose: Lose): PriceComponent => {
  if (component.vatPpm !== null)
    lose(`${path}/vat`, "nothing", "tax_included is N/A, so the rate has no effect and is left out.")
  return { ...component, vatPpm: null }
}

const netOf = (component: PriceComponent, path: string, lose: Lose): PriceComponent => {
  const { priceMicros, vatPpm } = component
  if (vatPpm === null) {
    if (priceMicros !== 0)
      lose(
        `${path}/price`,
        "tax",
        "The price includes taxes of an unknown rate and is written as if it were before taxes."
      )
    return component
  }
  const gross = BigInt(priceMicros) * million
  const divisor = million + BigInt(vatPpm)
  const net = roundHalfAwayFromZero(gross, divisor)
  if (net * divisor !== gross) {
    const [from, to] = [unscaled(BigInt(priceMicros), 6), unscaled(net, 6)]
    lose(`${path}/price`, "price", `${from} with tax is no whole number of millionths before taxes; ${to} is written.`)
  }
  return { ...component, priceMicros: Number(net) }
}
