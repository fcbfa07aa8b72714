import { Result } from "effect"
import * as Instant from "#core/Instant.ts"
import { add, type Exact, format, scaled, unscaled } from "#core/Money.ts"
import type { CompiledTariff } from "#core/tariff/compile.ts"
import { isAmount, type LineDimension, type Rating, type RatingLine } from "#core/tariff/Rating.ts"
import { rate } from "#core/tariff/rate.ts"
import { compileFor, type RatedSession, type RateSessionError } from "#core/tariff/select.ts"
import { type Answer, isJson, type Json, type Refused } from "./PriceFile.ts"
import { type RatingInput, readRatingInput } from "./ratingInput.ts"
import { ratingText } from "./ratingText.ts"

/** Everything that a rating was made of. */
export interface Rated {
  readonly input: RatingInput
  readonly compiled: CompiledTariff
  /** Sorted by start. */
  readonly periods: RatedSession["periods"]
  readonly rating: Rating
}

/** Prices the session of a file; a session that has no price has the error's name for an answer. */
export const ratingAnswer = (json: Json): Result.Result<Answer, Refused> =>
  Result.map(readRatingInput(json), (input) => {
    const { session, timeZone, type } = input
    const { startAtMs, currency } = session
    const periods = [...session.periods].sort((a, b) => a.startAtMs - b.startAtMs)
    const rated = { startAtMs, timeZone, currency, periods, ...(type !== undefined && { type }) }
    const compiled = compileFor(input.tariffs, rated)
    if (Result.isFailure(compiled)) return errorAnswer(compiled.failure)
    const { reservationExpired, groups } = session
    const rating = rate(compiled.success, session.periods, { reservationExpired, groups })
    const all: Rated = { input, compiled: compiled.success, periods, rating }
    return { json: expectedOf(all), lines: (columns) => ratingText(all, json, columns) }
  })

/** The answer for a session that has no price. */
export const errorAnswer = (error: RateSessionError): Answer => ({
  json: { error: error._tag },
  lines: () => [`  There is no price: ${sentenceOf(error)}`]
})

const sentenceOf = (error: RateSessionError): string => {
  switch (error._tag) {
    case "UnknownTimeZone":
      return `the IANA database has no time zone ${error.timeZone}; correct location_time_zone. (${error._tag})`
    case "NoTariff":
      return `no tariff of the session's type was valid at its start, ${Instant.format(error.atMs)}. (${error._tag})`
    case "UnknownTariff":
      return `a charging period names the tariff ${error.tariffId}, which is not among tariffs. (${error._tag})`
    case "CurrencyMismatch":
      return `the tariff is in ${error.tariffCurrency}, the session in ${error.sessionCurrency}. (${error._tag})`
    case "MixedTariffs":
      return `the charging periods name several tariffs (${error.tariffIds.join(", ")}); price them one by one. (${error._tag})`
  }
}

/** The notes that the published examples are complete about; others are for people. */
export const isAgreedNote = (note: string): boolean =>
  /^(total_clamped|unattributed_tax|negative_tax|tax_included_without_rate|tax_rate_ignored|no_price_component:.*|period_spans_price_change:.*|periods_out_of_order)$/.test(
    note
  )

const amounts = (net: Exact, gross: Exact, digits: number) => ({
  before_taxes: format(net, digits),
  after_taxes: format(gross, digits)
})

const expectedOf = ({ input, compiled, rating }: Rated) => ({
  total: amounts(rating.net, rating.gross, 6),
  total_2dp: amounts(rating.net, rating.gross, 2),
  lines: rating.lines.filter((line) => !isAmount(line)).map((line) => lineOf(line, input, compiled)),
  ...reductionsOf(rating),
  limit_applied: rating.limitApplied,
  notes: rating.notes.filter(isAgreedNote).sort()
})

/** An instant as the examples write it: without milliseconds where there are none. */
export const instantText = (atMs: number): string => Instant.format(atMs).replace(".000Z", "Z")

export const unitOf = (dimension: LineDimension): "kWh" | "h" | "x" =>
  dimension === "ENERGY" ? "kWh" : dimension === "FLAT" ? "x" : "h"

const unitVolumes = { kWh: 1_000_000n, h: 3_600_000n, x: 1n } as const

/** What a line bills, in kWh, hours or times. */
export const billedText = (line: RatingLine): string =>
  format({ n: BigInt(line.volume), d: unitVolumes[unitOf(line.dimension)] })

const lineOf = (line: RatingLine, input: RatingInput, compiled: CompiledTariff) => {
  const written = writtenComponent(input.wires[input.tariffs.indexOf(compiled.tariff)], line)
  return {
    scope: line.scope,
    dimension: line.dimension,
    period_start: instantText(line.startAtMs),
    element: line.element,
    component: line.component,
    billed: billedText(line),
    unit: unitOf(line.dimension),
    unit_price: unitPriceOf(line, written["price"]),
    vat_percent: line.vatPpm === null ? null : String(written["vat"]),
    ...amounts(line.net, add(line.net, line.tax), 6),
    ...(line.adjustment !== null && { adjustment: line.adjustment })
  }
}

/** As the component writes it, where that is what it costs: not in a grace period, and not by a price series. */
const unitPriceOf = ({ unitPriceMicros }: RatingLine, written: unknown): string =>
  scaled(String(written), 6) === BigInt(unitPriceMicros) ? String(written) : unscaled(BigInt(unitPriceMicros), 6, 2)

/** What caps and discounts took, where any did: the published examples know none. */
const reductionsOf = ({ lines }: Rating) => {
  const reductions = lines.filter(({ adjustment }) => adjustment === "CAP" || adjustment === "DISCOUNT")
  if (reductions.length === 0) return {}
  return {
    reductions: reductions.map((line) => ({
      scope: line.scope,
      dimension: line.dimension,
      reason: line.adjustment,
      index: line.component,
      vat_percent: line.vatPpm === null ? null : unscaled(BigInt(line.vatPpm), 4),
      ...amounts(line.net, add(line.net, line.tax), 6)
    }))
  }
}

/** A price component as it stands in the file. */
export const writtenComponent = (tariff: unknown, line: RatingLine): Json => {
  const elements = isJson(tariff) ? tariff["elements"] : []
  const element: unknown = Array.isArray(elements) ? elements[line.element] : undefined
  const components = isJson(element) ? element["price_components"] : []
  const component: unknown = Array.isArray(components) ? components[line.component] : undefined
  if (!isJson(component)) throw new Error(`the tariff has no element ${line.element}, component ${line.component}`)
  return component
}
