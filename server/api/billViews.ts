import { Result } from "effect"
import type { Cdr as CdrView } from "#core/api/Cdrs.ts"
import type { Entry as EntryView, TrialBalance } from "#core/api/Ledger.ts"
import type { PriceSheet } from "#core/api/Prices.ts"
import { type Cdr, type CdrLine, encodeCdr, makeCdr } from "#core/billing/Cdr.ts"
import type { Balance, Entry } from "#core/billing/Ledger.ts"
import type { Price } from "#core/billing/priceOf.ts"
import { durationText } from "#core/duration.ts"
import * as Instant from "#core/Instant.ts"
import { formatMinor, unscaled } from "#core/Money.ts"
import { type CompiledTariff, compile } from "#core/tariff/compile.ts"
import { explain as explainRating, type Reason } from "#core/tariff/explain.ts"
import { isAmount } from "#core/tariff/Rating.ts"
import { rate, stepPolicyOf } from "#core/tariff/rate.ts"
import type { Tariff } from "#core/tariff/Tariff.ts"
import type { RunningCost } from "./Live.ts"

/** A CDR as the contract shows it: instants as text, every line explained. */
export const cdrView = (cdr: Cdr): CdrView => {
  const { startAtMs, endAtMs, issuedAtMs, chargingPeriods, lines, ...rest } = encodeCdr(cdr)
  return {
    ...rest,
    startAt: Instant.format(startAtMs),
    endAt: Instant.format(endAtMs),
    issuedAt: Instant.format(issuedAtMs),
    chargingPeriods: chargingPeriods.map(({ startAtMs, endAtMs, ...period }) => ({
      startAt: Instant.format(startAtMs),
      endAt: Instant.format(endAtMs),
      ...period
    })),
    lines: lines.map((line, index) => ({ ...line, explanation: explain(cdr, cdr.lines[index]!) }))
  }
}

/** A price that is no bill, of a session that ran, or would run, from one instant to another. */
export const priceSheetView = (
  { chargingPeriods, rating }: Price,
  compiled: CompiledTariff,
  session: { readonly startAtMs: number; readonly endAtMs: number }
): PriceSheet => {
  const priced = cdrView(
    makeCdr(
      {
        id: "",
        transactionId: "",
        stationId: "",
        evseId: 0,
        connectorId: 0,
        token: null,
        driverId: null,
        ...session,
        timeZone: compiled.zone.name,
        findings: [],
        issuedAtMs: session.endAtMs,
        chargingPeriods
      },
      rating
    )
  )
  const { startAt, endAt, timeZone, currency, tariff, policy, energyWh, durationMs, parkingMs, lines } = priced
  const { taxes, limitApplied, notes, netMinor, taxMinor, grossMinor } = priced
  return {
    ...{ startAt, endAt, timeZone, currency, tariff, policy, energyWh, durationMs, parkingMs, lines },
    ...{ taxes, limitApplied, notes, netMinor, taxMinor, grossMinor },
    chargingPeriods: priced.chargingPeriods,
    reasons: explainRating(compiled, chargingPeriods, rating)
  }
}

export const runningCostView = ({ price, compiled }: RunningCost): PriceSheet =>
  priceSheetView(price, compiled, {
    startAtMs: price.assessment.startedAtMs,
    endAtMs: price.assessment.endedAtMs
  })

const names: Readonly<Record<CdrLine["dimension"], string>> = {
  ENERGY: "Energy",
  TIME: "Charging time",
  PARKING_TIME: "Parking time",
  RESERVATION_TIME: "Reservation time",
  FLAT: "Session fee",
  ADJUSTMENT: "Adjustment"
}

const adjustments = {
  MIN_PRICE: "raised to the tariff's minimum price",
  MAX_PRICE: "lowered to the tariff's maximum price",
  NEGATIVE_TAX: "tax that would have been negative",
  INCLUDED: "included in the subscription",
  GRACE: "free by the grace period",
  QUIET_HOURS: "free in quiet hours",
  CAP: "held at the most that a session pays for it",
  DISCOUNT: "discount"
} as const

const kilowattHours = (milliWh: number): string => `${unscaled(BigInt(milliWh), 6, 3)} kWh`

const quantity = (line: CdrLine, volume: number): string =>
  line.dimension === "ENERGY" ? kilowattHours(volume) : durationText(volume)

/** A line as a sentence: what was billed at which price, and what that comes to. */
export const explain = (cdr: Pick<Cdr, "currency">, line: CdrLine): string => {
  const money = (minor: bigint) => `${formatMinor(minor, cdr.currency)} ${cdr.currency}`
  const vat = line.vatPercent === null ? "" : `, VAT ${line.vatPercent} % ${money(line.taxMinor)}`
  const sum = `${money(line.netMinor)} net${vat}`
  if (isAmount(line)) {
    return `${names[line.dimension]}: ${line.adjustment === null ? "" : `${adjustments[line.adjustment]}, `}${sum}`
  }
  if (line.adjustment !== null && line.adjustment !== "INCLUDED")
    return `${names[line.dimension]}: ${quantity(line, line.volume)} ${adjustments[line.adjustment]}`
  const price = `${line.unitPrice} ${cdr.currency}`
  if (line.dimension === "FLAT") return `${names.FLAT}: ${price} per session = ${sum}`
  const per = line.dimension === "ENERGY" ? "kWh" : "h"
  const steps = line.stepSurplus > 0 ? `, ${quantity(line, line.stepSurplus)} of it by the tariff's step` : ""
  const name = line.adjustment === null ? names[line.dimension] : `${names[line.dimension]}, ${adjustments.INCLUDED}`
  return `${name}: ${quantity(line, line.volume)}${steps} at ${price} per ${per} = ${sum}`
}

/** Why every line is what it is, by rating the CDR's own periods again; empty when its zone is no longer known. */
export const reasonsOf = (cdr: Cdr, tariff: Tariff): ReadonlyArray<ReadonlyArray<Reason>> => {
  const compiled = Result.getOrUndefined(compile(tariff, cdr.timeZone))
  if (compiled === undefined) return []
  const options = {
    reservationExpired: cdr.reservationExpired,
    groups: cdr.groups ?? [],
    steps: stepPolicyOf(cdr.policy),
    ...(cdr.included !== undefined && { included: cdr.included })
  }
  return explainRating(compiled, cdr.chargingPeriods, rate(compiled, cdr.chargingPeriods, options), options)
}

export const entryView = (entry: Entry): typeof EntryView.Type => ({
  id: entry.id,
  bookedAt: Instant.format(entry.bookedAtMs),
  effectiveAt: Instant.format(entry.effectiveAtMs),
  source: entry.source,
  currency: entry.currency,
  postings: entry.postings.map(({ account, amountMinor }) => ({ account, amountMinor: amountMinor.toString() }))
})

/** Balances with their sum per currency, which is zero when the books are right. */
export const trialBalanceView = (balances: ReadonlyArray<Balance>): typeof TrialBalance.Type => {
  const totals = new Map<string, bigint>()
  for (const { currency, amountMinor } of balances) totals.set(currency, (totals.get(currency) ?? 0n) + amountMinor)
  return {
    items: balances.map((balance) => ({ ...balance, amountMinor: balance.amountMinor.toString() })),
    totals: [...totals].map(([currency, amountMinor]) => ({ currency, amountMinor: amountMinor.toString() }))
  }
}
