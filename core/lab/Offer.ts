import { Data, Result } from "effect"
import { checkTariff } from "#core/tariff/check/checkTariff.ts"
import type { Finding } from "#core/tariff/check/Finding.ts"
import { Tariff } from "#core/tariff/Tariff.ts"

/** A tariff file will not do: where in it, as a JSON pointer, and why. */
export class OfferRefused extends Data.TaggedError("OfferRefused")<{
  readonly path: string
  readonly message: string
}> {}

/** What a tariff file offers: one tariff, or versions of it that follow each other. */
export interface Offer {
  readonly name: string
  readonly currency: string
  /** Each session has the one that was valid at its start. */
  readonly versions: ReadonlyArray<Tariff>
  /** What looking through them found: warnings and what is worth knowing. */
  readonly findings: ReadonlyArray<Finding>
}

/** Versions in one file: more than a tariff has in years. */
const maxVersions = 200

const refused = (path: string, message: string) => Result.fail(new OfferRefused({ path, message }))

/**
 * Reads what a tariff file holds: an OCPI tariff, or a list of versions of one. A tariff that may not be published (not
 * well formed, or with an error found by {@link checkTariff} in that time zone) is refused.
 */
export const offerOf = (json: unknown, timeZone: string): Result.Result<Offer, OfferRefused> => {
  const wires: ReadonlyArray<unknown> = Array.isArray(json) ? json : [json]
  if (wires.length === 0) return refused("", "the list has no tariff")
  if (wires.length > maxVersions)
    return refused("", `the list has ${wires.length} versions, at most ${maxVersions} may be`)
  const versions: Array<Tariff> = []
  const findings: Array<Finding> = []
  for (const [index, wire] of wires.entries()) {
    const base = Array.isArray(json) ? `/${index}` : ""
    const parsed = Tariff.parse(wire)
    if (Result.isFailure(parsed)) return refused(`${base}${parsed.failure.path}`, parsed.failure.message)
    const tariff = parsed.success
    const first = versions[0] ?? tariff
    if (first.currency !== tariff.currency)
      return refused(`${base}/currency`, `${tariff.currency}, but the first version is in ${first.currency}`)
    if (first.id !== tariff.id) return refused(`${base}/id`, `"${tariff.id}" is no version of "${first.id}"`)
    const checked = checkTariff(tariff, { timeZone })
    if (Result.isFailure(checked)) return refused(base, `the IANA database has no time zone ${timeZone}`)
    const error = checked.success.find(({ severity }) => severity === "error")
    if (error !== undefined) return refused(`${base}${error.path}`, `${error.code}: ${error.message}`)
    for (const finding of checked.success) findings.push({ ...finding, path: `${base}${finding.path}` })
    versions.push(tariff)
  }
  const { id, currency } = versions[0]!
  return Result.succeed({ name: id, currency, versions, findings })
}
