import { Result } from "effect"
import * as Instant from "#core/Instant.ts"
import { format } from "#core/Money.ts"
import type { ChargingPeriod } from "#core/tariff/ChargingPeriod.ts"
import { type CompiledTariff, compile } from "#core/tariff/compile.ts"
import { type ChargingState, chargingPeriods, type SessionTelemetry } from "#core/tariff/Periods.ts"
import { rate } from "#core/tariff/rate.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import { table } from "../cli/table.ts"
import { type Answer, isJson, type Json, Refused } from "./PriceFile.ts"
import { instantText } from "./ratingAnswer.ts"
import { fixOf } from "./ratingInput.ts"

/**
 * Cuts a metered session into charging periods, as a file of kind `segmentation` asks: elements by their restrictions,
 * the register in kWh and, where told, power in kW and current in A. Where the register does not rise the car takes
 * nothing: that is parking, as such a file tells no states.
 */
export const segmentationAnswer = (json: Json): Result.Result<Answer, Refused> =>
  Result.gen(function* () {
    const { labels, tariff } = yield* readElements(json["restrictions_in_order"])
    const { session, timeZone } = yield* readSession(json)
    const compiled = compile(tariff, timeZone)
    if (Result.isFailure(compiled)) {
      return {
        json: { error: compiled.failure._tag },
        lines: () => [`  There are no periods: the IANA database has no time zone ${timeZone}; correct time_zone.`]
      }
    }
    const periods = chargingPeriods(compiled.success, session)
    return {
      json: { periods: periods.map(wireOf) },
      lines: () => textOf(compiled.success, periods, labels)
    }
  })

const refuse = (place: string, message: string, fix: string): Result.Result<never, Refused> =>
  Result.fail(new Refused({ place, message, fix }))

/** Names that carry their unit, as the files write them, to OCPI's. */
const restrictionNames: Readonly<Record<string, string>> = {
  min_power_kw: "min_power",
  max_power_kw: "max_power",
  min_current_a: "min_current",
  max_current_a: "max_current",
  min_duration_seconds: "min_duration",
  max_duration_seconds: "max_duration"
}

const readElements = (
  entries: unknown
): Result.Result<{ readonly labels: ReadonlyArray<string>; readonly tariff: Tariff }, Refused> => {
  const at = "/restrictions_in_order"
  if (!Array.isArray(entries) || entries.length === 0)
    return refuse(at, "there are no restrictions", "Add a list of objects with label, dimensions and restrictions.")
  const labels: Array<string> = []
  const elements: Array<Json> = []
  for (let index = 0; index < entries.length; index++) {
    const entry: unknown = entries[index]
    const dimensions = isJson(entry) ? entry["dimensions"] : undefined
    if (!isJson(entry) || !Array.isArray(dimensions))
      return refuse(`${at}/${index}`, "it names no dimensions", 'Add dimensions, as ["ENERGY", "TIME"].')
    const { label, dimensions: _, ...named } = entry
    labels.push(String(label ?? index))
    const restrictions = Object.entries(named).map(([key, value]) => [
      restrictionNames[key] ?? key,
      key === "end_time" && value === "24:00" ? "00:00" : value
    ])
    const price_components = dimensions.map((type: unknown) => ({ type, price: 1, step_size: 0 }))
    elements.push({ price_components, restrictions: Object.fromEntries(restrictions) })
  }
  const decoded = Tariff.decode({ id: "segmentation", currency: "EUR", elements })
  if (Result.isSuccess(decoded)) return Result.succeed({ labels, tariff: decoded.success })
  const { path, message } = decoded.failure
  return refuse(path.replace("/elements", at).replace("/restrictions/", "/"), message, fixOf(message))
}

/** One value at one instant, as `[instant, value]`. */
type Reading = readonly [atMs: number, value: number]

const readSeries = (json: Json, key: string): Result.Result<ReadonlyArray<Reading>, Refused> => {
  const rows = json[key] ?? []
  if (!Array.isArray(rows)) return refuse(`/${key}`, "is no list", "Write a list of [instant, value].")
  const readings: Array<Reading> = []
  for (let index = 0; index < rows.length; index++) {
    const row: unknown = rows[index]
    const [at, value] = Array.isArray(row) ? row : []
    const atMs = typeof at === "string" ? Instant.parse(at) : undefined
    if (atMs === undefined || typeof value !== "number")
      return refuse(`/${key}/${index}`, "is no reading", 'Write it as ["2024-01-15T10:00:00Z", 12.5].')
    readings.push([atMs, value])
  }
  return Result.succeed(readings.sort(([a], [b]) => a - b))
}

