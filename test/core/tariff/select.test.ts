import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Instant from "#core/Instant.ts"
import { emptyPeriod } from "#core/tariff/ChargingPeriod.ts"
import { rateSession, select } from "#core/tariff/select.ts"
import { energyPrice, tariffOf } from "./fixtures.ts"

const elements = [energyPrice(0.3)]
const day = 86_400_000
const instant = (days: number) => Instant.format(days * day)

const tariff = (rest: Record<string, unknown>) => tariffOf(elements, rest)

const chosen = (...parameters: Parameters<typeof select>): string => {
  const result = select(...parameters)
  return Result.isFailure(result) ? result.failure._tag : `${result.success.id} v${result.success.version}`
}

describe("which tariff a session has", () => {
  it("validity begins with its first and ends before its last instant", () => {
    const tariffs = [tariff({ id: "A", start_date_time: instant(10), end_date_time: instant(20) })]
    assert.strictEqual(chosen(tariffs, 10 * day), "A v1")
    assert.strictEqual(chosen(tariffs, 10 * day - 1), "NoTariff")
    assert.strictEqual(chosen(tariffs, 20 * day - 1), "A v1")
    assert.strictEqual(chosen(tariffs, 20 * day), "NoTariff")
  })

  it("of several versions the newest that is valid then, in whatever order they come", () => {
    const versions = [
      tariff({ id: "A", version: 2, start_date_time: instant(10) }),
      tariff({ id: "A", version: 1 }),
      tariff({ id: "A", version: 3, start_date_time: instant(20) })
    ]
    assert.strictEqual(chosen(versions, 5 * day), "A v1")
    assert.strictEqual(chosen(versions, 15 * day), "A v2")
    assert.strictEqual(chosen([...versions].reverse(), 25 * day), "A v3")
  })

  it("the wanted type goes before no type, and another type is never taken", () => {
    const tariffs = [
      tariff({ id: "any" }),
      tariff({ id: "cheap", type: "PROFILE_CHEAP" }),
      tariff({ id: "regular", type: "REGULAR" })
    ]
    assert.strictEqual(chosen(tariffs, 0), "regular v1")
    assert.strictEqual(chosen(tariffs, 0, "PROFILE_CHEAP"), "cheap v1")
    assert.strictEqual(chosen(tariffs, 0, "AD_HOC_PAYMENT"), "any v1")
    assert.strictEqual(chosen(tariffs.slice(1, 2), 0), "NoTariff")
  })
})

describe("what a period says about its tariff", () => {
  const period = { ...emptyPeriod, startAtMs: 0, endAtMs: 1000, energyMilliWh: 1_000_000 }
  const session = { startAtMs: 0, timeZone: "UTC", currency: null }
  const tariffs = [tariff({ id: "A" }), tariff({ id: "B" })]
  const failure = (periods: ReadonlyArray<typeof period & { readonly tariffId?: string }>) => {
    const rating = rateSession(tariffs, { ...session, periods })
    return Result.isFailure(rating) ? rating.failure._tag : rating.success.tariffId
  }

  it("the named tariff is taken, an unknown one is no reason to take another", () => {
    assert.strictEqual(failure([period]), "A")
    assert.strictEqual(failure([{ ...period, tariffId: "B" }]), "B")
    assert.strictEqual(failure([{ ...period, tariffId: "C" }]), "UnknownTariff")
  })

  it("two tariffs in one session are refused", () => {
    assert.strictEqual(
      failure([
        { ...period, tariffId: "A" },
        { ...period, tariffId: "B" }
      ]),
      "MixedTariffs"
    )
  })
})
