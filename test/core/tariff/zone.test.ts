import { assert, describe, it } from "@effect/vitest"
import * as Instant from "#core/Instant.ts"
import { localDay, weekdayOf, zoneOf } from "#core/tariff/Zone.ts"
import fc from "#test/support/fastCheck.ts"

const names = [
  "UTC",
  "Europe/Berlin",
  "Europe/London",
  "America/New_York",
  "America/St_Johns",
  "Australia/Lord_Howe",
  "Asia/Kathmandu",
  "Africa/Casablanca",
  "Pacific/Apia"
]

/** The wall clock straight from the runtime, as `2024-03-31T03:00:00`. */
const wallClock = (timeZone: string, atMs: number): string =>
  new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" }).format(atMs).replace(" ", "T")

describe("time zones", () => {
  it("the table agrees with the runtime at any instant", () => {
    const seconds = fc.integer({ min: Date.UTC(2005, 0, 1) / 1000, max: Date.UTC(2037, 0, 1) / 1000 })
    fc.assert(
      fc.property(fc.constantFrom(...names), seconds, (name, second) => {
        const atMs = second * 1000
        const local = Instant.format(atMs + zoneOf(name)!.offsetMsAt(atMs)).slice(0, 19)
        assert.strictEqual(local, wallClock(name, atMs))
      })
    )
  })

  it("the clock changes at the very second, and between two of them it does not", () => {
    const berlin = zoneOf("Europe/Berlin")!
    const changes = berlin.changesBetween(Date.UTC(2024, 0, 1), Date.UTC(2025, 0, 1))
    assert.deepStrictEqual(changes.map(Instant.format), ["2024-03-31T01:00:00.000Z", "2024-10-27T01:00:00.000Z"])
    assert.deepStrictEqual(berlin.changesBetween(changes[0]!, changes[1]!), [])
    assert.strictEqual(berlin.offsetMsAt(changes[0]! - 1), 3_600_000)
    assert.strictEqual(berlin.offsetMsAt(changes[0]!), 7_200_000)
  })

  it("a zone that is none is never taken for UTC", () => {
    for (const name of ["Mars/Olympus", "", "Europe/Berlin ", "CEST"]) assert.isUndefined(zoneOf(name), name)
  })

  it("days of the week count right before 1970 too", () => {
    assert.strictEqual(weekdayOf(localDay(Date.UTC(2024, 0, 14))), 0)
    assert.strictEqual(weekdayOf(localDay(Date.UTC(1969, 11, 31))), 3)
  })
})
