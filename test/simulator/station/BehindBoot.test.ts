import { assert, it } from "@effect/vitest"
import { BehindBoot, mostHeld } from "#simulator/station/BehindBoot.ts"
import type { Purpose } from "#simulator/station/Registration.ts"

it("what waits behind a boot goes in its order or fails by its purpose, and one too many fails at once", () => {
  const behind = new BehindBoot()
  const told: Array<string> = []
  const hold = (action: string, purpose: Purpose) =>
    behind.hold({
      action,
      purpose,
      send: () => told.push(`${action} sent`),
      failed: ({ _tag }) => told.push(`${action} ${_tag}`)
    })
  hold("A", "triggered")
  hold("B", "other")
  for (let more = 2; more < mostHeld; more++) hold("C", "report")
  assert.deepStrictEqual(told, [])
  hold("D", "triggered")
  assert.deepStrictEqual(told, ["D TooManyWaiting"])
  behind.release((purpose) => purpose === "triggered")
  assert.deepStrictEqual(told.slice(1, 4), ["A sent", "B Disconnected", "C Disconnected"])
  assert.strictEqual(told.length, 1 + mostHeld)
  behind.release(() => true)
  assert.strictEqual(told.length, 1 + mostHeld)
})
