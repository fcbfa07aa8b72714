import { Data, Result } from "effect"
import type { Cdr, CdrLine } from "../billing/Cdr.ts"
import { receivableOf } from "../billing/Ledger.ts"
import { exponentOf, largestRemainder, powerOfTen, roundHalfAwayFromZero, scaled } from "../Money.ts"
import { dayOf, daysAfter } from "./days.ts"
import type { Draft, InvoicedSession, InvoiceLine, InvoiceTax } from "./Invoice.ts"
import type { Buyer, Language, Seller } from "./Party.ts"

/** How documents are rounded; kept with each of them. */
export const roundingPolicy = "en16931-by-rate"

/** A CDR's exact amounts have six decimals. */
const micros = 1_000_000n

/** Why no document can be made of a CDR. */
export class CannotInvoice extends Data.TaggedError("CannotInvoice")<{
  readonly cdrId: string
  readonly reason: "credit" | "mixed" | "tax-without-rate" | "negative-rate" | "unknown-currency"
}> {}

/** A session to be put on a document. */
export interface SessionBill {
  readonly cdr: Cdr
  /** Whether the tariff's prices have the tax inside. */
  readonly priceIncludesTax: boolean
  /** First and last register of the session's meter, where known. */
  readonly register: { readonly startWh: number; readonly stopWh: number } | null
}

export interface Request {
  readonly kind: "invoice" | "receipt"
  readonly seller: Seller
  readonly buyer: Buyer | null
  readonly language: Language
  readonly issuedAtMs: number
  /** At least one, in the order in which they shall stand; of one currency, tax country and debtor. */
  readonly bills: readonly [SessionBill, ...ReadonlyArray<SessionBill>]
}

/** The tax of a category: THE place where a document rounds tax (EN 16931 BR-CO-17). Half a unit goes away from zero. */
export const categoryTax = (netMinor: bigint, ratePpm: bigint): bigint =>
  roundHalfAwayFromZero(netMinor * ratePpm, 1_000_000n)

/** The rate in millionths. */
export const ratePpmOf = (ratePercent: string): bigint => scaled(ratePercent, 4) ?? 0n

type Line = Omit<InvoiceLine, "number" | "netMinor"> & { readonly netMicros: bigint }

/**
 * The document of some sessions. Per VAT rate the exact net amounts of all lines are added and rounded once, the tax is
 * that sum times the rate, rounded once, and each line gets a share of the rounded net. What the sessions come to stays
 * what is to be paid; the difference is told as `roundingMinor`.
 */
export const draftOf = (request: Request): Result.Result<Draft, CannotInvoice> => {
  const { bills, seller } = request
  const first = bills[0].cdr
  const exponent = exponentOf(first.currency)
  if (exponent === undefined) return refused(first, "unknown-currency")
  for (const { cdr } of bills) {
    if (cdr.credit) return refused(cdr, "credit")
    const isAlike =
      cdr.currency === first.currency &&
      cdr.taxCountry === first.taxCountry &&
      receivableOf(cdr) === receivableOf(first)
    if (!isAlike) return refused(cdr, "mixed")
    for (const line of cdr.lines) {
      if (line.vatPercent === null && scaled(line.tax, 6) !== 0n) return refused(cdr, "tax-without-rate")
      if (line.vatPercent !== null && ratePpmOf(line.vatPercent) < 0n) return refused(cdr, "negative-rate")
    }
  }
  const raw = bills.flatMap((bill, index) => linesOf(bill, index))
  const taxes = taxesOf(raw, bills, exponent, seller)
  const lines = shared(raw, taxes, exponent)
  const netMinor = taxes.reduce((sum, tax) => sum + tax.netMinor, 0n)
  const taxMinor = taxes.reduce((sum, tax) => sum + tax.taxMinor, 0n)
  const payableMinor = bills.reduce((sum, { cdr }) => sum + cdr.grossMinor, 0n)
  const issueDate = dayOf(request.issuedAtMs, seller.timeZone)
  const days = bills.map(({ cdr }) => dayOf(cdr.endAtMs, cdr.timeZone)).sort()
  return Result.succeed({
    kind: request.kind,
    issuedAtMs: request.issuedAtMs,
    issueDate,
    dueDate: request.kind === "invoice" ? daysAfter(issueDate, seller.paymentDays) : null,
    periodFrom: days[0]!,
    periodTo: days[days.length - 1]!,
    language: request.language,
    seller,
    buyer: request.buyer,
    driverId: first.driverId,
    receivable: receivableOf(first),
    currency: first.currency,
    taxCountry: first.taxCountry,
    sessions: bills.map(sessionOf),
    lines,
    taxes,
    netMinor,
    taxMinor,
    grossMinor: netMinor + taxMinor,
    roundingMinor: payableMinor - netMinor - taxMinor,
    payableMinor,
    credits: null,
    policy: roundingPolicy
  })
}

const refused = (cdr: Cdr, reason: CannotInvoice["reason"]) => Result.fail(new CannotInvoice({ cdrId: cdr.id, reason }))

const sessionOf = ({ cdr, register }: SessionBill): InvoicedSession => ({
  cdrId: cdr.id,
  transactionId: cdr.transactionId,
  stationId: cdr.stationId,
  evseId: cdr.evseId,
  connectorId: cdr.connectorId,
  token: cdr.token?.uid ?? null,
  startAtMs: cdr.startAtMs,
  endAtMs: cdr.endAtMs,
  timeZone: cdr.timeZone,
  energyWh: cdr.energyWh,
  durationMs: cdr.durationMs,
  parkingMs: cdr.parkingMs,
  tariff: { id: cdr.tariff.id, version: cdr.tariff.version },
  register: register !== null && register.stopWh - register.startWh === cdr.energyWh ? register : null,
  grossMinor: cdr.grossMinor
})