const readSession = (
  json: Json
): Result.Result<{ readonly session: SessionTelemetry; readonly timeZone: string }, Refused> =>
  Result.gen(function* () {
    const { session } = json
    if (!isJson(session))
      return yield* refuse("/session", "it is missing", "Add an object with start, end and time_zone.")
    const bound = (key: "start" | "end") => {
      const atMs = typeof session[key] === "string" ? Instant.parse(session[key]) : undefined
      return atMs === undefined
        ? refuse(`/session/${key}`, "is no instant", 'Write it as in "2024-01-15T10:00:00Z".')
        : Result.succeed(atMs)
    }
    const startedAtMs = yield* bound("start")
    const endedAtMs = yield* bound("end")
    const timeZone = session["time_zone"] ?? json["location_time_zone"]
    if (typeof timeZone !== "string")
      return yield* refuse("/session/time_zone", "it is missing", 'Add an IANA name, as "Europe/Berlin".')
    const register = yield* readSeries(json, "energy_register")
    const power = yield* readSeries(json, "power_samples")
    const current = yield* readSeries(json, "current_samples")
    if (register.length === 0)
      return yield* refuse("/energy_register", "there is no reading", "Add a list of [instant, kWh].")
    const instants = [...new Set([...register, ...power, ...current].map(([atMs]) => atMs))].sort((a, b) => a - b)
    const samples = instants.map((atMs) => ({
      atMs,
      registerWh: registerAt(register, atMs),
      powerW: kilo(valueAt(power, atMs)),
      currentMa: kilo(valueAt(current, atMs))
    }))
    return { session: { startedAtMs, endedAtMs, samples, states: statesOf(register, startedAtMs) }, timeZone }
  })

const kilo = (value: number | null): number | null => (value === null ? null : Math.round(value * 1000))

const valueAt = (readings: ReadonlyArray<Reading>, atMs: number): number | null =>
  readings.findLast((reading) => reading[0] === atMs)?.[1] ?? null

/** Wh to the thousandth on straight lines between the readings; before the first and after the last they hold. */
const registerAt = (register: ReadonlyArray<Reading>, atMs: number): number => {
  const next = register.findIndex(([at]) => at > atMs)
  const milliWh = (reading: Reading) => Math.round(reading[1] * 1_000_000)
  if (next <= 0) return milliWh(next === 0 ? register[0]! : register[register.length - 1]!) / 1000
  const [before, after] = [register[next - 1]!, register[next]!]
  const rise = milliWh(after) - milliWh(before)
  return (milliWh(before) + Math.floor((rise * (atMs - before[0])) / (after[0] - before[0]))) / 1000
}

const statesOf = (register: ReadonlyArray<Reading>, startedAtMs: number): SessionTelemetry["states"] =>
  register.flatMap(([atMs, value], index) => {
    const next = register[index + 1]
    if (next === undefined || next[0] === atMs) return []
    const state: ChargingState = next[1] > value ? "Charging" : "SuspendedEV"
    return [{ atMs: index === 0 ? Math.min(atMs, startedAtMs) : atMs, state }]
  })

const hours = (durationMs: number): number => Number(format({ n: BigInt(durationMs), d: 3_600_000n }))

const wireOf = ({ startAtMs, energyMilliWh, chargingMs, parkingMs }: ChargingPeriod) => ({
  start: instantText(startAtMs),
  ...(energyMilliWh > 0 && { ENERGY: energyMilliWh / 1_000_000 }),
  ...(chargingMs > 0 && { TIME: hours(chargingMs) }),
  ...(parkingMs > 0 && { PARKING_TIME: hours(parkingMs) })
})

const textOf = (
  compiled: CompiledTariff,
  periods: ReadonlyArray<ChargingPeriod>,
  labels: ReadonlyArray<string>
): ReadonlyArray<string> => {
  const { lines } = rate(compiled, periods)
  const rows = periods.map((period, index) => {
    const { start, ...volumes } = wireOf(period)
    const of = lines.filter((line) => line.period === index)
    const by = [...new Set(of.map((line) => `${line.dimension} by ${labels[line.element]}`))]
    return [
      start,
      instantText(period.endAtMs),
      String(volumes.ENERGY ?? "-"),
      String(volumes.TIME ?? "-"),
      String(volumes.PARKING_TIME ?? "-"),
      by.length === 0 ? "nothing prices it" : by.join(", ")
    ]
  })
  return table(
    [
      { head: "from", align: "left" },
      { head: "to", align: "left" },
      { head: "ENERGY kWh", align: "right" },
      { head: "TIME h", align: "right" },
      { head: "PARKING_TIME h", align: "right" },
      { head: "which element prices it", align: "left" }
    ],
    rows
  )
}
