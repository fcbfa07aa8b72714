import { Result } from "effect"
import * as Instant from "#core/Instant.ts"
import { format, roundHalfAwayFromZero, scaled } from "#core/Money.ts"
import { nearest } from "#core/nearest.ts"
import { type ChargingPeriod, emptyPeriod } from "#core/tariff/ChargingPeriod.ts"
import { type OcppCost, ocppCost } from "#core/tariff/cost/ocppCost.ts"
import { type OcppTariff, readOcppTariff, type TransactionFacts } from "#core/tariff/cost/ocppTariff.ts"
import type { Tariff } from "#core/tariff/Tariff.ts"
import { table } from "../cli/table.ts"
import { type Answer, isJson, type Json, Refused } from "./PriceFile.ts"
import { fixOf, readsClock } from "./ratingInput.ts"
import { bullet } from "./ratingText.ts"

const refuse = (place: string, message: string, fix: string): Result.Result<never, Refused> =>
  Result.fail(new Refused({ place, message, fix }))

/** What a transaction costs under a TariffType of OCPP 2.1, told stretch by stretch in `usage`. */
export const ocppCostAnswer = (json: Json): Result.Result<Answer, Refused> =>
  Result.gen(function* () {
    const facts = yield* readFacts(json)
    const ocpp = yield* Result.mapError(
      readOcppTariff(json["tariff"], facts),
      ({ path, message }) =>
        new Refused({
          place: `/tariff${path}`,
          message,
          fix:
            message === "ConditionNotSupported"
              ? "Use minTime and maxTime instead, which count the whole transaction."
              : fixOf(message)
        })
    )
    const periods = yield* readUsage(json)
    const timeZone = yield* readZone(json, ocpp.tariff)
    const cost = ocppCost(ocpp, periods, timeZone)
    if (Result.isFailure(cost)) {
      return {
        json: { error: cost.failure._tag },
        lines: () => [`  There is no price: the IANA database has no time zone ${timeZone}. (${cost.failure._tag})`]
      }
    }
    return { json: wireOf(cost.success), lines: (columns) => textOf(cost.success, ocpp, json, columns) }
  })

const readFacts = (json: Json): Result.Result<TransactionFacts, Refused> => {
  const facts: Record<string, string> = {}
  for (const key of ["evseKind", "paymentBrand", "paymentRecognition"] as const) {
    const value = json[key]
    if (value === undefined || value === null) continue
    if (typeof value !== "string") return refuse(`/${key}`, "is no text", "Write it as text, or leave it out.")
    facts[key] = value
  }
  return Result.succeed(facts)
}

const readZone = (json: Json, tariff: Tariff): Result.Result<string, Refused> => {
  const zone = json["location_time_zone"] ?? json["timeZone"]
  if (typeof zone === "string") return Result.succeed(zone)
  if (!readsClock(tariff)) return Result.succeed("UTC")
  return refuse(
    "/location_time_zone",
    "it is missing, and the tariff has prices by the clock",
    'Add the IANA name of the time zone at the station, as "Europe/Berlin".'
  )
}

/** What a stretch of usage may tell: the quantity, and how much of it is one of ours. */
const quantities = {
  energyWh: ["energyMilliWh", 1000n],
  chargingTimeSeconds: ["chargingMs", 1000n],
  idleTimeSeconds: ["parkingMs", 1000n],
  reservationTimeSeconds: ["reservedMs", 1000n],
  powerW: ["powerW", 1n],
  currentA: ["currentMa", 1000n]
} as const

