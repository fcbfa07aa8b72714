import { Schema } from "effect"
import { format, unscaled } from "../Money.ts"
import type { ChargingPeriod } from "../tariff/ChargingPeriod.ts"
import type { CompiledTariff } from "../tariff/compile.ts"
import { adjustmentReasons, type Rating, type RatingLine } from "../tariff/Rating.ts"
import { rate, stepPolicyOf } from "../tariff/rate.ts"

const CdrPeriod = Schema.Struct({
  startAtMs: Schema.Int,
  endAtMs: Schema.Int,
  energyMilliWh: Schema.Int,
  chargingMs: Schema.Int,
  parkingMs: Schema.Int,
  reservedMs: Schema.Int,
  minPowerW: Schema.NullOr(Schema.Finite),
  maxPowerW: Schema.NullOr(Schema.Finite),
  minCurrentMa: Schema.NullOr(Schema.Finite),
  maxCurrentMa: Schema.NullOr(Schema.Finite)
})

/** One item of a CDR: quantity times price. Exact amounts as decimal text to six places, minor units as shared out. */
export const CdrLine = Schema.Struct({
  scope: Schema.Literals(["session", "reservation"]),
  dimension: Schema.Literals(["ENERGY", "TIME", "PARKING_TIME", "RESERVATION_TIME", "FLAT", "ADJUSTMENT"]),
  /** Into `chargingPeriods`; -1 when there is none. */
  period: Schema.Int,
  /** Into the tariff's elements and that element's price components; see `RatingLine` for amounts without a quantity. */
  element: Schema.Int,
  component: Schema.Int,
  /** mWh of ENERGY, ms of the times, 1 of FLAT, 0 of an amount alone, negative of INCLUDED; the step's surplus included. */
  volume: Schema.Int,
  stepSurplus: Schema.Int,
  /** Per kWh, hour or session. */
  unitPrice: Schema.String,
  vatPercent: Schema.NullOr(Schema.String),
  net: Schema.String,
  tax: Schema.String,
  netMinor: Schema.BigIntFromString,
  taxMinor: Schema.BigIntFromString,
  adjustment: Schema.NullOr(Schema.Literals(adjustmentReasons))
})

/** All lines of one VAT rate; null: without a known rate. */
export const CdrTax = Schema.Struct({
  vatPercent: Schema.NullOr(Schema.String),
  netMinor: Schema.BigIntFromString,
  taxMinor: Schema.BigIntFromString
})

/**
 * A charge detail record: what a session was and what it costs, as OCPI's CDR (mod_cdrs) tells it. Immutable: a mistake
 * is corrected by a credit CDR and a new one. As JSON the bigints are decimal text.
 */
export const Cdr = Schema.Struct({
  id: Schema.String,
  transactionId: Schema.String,
  stationId: Schema.String,
  evseId: Schema.Int,
  connectorId: Schema.Int,
  /** Null when nobody was identified. */
  token: Schema.NullOr(Schema.Struct({ uid: Schema.String, type: Schema.String })),
  driverId: Schema.NullOr(Schema.String),
  startAtMs: Schema.Int,
  endAtMs: Schema.Int,
  /** The site's IANA time zone, by which its wall-clock prices were judged. */
  timeZone: Schema.String,
  currency: Schema.String,
  /** The version frozen at the start. */
  tariff: Schema.Struct({ id: Schema.String, version: Schema.Int }),
  /** Where the VAT is due, ISO 3166-1 alpha-2; null when not known. */
  taxCountry: Schema.NullOr(Schema.String),
  /** How it was rated: rating again by this policy gives the same CDR. */
  policy: Schema.String,
  reservationExpired: Schema.Boolean,
  /** The driver's groups at the start, those that the tariff has discounts for; absent: none. */
  groups: Schema.optionalKey(Schema.Array(Schema.String)),
  chargingPeriods: Schema.Array(CdrPeriod),
  energyWh: Schema.Int,
  /** The whole session, parking included (OCPI total_time). */
  durationMs: Schema.Int,
  parkingMs: Schema.Int,
  lines: Schema.Array(CdrLine),
  taxes: Schema.Array(CdrTax),
  limitApplied: Schema.NullOr(Schema.Literals(["min_price", "max_price"])),
  notes: Schema.Array(Schema.String),
  /** The totals; negative in a credit CDR, whose lines and taxes stay as they were (OCPI credit CDRs). */
  netMinor: Schema.BigIntFromString,
  taxMinor: Schema.BigIntFromString,
  grossMinor: Schema.BigIntFromString,
  /** What was odd about the transaction, as codes. */
  findings: Schema.Array(Schema.String),
  /** What a subscription takes off, and which one; absent where none does. */
  included: Schema.optionalKey(
    Schema.Struct({ subscriptionId: Schema.String, energyMilliWh: Schema.Int, chargingMs: Schema.Int })
  ),
  credit: Schema.Boolean,
  creditReferenceId: Schema.NullOr(Schema.String),
  issuedAtMs: Schema.Int
})

export type Cdr = typeof Cdr.Type
export type CdrJson = typeof Cdr.Encoded
export type CdrLine = typeof CdrLine.Type
export type CdrTax = typeof CdrTax.Type

/** A CDR as plain JSON data. */
export const encodeCdr: (cdr: Cdr) => CdrJson = Schema.encodeSync(Cdr)

