import { type Cdr, creditOf } from "#core/billing/Cdr.ts"
import type { SessionBill } from "#core/invoice/draft.ts"
import type { Buyer, Seller } from "#core/invoice/Party.ts"
import type { CompiledTariff } from "#core/tariff/compile.ts"
import { seller as network } from "#scenarios/lab/seller.ts"
import fc from "#test/support/fastCheck.ts"
import { cdrOf, everything, noon } from "../billing/fixtures.ts"
import { compiledOf, tariffOf } from "../tariff/fixtures.ts"

export const seller: Seller = {
  ...network,
  id: "stadtwerke",
  name: "Stadtwerke Musterstadt GmbH",
  contact: { name: "Kundendienst", phone: "+49 30 1234567", email: "rechnung@stadtwerke.example" }
}

export const buyer: Buyer = {
  name: "Analytik & Söhne OHG",
  contact: "Ada Lovelace",
  address: { line1: "Rechenweg 7", line2: "Hof 2", postCode: "10115", city: "Berlin", country: "DE" },
  vatId: "DE987654321",
  email: "ada@example.com",
  reference: "04011000-12345-67"
}

const gross = (rate: number) =>
  compiledOf(
    tariffOf(
      [
        {
          price_components: [
            { type: "FLAT", price: 0.35, vat: 7 },
            { type: "ENERGY", price: 0.59, vat: rate, step_size: 1 },
            { type: "PARKING_TIME", price: 6, vat: rate, step_size: 60 }
          ]
        }
      ],
      { tax_included: "YES", max_price: { before_taxes: 12, after_taxes: 13 } }
    )
  )

/** Prices with the tax inside, a bound on net and gross each, two rates. */
export const grossTariff = gross(19)

/** The bill of a session under a tariff. */
export const billOf = (compiled: CompiledTariff, energyMilliWh: number, n: number, parkingMs = 0): SessionBill => ({
  cdr: cdrOf(compiled, energyMilliWh, parkingMs, { id: `tx-${n}-1`, transactionId: `tx-${n}`, driverId: "ada" }),
  priceIncludesTax: compiled.tariff.taxIncluded === "YES",
  register: null
})

const session = fc.record({
  energyMilliWh: fc.integer({ min: 0, max: 60_000_000 }),
  parkingMs: fc.integer({ min: 0, max: 7_200 }).map((seconds) => seconds * 1000),
  gross: fc.boolean()
})

/** One to forty sessions of one driver under two tariffs. */
export const billLists = fc
  .array(session, { minLength: 1, maxLength: 40 })
  .map(
    (sessions) =>
      sessions.map(({ energyMilliWh, parkingMs, gross }, n) =>
        billOf(gross ? grossTariff : everything, energyMilliWh, n, parkingMs)
      ) as unknown as readonly [SessionBill, ...ReadonlyArray<SessionBill>]
  )

export const creditedCdr = (cdr: Cdr): Cdr => creditOf(cdr, { id: "tx-0-2", issuedAtMs: noon })
