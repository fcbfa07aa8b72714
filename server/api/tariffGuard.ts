import { Effect, Result } from "effect"
import type { Fault } from "#core/api/Problems.ts"
import { Unprocessable } from "#core/api/Problems.ts"
import { checkTariff } from "#core/tariff/check/checkTariff.ts"
import type { Finding } from "#core/tariff/check/Finding.ts"
import { dearerThanEver } from "#core/tariff/dearer.ts"
import type { Tariff } from "#core/tariff/Tariff.ts"

/** Problem details name so many places and no more. */
const maxFaults = 20

/**
 * What stands between a tariff and its customers: one that is broken or unlawful is refused with everything that is
 * wrong with it, and a price above all that this tariff ever asked (`dearerThanEver`) is only taken when it is confirmed. Succeeds with
 * what is odd and allowed.
 */
export const guardTariff = (
  tariff: Tariff,
  earlier: ReadonlyArray<Tariff>,
  isConfirmed: boolean
): Effect.Effect<ReadonlyArray<Finding>, Unprocessable> => {
  // UTC is in every database: the zone only words the sessions that show a finding.
  const findings = Result.getOrThrow(checkTariff(tariff))
  const errors = findings.filter(({ severity }) => severity === "error")
  if (errors.length > 0) return refuse("The tariff is broken or unlawful and was not published.", errors.map(faultOf))
  const dearer = isConfirmed ? [] : dearerThanEver(tariff, earlier)
  if (dearer.length > 0)
    return refuse(
      "A price is above all that this tariff ever asked. If it is meant, publish with ?confirm=true.",
      dearer.map(({ path, message }) => ({ in: "body", pointer: path, message }))
    )
  return Effect.succeed(findings)
}

const refuse = (detail: string, faults: ReadonlyArray<Fault>) =>
  Effect.fail(new Unprocessable({ detail, errors: faults.slice(0, maxFaults) }))

const faultOf = ({ code, path, message }: Finding): Fault => ({
  in: "body",
  pointer: path,
  message: `${code}: ${message}`
})
