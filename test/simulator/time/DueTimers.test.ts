import { assert, it } from "@effect/vitest"
import { DueTimers } from "#simulator/time/DueTimers.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"

/** A world whose timers fire when the test says, however late. */
const world = () => {
  const state = { ms: 1_000, set: 0, pending: [] as Array<{ atMs: number; callback: (() => void) | undefined }> }
  const below: TimersApi = {
    nowAtMs: () => state.ms,
    soon: (callback) => callback(),
    after: (ms, callback) => {
      state.set++
      const timer: (typeof state.pending)[number] = { atMs: state.ms + ms, callback }
      state.pending.push(timer)
      return () => {
        timer.callback = undefined
      }
    }
  }
  const goTo = (ms: number): void => {
    state.ms = ms
    for (const timer of state.pending.splice(0)) {
      if (timer.atMs > ms) state.pending.push(timer)
      else timer.callback?.()
    }
  }
  return { state, goTo, timers: new DueTimers(below) }
}

it("a callback that runs late knows the instant it was meant for", () => {
  const { goTo, timers } = world()
  const due: Array<number> = []
  timers.after(10, () => due.push(timers.dueAtMs()))
  timers.after(30, () => {
    due.push(timers.dueAtMs())
    timers.meantFor(5, () => due.push(timers.dueAtMs()))
    due.push(timers.dueAtMs())
  })
  goTo(1_500)
  due.push(timers.dueAtMs())
  assert.deepStrictEqual(due, [1_010, 1_030, 5, 1_030, 1_500])
  assert.strictEqual(timers.takeLateness(), 490)
  assert.strictEqual(timers.takeLateness(), 0)
})

it("callbacks run in the order of their instants, cancelled ones never, and each once", () => {
  const { goTo, timers } = world()
  const ran: Array<string> = []
  timers.after(30, () => ran.push("c"))
  const cancel = timers.after(20, () => ran.push("never"))
  timers.after(10, () => {
    ran.push("a")
    timers.after(5, () => ran.push("b"))
  })
  timers.after(Number.POSITIVE_INFINITY, () => ran.push("never"))
  cancel()
  goTo(1_010)
  goTo(1_030)
  goTo(2_000)
  cancel()
  assert.deepStrictEqual(ran, ["a", "b", "c"])
})

it("a thousand timers cost the world below no more than one at a time", () => {
  const { goTo, state, timers } = world()
  let ran = 0
  for (let index = 0; index < 1_000; index++) timers.after(1_000 + index, () => ran++)
  assert.strictEqual(state.set, 1)
  goTo(5_000)
  assert.strictEqual(ran, 1_000)
})
