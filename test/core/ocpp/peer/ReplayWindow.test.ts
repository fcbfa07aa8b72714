import { assert, it } from "@effect/vitest"
import { type Remembered, ReplayWindow } from "#core/ocpp/peer/Replay.ts"
import fc from "#test/support/fastCheck.ts"

/** The same, as a list that forgets at its front. */
class Plain {
  entries: Array<Remembered> = []
  private readonly maxEntries: number
  private readonly maxCharacters: number

  constructor(maxEntries: number, maxCharacters: number) {
    this.maxEntries = maxEntries
    this.maxCharacters = maxCharacters
  }

  begin(entry: Remembered): void {
    this.entries.push(entry)
    const characters = () => this.entries.reduce((sum, { text }) => sum + text.length, 0)
    while (this.entries.length > 1 && (this.entries.length > this.maxEntries || characters() > this.maxCharacters)) {
      this.entries.shift()
    }
  }

  forget(entry: Remembered): void {
    this.entries = this.entries.filter((other) => other !== entry)
  }
}

const step = fc.record({ id: fc.constantFrom("a", "b", "c"), size: fc.nat(12), fails: fc.boolean() })

it("a window of CALLs remembers the last of them, within its bounds, and none that failed", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 40 }),
      fc.array(step, { maxLength: 40 }),
      (maxEntries, maxCharacters, steps) => {
        const window = new ReplayWindow({ maxEntries, maxCharacters })
        const plain = new Plain(maxEntries, maxCharacters)
        const begun: Array<Remembered> = []
        for (const [index, { id, size, fails }] of steps.entries()) {
          // The latest of those under way fails at times, and not always the newest.
          const entry = window.begin(id, `${index}`.padEnd(size, "-"))
          begun.push(entry)
          plain.begin(entry)
          const done = begun[fails ? index >> 1 : index]!
          window.end(done, fails ? undefined : "an answer")
          if (fails) plain.forget(done)
          for (const each of begun) {
            const known = plain.entries.includes(each) ? each : undefined
            assert.strictEqual(window.find(each.messageId, each.text), known)
          }
        }
      }
    )
  )
})
