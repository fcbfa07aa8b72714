import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import { CallError } from "#core/ocpp/CallError.ts"
import type * as Peer from "#core/ocpp/Peer.ts"
import fc from "#test/support/fastCheck.ts"
import { meter, reset, setup } from "#test/support/peerSetup.ts"
import { actions } from "#test/support/plainDialect.ts"

describe("a peer that is called", () => {
  it.effect("answers within the same turn when the handler is synchronous", () =>
    Effect.gen(function* () {
      const { heard, tell } = yield* setup({
        handle: (action) => Effect.sync(() => ({ currentTime: `by ${action.name}` }))
      })
      tell('[2,"a","Heartbeat",{}]')
      assert.deepStrictEqual(heard, ['[3,"a",{"currentTime":"by Heartbeat"}]'])
    })
  )

  for (const [version, text, expected] of [
    ["1.6", "garbage", undefined],
    ["2.0.1", "garbage", '[4,"-1","RpcFrameworkError"'],
    ["2.1", "garbage", '[4,"-1","RpcFrameworkError"'],
    ["1.6", '[2,"","Heartbeat",{}]', undefined],
    ["2.0.1", '[2,"","Heartbeat",{}]', '[4,"-1","RpcFrameworkError"'],
    ["1.6", '[2,"a","Heartbeat"]', '[4,"a","FormationViolation"'],
    ["2.1", '[2,"a","Heartbeat"]', '[4,"a","RpcFrameworkError"'],
    ["1.6", '[2,"a","Heartbeat",[]]', '[4,"a","FormationViolation"'],
    ["2.0.1", '[2,"a","Heartbeat",[]]', '[4,"a","FormatViolation"'],
    ["1.6", '[9,"a",{}]', undefined],
    ["2.0.1", '[9,"a",{}]', '[4,"a","MessageTypeNotSupported"'],
    ["2.1", '[9,"a",{}]', undefined],
    ["1.6", '[6,"a","Stream",{"id":1}]', undefined],
    ["2.0.1", '[6,"a","Stream",{"id":1}]', '[4,"a","MessageTypeNotSupported"'],
    ["2.1", '[6,"a","Stream",{"id":1}]', undefined],
    ["1.6", '[3,"a"]', undefined],
    ["2.1", '[3,"a"]', undefined],
    ["1.6", '[2,"a","Nonsense",{}]', '[4,"a","NotImplemented"'],
    ["1.6", '[2,"a","heartbeat",{}]', '[4,"a","NotImplemented"'],
    ["1.6", '[2,"a","toString",{}]', '[4,"a","NotImplemented"'],
    ["2.1", '[2,"a","Heartbeat-Signed",{}]', '[4,"a","NotSupported"'],
    ["1.6", '[2,"a","Reset",{"type":"Soft"}]', '[4,"a","NotSupported"'],
    ["1.6", '[2,"a","Heartbeat",{}]', '[4,"a","NotSupported"'],
    ["2.1", '[2,"a","Stream",{"id":1}]', '[4,"a","NotSupported"'],
    ["1.6", '[2,"a","MeterValues",{}]', '[4,"a","OccurenceConstraintViolation"'],
    ["2.0.1", '[2,"a","MeterValues",{}]', '[4,"a","OccurrenceConstraintViolation"'],
    ["1.6", '[2,"a","MeterValues",{"value":"secret"}]', '[4,"a","TypeConstraintViolation"'],
    ["1.6", '[2,"a","MeterValues",{"value":1,"secret":2}]', '[4,"a","FormationViolation"'],
    ["2.1", '[2,"a","MeterValues",{"value":1,"secret":2}]', '[4,"a","ProtocolError"']
  ] as const) {
    it.effect(`on ${version} meets ${text} with ${expected ?? "silence"}`, () =>
      Effect.gen(function* () {
        const { heard, tell } = yield* setup({ version })
        tell(text)
        assert.strictEqual(heard.length, expected === undefined ? 0 : 1)
        if (expected !== undefined) assert.strictEqual(heard[0]!.slice(0, expected.length), expected)
        assert.notInclude(heard.join(), "secret")
      })
    )
  }

  it.effect("handles calls one after the other and answers in order", () =>
    Effect.gen(function* () {
      const gates = [yield* Deferred.make<void>(), yield* Deferred.make<void>()]
      const started: Array<string> = []
      const { heard, tell } = yield* setup({
        handle: (_, __, messageId) => {
          started.push(messageId)
          return Effect.as(Deferred.await(gates[started.length - 1]!), {})
        }
      })
      tell(meter("a", 1))
      tell(meter("b", 2))
      yield* Deferred.succeed(gates[1]!, undefined)
      assert.deepStrictEqual([started, heard], [["a"], []])
      yield* Deferred.succeed(gates[0]!, undefined)
      yield* Effect.yieldNow
      assert.deepStrictEqual(
        [started, heard],
        [
          ["a", "b"],
          ['[3,"a",{}]', '[3,"b",{}]']
        ]
      )
    })
  )

  it.effect("stops reading from a station that floods, refuses nothing, and goes on when it has caught up", () =>
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const { peer, heard, tell, ends } = yield* setup({
        maxBacklog: 4,
        handle: () => Effect.as(Deferred.await(gate), {})
      })
      for (let i = 0; i < 100; i++) tell(meter(`m${i}`, i))
      assert.deepStrictEqual([peer.backlog(), ends.server.pauses(), heard.length], [4, 1, 0])
      yield* Deferred.succeed(gate, undefined)
      for (let i = 0; i < 200; i++) yield* Effect.yieldNow
      assert.deepStrictEqual(
        heard,
        Array.from({ length: 100 }, (_, i) => `[3,"m${i}",{}]`)
      )
    })
  )

  it.effect("turns a refusal into its code, and a death into InternalError without its message", () =>
    Effect.gen(function* () {
      const deaths: Array<string> = []
      const { heard, tell, peer } = yield* setup({
        observer: { onDefect: (action) => deaths.push(action) },
        handle: (action, _, messageId) => {
          if (messageId === "thrown") throw new Error("secret")
          if (action.name === "Heartbeat") return Effect.die(new Error("secret"))
          return Effect.fail(new CallError({ code: "SecurityError", description: "boot first", details: { a: 1 } }))
        }
      })
      tell(meter("a", 1))
      tell('[2,"b","Heartbeat",{}]')
      tell('[2,"thrown","StartTransaction",{"meterStart":0}]')
      assert.deepStrictEqual(heard, [
        '[4,"a","SecurityError","boot first",{"a":1}]',
        '[4,"b","InternalError","an internal error occurred",{}]',
        '[4,"thrown","InternalError","an internal error occurred",{}]'
      ])
      assert.deepStrictEqual(deaths, ["Heartbeat", "StartTransaction"])
      assert.strictEqual(peer.counters.defects, 2)
    })
  )

  it.effect("holds back an answer that breaks its schema", () =>
    Effect.gen(function* () {
      const { heard, tell, peer } = yield* setup({ handle: () => Effect.succeed({ transactionId: "one" }) })
      tell('[2,"a","StartTransaction",{"meterStart":0}]')
      assert.strictEqual(heard[0]?.slice(0, 23), '[4,"a","InternalError",')
      assert.deepInclude(peer.counters, { violationsHeldBack: 1, defects: 1, resultsSent: 0, errorsSent: 1 })
    })
  )

  it.effect("hangs up without an answer when the handler is interrupted, so that the station repeats", () =>
    Effect.gen(function* () {
      const { heard, tell, ends } = yield* setup({ handle: () => Effect.interrupt })
      tell(meter("a", 1))
      assert.deepStrictEqual(heard, [])
      assert.strictEqual(ends.server.closed()?.code, 1001)
    })
  )

  it.effect("forgives a lenient station what can be repaired, and says so; a strict one is refused", () =>
    Effect.gen(function* () {
      const seen: Array<unknown> = []
      const breaches: Array<Peer.Breach> = []
      const handle: Peer.Handle = (_, payload) => Effect.sync(() => void seen.push(payload))
      const observer: Peer.PeerObserver = { onViolation: (breach) => breaches.push(breach) }
      const lenient = yield* setup({ strictness: "lenient", handle, observer })
      const odd = '[2,"a","MeterValues",{"value":1,"vendor":"x"}]'
      lenient.tell(odd)
      lenient.tell('[2,"b","MeterValues",{}]')
      const strict = yield* setup({ handle })
      strict.tell(odd)
      assert.deepStrictEqual(seen, [{ value: 1 }])
      assert.deepStrictEqual(
        [...lenient.heard, ...strict.heard].map((each) => each.slice(0, 15)),
        ['[3,"a",{}]', '[4,"b","Occuren', '[4,"a","Formati']
      )
      assert.deepStrictEqual(
        breaches.map((each) => [each.forgiven, each.violation.keyword, each.repairs[0]?.kind]),
        [
          [true, "additionalProperties", "DroppedUnknown"],
          [false, "required", undefined]
        ]
      )
    })
  )

  it.effect("hangs up after too much garbage in a row, and counts anew after a good frame", () =>
    Effect.gen(function* () {
      const { tell, ends, peer } = yield* setup({ maxMalformed: 3, handle: () => Effect.succeed({}) })
      for (const text of ["x", "x", meter("a", 1), "x", "x"]) tell(text)
      assert.isTrue(peer.isOpen())
      tell("x")
      assert.strictEqual(ends.server.closed()?.code, 1008)
    })
  )

  it.effect("hangs up on a binary frame, or passes over it when the station is lenient", () =>
    Effect.gen(function* () {
      const strict = yield* setup()
      strict.ends.station.sendBinary()
      assert.strictEqual(strict.ends.server.closed()?.code, 1003)
      const lenient = yield* setup({ strictness: "lenient", handle: () => Effect.succeed({}) })
      lenient.ends.station.sendBinary()
      lenient.tell(meter("a", 1))
      assert.deepStrictEqual(lenient.heard, ['[3,"a",{}]'])
      assert.strictEqual(lenient.peer.counters.malformed, 1)
    })
  )

  it.effect("takes a 2.1 SEND without a word, and drops a broken one", () =>
    Effect.gen(function* () {
      const seen: Array<unknown> = []
      const ignored: Array<string> = []
      const { heard, tell, peer } = yield* setup({
        version: "2.1",
        observer: { onIgnored: (reason, id) => ignored.push(`${reason} ${id}`) },
        handle: (_, payload) => Effect.sync(() => void seen.push(payload))
      })
      tell('[6,"a","Stream",{"id":1}]')
      tell('[6,"b","Stream",{"id":"x"}]')
      tell('[6,"c","Heartbeat",{}]')
      assert.deepStrictEqual([seen, heard, ignored], [[{ id: 1 }], [], ["SendRefused b", "SendRefused c"]])
      assert.strictEqual(peer.counters.sendsReceived, 3)
    })
  )
})

