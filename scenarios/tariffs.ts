import * as Instant from "#core/Instant.ts"
import type { OcpiTariff } from "#simulator/oracles/SlowRater.ts"

/** Wednesday, 4 March 2026, 00:00 UTC: a day like any other. */
export const weekdayAtMs = Date.UTC(2026, 2, 4)

/** The Monday and the Friday of that week. */
export const mondayAtMs = Date.UTC(2026, 2, 2)
export const fridayAtMs = Date.UTC(2026, 2, 6)

const noonMs = 12 * 3_600_000

const elements = (energy: number, flat: number): OcpiTariff["elements"] => [
  {
    price_components: [
      { type: "ENERGY", price: energy, vat: 19, step_size: 1 },
      { type: "TIME", price: 1.2, vat: 19, step_size: 60 },
      { type: "PARKING_TIME", price: 6, vat: 19, step_size: 300 },
      { type: "FLAT", price: flat, vat: 7 }
    ]
  }
]

/** Energy, time, parking and a session fee, two VAT rates on top, and steps. */
export const plainTariff: ReadonlyArray<OcpiTariff> = [
  { id: "STANDARD", version: 1, currency: "EUR", tax_included: "NO", elements: elements(0.49, 0.35) }
]

/**
 * The same, dearer from noon of that day on: what is replayed after it must still be priced by what was valid at its
 * start. Prices include the tax.
 */
export const risingAt = (dayAtMs: number): ReadonlyArray<OcpiTariff> => [
  {
    id: "RISING",
    version: 1,
    currency: "EUR",
    tax_included: "YES",
    elements: elements(0.59, 0.5),
    end_date_time: Instant.format(dayAtMs + noonMs)
  },
  {
    id: "RISING",
    version: 2,
    currency: "EUR",
    tax_included: "YES",
    elements: elements(0.79, 1),
    start_date_time: Instant.format(dayAtMs + noonMs)
  }
]

/** What nobody charges by, and bills are corrected to: less than the plain tariff, and dearer from noon of that day on. */
export const lessAt = (dayAtMs: number): ReadonlyArray<OcpiTariff> => {
  const less = { id: "LESS", currency: "EUR", tax_included: "NO" } as const
  const noon = Instant.format(dayAtMs + noonMs)
  return [
    { ...less, version: 1, elements: elements(0.19, 0), end_date_time: noon },
    { ...less, version: 2, elements: elements(0.29, 0.1), start_date_time: noon }
  ]
}

/** Dearer from noon of the day like any other. */
export const risingTariff: ReadonlyArray<OcpiTariff> = risingAt(weekdayAtMs)

/** Prices by which seconds of charging come to what a payment may be, and use up what is held: EUR 10 to begin with. */
export const secondsTariff: ReadonlyArray<OcpiTariff> = [
  {
    id: "SECONDS",
    version: 1,
    currency: "EUR",
    tax_included: "NO",
    preauthorize_amount: 10,
    elements: [
      {
        price_components: [
          { type: "ENERGY", price: 200, vat: 19, step_size: 1 },
          { type: "FLAT", price: 1, vat: 7 }
        ]
      }
    ]
  }
]

/** Energy, time and a fee without steps, of which subscribers of two plans pay less. */
export const discountedTariff: ReadonlyArray<OcpiTariff> = [
  {
    id: "STANDARD",
    version: 1,
    currency: "EUR",
    tax_included: "NO",
    elements: [
      {
        price_components: [
          { type: "ENERGY", price: 0.49, vat: 19, step_size: 0 },
          { type: "TIME", price: 0.6, vat: 19, step_size: 0 },
          { type: "PARKING_TIME", price: 3, vat: 19, step_size: 0 },
          { type: "FLAT", price: 0.35, vat: 7 }
        ]
      }
    ],
    wattproof: {
      discounts: [
        { name: "Home", type: "ENERGY", percent: 10, groups: ["home"] },
        { name: "Home plus", percent: 20, groups: ["home-plus"] }
      ]
    }
  }
]

/** What bills of those who have plans are corrected to: less for everybody, or more without anybody's discount. */
export const correctedDiscounted: ReadonlyArray<OcpiTariff> = discountedTariff.flatMap(
  ({ elements, wattproof, ...tariff }) => {
    const times = (factor: number) =>
      elements.map(({ price_components, ...element }) => ({
        ...element,
        price_components: price_components.map((part) => ({ ...part, price: Number(part.price) * factor }))
      }))
    return [
      { ...tariff, id: "LESS", elements: times(0.5), ...(wattproof !== undefined && { wattproof }) },
      { ...tariff, id: "DEARER", elements: times(2) }
    ]
  }
)
