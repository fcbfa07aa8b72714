import { Result } from "effect"
import { disputeOf, policiesText } from "#core/billing/verify/dispute.ts"
import { type Verification, verifyCdr } from "#core/billing/verify/verifyCdr.ts"
import { formatMinor, scaled } from "#core/Money.ts"
import { wrap } from "../cli/format.ts"
import { type Answer, isJson, type Json, Refused } from "./PriceFile.ts"
import { errorAnswer } from "./ratingAnswer.ts"
import { fixOf, readRatingInput } from "./ratingInput.ts"

/** Verifies the CDR of a file against its tariff and against itself. `tolerance` is in units of the currency. */
export const verifyAnswer = (json: Json): Result.Result<Answer, Refused> =>
  Result.gen(function* () {
    const input = yield* readRatingInput(json)
    const toleranceMinor = yield* toleranceOf(json["tolerance"])
    const { tariffs, timeZone, type } = input
    const verified = verifyCdr({
      cdr: json["cdr"],
      tariffs,
      timeZone,
      ...(type !== undefined && { type }),
      ...(toleranceMinor !== null && { toleranceMinor })
    })
    if (Result.isSuccess(verified)) return answerOf(verified.success, json)
    const error = verified.failure
    if (error._tag !== "CdrInvalid") return errorAnswer(error)
    return yield* Result.fail(
      new Refused({ place: `/cdr${error.path}`, message: error.message, fix: fixOf(error.message) })
    )
  })

/** In units of the currency, to hundredths. */
const toleranceOf = (value: unknown): Result.Result<bigint | null, Refused> => {
  if (value === undefined || value === null) return Result.succeed(null)
  const minor = typeof value === "number" || typeof value === "string" ? scaled(value, 2) : undefined
  return minor !== undefined && minor >= 0n
    ? Result.succeed(minor)
    : Result.fail(new Refused({ place: "/tolerance", message: "is no amount of money", fix: 'Write it as "0.01".' }))
}

const answerOf = (it: Verification, json: Json): Answer => {
  const { cdr } = json
  const { currency } = it.compiled.tariff
  const tolerance = formatMinor(it.toleranceMinor, currency)
  const id = isJson(cdr) && typeof cdr["id"] === "string" ? cdr["id"] : "(without id)"
  return {
    json: {
      ...(it.absorbed.length > 0 && { tolerance }),
      divergences: it.divergences.map(({ what, claimed, computed, difference }) => ({
        what,
        claimed,
        computed,
        difference
      })),
      ...(it.selfInconsistent && { self_inconsistent: true })
    },
    lines: (columns) => {
      const dispute = disputeOf(id, it)
      if (dispute !== null)
        return dispute.split("\n").flatMap((line) => wrap(line, columns - 2).map((part) => `  ${part}`))
      return [
        `  The CDR is what its periods cost${it.absorbed.length === 0 ? "" : `, within ${tolerance} ${currency}`}.`,
        ...wrap(`Its total ${policiesText(it.policies)}.`, columns - 2).map((line) => `  ${line}`)
      ]
    }
  }
}
