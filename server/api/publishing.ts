import { Clock, Effect, Result } from "effect"
import { Conflict, Unprocessable } from "#core/api/Problems.ts"
import * as Instant from "#core/Instant.ts"
import { checkTariff } from "#core/tariff/check/checkTariff.ts"
import type { Finding } from "#core/tariff/check/Finding.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import type { TariffWire } from "#core/tariff/TariffWire.ts"
import type { Directory } from "../directory/Directory.ts"
import { conflict, unavailable } from "./failures.ts"
import { inBody } from "./faults.ts"
import { guardTariff } from "./tariffGuard.ts"

type Book = Directory["Service"]

/** What a tariff is called in a request, and what is there already. */
export interface Candidate {
  readonly wire: TariffWire
  /** Prices above all that were ever asked are meant. */
  readonly isConfirmed: boolean
  /** Since when it is to hold; null: as it says itself. */
  readonly fromMs: number | null
}

/** The tariff of a body, or what is wrong with it. */
export const parsed = (wire: TariffWire, detail: string): Effect.Effect<Tariff, Unprocessable> => {
  const result = Tariff.parse(wire)
  if (Result.isSuccess(result)) return Effect.succeed(result.success)
  const { path, message } = result.failure
  return Effect.fail(new Unprocessable({ detail, errors: inBody(path, message) }))
}

/** What is odd about a tariff, and whether anything of it stands in the way of publishing it. */
export const checked = (tariff: Tariff) => {
  const findings = Result.getOrThrow(checkTariff(tariff))
  return { findings: findings.map(told), publishable: findings.every(({ severity }) => severity !== "error") }
}

const told = ({ code, severity, path, message }: Finding) => ({ code, severity, path, message })

/**
 * Publishes a tariff as the next version, or schedules it where it begins later. The guards hold for both; a further
 * version never begins in the past, where transactions have had their prices.
 */
export const publishTariff = Effect.fnUntraced(function* (directory: Book, { wire, isConfirmed, fromMs }: Candidate) {
  const versions = yield* directory.tariff(wire.id).pipe(unavailable)
  const version = versions.length + 1
  const nowMs = yield* Clock.currentTimeMillis
  const given = yield* parsed(
    {
      ...wire,
      version: wire.version ?? version,
      ...(fromMs !== null && { start_date_time: Instant.format(fromMs) })
    },
    "The tariff cannot be published like this."
  )
  const { startAtMs } = given
  const tariff = {
    ...given,
    // A further version that did not say since when would hold for sessions that began before it existed.
    startAtMs: version === 1 ? startAtMs : (startAtMs ?? nowMs),
    lastUpdatedAtMs: given.lastUpdatedAtMs ?? nowMs
  }
  if (tariff.version !== version) {
    const detail = `The next version of ${tariff.id} is ${version}, not ${tariff.version}.`
    return yield* new Conflict({ detail, kind: "tariff", id: tariff.id })
  }
  if (version > 1 && startAtMs !== null && startAtMs < nowMs) {
    const message =
      "Expected an instant that is still to come, or none: transactions that began then have had their price"
    return yield* new Unprocessable({
      detail: "A further version cannot begin in the past.",
      errors: inBody("/start_date_time", message)
    })
  }
  const findings = yield* guardTariff(tariff, versions, isConfirmed)
  yield* directory.publishTariff(tariff).pipe(Effect.catchTag("AlreadyExists", conflict), unavailable)
  return { ...Tariff.encode(tariff), findings: findings.map(told) }
})
