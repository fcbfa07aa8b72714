import { assert, describe, it } from "@effect/vitest"
import { PingWheel } from "#server/ocpp/PingWheel.ts"

const connection = (options: { readonly answers: boolean; readonly paused?: boolean }) => {
  const events: Array<string> = []
  const self = {
    alive: false,
    events,
    isPaused: () => options.paused ?? false,
    ping: () => {
      events.push("ping")
      if (options.answers) self.alive = true
    },
    terminate: () => void events.push("terminate")
  }
  return self
}

const wheelOf = (intervalTicks: number, timeoutTicks: number) =>
  new PingWheel({ intervalMs: intervalTicks * 1_000, timeoutMs: timeoutTicks * 1_000, tickMs: 1_000 })

const turn = (wheel: PingWheel, ticks: number): void => {
  for (let i = 0; i < ticks; i++) wheel.advance()
}

describe("the ping wheel", () => {
  it("pings a living peer once per interval and leaves it alone", () => {
    const wheel = wheelOf(10, 3)
    const peer = connection({ answers: true })
    wheel.add(peer)
    turn(wheel, 100)
    assert.deepStrictEqual(peer.events, Array(10).fill("ping"))
  })

  it("cuts a silent peer when the timeout after its ping has passed, and not before", () => {
    const wheel = wheelOf(10, 3)
    const peer = connection({ answers: false })
    wheel.add(peer)
    turn(wheel, 3)
    assert.deepStrictEqual(peer.events, ["ping"])
    turn(wheel, 1)
    assert.deepStrictEqual(peer.events, ["ping", "terminate"])
    turn(wheel, 50)
    assert.deepStrictEqual([peer.events.length, wheel.deaths], [2, 1])
  })

  it("notices a death within interval and timeout, whenever it came", () => {
    for (let seat = 0; seat < 10; seat++) {
      const wheel = wheelOf(10, 3)
      for (let i = 0; i < seat; i++) wheel.add(connection({ answers: true }))
      const peer = connection({ answers: false })
      wheel.add(peer)
      turn(wheel, 13)
      assert.include(peer.events, "terminate")
    }
  })

  it("does not take our own refusal to read for the other side's silence", () => {
    const wheel = wheelOf(10, 3)
    const peer = connection({ answers: false, paused: true })
    wheel.add(peer)
    turn(wheel, 40)
    assert.notInclude(peer.events, "terminate")
  })

  it("forgets a connection that is gone", () => {
    const wheel = wheelOf(10, 3)
    const [first, second] = [connection({ answers: false }), connection({ answers: false })]
    const leave = wheel.add(first)
    const leaveLater = wheel.add(second)
    leave()
    turn(wheel, 3)
    leaveLater()
    turn(wheel, 40)
    assert.deepStrictEqual([first.events, second.events], [[], ["ping"]])
  })

  it("spreads connections that came together over the whole interval", () => {
    const wheel = wheelOf(10, 3)
    const peers = Array.from({ length: 100 }, () => connection({ answers: true }))
    for (const peer of peers) wheel.add(peer)
    for (let tick = 1; tick <= 10; tick++) {
      wheel.advance()
      assert.strictEqual(peers.filter((peer) => peer.events.length > 0).length, 10 * tick)
    }
  })
})
