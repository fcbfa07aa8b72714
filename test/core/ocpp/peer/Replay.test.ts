import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import * as Peer from "#core/ocpp/Peer.ts"
import { setup } from "#test/support/peerSetup.ts"

describe("a call that is repeated", () => {
  const counting = (delay: Effect.Effect<void>) => {
    let runs = 0
    const handle: Peer.Handle = (action) =>
      Effect.map(delay, () => (action.name === "Heartbeat" ? { currentTime: `${++runs}` } : { transactionId: ++runs }))
    return { handle, runs: () => runs }
  }
  const start = (id: string, wh: number): string => `[2,"${id}","StartTransaction",{"meterStart":${wh}}]`

  it.effect("gets the first answer again, also on the station's next connection", () =>
    Effect.gen(function* () {
      const replay = new Peer.ReplayWindow()
      const { handle, runs } = counting(Effect.void)
      const first = yield* setup({ handle, replay })
      first.tell(start("a", 5))
      first.tell(start("a", 5))
      const second = yield* setup({ handle, replay })
      second.tell(start("a", 5))
      assert.strictEqual(runs(), 1)
      assert.deepStrictEqual([...first.heard, ...second.heard], Array(3).fill('[3,"a",{"transactionId":1}]'))
    })
  )

  it.effect("is another call when its id is used for another content", () =>
    Effect.gen(function* () {
      const { handle, runs } = counting(Effect.void)
      const { heard, tell } = yield* setup({ handle })
      tell(start("1", 5))
      tell(start("1", 6))
      assert.deepStrictEqual([runs(), heard[1]], [2, '[3,"1",{"transactionId":2}]'])
    })
  )

  it.effect("is answered anew when the answer tells the time", () =>
    Effect.gen(function* () {
      const { handle } = counting(Effect.void)
      const { heard, tell } = yield* setup({ handle })
      tell('[2,"1","Heartbeat",{}]')
      tell('[2,"1","Heartbeat",{}]')
      assert.strictEqual(heard[1], '[3,"1",{"currentTime":"2"}]')
    })
  )

  it.effect("runs again after an error, because the station repeats it in order to be heard", () =>
    Effect.gen(function* () {
      let runs = 0
      const { heard, tell } = yield* setup({
        handle: () => (++runs === 1 ? Effect.die("storage is down") : Effect.succeed({ transactionId: runs }))
      })
      tell(start("a", 5))
      tell(start("a", 5))
      assert.strictEqual(heard[1], '[3,"a",{"transactionId":2}]')
    })
  )

  it.effect("runs once while it is being handled, whatever the action, and a stranger of the same id is refused", () =>
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const { handle, runs } = counting(Deferred.await(gate))
      const { heard, tell } = yield* setup({ handle, version: "2.0.1" })
      for (const text of ['[2,"a","Heartbeat",{}]', '[2,"a","Heartbeat",{}]', start("a", 5)]) tell(text)
      yield* Deferred.succeed(gate, undefined)
      yield* Effect.yieldNow
      assert.strictEqual(runs(), 1)
      assert.deepStrictEqual(heard.slice(0, 2), Array(2).fill('[3,"a",{"currentTime":"1"}]'))
      assert.strictEqual(heard[2]?.slice(0, 28), '[4,"a","RpcFrameworkError","')
    })
  )

  it.effect("on a new connection waits for the handler that the old one left running", () =>
    Effect.gen(function* () {
      const replay = new Peer.ReplayWindow()
      const gate = yield* Deferred.make<void>()
      const { handle, runs } = counting(Deferred.await(gate))
      const old = yield* setup({ handle, replay })
      old.tell(start("a", 5))
      old.ends.station.terminate()
      const fresh = yield* setup({ handle, replay })
      fresh.tell(start("a", 5))
      fresh.tell(start("b", 6))
      yield* Deferred.succeed(gate, undefined)
      yield* Effect.yieldNow
      yield* Effect.yieldNow
      assert.deepStrictEqual([old.heard, runs()], [[], 2])
      assert.deepStrictEqual(fresh.heard, ['[3,"a",{"transactionId":1}]', '[3,"b",{"transactionId":2}]'])
    })
  )

  it.effect("is forgotten after the window, which is bounded by characters too", () =>
    Effect.gen(function* () {
      const { handle, runs } = counting(Effect.void)
      const { tell } = yield* setup({ handle, replay: new Peer.ReplayWindow({ maxEntries: 9, maxCharacters: 100 }) })
      for (const id of ["a", "b", "c"]) tell(start(id, 1))
      tell(start("c", 1))
      assert.strictEqual(runs(), 3)
      tell(start("a", 1))
      assert.strictEqual(runs(), 4)
    })
  )
})
