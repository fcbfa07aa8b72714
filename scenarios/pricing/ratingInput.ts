import { Result } from "effect"
import { type CdrSession, decodeCdr } from "#core/tariff/cdrCodec.ts"
import { Tariff, type TariffType } from "#core/tariff/Tariff.ts"
import { isJson, type Json, Refused } from "./PriceFile.ts"

/** The tariffs, the session and its place, as a file tells them. */
export interface RatingInput {
  readonly tariffs: ReadonlyArray<Tariff>
  /** As they stand in the file, prices and rates as text. */
  readonly wires: ReadonlyArray<unknown>
  readonly session: CdrSession
  readonly timeZone: string
  readonly type: TariffType | undefined
}

const types: ReadonlyArray<TariffType> = ["AD_HOC_PAYMENT", "PROFILE_CHEAP", "PROFILE_FAST", "PROFILE_GREEN", "REGULAR"]

const refuse = (place: string, message: string, fix: string): Result.Result<never, Refused> =>
  Result.fail(new Refused({ place, message, fix }))

/** Reads what a price takes: tariffs, a CDR, the place's time zone where a price depends on the clock on its wall. */
export const readRatingInput = (json: Json): Result.Result<RatingInput, Refused> =>
  Result.gen(function* () {
    const { cdr, location_time_zone: zone, charging_preference_tariff_type: preference } = json
    const wires = json["tariffs"] ?? (isJson(cdr) ? cdr["tariffs"] : undefined)
    if (!Array.isArray(wires) || wires.length === 0) {
      return yield* refuse("/tariffs", "there is no tariff", "Add a list of OCPI Tariff objects.")
    }
    const tariffs = yield* readTariffs(wires)
    const session = yield* Result.mapError(
      decodeCdr(cdr),
      ({ path, message }) => new Refused({ place: `/cdr${path}`, message, fix: fixOf(message) })
    )
    const type = types.find((it) => it === preference)
    if (preference !== undefined && preference !== null && type === undefined) {
      return yield* refuse(
        "/charging_preference_tariff_type",
        `"${String(preference)}" is no TariffType`,
        `Write one of ${types.join(", ")}, or leave it out.`
      )
    }
    if (zone !== undefined && zone !== null && typeof zone !== "string") {
      return yield* refuse(
        "/location_time_zone",
        "is no name of a time zone",
        'Write an IANA name, as "Europe/Berlin".'
      )
    }
    if (typeof zone !== "string" && tariffs.some(readsClock)) {
      return yield* refuse(
        "/location_time_zone",
        "it is missing, and the tariff has prices by the clock, which no CDR tells",
        'Add the IANA name of the time zone at the location, as "Europe/Berlin".'
      )
    }
    return { tariffs, wires, session, timeZone: zone ?? "UTC", type }
  })

const readTariffs = (wires: ReadonlyArray<unknown>): Result.Result<ReadonlyArray<Tariff>, Refused> => {
  const tariffs: Array<Tariff> = []
  for (let index = 0; index < wires.length; index++) {
    const decoded = Tariff.decode(wires[index])
    if (Result.isFailure(decoded)) {
      const { path, message } = decoded.failure
      return refuse(`/tariffs/${index}${path}`, message, fixOf(message))
    }
    tariffs.push(decoded.success)
  }
  return Result.succeed(tariffs)
}

/** Whether a price depends on the clock on the wall. */
export const readsClock = (tariff: Tariff): boolean =>
  (tariff.extras?.quietHours.length ?? 0) > 0 ||
  tariff.elements.some(({ restrictions: it, extras }) =>
    it === null
      ? (extras?.holidays ?? null) !== null
      : (extras?.holidays ?? null) !== null ||
        it.startMinute !== null ||
        it.endMinute !== null ||
        it.startDate !== null ||
        it.endDate !== null ||
        it.daysOfWeek !== null
  )

/** What to do about a fault that a decoder names. */
export const fixOf = (message: string): string => {
  if (/unexpected|excess/i.test(message))
    return "Remove it, or correct its name: nobody can say what it does to the price."
  if (/missing/i.test(message)) return "Add it."
  if (/instant/.test(message)) return 'Write it as in "2024-01-15T10:00:00Z".'
  if (/currency/.test(message)) return "Write one of the three letter codes of ISO 4217."
  return "Correct it there: the shapes are those of OCPI's Tariff and CDR objects."
}
