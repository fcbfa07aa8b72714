import { Result } from "effect"
import { checkTariff } from "#core/tariff/check/checkTariff.ts"
import { expectedOf, type StaticAnalysis } from "#core/tariff/check/staticAnalysis.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import { findingLines } from "./findingText.ts"
import { type Answer, isJson, type Json, Refused } from "./PriceFile.ts"
import { fixOf } from "./ratingInput.ts"

/** Looks through the tariff of a file: gaps, overlaps, what is never charged, and what else is wrong with it. */
export const checkAnswer = (json: Json): Result.Result<Answer, Refused> => {
  const { tariff: wire, location_time_zone: zone } = json
  const decoded = Tariff.decode(wire)
  if (Result.isFailure(decoded)) {
    const { path, message } = decoded.failure
    return Result.fail(new Refused({ place: `/tariff${path}`, message, fix: fixOf(message) }))
  }
  const options = typeof zone === "string" ? { timeZone: zone } : {}
  const checked = checkTariff(decoded.success, options)
  if (Result.isFailure(checked)) {
    const message = `the IANA database has no time zone ${checked.failure.timeZone}`
    return Result.fail(
      new Refused({ place: "/location_time_zone", message, fix: 'Write an IANA name, as "Europe/Berlin".' })
    )
  }
  return Result.succeed({
    json: partsAsked(expectedOf(checked.success), json["expected"]),
    lines: (columns) => findingLines(checked.success, columns)
  })
}

/** An example is about some parts of an analysis, those that it has an expectation of; any other file gets them all. */
const partsAsked = (analysis: StaticAnalysis, expected: unknown): Partial<StaticAnalysis> =>
  isJson(expected) ? Object.fromEntries(Object.entries(analysis).filter(([part]) => part in expected)) : analysis
