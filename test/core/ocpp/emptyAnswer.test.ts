import { assert, describe, it } from "@effect/vitest"
import * as Frame from "#core/ocpp/Frame.ts"
import fc from "#test/support/fastCheck.ts"

/** The same text with a space in it, which changes nothing but how it is read. */
const spaced = (text: string): string => text.replace(/\{\}\]$/, "{} ]")

describe("an answer that tells nothing but that a message was taken", () => {
  it("is read as it would be word for word, whatever stands for its id", () => {
    const unit = fc.constantFrom("a", "7", "-", '"', "\\", "\\u0041", "\\n", "\n", "é", "😀", ",", "{}", "]")
    const id = fc.array(unit, { maxLength: 40 }).map((units) => units.join(""))
    fc.assert(
      fc.property(id, (written) => {
        const text = `[3,"${written}",{}]`
        assert.deepStrictEqual(Frame.parse(text), Frame.parse(spaced(text)))
      })
    )
  })

  it("has an id of one to thirty-six characters", () => {
    const tagOf = (id: string): string => Frame.parse(`[3,"${id}",{}]`)._tag
    assert.deepStrictEqual(
      [0, 1, 36, 37].map((length) => tagOf("x".repeat(length))),
      ["Malformed", "CallResult", "CallResult", "Malformed"]
    )
  })
})
