import { assert, it } from "@effect/vitest"
import { Clocks } from "#server/station/Clocks.ts"

const noonMs = Date.UTC(2026, 4, 4, 12)
const hourMs = 3_600_000

/** After four minutes of a message each minute by a clock that is so far ahead. */
const after = (aheadMs: number, messages = 5): Clocks => {
  const clocks = new Clocks()
  for (let minute = 0; minute < messages; minute++) {
    const atMs = noonMs + minute * 60_000
    clocks.heard("CP-1", atMs + aheadMs, atMs)
  }
  return clocks
}

it("a clock that was set back shows nothing later than it showed at its pace", () => {
  assert.strictEqual(after(-2 * hourMs).surelyShown("CP-1", noonMs), noonMs - 2 * hourMs)
})

it("one that is ahead, or of which one message only is known, may show our time", () => {
  assert.strictEqual(after(2 * hourMs).surelyShown("CP-1", noonMs), noonMs)
  assert.strictEqual(after(-2 * hourMs, 1).surelyShown("CP-1", noonMs), noonMs)
  assert.strictEqual(new Clocks().surelyShown("CP-1", noonMs), noonMs)
})
