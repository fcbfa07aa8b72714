import { Clock, Effect, Result } from "effect"
import { Conflict, Unprocessable } from "#core/api/Problems.ts"
import type { NextPrices } from "#core/api/Tariffs.ts"
import { appendPrices } from "#core/tariff/extras/appendPrices.ts"
import { energyPricesOf } from "#core/tariff/extras/extrasCodec.ts"
import type { Faults } from "#core/tariff/figures.ts"
import { statesAt } from "#core/tariff/life.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import type { Directory } from "../directory/Directory.ts"
import { found, unavailable } from "./failures.ts"
import { inBody } from "./faults.ts"
import { checked, publishTariff } from "./publishing.ts"

const detail = "These are not the next prices of the series."
const refuse = (path: string, message: string) =>
  Effect.fail(new Unprocessable({ detail, errors: inBody(path, message) }))

/**
 * Publishes the version that holds with the next prices in its series. Sent twice it publishes once: a version that has
 * the prices already is told again.
 */
export const addPrices = Effect.fnUntraced(function* (
  directory: Directory["Service"],
  tariffId: string,
  wire: typeof NextPrices.Type,
  isConfirmed: boolean
) {
  const versions = yield* directory.tariff(tariffId).pipe(
    Effect.map((all) => (all.length === 0 ? undefined : all)),
    found("tariff", tariffId),
    unavailable
  )
  const nowMs = yield* Clock.currentTimeMillis
  const states = statesAt(versions, nowMs)
  const scheduled = versions.find((_, index) => states[index] === "scheduled")
  const holding = versions.find((_, index) => states[index] === "holds")
  if (holding === undefined || scheduled !== undefined) {
    const why =
      scheduled === undefined
        ? `No version of ${tariffId} holds now; publish one with its prices.`
        : `Version ${scheduled.version} of ${tariffId} is scheduled and would not have the prices; retire it, or publish it with them.`
    return yield* new Conflict({ detail: why, kind: "tariff", id: tariffId })
  }
  if (wire.currency !== holding.currency)
    return yield* refuse("/currency", `Expected ${holding.currency}, the currency of ${tariffId}`)
  const faults: Faults = []
  const added = energyPricesOf({ prices: wire.prices, end_date_time: wire.end_date_time }, "", faults)
  if (faults[0] !== undefined) return yield* refuse(faults[0].path, faults[0].message)
  const next = appendPrices(holding, added, nowMs)
  if (Result.isFailure(next)) return yield* refuse(next.failure.path, next.failure.message)
  if (next.success === holding) return { ...Tariff.encode(holding), findings: checked(holding).findings }
  const { version: _, start_date_time: __, last_updated: ___, ...further } = Tariff.encode(next.success)
  const version = versions.length + 1
  const left = (next.success.extras?.energyPrices?.prices.length ?? 0) - added.prices.length
  return yield* publishTariff(directory, { wire: { ...further, version }, isConfirmed, fromMs: null }).pipe(
    Effect.mapError((failure) => (failure._tag === "Unprocessable" ? inPrices(failure, left) : failure))
  )
})

const series = /^\/wattproof\/energy_prices\/prices\/(\d+)/

/** What is wrong with the series, at its place in the body: there are so many prices more than were sent, or fewer. */
const inPrices = ({ detail: why = detail, errors }: Unprocessable, more: number): Unprocessable =>
  new Unprocessable({
    detail: why,
    errors: errors.map((it) => ({
      ...it,
      pointer: it.pointer.replace(series, (_, index: string) => `/prices/${Number(index) - more}`)
    }))
  })
