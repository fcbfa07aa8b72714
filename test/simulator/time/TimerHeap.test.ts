import { assert, it } from "@effect/vitest"
import { Fifo } from "#simulator/time/Fifo.ts"
import { type Timer, TimerHeap } from "#simulator/time/TimerHeap.ts"
import fc from "#test/support/fastCheck.ts"

const nothing = () => {}
const drain = (heap: TimerHeap): Array<Timer> => {
  const popped: Array<Timer> = []
  for (let timer = heap.pop(); timer !== undefined; timer = heap.pop()) popped.push(timer)
  return popped
}

it("timers come out by instant and, at one instant, in the order set, whatever was cancelled", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(20), fc.boolean(), fc.boolean()), { maxLength: 300 }), (plan) => {
      const heap = new TimerHeap()
      const mortal = { alive: true }
      const immortal = { alive: true }
      const timers = plan.map(([atMs, isMortal]) => heap.set(atMs, isMortal ? mortal : immortal, nothing))
      const isCancelled = (index: number) => plan[index]![2]
      timers.forEach((timer, index) => {
        if (isCancelled(index)) heap.cancel(timer)
      })
      mortal.alive = plan.length % 2 === 0
      const expected = timers
        .filter((timer, index) => !isCancelled(index) && timer.owner.alive)
        .toSorted((a, b) => a.atMs - b.atMs || a.order - b.order)
      assert.deepStrictEqual(drain(heap), expected)
    })
  )
})

it("timers cancelled long before they are due do not pile up", () => {
  const heap = new TimerHeap()
  const owner = { alive: true }
  const kept = Array.from({ length: 10 }, (_, index) => heap.set(index, owner, nothing))
  for (let index = 0; index < 100_000; index++) heap.cancel(heap.set(1e9 + index, owner, nothing))
  assert.isBelow(heap.size, 200)
  assert.deepStrictEqual(drain(heap), kept)
})

it("cancelling twice or too late counts once, so that nothing pending is ever swept", () => {
  const heap = new TimerHeap()
  const owner = { alive: true }
  const timer = heap.set(1, owner, nothing)
  for (let index = 0; index < 1000; index++) heap.cancel(timer)
  assert.isUndefined(heap.pop())
  heap.cancel(timer)
  const kept = Array.from({ length: 100 }, (_, index) => heap.set(index, owner, nothing))
  assert.deepStrictEqual(drain(heap), kept)
})

it("a queue gives back what it was given, in order, through growth and compaction", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(40_000), fc.nat(40_000)), { maxLength: 6 }), (bursts) => {
      const queue = new Fifo<number>()
      let pushed = 0
      let taken = 0
      for (const [push, take] of bursts) {
        for (let i = 0; i < push; i++) queue.push(pushed++)
        for (let i = 0; i < take && taken < pushed; i++) {
          if (queue.peek() !== taken || queue.shift() !== taken) return false
          taken++
        }
        if (queue.length !== pushed - taken) return false
      }
      return true
    }),
    { numRuns: 20 }
  )
})
