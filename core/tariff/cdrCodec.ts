import { Data, Result, Schema, SchemaIssue } from "effect"
import * as Instant from "../Instant.ts"
import { exponentOf, powerOfTen, roundHalfAwayFromZero, scaled } from "../Money.ts"
import { type ChargingPeriod, emptyPeriod } from "./ChargingPeriod.ts"
import { WireNumber } from "./TariffWire.ts"

/** A CDR was refused: what is wrong, and where as a JSON pointer (`/charging_periods/0/dimensions/1/volume`). */
export class CdrInvalid extends Data.TaggedError("CdrInvalid")<{
  readonly path: string
  readonly message: string
}> {}

/** What a CDR says of the session that it bills, as far as a price depends on it. */
export interface CdrSession {
  readonly startAtMs: number
  readonly endAtMs: number
  /** Null when the CDR names none. */
  readonly currency: string | null
  /** The reservation ran out unused. OCPI has no field for it: `reservation_expired` is ours. */
  readonly reservationExpired: boolean
  /** The driver's groups, for discounts. OCPI has no field for them: `driver_groups` is ours. */
  readonly groups: ReadonlyArray<string>
  /** In the order of the CDR, each with the tariff that it names. */
  readonly periods: ReadonlyArray<ChargingPeriod & { readonly tariffId?: string }>
}

const maybe = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))

const Dimension = Schema.Struct({
  type: Schema.String,
  volume: WireNumber,
  /** The exact duration beside hours that were cut to a few decimals. Ours. */
  volume_seconds: maybe(WireNumber)
})

const Period = Schema.Struct({
  start_date_time: Schema.String,
  tariff_id: maybe(Schema.String),
  dimensions: Schema.Array(Dimension).check(Schema.isMaxLength(100))
})

const CdrWire = Schema.Struct({
  start_date_time: Schema.String,
  /** 2.1.1 calls it `stop_date_time`. */
  end_date_time: maybe(Schema.String),
  stop_date_time: maybe(Schema.String),
  currency: maybe(Schema.String),
  reservation_expired: maybe(Schema.Boolean),
  driver_groups: maybe(Schema.Array(Schema.String).check(Schema.isMaxLength(1_000))),
  charging_periods: Schema.Array(Period).check(Schema.isMaxLength(100_000))
})

const decodeWire = Schema.decodeUnknownResult(CdrWire)
const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

/** More than anybody charges, parks or draws: what is beyond is refused by name instead of overflowing somewhere. */
const maxVolume = 1_000_000_000n

type Faults = Array<{ readonly path: string; readonly message: string }>
type Mutable = { -readonly [K in keyof ChargingPeriod]: ChargingPeriod[K] }

/**
 * Reads the session out of a CDR as JSON (OCPI 2.1.1 to 2.3.0; what it does not need it does not look at). Volumes are
 * read without loss: energy to mWh, hours to ms, or `volume_seconds` where that is told. A period ends where the next
 * one starts; of periods with the same start nobody knows the end.
 */
export const decodeCdr = (json: unknown): Result.Result<CdrSession, CdrInvalid> => {
  const decoded = decodeWire(json)
  if (Result.isFailure(decoded)) {
    const issue = issuesOf(decoded.failure.issue).issues[0]
    const path = (issue?.path ?? []).map((key) => `/${String(typeof key === "object" ? key.key : key)}`).join("")
    return Result.fail(new CdrInvalid({ path, message: issue?.message ?? decoded.failure.message }))
  }
  const wire = decoded.success
  const faults: Faults = []
  const startAtMs = instantOf(wire.start_date_time, "/start_date_time", faults)
  const isOld = wire.end_date_time === undefined || wire.end_date_time === null
  const endPath = isOld && typeof wire.stop_date_time === "string" ? "/stop_date_time" : "/end_date_time"
  const endAtMs = instantOf((isOld ? wire.stop_date_time : wire.end_date_time) ?? "", endPath, faults)
  const currency = wire.currency ?? null
  if (currency !== null && exponentOf(currency) === undefined)
    faults.push({ path: "/currency", message: "is no ISO 4217 currency code" })
  if (endAtMs < startAtMs) faults.push({ path: endPath, message: "is before the start" })
  const starts = wire.charging_periods.map((period, index) =>
    instantOf(period.start_date_time, `/charging_periods/${index}/start_date_time`, faults)
  )
  const ascending = [...starts].sort((a, b) => a - b)
  const periods = wire.charging_periods.map((period, index) => {
    const volumes = volumesOf(period.dimensions, `/charging_periods/${index}/dimensions`, faults)
    const until = endOf(starts[index]!, ascending, endAtMs)
    const read = { ...volumes, startAtMs: starts[index]!, endAtMs: until }
    return typeof period.tariff_id === "string" ? { ...read, tariffId: period.tariff_id } : read
  })
  const first = faults[0]
  if (first !== undefined) return Result.fail(new CdrInvalid(first))
  return Result.succeed({
    startAtMs,
    endAtMs,
    currency,
    reservationExpired: wire.reservation_expired === true,
    groups: wire.driver_groups ?? [],
    periods
  })
}