describe("any interleaving", () => {
  const stationSends = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("call" as const), sync: fc.boolean() }) },
    { weight: 1, arbitrary: fc.constant({ kind: "unknown" as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: "garbage" as const }) },
    { weight: 1, arbitrary: fc.constant({ kind: "unsolicited" as const }) },
    { weight: 2, arbitrary: fc.constant({ kind: "release" as const }) },
    { weight: 2, arbitrary: fc.constant({ kind: "ask" as const }) },
    { weight: 2, arbitrary: fc.constant({ kind: "reply" as const }) }
  )

  it.effect("gives every well-formed call exactly one answer, in order, and never has two calls on the wire", () =>
    Effect.gen(function* () {
      const services = yield* Effect.context<never>()
      const scenario = fc.asyncProperty(
        fc.array(stationSends, { maxLength: 60 }),
        fc.integer({ min: 1, max: 5 }),
        (steps, maxBacklog) =>
          Effect.runPromiseWith(services)(
            Effect.gen(function* () {
              const gates: Array<Deferred.Deferred<void>> = []
              const { peer, heard, tell } = yield* setup({
                maxBacklog,
                maxWaiting: 100,
                maxMalformed: 1_000,
                handle: (_, payload) => {
                  if ((payload as { readonly value: number }).value === 1) return Effect.succeed({})
                  const gate = Deferred.makeUnsafe<void>()
                  gates.push(gate)
                  return Effect.as(Deferred.await(gate), {})
                }
              })
              const asked: Array<string> = []
              let replies = 0
              const ours = () => heard.filter((each) => each.startsWith("[2"))
              for (const [i, step] of steps.entries()) {
                if (step.kind === "call") tell(meter(`m${i}`, step.sync ? 1 : 2))
                if (step.kind === "unknown") tell(`[2,"m${i}","Nonsense",{}]`)
                if (step.kind === "call" || step.kind === "unknown") asked.push(`m${i}`)
                if (step.kind === "garbage") tell("[2,")
                if (step.kind === "unsolicited") tell('[3,"nobody",{}]')
                if (step.kind === "release" && gates.length > 0) yield* Deferred.succeed(gates.shift()!, undefined)
                if (step.kind === "ask") {
                  yield* Effect.forkChild(Effect.exit(peer.call(actions.Reset, reset)), { startImmediately: true })
                }
                const open = ours().length > replies
                if (step.kind === "reply" && open) tell(`[3,"s${++replies}",{"status":"ok"}]`)
                assert.isAtMost(ours().length - replies, 1)
              }
              for (let i = 0; i < 2 * steps.length; i++) {
                while (gates.length > 0) yield* Deferred.succeed(gates.shift()!, undefined)
                yield* Effect.yieldNow
              }
              const answers = heard
                .filter((each) => !each.startsWith("[2"))
                .map((each) => (JSON.parse(each) as Array<string>)[1])
              assert.deepStrictEqual(answers, asked)
              peer.terminate()
            })
          )
      )
      yield* Effect.promise(() => fc.assert(scenario, { numRuns: 100 }))
    })
  )
})
