import { assert, it } from "@effect/vitest"
import { DialGate, type Place } from "#simulator/socket/DialGate.ts"

const gateAt = (options: { width?: number; least?: number; most?: number } = {}) => {
  const clock = { ms: 0 }
  return { clock, gate: new DialGate({ nowMs: () => clock.ms, ...options }) }
}

it("ten thousand who dial at one instant all get in, in the order asked and never too many at once", () => {
  const { gate } = gateAt({ width: 10, most: 50 })
  const order: Array<number> = []
  const inside: Array<Place> = []
  let most = 0
  for (let index = 0; index < 10_000; index++) {
    const place: { it?: Place } = {}
    place.it = gate.enter(() => {
      order.push(index)
      queueMicrotask(() => inside.push(place.it!))
      most = Math.max(most, gate.busy)
    })
  }
  return Promise.resolve()
    .then(async () => {
      while (order.length < 10_000 || inside.length > 0) {
        await Promise.resolve()
        inside.shift()?.leave("open")
      }
    })
    .then(() => {
      assert.deepStrictEqual(
        order,
        Array.from({ length: 10_000 }, (_, index) => index)
      )
      assert.isAtMost(most, 50)
      assert.strictEqual(gate.busy, 0)
      assert.strictEqual(gate.waiting, 0)
    })
})

it("failures and slow handshakes narrow it, quick ones widen it again, within its bounds", () => {
  const { gate, clock } = gateAt({ width: 60, least: 20, most: 100 })
  const dial = (how: "open" | "failed", tookMs: number): void => {
    const place = gate.enter(() => {})
    clock.ms += tookMs
    place.leave(how)
  }
  dial("failed", 1)
  assert.strictEqual(gate.width, 40)
  dial("failed", 1)
  assert.strictEqual(gate.width, 40, "one burst of failures narrows it once")
  dial("open", 5_000)
  assert.strictEqual(gate.width, 26)
  for (let times = 0; times < 5; times++) dial("failed", 2_000)
  assert.strictEqual(gate.width, 20)
  for (let times = 0; times < 500; times++) dial("open", 3)
  assert.strictEqual(gate.width, 100)
})

it("who gives up in the line takes nobody's place, and leaving twice counts once", () => {
  const { gate } = gateAt({ width: 1, most: 1 })
  const begun: Array<string> = []
  const first = gate.enter(() => begun.push("first"))
  const second = gate.enter(() => begun.push("second"))
  gate.enter(() => begun.push("third"))
  second.leave("givenUp")
  second.leave("givenUp")
  assert.strictEqual(gate.waiting, 1)
  first.leave("open")
  first.leave("failed")
  assert.deepStrictEqual(begun, ["first", "third"])
  assert.strictEqual(gate.busy, 1)
})