const endOf = (startAtMs: number, ascending: ReadonlyArray<number>, cdrEndAtMs: number): number => {
  const last = ascending.lastIndexOf(startAtMs)
  if (ascending.indexOf(startAtMs) !== last) return startAtMs
  return ascending[last + 1] ?? Math.max(cdrEndAtMs, startAtMs)
}

const instantOf = (text: string, path: string, faults: Faults): number => {
  const atMs = Instant.parse(text)
  if (atMs === undefined) faults.push({ path, message: "is no instant (RFC 3339)" })
  return atMs ?? 0
}

/** Dimensions of OCPI that tell something else than a quantity with a price, or a bound of power or current. */
const ignored: ReadonlySet<string> = new Set([
  "CURRENT",
  "ENERGY_EXPORT",
  "ENERGY_IMPORT",
  "POWER",
  "STATE_OF_CHARGE",
  "FLAT"
])

const volumesOf = (
  dimensions: ReadonlyArray<typeof Dimension.Type>,
  path: string,
  faults: Faults
): Omit<ChargingPeriod, "startAtMs" | "endAtMs"> => {
  const period: Omit<Mutable, "startAtMs" | "endAtMs"> = { ...emptyPeriod }
  dimensions.forEach(({ type, volume, volume_seconds }, index) => {
    const at = `${path}/${index}`
    const read = (digits: number, perUnit = 1n): number => integerOf(volume, digits, perUnit, `${at}/volume`, faults)
    const duration = (): number =>
      volume_seconds === undefined || volume_seconds === null
        ? read(3, 3600n)
        : integerOf(volume_seconds, 3, 1n, `${at}/volume_seconds`, faults)
    if (type === "ENERGY") period.energyMilliWh += read(6)
    else if (type === "TIME") period.chargingMs += duration()
    else if (type === "PARKING_TIME") period.parkingMs += duration()
    else if (type === "RESERVATION_TIME") period.reservedMs += duration()
    else if (type === "MIN_POWER") period.minPowerW = read(3)
    else if (type === "MAX_POWER") period.maxPowerW = read(3)
    else if (type === "MIN_CURRENT") period.minCurrentMa = read(3)
    else if (type === "MAX_CURRENT") period.maxCurrentMa = read(3)
    else if (!ignored.has(type)) faults.push({ path: `${at}/type`, message: `"${type}" is no CdrDimensionType` })
  })
  return period
}

/** Decimals that are read before the figure is rounded to what is counted in. */
const readDigits = 20

/** The figure in 10^-digits units, each `perUnit` of what is written, to the nearest. */
const integerOf = (value: number | string, digits: number, perUnit: bigint, path: string, faults: Faults): number => {
  const read = scaled(value, readDigits)
  if (read === undefined) {
    faults.push({ path, message: `must be a decimal number with at most ${readDigits} decimals` })
    return 0
  }
  if (read < 0n) faults.push({ path, message: "must not be negative" })
  if (read > maxVolume * powerOfTen(readDigits)) faults.push({ path, message: `is beyond ${maxVolume}` })
  return Number(roundHalfAwayFromZero(read * perUnit * powerOfTen(digits), powerOfTen(readDigits)))
}
