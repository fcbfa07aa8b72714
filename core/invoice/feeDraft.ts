import { exponentOf, formatMinor, roundHalfAwayFromZero } from "../Money.ts"
import type { FeeItem } from "../subscription/fees.ts"
import { dayOf, daysAfter } from "./days.ts"
import { categoryOf, categoryTax, ratePpmOf, roundingPolicy } from "./draft.ts"
import type { Draft, InvoiceLine, InvoiceTax } from "./Invoice.ts"
import type { Buyer, Language, Seller } from "./Party.ts"

export interface FeeRequest {
  readonly seller: Seller
  readonly buyer: Buyer
  readonly language: Language
  readonly issuedAtMs: number
  readonly driverId: string
  /** Of one currency and tax country, in the order in which they shall stand. Together not negative. */
  readonly items: readonly [FeeItem, ...ReadonlyArray<FeeItem>]
}

/** What is inside a gross amount at a rate in millionths: rounded once, half away from zero. */
const netInside = (grossMinor: bigint, ratePpm: bigint): bigint =>
  roundHalfAwayFromZero(grossMinor * 1_000_000n, 1_000_000n + ratePpm)

/**
 * The document of fees. Each line is the net amount inside its fee; the tax is that of the rate's net sum (EN 16931
 * BR-CO-17), and what is to be paid is what the fees come to: a cent between the two is told as rounding.
 */
export const feeDraftOf = ({ seller, buyer, language, issuedAtMs, driverId, items }: FeeRequest): Draft => {
  const { currency, taxCountry } = items[0].plan
  if (exponentOf(currency) === undefined) throw new Error(`${currency} is no currency`)
  const lines = items.map((item, index) => lineOf(item, index + 1))
  const taxes = [...Map.groupBy(lines, ({ category, ratePercent }) => `${category}|${ratePercent}`).values()].map(
    (group): InvoiceTax => {
      const { category, ratePercent } = group[0]!
      const netMinor = group.reduce((sum, line) => sum + line.netMinor, 0n)
      const taxMinor = categoryTax(netMinor, ratePpmOf(ratePercent))
      const exemptionReason = category === "E" ? seller.exemptionReason : null
      // Nothing was booked before the document: all of its tax is new.
      return { category, ratePercent, netMinor, taxMinor, ratedTaxMinor: 0n, exemptionReason }
    }
  )
  const netMinor = taxes.reduce((sum, tax) => sum + tax.netMinor, 0n)
  const taxMinor = taxes.reduce((sum, tax) => sum + tax.taxMinor, 0n)
  const payableMinor = items.reduce((sum, { grossMinor }) => sum + grossMinor, 0n)
  const issueDate = dayOf(issuedAtMs, seller.timeZone)
  return {
    kind: "invoice",
    issuedAtMs,
    issueDate,
    dueDate: daysAfter(issueDate, seller.paymentDays),
    periodFrom: items.map(({ fromDay }) => fromDay).sort()[0]!,
    periodTo: items
      .map(({ toDay }) => toDay)
      .sort()
      .at(-1)!,
    language,
    seller,
    buyer,
    driverId,
    receivable: `receivable:driver:${driverId}`,
    currency,
    taxCountry,
    sessions: [],
    lines,
    taxes,
    netMinor,
    taxMinor,
    grossMinor: netMinor + taxMinor,
    roundingMinor: payableMinor - netMinor - taxMinor,
    payableMinor,
    credits: null,
    policy: roundingPolicy
  }
}

const lineOf = ({ id, plan, grossMinor, fromDay, toDay }: FeeItem, number: number): InvoiceLine => {
  const { category, ratePercent } = categoryOf(plan.vatPercent)
  return {
    number,
    session: -1,
    scope: "session",
    dimension: "FEE",
    adjustment: null,
    volume: 1,
    stepSurplus: 0,
    unitPrice: formatMinor(grossMinor, plan.currency),
    priceIncludesTax: true,
    category,
    ratePercent,
    netMinor: netInside(grossMinor, ratePpmOf(ratePercent)),
    fee: { itemId: id, text: plan.name, fromDay, toDay }
  }
}
