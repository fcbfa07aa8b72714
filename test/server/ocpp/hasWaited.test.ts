import { assert, it } from "@effect/vitest"
import { hasWaited } from "#server/ocpp/v16/hasWaited.ts"

const noonMs = Date.UTC(2026, 4, 4, 12)
const minuteMs = 60_000

it("what is told by a clock that was known to be ahead and shows our instant has not waited", () => {
  const ahead = { shown: (nowMs: number) => nowMs + 10 * minuteMs }
  assert.isFalse(hasWaited(ahead, noonMs, noonMs + 80))
  assert.isFalse(hasWaited(ahead, noonMs + 10 * minuteMs, noonMs + 80))
  assert.isTrue(hasWaited(ahead, noonMs + 4 * minuteMs, noonMs + 80))
  assert.isTrue(hasWaited(ahead, noonMs - 4 * minuteMs, noonMs + 80))
})
