import { assert, describe, it } from "@effect/vitest"
import * as Instant from "#core/Instant.ts"
import fc from "#test/support/fastCheck.ts"

const yearsMs = 86_400_000 * 366
const anyInstant = fc.oneof(
  fc.integer({ min: -200 * yearsMs, max: 9_000 * yearsMs }),
  // About midnights, where a date is another.
  fc
    .tuple(fc.integer({ min: -1_000, max: 60_000 }), fc.constantFrom(-1, 0, 1, 86_399_999))
    .map(([d, ms]) => d * 86_400_000 + ms)
)

describe("an instant", () => {
  it("is written as JavaScript's own type writes it, one after the other in whatever order", () => {
    fc.assert(
      fc.property(fc.array(anyInstant, { minLength: 1, maxLength: 10 }), (instants) => {
        for (const atMs of instants) assert.strictEqual(Instant.format(atMs), new Date(atMs).toISOString())
      })
    )
  })

  it("comes back as it was, and what is none stays none beside it", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4_000_000_000_000), { minLength: 1, maxLength: 10 }), (instants) => {
        for (const atMs of instants) {
          assert.strictEqual(Instant.parse(Instant.format(atMs)), atMs)
          assert.strictEqual(Instant.parse(Instant.format(atMs)), atMs)
          assert.strictEqual(Instant.parse(`${Instant.format(atMs)}?`), undefined)
        }
      })
    )
  })
})