const readUsage = (json: Json): Result.Result<ReadonlyArray<ChargingPeriod>, Refused> => {
  const { usage } = json
  const stretches: ReadonlyArray<unknown> = Array.isArray(usage) ? usage : [usage]
  const periods: Array<ChargingPeriod> = []
  let atMs = Instant.parse(String(json["startDateTime"] ?? "1970-01-01T00:00:00Z"))
  if (atMs === undefined) return refuse("/startDateTime", "is no instant", 'Write it as in "2024-01-15T10:00:00Z".')
  for (let index = 0; index < stretches.length; index++) {
    const stretch = stretches[index]
    const place = Array.isArray(usage) ? `/usage/${index}` : "/usage"
    if (!isJson(stretch)) return refuse(place, "is no object", `Tell ${Object.keys(quantities).join(", ")}.`)
    const start = stretch["startDateTime"]
    if (start !== undefined) {
      atMs = typeof start === "string" ? Instant.parse(start) : undefined
      if (atMs === undefined)
        return refuse(`${place}/startDateTime`, "is no instant", 'Write it as in "2024-01-15T10:00:00Z".')
    }
    const read = readStretch(stretch, place)
    if (Result.isFailure(read)) return Result.fail(read.failure)
    const { powerW, currentMa, ...volumes } = read.success
    const endAtMs: number = atMs + volumes.chargingMs + volumes.parkingMs + volumes.reservedMs
    periods.push({
      ...emptyPeriod,
      ...volumes,
      startAtMs: atMs,
      endAtMs,
      minPowerW: powerW,
      maxPowerW: powerW,
      minCurrentMa: currentMa,
      maxCurrentMa: currentMa
    })
    atMs = endAtMs
  }
  return Result.succeed(periods)
}

const readStretch = (stretch: Json, place: string) => {
  const read = {
    energyMilliWh: 0,
    chargingMs: 0,
    parkingMs: 0,
    reservedMs: 0,
    powerW: null as number | null,
    currentMa: null as number | null
  }
  for (const [key, value] of Object.entries(stretch)) {
    if (key === "startDateTime" || value === null) continue
    const names = Object.keys(quantities)
    const known = names.find((name): name is keyof typeof quantities => name === key)
    if (known === undefined) {
      const meant = nearest(key, names)
      return refuse(`${place}/${key}`, "nobody knows it", `Write ${meant ?? `one of ${names.join(", ")}`}.`)
    }
    const figure = typeof value === "number" || typeof value === "string" ? scaled(value, 9) : undefined
    if (figure === undefined || figure < 0n)
      return refuse(`${place}/${key}`, "is no quantity", "Write a number that is not negative.")
    const [name, factor] = quantities[known]
    read[name] = Number(roundHalfAwayFromZero(figure * factor, 1_000_000_000n))
  }
  return Result.succeed(read)
}

const wireOf = ({ exclTax, inclTax, lines, taxes }: OcppCost) => ({
  total: { exclTax: format(exclTax), inclTax: format(inclTax) },
  lines: lines.map((line) => ({
    dimension: line.dimension,
    exclTax: format(line.exclTax),
    inclTax: format(line.inclTax)
  })),
  taxes: taxes.map(({ type, amount }) => ({ type, amount: format(amount) }))
})

const textOf = (cost: OcppCost, { tariff }: OcppTariff, json: Json, columns: number): ReadonlyArray<string> => {
  const rows = cost.lines.map(({ dimension, exclTax, inclTax, taxes }) => [
    dimension,
    format(exclTax),
    taxes.map(({ type, amount }) => `${type} ${format(amount)}`).join(" + ") || "-",
    format(inclTax)
  ])
  const sums = [
    "total",
    format(cost.exclTax),
    cost.taxes.map(({ type, amount }) => `${type} ${format(amount)}`).join(" + ") || "-",
    format(cost.inclTax)
  ]
  const expected = json["expected"]
  const published = isJson(expected) ? expected["published"] : undefined
  return [
    `  Tariff ${tariff.id} of OCPP 2.1, ${cost.currency}; taxes come on top of the prices`,
    "",
    ...table(
      [
        { head: "what", align: "left" },
        { head: "without taxes", align: "right" },
        { head: "taxes", align: "left" },
        { head: "with taxes", align: "right" }
      ],
      [...rows, sums]
    ),
    ...(cost.limitApplied === null ? [] : [`  The tariff's ${cost.limitApplied} moved the total.`]),
    ...cost.notes.flatMap((note) => bullet(note, columns, "  ! ")),
    ...(isJson(published) && published["agrees_with_recomputation"] === false
      ? bullet(
          `The source of this example prints ${published["exclTax"]} / ${published["inclTax"]}, which is wrong by its own rules.`,
          columns,
          "  ? "
        )
      : []),
    ...(typeof json["note"] === "string" ? bullet(`The file's own note: ${json["note"]}`, columns, "  ? ") : [])
  ]
}
