import { assert, describe, it } from "@effect/vitest"
import { Wire } from "#simulator/oracles/Wire.ts"

type Frames = ReadonlyArray<readonly ["in" | "out", string]>

const watch = (frames: Frames, options: { readonly faithful?: boolean; readonly version?: string } = {}) => {
  let nowAtMs = 0
  const wire = new Wire({ nowAtMs: () => nowAtMs, answerWithinMs: 60_000, faithful: options.faithful ?? false })
  const observer = wire.observe("CP1", options.version ?? "1.6", "server")
  for (const [direction, text] of frames) observer.onFrame?.(direction, text)
  return {
    wire,
    close: () => observer.onClose?.(1000, ""),
    pass: (ms: number) => {
      nowAtMs += ms
    },
    sentences: () => wire.record().faults.map(({ sentence }) => sentence)
  }
}

const asked = ["in", '[2,"a","Heartbeat",{}]'] as const
const answered = ["out", '[3,"a",{"currentTime":"2026-01-01T00:00:00Z"}]'] as const
const refused = (code: string) => ["out", `[4,"a","${code}","",{}]`] as const

describe("the wire", () => {
  it("is content with a question and its answer, and with a repeated question that is answered again", () => {
    const seen = watch([asked, answered, asked, answered, asked, asked, answered, refused("ProtocolError")])
    seen.pass(3_600_000)
    assert.deepStrictEqual(seen.sentences(), [])
    assert.strictEqual(seen.wire.record().calls, 4)
  })

  it("reports an answer to no question, and a second answer to one", () => {
    assert.lengthOf(watch([answered]).sentences(), 1)
    assert.lengthOf(watch([asked, answered, answered]).sentences(), 1)
  })

  it("reports a question that stays open too long, unless the connection ended before", () => {
    const open = watch([asked])
    assert.deepStrictEqual(open.sentences(), [])
    open.pass(60_000)
    assert.match(open.sentences().join(), /did not answer/)
    open.close()
    assert.lengthOf(open.sentences(), 1)
    const short = watch([asked])
    short.pass(59_999)
    short.close()
    short.pass(60_000)
    assert.deepStrictEqual(short.sentences(), [])
  })

  it("knows which codes a version has", () => {
    assert.deepStrictEqual(watch([asked, refused("FormationViolation")]).sentences(), [])
    assert.lengthOf(watch([asked, refused("FormatViolation")]).sentences(), 1)
    assert.deepStrictEqual(watch([asked, refused("FormatViolation")], { version: "2.0.1" }).sentences(), [])
    assert.lengthOf(watch([asked, refused("Oops")], { version: "2.1" }).sentences(), 1)
  })

  it("on a faithful line also holds the other side to one answer", () => {
    const ours = ["out", '[2,"b","Reset",{"type":"Soft"}]'] as const
    const theirs = ["in", '[3,"b",{"status":"Accepted"}]'] as const
    assert.deepStrictEqual(watch([ours, theirs, theirs]).sentences(), [])
    assert.deepStrictEqual(watch([ours, theirs], { faithful: true }).sentences(), [])
    assert.match(watch([ours, theirs, theirs], { faithful: true }).sentences().join(), /^The station answered/)
  })
})
