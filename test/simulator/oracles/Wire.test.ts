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

  it("asks for an answer to whatever can be read as a CALL, also to one that a fault broke", () => {
    const sentences = (text: string, answer?: string) => {
      let nowAtMs = 0
      const wire = new Wire({ nowAtMs: () => nowAtMs, answerWithinMs: 60_000, faithful: false, broken: () => true })
      const end = wire.end("CP1", "1.6", "server")
      end.frame("in", text)
      if (answer !== undefined) end.frame("out", answer)
      nowAtMs = 60_000
      return wire.record().faults.map(({ sentence }) => sentence)
    }
    assert.match(sentences('[2,"x","Vendor",{}]').join(), /did not answer/)
    assert.deepStrictEqual(sentences('[2,"x","Vendor",{}]', '[4,"x","NotImplemented","",{}]'), [])
    assert.deepStrictEqual(sentences('[2,"x","Vendor",{'), [])
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

const boot = ["out", '[2,"b","BootNotification",{"chargePointVendor":"v","chargePointModel":"m"}]'] as const
const booted = (status: string) =>
  ["in", `[3,"b",{"status":"${status}","currentTime":"2026-01-01T00:00:00Z","interval":300}]`] as const
const beat = ["out", '[2,"h","Heartbeat",{}]'] as const
const stop = '[2,"s","StopTransaction",{"transactionId":7,"meterStop":9,"timestamp":"2026-01-01T00:00:00Z"}]' as const

/** A station's own end, as its peer tells of it. */
const station = (
  frames: Frames,
  options: { readonly faithful?: boolean; readonly givesUp?: string; readonly minutesLate?: number } = {}
) => {
  const nowAtMs = () => Date.UTC(2026, 0, 1, 0, options.minutesLate ?? 0)
  const wire = new Wire({ nowAtMs, answerWithinMs: 60_000, faithful: options.faithful ?? true })
  wire.end("CP1", "1.6", "station")
  const observer = wire.complaints("CP1", "station")
  for (const [direction, text] of frames) {
    observer.onFrame?.(direction, text)
    if (options.givesUp !== undefined && text.includes(`"${options.givesUp}"`)) {
      observer.onAnswer?.("in", "any", options.givesUp, "Timeout")
    }
  }
  const { faults, tallies } = wire.record()
  return { sentences: faults.map(({ sentence }) => sentence), tallies }
}

describe("a station's end of the wire", () => {
  it("is content with a boot that is accepted and one CALL after the other, and counts them by version and side", () => {
    const { sentences, tallies } = station([boot, booted("Accepted"), beat, ["in", '[3,"h",{}]'], ["out", stop]])
    assert.deepStrictEqual(sentences, [])
    assert.deepStrictEqual(tallies, [
      { version: "1.6", from: "server", calls: 0, results: 2, errors: 0 },
      { version: "1.6", from: "station", calls: 3, results: 0, errors: 0 }
    ])
  })

  it("reports a second CALL before the answer to the first, unless the first was given up", () => {
    const frames: Frames = [boot, booted("Accepted"), beat, ["out", stop]]
    assert.match(station(frames).sentences.join(), /asked while a CALL of its own was unanswered/)
    assert.deepStrictEqual(station(frames, { givesUp: "h" }).sentences, [])
  })

  it("reports a station that speaks before its boot is accepted", () => {
    assert.match(station([beat]).sentences.join(), /before it was accepted/)
    assert.match(station([boot, booted("Rejected"), beat]).sentences.join(), /before it was accepted/)
    assert.match(station([boot, booted("Accepted"), boot, beat], { givesUp: "b" }).sentences.join(), /before it was/)
  })

  it("reports what a CMS may not ask of a station that it holds in Pending or has rejected", () => {
    const start = ["in", '[2,"r","RemoteStartTransaction",{"idTag":"A"}]'] as const
    const trigger = ["in", '[2,"r","TriggerMessage",{"requestedMessage":"Heartbeat"}]'] as const
    assert.match(station([boot, booted("Pending"), start]).sentences.join(), /asked RemoteStartTransaction/)
    assert.deepStrictEqual(station([boot, booted("Pending"), trigger]).sentences, [])
    assert.match(station([boot, booted("Rejected"), trigger]).sentences.join(), /asked TriggerMessage/)
  })

  it("reports a CALLERROR to a request that is in order, and none to one that is not or comes too early", () => {
    const refuse = (code: string) => ["in", `[4,"s","${code}","",{}]`] as const
    const ready: Frames = [boot, booted("Accepted"), ["out", stop]]
    assert.match(station([...ready, refuse("NotSupported")]).sentences.join(), /refused a valid StopTransaction/)
    assert.match(station([...ready, refuse("ProtocolError")]).sentences.join(), /refused a valid StopTransaction/)
    assert.deepStrictEqual(station([...ready, refuse("ProtocolError")], { faithful: false }).sentences, [])
    const broken = ["out", '[2,"s","StopTransaction",{"transactionId":"x"}]'] as const
    assert.deepStrictEqual(station([boot, booted("Accepted"), broken, refuse("TypeConstraintViolation")]).sentences, [])
    const early = station([boot, booted("Pending"), ["out", stop], refuse("SecurityError")]).sentences
    assert.lengthOf(early, 1)
    assert.match(early.join(), /before it was accepted/)
  })

  it("reports that a station which was accepted is held back, even where frames are lost", () => {
    const frames: Frames = [boot, booted("Accepted"), ["out", stop], ["in", '[4,"s","SecurityError","",{}]']]
    assert.match(station(frames, { faithful: false }).sentences.join(), /refused a valid StopTransaction/)
  })

  it("reports a currentTime that is not the run's, as where a server tells its local time", () => {
    assert.deepStrictEqual(station([boot, booted("Accepted")], { minutesLate: 10 }).sentences, [])
    assert.match(station([boot, booted("Accepted")], { minutesLate: 60 }).sentences.join(), /wrong currentTime/)
    const beaten = ["in", '[3,"h",{"currentTime":"2026-01-01T02:00:00Z"}]'] as const
    assert.match(station([boot, booted("Accepted"), beat, beaten]).sentences.join(), /wrong currentTime .* Heartbeat/)
  })

  it("where nobody watches the server, a station that waits in vain on a faithful line tells of it", () => {
    let nowAtMs = 0
    const wire = new Wire({ nowAtMs: () => nowAtMs, answerWithinMs: 60_000, faithful: true })
    const end = wire.end("CP1", "1.6", "station")
    end.frame("out", beat[1])
    assert.deepStrictEqual(wire.record().faults, [])
    nowAtMs = 60_000
    assert.match(
      wire
        .record()
        .faults.map(({ sentence }) => sentence)
        .join(),
      /^The server did not answer/
    )
  })
})
