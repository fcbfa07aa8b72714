import { assert, it } from "@effect/vitest"
import { aheadBy, type ClockReckoning, heardAt, ourInstant } from "#core/station/clock.ts"
import fc from "#test/support/fastCheck.ts"

const hourMs = 3_600_000
const noonMs = Date.UTC(2026, 4, 4, 12)

/** Messages as they came: when the clock showed what, in ms from noon, and how long each was under way. */
const after = (messages: ReadonlyArray<readonly [sentMs: number, aheadMs: number, delayMs: number]>) =>
  messages.reduce<ClockReckoning | undefined>(
    (known, [sentMs, aheadMs, delayMs]) => heardAt(known, noonMs + sentMs + aheadMs, noonMs + sentMs + delayMs),
    undefined
  )
const minutely = (count: number, aheadMs: number, fromMs = 0) =>
  Array.from({ length: count }, (_, index) => [fromMs + index * 60_000, aheadMs, 40] as const)

it("a clock that stands off is known to the latency of the quickest message", () => {
  const ahead = fc.integer({ min: -20 * hourMs, max: 20 * hourMs })
  const delays = fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(ahead, delays, (aheadMs, delayMs) => {
      const messages = delayMs.map((ms, index) => [index * 60_000, aheadMs, ms] as const)
      const known = aheadBy(after(messages), null)
      assert.isAtMost(known, aheadMs)
      assert.isAtLeast(known, aheadMs - Math.max(...delayMs))
    })
  )
})

it("what waited for a connection does not make a clock late, though some of it shows our instant", () => {
  const backMs = 2 * hourMs + 10 * 60_000
  const replayed = minutely(30, hourMs, hourMs).map(
    ([sentMs, aheadMs], index) => [sentMs, aheadMs, backMs - sentMs + index * 100] as const
  )
  assert.strictEqual(aheadBy(after([...minutely(5, hourMs), ...replayed]), null), hourMs - 40)
  // Nor where nothing was known before, once a message comes at once again.
  assert.isBelow(aheadBy(after(replayed.slice(0, 5)), null), hourMs / 2)
  assert.strictEqual(aheadBy(after([...replayed, ...minutely(1, hourMs, backMs + 60_000)]), null), hourMs - 40)
})

it("a clock that is turned is followed, forth and back", () => {
  const turned = (byMs: number) => aheadBy(after([...minutely(5, 0), ...minutely(1, byMs, 6 * 60_000)]), null)
  assert.strictEqual(turned(3 * hourMs), 3 * hourMs - 40)
  assert.strictEqual(turned(-3 * hourMs), -3 * hourMs - 40)
})

it("one late message behind others is no clock turned back, however even the pace was before", () => {
  const paced = after(minutely(5, 0))!
  const late = heardAt(paced, paced.receivedAtMs - 59_000, paced.receivedAtMs + 16_000)
  assert.isFalse(late.isPaced)
  const toldMs = paced.receivedAtMs - 59_000
  assert.strictEqual(ourInstant(late, toldMs, paced.receivedAtMs + 16_000), toldMs)
})

it("messages that are each late by the same are no clock that is behind, until that has gone on for minutes", () => {
  const right = heardAt(undefined, 0, 0)
  const lateBy = (minutes: number, known: typeof right) => heardAt(known, minutes * 60_000, minutes * 60_000 + 71_000)
  const twice = lateBy(2, lateBy(1, right))
  assert.strictEqual(ourInstant(twice, 120_000, 191_000), 120_000)
  const often = [3, 4, 5].reduce((known, minute) => lateBy(minute, known), twice)
  assert.strictEqual(ourInstant(often, 300_000, 371_000), 371_000)
})

it("a clock that falls behind by less than the time between two messages is known by their pace", () => {
  const behind = [...minutely(5, 0), ...minutely(1, -50_000, 5 * 60_000), ...minutely(1, -50_000, 6 * 60_000)]
  assert.strictEqual(aheadBy(after(behind), null), -50_040)
})

it("until messages tell, a start that was told at once does; one that waited says nothing", () => {
  const start = { atMs: noonMs - 3 * hourMs, receivedAtMs: noonMs, offline: false }
  assert.strictEqual(aheadBy(undefined, start), -3 * hourMs)
  assert.strictEqual(aheadBy(undefined, { ...start, offline: true }), 0)
  assert.strictEqual(aheadBy(undefined, null), 0)
  // A server that has just begun hears a reading that waited for it.
  assert.strictEqual(aheadBy(after([[0, -3 * hourMs, 20 * 60_000]]), start), -3 * hourMs)
})

it("an instant that a station tells is ours once its clock is taken off, and never one to come", () => {
  const told = (aheadMs: number, agoMs: number, known: ClockReckoning | undefined) =>
    ourInstant(known, noonMs + aheadMs - agoMs, noonMs + 40) - noonMs
  for (const aheadMs of [2 * hourMs, -3 * hourMs]) {
    const paced = after(minutely(5, aheadMs, -hourMs))
    assert.strictEqual(told(aheadMs, 0, paced), 40)
    assert.strictEqual(told(aheadMs, 20 * 60_000, paced), -20 * 60_000 + 40)
  }
  // Once heard, a clock that is ahead is; one that seems to be behind may have waited.
  assert.strictEqual(told(2 * hourMs, 0, after(minutely(1, 2 * hourMs, -hourMs))), 40)
  assert.strictEqual(told(-3 * hourMs, 0, after(minutely(1, -3 * hourMs, -hourMs))), -3 * hourMs)
  assert.strictEqual(told(0, 60_000, undefined), -60_000)
  // A clock that is about right is taken by its word, to the millisecond.
  assert.strictEqual(told(-2_000, 0, after(minutely(5, -2_000, -hourMs))), -2_000)
})

it("what a clock cannot have shown since it was set ahead, it showed before that, or once it was set right", () => {
  const paced = after(minutely(5, 0))!
  const ahead = heardAt(paced, noonMs + 5 * 60_000 + hourMs, noonMs + 5 * 60_000 + 40)
  const atOnce = noonMs + 6 * 60_000
  assert.strictEqual(ourInstant(ahead, atOnce, atOnce + 50), atOnce)
  assert.strictEqual(ourInstant(ahead, atOnce + hourMs, atOnce + 50), atOnce + 40)
  // Nothing is known of when it was set where its messages had all waited.
  const [first] = minutely(1, 0)
  const unpaced = heardAt(after([first!]), noonMs + 60_000 + hourMs, noonMs + 60_000 + 40)
  assert.strictEqual(ourInstant(unpaced, atOnce, atOnce + 50), atOnce + 40 - hourMs)
})

it("two messages that were each told again after the same patience are no clock that is behind", () => {
  const told = (minute: number, known?: ClockReckoning) =>
    heardAt(known, noonMs + minute * 60_000, noonMs + minute * 60_000 + 61_000)
  const twice = told(11, told(1))
  assert.strictEqual(ourInstant(twice, noonMs + 11 * 60_000, noonMs + 12 * 60_000 + 1_000), noonMs + 11 * 60_000)
})

it("a clock that was ahead is right again once a message shows our very instant", () => {
  for (const count of [1, 5]) {
    const ahead = after(minutely(count, hourMs, -2 * hourMs))!
    const setRight = heardAt(ahead, noonMs, noonMs + 80)
    assert.strictEqual(ourInstant(setRight, noonMs, noonMs + 80), noonMs)
    // What waited for some time or other is no clock that was set right.
    const waited = heardAt(ahead, noonMs + hourMs - 20 * 60_000, noonMs + 80)
    assert.strictEqual(aheadBy(waited, null), hourMs - 40)
  }
})