/** Reads what {@link encodeCdr} wrote: a Result with the CDR or what is wrong with the JSON. */
export const decodeCdr = Schema.decodeUnknownResult(Cdr, { onExcessProperty: "error" })

/** What a CDR says beyond its price. `chargingPeriods` are those that were rated, sorted by start. */
export type CdrSession = Pick<
  Cdr,
  | "id"
  | "transactionId"
  | "stationId"
  | "evseId"
  | "connectorId"
  | "token"
  | "driverId"
  | "startAtMs"
  | "endAtMs"
  | "timeZone"
  | "findings"
  | "issuedAtMs"
> & {
  readonly chargingPeriods: ReadonlyArray<ChargingPeriod>
  readonly taxCountry?: string | null
  readonly reservationExpired?: boolean
  readonly groups?: ReadonlyArray<string>
  readonly included?: NonNullable<Cdr["included"]>
}

/** The CDR of a session and its rating. Id and instant are the caller's. */
export const makeCdr = (session: CdrSession, rating: Rating): Cdr => {
  let energyMilliWh = 0
  let parkingMs = 0
  for (const period of session.chargingPeriods) {
    energyMilliWh += period.energyMilliWh
    parkingMs += period.parkingMs
  }
  return {
    id: session.id,
    transactionId: session.transactionId,
    stationId: session.stationId,
    evseId: session.evseId,
    connectorId: session.connectorId,
    token: session.token === null ? null : { uid: session.token.uid, type: session.token.type },
    driverId: session.driverId,
    startAtMs: session.startAtMs,
    endAtMs: session.endAtMs,
    timeZone: session.timeZone,
    currency: rating.currency,
    tariff: { id: rating.tariffId, version: rating.tariffVersion },
    taxCountry: session.taxCountry ?? null,
    policy: rating.policy,
    reservationExpired: session.reservationExpired ?? false,
    ...(session.groups !== undefined && session.groups.length > 0 && { groups: session.groups }),
    chargingPeriods: session.chargingPeriods,
    energyWh: Math.floor(energyMilliWh / 1000),
    durationMs: session.endAtMs - session.startAtMs,
    parkingMs,
    lines: rating.lines.map(lineOf),
    taxes: rating.taxes.map((it) => ({
      vatPercent: percent(it.vatPpm),
      netMinor: it.netMinor,
      taxMinor: it.taxMinor
    })),
    limitApplied: rating.limitApplied,
    notes: rating.notes,
    netMinor: rating.netMinor,
    taxMinor: rating.taxMinor,
    grossMinor: rating.grossMinor,
    findings: session.findings,
    ...(session.included !== undefined && { included: session.included }),
    credit: false,
    creditReferenceId: null,
    issuedAtMs: session.issuedAtMs
  }
}

const percent = (vatPpm: number | null): string | null => (vatPpm === null ? null : unscaled(BigInt(vatPpm), 4))

const lineOf = (line: RatingLine): CdrLine => ({
  scope: line.scope,
  dimension: line.dimension,
  period: line.period,
  element: line.element,
  component: line.component,
  volume: line.volume,
  stepSurplus: line.stepSurplus,
  unitPrice: unscaled(BigInt(line.unitPriceMicros), 6, 2),
  vatPercent: percent(line.vatPpm),
  net: format(line.net),
  tax: format(line.tax),
  netMinor: line.netMinor,
  taxMinor: line.taxMinor,
  adjustment: line.adjustment
})

/**
 * The credit CDR that takes a CDR back: a new id, a reference, the total negated and the rest as it was (OCPI credit
 * CDRs). A credit cannot be credited: that is a defect of the caller.
 */
export const creditOf = (cdr: Cdr, credit: { readonly id: string; readonly issuedAtMs: number }): Cdr => {
  if (cdr.credit) throw new Error(`CDR ${cdr.id} is a credit and cannot be credited`)
  return {
    ...cdr,
    id: credit.id,
    issuedAtMs: credit.issuedAtMs,
    netMinor: -cdr.netMinor,
    taxMinor: -cdr.taxMinor,
    grossMinor: -cdr.grossMinor,
    credit: true,
    creditReferenceId: cdr.id
  }
}

/**
 * The same CDR priced again from its own periods by the tariff it names, to be compared with it before it is believed.
 * Of a credit CDR the credit is made again. A tariff of another id or version is a defect of the caller.
 */
export const recompute = (cdr: Cdr, compiled: CompiledTariff): Cdr => {
  const { tariff } = compiled
  if (tariff.id !== cdr.tariff.id || tariff.version !== cdr.tariff.version)
    throw new Error(
      `CDR ${cdr.id} was priced by ${cdr.tariff.id} v${cdr.tariff.version}, not ${tariff.id} v${tariff.version}`
    )
  const rating = rate(compiled, cdr.chargingPeriods, {
    reservationExpired: cdr.reservationExpired,
    groups: cdr.groups ?? [],
    steps: stepPolicyOf(cdr.policy),
    ...(cdr.included !== undefined && { included: cdr.included })
  })
  const original = makeCdr(cdr, rating)
  if (!cdr.credit) return original
  return { ...creditOf(original, cdr), id: cdr.id, creditReferenceId: cdr.creditReferenceId }
}

/** Whether a CDR is what its own periods cost by that tariff, to the last byte of its JSON. */
export const isConsistent = (cdr: Cdr, compiled: CompiledTariff): boolean =>
  JSON.stringify(encodeCdr(cdr)) === JSON.stringify(encodeCdr(recompute(cdr, compiled)))
