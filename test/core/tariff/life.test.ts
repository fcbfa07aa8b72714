import { assert, it } from "@effect/vitest"
import { statesAt, type TariffVersion, versionAt } from "#core/tariff/life.ts"
import { energyPrice, tariffOf } from "./fixtures.ts"

const version = (number: number, more: Partial<TariffVersion> = {}): TariffVersion => ({
  ...tariffOf([energyPrice(0.5)], { id: "A", version: number }),
  retiredAtMs: null,
  ...more
})

/** Valid from ever; from 100, scheduled early; from 50, published later; and a correction of the one from 100. */
const versions = [
  version(1),
  version(2, { startAtMs: 100 }),
  version(3, { startAtMs: 50 }),
  version(4, { startAtMs: 100, endAtMs: 200 }),
  version(5, { startAtMs: 300, retiredAtMs: 350 })
]

it.each([
  [49, 1],
  [50, 3],
  [99, 3],
  [100, 4],
  [199, 4],
  [200, 2],
  [300, 5],
  [349, 5],
  [350, 2]
])(
  "at %i version %i holds: the one whose validity began last, the newer of two, and none that is retired",
  (atMs, expected) => {
    assert.strictEqual(versionAt(versions, atMs)?.version, expected)
    assert.strictEqual(versionAt(versions.toReversed(), atMs)?.version, expected)
  }
)

it("no version holds when all are retired, over or still to come", () => {
  const none = [version(1, { retiredAtMs: 10 }), version(2, { endAtMs: 5 }), version(3, { startAtMs: 11 })]
  assert.isUndefined(versionAt(none, 10))
  assert.deepStrictEqual(statesAt(none, 10), ["retired", "expired", "scheduled"])
})

it("every version says what it is", () => {
  assert.deepStrictEqual(statesAt(versions, 100), ["superseded", "superseded", "superseded", "holds", "scheduled"])
  assert.deepStrictEqual(statesAt(versions, 400), ["superseded", "holds", "superseded", "expired", "retired"])
})