/** The lines of a CDR, those of one dimension, price and rate as one, and what puts the tax at its rate. */
const linesOf = ({ cdr, priceIncludesTax }: SessionBill, session: number): ReadonlyArray<Line> => {
  const groups = Map.groupBy(cdr.lines, (line) =>
    [line.scope, line.dimension, line.unitPrice, line.vatPercent, line.adjustment].join("|")
  )
  const lines = [...groups.values()].map((group): Line => {
    const { scope, dimension, adjustment, unitPrice, vatPercent } = group[0]!
    const sumOf = (part: (line: CdrLine) => number) => group.reduce((sum, line) => sum + part(line), 0)
    return {
      session,
      scope,
      dimension,
      adjustment,
      volume: sumOf((line) => line.volume),
      stepSurplus: sumOf((line) => line.stepSurplus),
      unitPrice,
      priceIncludesTax,
      ...categoryOf(vatPercent),
      netMicros: group.reduce((sum, line) => sum + scaled(line.net, 6)!, 0n)
    }
  })
  return [...lines, ...taxAtRate(cdr, session)]
}

/** The VAT category of a rate (EN 16931). */
export const categoryOf = (vatPercent: string | null): Pick<Line, "category" | "ratePercent"> => {
  if (vatPercent === null) return { category: "E", ratePercent: "0" }
  return ratePpmOf(vatPercent) === 0n ? { category: "Z", ratePercent: "0" } : { category: "S", ratePercent: vatPercent }
}

/**
 * Limits that bind net and gross each on its own leave a tax that is not net times rate. What the driver pays holds: the
 * net price is what is inside it.
 */
const taxAtRate = (cdr: Cdr, session: number): ReadonlyArray<Line> =>
  [...Map.groupBy(cdr.lines, ({ vatPercent }) => vatPercent)].flatMap(([vatPercent, group]) => {
    if (vatPercent === null) return []
    const ratePpm = ratePpmOf(vatPercent)
    const net = group.reduce((sum, line) => sum + scaled(line.net, 6)!, 0n)
    const tax = group.reduce((sum, line) => sum + scaled(line.tax, 6)!, 0n)
    const difference = tax * micros - net * ratePpm
    // Each line's net and tax are rounded to a millionth.
    const tolerance = BigInt(group.length + 1) * 2n * micros
    if (difference <= tolerance && difference >= -tolerance) return []
    const inside = roundHalfAwayFromZero((net + tax) * 1_000_000n, 1_000_000n + ratePpm)
    const line: Line = {
      session,
      scope: "session",
      dimension: "ADJUSTMENT",
      adjustment: "TAX_AT_RATE",
      volume: 0,
      stepSurplus: 0,
      unitPrice: "0.00",
      priceIncludesTax: false,
      ...categoryOf(vatPercent),
      netMicros: inside - net
    }
    return [line]
  })

const keyOf = ({ category, ratePercent }: { readonly category: string; readonly ratePercent: string }): string =>
  `${category}|${ratePercent}`

const taxesOf = (
  lines: ReadonlyArray<Line>,
  bills: ReadonlyArray<SessionBill>,
  exponent: number,
  seller: Seller
): ReadonlyArray<InvoiceTax> => {
  const rated = new Map<string, bigint>()
  for (const { cdr } of bills) {
    for (const tax of cdr.taxes) {
      const key = keyOf(categoryOf(tax.vatPercent))
      rated.set(key, (rated.get(key) ?? 0n) + tax.taxMinor)
    }
  }
  return [...Map.groupBy(lines, keyOf)]
    .map(([key, group]): InvoiceTax => {
      const { category, ratePercent } = group[0]!
      const net = group.reduce((sum, line) => sum + line.netMicros, 0n)
      const netMinor = roundHalfAwayFromZero(net * powerOfTen(exponent), micros)
      return {
        category,
        ratePercent,
        netMinor,
        taxMinor: categoryTax(netMinor, ratePpmOf(ratePercent)),
        ratedTaxMinor: rated.get(key) ?? 0n,
        exemptionReason: category === "E" ? seller.exemptionReason : null
      }
    })
    .sort((a, b) => Number(ratePpmOf(b.ratePercent) - ratePpmOf(a.ratePercent)) || (a.category < b.category ? -1 : 1))
}

/** Each line with its share of its rate's rounded net. */
const shared = (
  lines: ReadonlyArray<Line>,
  taxes: ReadonlyArray<InvoiceTax>,
  exponent: number
): ReadonlyArray<InvoiceLine> => {
  const shares = new Map<Line, bigint>()
  for (const tax of taxes) {
    const group = lines.filter((line) => keyOf(line) === keyOf(tax))
    const parts = largestRemainder(
      tax.netMinor,
      group.map((line) => line.netMicros),
      micros,
      exponent
    )
    group.forEach((line, index) => {
      shares.set(line, parts[index]!)
    })
  }
  return lines.map((line, index) => {
    const { netMicros: _exact, ...rest } = line
    return { number: index + 1, ...rest, netMinor: shares.get(line)! }
  })
}
