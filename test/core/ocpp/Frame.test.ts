import { assert, describe, it } from "@effect/vitest"
import * as Frame from "#core/ocpp/Frame.ts"
import fc from "#test/support/fastCheck.ts"

const fault = (text: string, limits?: Frame.Limits) => {
  const frame = Frame.parse(text, limits)
  return frame._tag === "Malformed"
    ? `${frame.fault} ${frame.messageType ?? "?"} ${frame.messageId ?? "?"}`
    : frame._tag
}

const id36 = "0191e0c5-1111-7000-8000-0123456789ab"

describe("Frame", () => {
  it("reads each message type", () => {
    assert.deepStrictEqual(Frame.parse('[2,"a","Heartbeat",{}]'), {
      _tag: "Call",
      messageId: "a",
      action: "Heartbeat",
      payload: {}
    })
    assert.deepStrictEqual(Frame.parse('[3,"a",{"x":1}]'), { _tag: "CallResult", messageId: "a", payload: { x: 1 } })
    const error = { messageId: "a", code: "NotSupported", description: "no", details: { y: 2 } }
    assert.deepStrictEqual(Frame.parse('[4,"a","NotSupported","no",{"y":2}]'), { _tag: "CallError", ...error })
    assert.deepStrictEqual(Frame.parse('[5,"a","NotSupported","no",{"y":2}]'), { _tag: "CallResultError", ...error })
    assert.deepStrictEqual(Frame.parse('[6,"a","Stream",{"z":3}]'), {
      _tag: "Send",
      messageId: "a",
      action: "Stream",
      payload: { z: 3 }
    })
  })

  it("drops NULs and mends broken surrogate pairs, which no store can keep", () => {
    const text = '[2,"1","Authorize",{"idTag":"AB\\u0000\\u0000","more":["\\ud800x","\\ud83d\\ude00"]}]'
    const frame = Frame.parse(text)
    assert.strictEqual(frame._tag, "Call")
    if (frame._tag === "Call") assert.deepStrictEqual(frame.payload, { idTag: "AB", more: ["\ufffdx", "\u{1f600}"] })
  })

  it("takes null for an empty payload and for empty details", () => {
    assert.deepInclude(Frame.parse('[2,"a","Heartbeat",null]'), { payload: {} })
    assert.deepInclude(Frame.parse('[3,"a",null]'), { payload: {} })
    assert.deepInclude(Frame.parse('[4,"a","GenericError",null,null]'), { description: "", details: {} })
  })

  for (const [text, expected] of [
    ["", "NotJson ? ?"],
    ["[2,", "NotJson ? ?"],
    ["undefined", "NotJson ? ?"],
    ["null", "NotAnArray ? ?"],
    ['{"0":2,"1":"a"}', "NotAnArray ? ?"],
    ["[]", "NoMessageType ? ?"],
    ['["2","a","Heartbeat",{}]', "NoMessageType ? a"],
    ['[9,"a",{}]', "UnknownMessageType 9 a"],
    ['[2.5,"a",{}]', "UnknownMessageType 2.5 a"],
    ['[2,7,"Heartbeat",{}]', "NoMessageId 2 ?"],
    ['[2,"","Heartbeat",{}]', "NoMessageId 2 ?"],
    [`[2,"${id36}","Heartbeat",{}]`, "Call"],
    [`[2,"${id36}x","Heartbeat",{}]`, "NoMessageId 2 ?"],
    ['[2,"a","Heartbeat"]', "WrongLength 2 a"],
    ['[2,"a","Heartbeat",{},1]', "WrongLength 2 a"],
    ['[3,"a"]', "WrongLength 3 a"],
    ['[4,"a","GenericError",""]', "WrongLength 4 a"],
    ['[2,"a",7,{}]', "NoAction 2 a"],
    ['[2,"a","",{}]', "NoAction 2 a"],
    ['[2,"a","Heartbeat",[]]', "PayloadNotAnObject 2 a"],
    ['[2,"a","Heartbeat","x"]', "PayloadNotAnObject 2 a"],
    ['[3,"a",1]', "PayloadNotAnObject 3 a"],
    ['[4,"a",1,"",{}]', "NoErrorCode 4 a"]
  ] as const) {
    it(`answers ${JSON.stringify(text)} with ${expected}`, () => assert.strictEqual(fault(text), expected))
  }

  it("limits the text and the nesting, exactly", () => {
    const limits = { ...Frame.defaultLimits, maxDepth: 3 }
    assert.strictEqual(fault('[2,"a","X",{"a":[{"b":1}]}]', limits), "Call")
    assert.strictEqual(fault('[2,"a","X",{"a":[{"b":[]}]}]', limits), "TooDeep 2 a")
    const short = '[2,"a","X",{}]'
    assert.strictEqual(fault(short, { ...limits, maxTextLength: short.length }), "Call")
    assert.strictEqual(fault(short, { ...limits, maxTextLength: short.length - 1 }), "TooLong ? ?")
  })

  it("survives a hundred thousand brackets", () => {
    const deep = `[2,"a","X",${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}]`
    assert.strictEqual(fault(deep), "TooDeep 2 a")
  })

  it("writes what it reads, and never throws on any text", () => {
    const text = fc.string({ minLength: 1, maxLength: 36, unit: "grapheme-composite" })
    fc.assert(
      fc.property(
        text,
        fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 }),
        (messageId, payload) => {
          const clean: unknown = JSON.parse(JSON.stringify(payload))
          assert.deepStrictEqual(Frame.parse(Frame.call(messageId, "X", payload)), {
            _tag: "Call",
            messageId,
            action: "X",
            payload: clean
          })
          assert.deepStrictEqual(Frame.parse(Frame.callResult(messageId, payload)), {
            _tag: "CallResult",
            messageId,
            payload: clean
          })
        }
      ),
      { numRuns: 60 }
    )
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (any) => {
        Frame.parse(any)
      }),
      { numRuns: 200 }
    )
  })

  it("cuts a description to 255 characters without halving one", () => {
    const description = `${"x".repeat(254)}😀`
    const frame = Frame.parse(Frame.callError("a", "GenericError", description))
    assert.deepInclude(frame, { description: "x".repeat(254) })
    assert.deepInclude(Frame.parse(Frame.callError("a", "GenericError", "y".repeat(300))), {
      description: "y".repeat(255)
    })
  })
})
