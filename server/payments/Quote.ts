import { Clock, Effect, Result } from "effect"
import { exponentOf, powerOfTen, roundHalfAwayFromZero } from "#core/Money.ts"
import { type Hold, type SizingPolicy, sizeHold, standardSizing } from "#core/payment/sizing.ts"
import type { Station } from "#core/station/Station.ts"
import { emptyPeriod } from "#core/tariff/ChargingPeriod.ts"
import { compile } from "#core/tariff/compile.ts"
import { rate } from "#core/tariff/rate.ts"
import type { Tariff } from "#core/tariff/Tariff.ts"
import { Billing } from "../billing/Billing.ts"
import { Books } from "../books/Books.ts"
import { Directory } from "../directory/Directory.ts"

/** What a charge at a station would be held for. */
export interface HoldQuote extends Hold {
  readonly currency: string
  readonly tariff: { readonly id: string; readonly version: number }
}

/** A charge of a usual car, for want of charges seen: 40 kWh over two hours. */
const usualMilliWh = 40_000_000
const usualMs = 2 * 3_600_000
/** Bills of the station that are looked at. */
const billsSeen = 200

/** How much to hold for a charge at an EVSE now; undefined where no tariff is valid: there is nothing to pay. */
export const quoteHold = Effect.fnUntraced(function* (
  station: Station,
  evseId: number,
  policy: SizingPolicy = standardSizing
) {
  const billing = yield* Billing
  const books = yield* Books
  const directory = yield* Directory
  const nowMs = yield* Clock.currentTimeMillis
  const frozen = yield* billing.freeze({ station, evseId, tokenUid: null, atMs: nowMs })
  if (frozen === null) return undefined
  const tariff = (yield* directory.tariff(frozen.id)).find(({ version }) => version === frozen.version)
  if (tariff === undefined) return undefined
  const { items } = yield* books.cdrs({ stationId: station.id, limit: billsSeen })
  const costsMinor = items
    .filter((cdr) => !cdr.credit && cdr.currency === tariff.currency && cdr.grossMinor > 0n)
    .map(({ grossMinor }) => grossMinor)
  const hold = sizeHold(
    {
      currency: tariff.currency,
      costsMinor,
      estimateMinor: estimate(tariff, station.timeZone, nowMs),
      tariffMinor: preauthorizeMinor(tariff)
    },
    policy
  )
  return { ...hold, currency: tariff.currency, tariff: { id: frozen.id, version: frozen.version } } satisfies HoldQuote
})

const estimate = (tariff: Tariff, timeZone: string, nowMs: number): bigint | null => {
  const compiled = compile(tariff, timeZone)
  if (Result.isFailure(compiled)) return null
  const period = { ...emptyPeriod, startAtMs: nowMs, endAtMs: nowMs + usualMs }
  return rate(compiled.success, [{ ...period, energyMilliWh: usualMilliWh, chargingMs: usualMs }]).grossMinor
}

/** OCPI's preauthorize_amount in minor units. */
const preauthorizeMinor = ({ preauthorizeMicros, currency }: Tariff): bigint | null => {
  const exponent = exponentOf(currency)
  if (preauthorizeMicros === null || exponent === undefined) return null
  return roundHalfAwayFromZero(BigInt(preauthorizeMicros), powerOfTen(6 - exponent))
}
