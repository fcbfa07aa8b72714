import { type Cdr, makeCdr } from "#core/billing/Cdr.ts"
import { type ChargingPeriod, emptyPeriod } from "#core/tariff/ChargingPeriod.ts"
import type { CompiledTariff } from "#core/tariff/compile.ts"
import { rate } from "#core/tariff/rate.ts"
import fc from "#test/support/fastCheck.ts"
import { compiledOf, tariffOf } from "../tariff/fixtures.ts"

const hour = 3_600_000
export const noon = 1_705_320_000_000

/** Two rates, all four dimensions, steps, and a maximum that dearer sessions reach. */
export const everything = compiledOf(
  tariffOf(
    [
      {
        price_components: [
          { type: "FLAT", price: 0.99, vat: 19 },
          { type: "ENERGY", price: 0.333333, vat: 19, step_size: 100 },
          { type: "TIME", price: 1.1, vat: 7, step_size: 60 },
          { type: "PARKING_TIME", price: 4.77, vat: 7, step_size: 60 }
        ]
      }
    ],
    { min_price: { before_taxes: 2 }, max_price: { before_taxes: 15 } }
  )
)

/** The CDR of one hour of charging and some parking. */
export const cdrOf = (
  compiled: CompiledTariff,
  energyMilliWh: number,
  parkingMs = 0,
  over: Partial<Parameters<typeof makeCdr>[0]> = {}
): Cdr => {
  const chargingPeriods: ReadonlyArray<ChargingPeriod> = [
    { ...emptyPeriod, startAtMs: noon, endAtMs: noon + hour, energyMilliWh, chargingMs: hour },
    ...(parkingMs === 0
      ? []
      : [{ ...emptyPeriod, startAtMs: noon + hour, endAtMs: noon + hour + parkingMs, parkingMs, minPowerW: 0.5 }])
  ]
  return makeCdr(
    {
      id: "cdr-1",
      transactionId: "tx-1",
      stationId: "CP-1",
      evseId: 1,
      connectorId: 1,
      token: { uid: "CAFE", type: "ISO14443" },
      driverId: null,
      startAtMs: noon,
      endAtMs: noon + hour + parkingMs,
      timeZone: "UTC",
      findings: ["meter-gap"],
      issuedAtMs: noon + 2 * hour,
      chargingPeriods,
      ...over
    },
    rate(compiled, chargingPeriods, { groups: over.groups ?? [] })
  )
}

export const cdrs: fc.Arbitrary<Cdr> = fc
  .record({
    energyMilliWh: fc.nat(60_000_000),
    parkingMs: fc.nat(3 * hour),
    id: fc.uuid(),
    driverId: fc.option(fc.constantFrom("D1", "D2")),
    taxCountry: fc.option(fc.constantFrom("DE", "NL"))
  })
  .map(({ energyMilliWh, parkingMs, ...over }) => cdrOf(everything, energyMilliWh, parkingMs, over))
