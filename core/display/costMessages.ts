import type { Price } from "../billing/priceOf.ts"
import * as Instant from "../Instant.ts"
import { formatMinor, roundHalfAwayFromZero, unscaled } from "../Money.ts"
import type { Candidate, CompiledTariff } from "../tariff/compile.ts"

/**
 * What a display is told. On the wire a cost is a JSON number; these are the only places where money becomes one, from
 * exact decimal text, and nothing is calculated with it.
 */
export const wireAmount = (amountMinor: bigint, currency: string): number => Number(formatMinor(amountMinor, currency))

/** The OCA's extension of 1.6 for prices and costs, carried by DataTransfer (OCPP & California Pricing Requirements). */
export const costVendor = "org.openchargealliance.costmsg"

/** One of its messages: the DataTransfer's messageId, and its `data`, which is JSON in a text. */
export interface CostMessage {
  readonly messageId: "SetUserPrice" | "RunningCost" | "FinalCost"
  readonly data: string
}

/** The most that a display line is filled with. */
const maxText = 512

/** What this driver pays, for the display: before the first running cost. */
export const userPrice = (idToken: string, compiled: CompiledTariff): CostMessage => ({
  messageId: "SetUserPrice",
  data: JSON.stringify({ idToken, priceText: priceText(compiled) })
})

/** Where a charge stands: cost in currency units, register in Wh, the prices that hold now, taxes included. */
export const runningCost = (
  transactionId: number,
  { chargingPeriods, rating }: Price,
  { tariff }: CompiledTariff,
  meter: { readonly atMs: number; readonly registerWh: number }
): CostMessage => {
  const isIdle = (chargingPeriods[chargingPeriods.length - 1]?.parkingMs ?? 0) > 0
  const priceOf = (dimension: "ENERGY" | "TIME" | "PARKING_TIME" | "FLAT"): number | undefined => {
    const line = rating.lines.findLast((it) => it.dimension === dimension)
    return line === undefined ? undefined : unitPrice(line.unitPriceMicros, line.vatPpm, tariff.taxIncluded === "NO")
  }
  const hourPrice = priceOf("PARKING_TIME")
  return {
    messageId: "RunningCost",
    data: JSON.stringify({
      transactionId,
      timestamp: Instant.format(meter.atMs),
      meterValue: meter.registerWh,
      cost: wireAmount(rating.grossMinor, rating.currency),
      state: isIdle ? "Idle" : "Charging",
      chargingPrice: { kWhPrice: priceOf("ENERGY"), hourPrice: priceOf("TIME"), flatFee: priceOf("FLAT") },
      ...(hourPrice === undefined ? {} : { idlePrice: { hourPrice } })
    })
  }
}

/** What a charge came to. */
export const finalCost = (transactionId: number, grossMinor: bigint, currency: string): CostMessage => ({
  messageId: "FinalCost",
  data: JSON.stringify({
    transactionId,
    cost: wireAmount(grossMinor, currency),
    priceText: `${formatMinor(grossMinor, currency)} ${currency}`
  })
})

const unitPrice = (micros: number, vatPpm: number | null, isOnTop: boolean): number => {
  const rate = isOnTop ? BigInt(1_000_000 + (vatPpm ?? 0)) : 1_000_000n
  return Number(unscaled(roundHalfAwayFromZero(BigInt(micros) * rate, 1_000_000n), 6))
}

/** A tariff in one line for a display: the operator's own text where there is one. */
export const priceText = (compiled: CompiledTariff): string => {
  const { tariff } = compiled
  const own = tariff.altText.find(({ language }) => language.startsWith("en")) ?? tariff.altText[0]
  return (own?.text ?? generated(compiled)).slice(0, maxText)
}

const generated = ({ tariff, session }: CompiledTariff): string => {
  const price = (candidates: ReadonlyArray<Candidate>, unit: string): string => {
    const prices = [...new Set(candidates.map((it) => it.price.priceMicros))].sort((a, b) => a - b)
    const [least, most] = [prices[0]!, prices[prices.length - 1]!]
    const text = (micros: number) => unscaled(BigInt(micros), 6, 2)
    return `${text(least)}${least === most ? "" : ` to ${text(most)}`} ${tariff.currency}${unit}`
  }
  const parts = [
    session.ENERGY.length > 0 ? `energy ${price(session.ENERGY, "/kWh")}` : "",
    session.TIME.length > 0 ? `charging ${price(session.TIME, "/h")}` : "",
    session.PARKING_TIME.length > 0 ? `idle ${price(session.PARKING_TIME, "/h")}` : "",
    session.FLAT.length > 0 ? `per session ${price(session.FLAT, "")}` : ""
  ].filter((part) => part !== "")
  const tax = tariff.taxIncluded === "NO" ? ", plus VAT" : tariff.taxIncluded === "YES" ? ", VAT included" : ""
  return parts.length === 0 ? "free of charge" : `${parts.join(", ")}${tax}`
}
