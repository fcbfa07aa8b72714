import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Transport } from "#core/ocpp/Transport.ts"
import * as MemorySocket from "#simulator/MemorySocket.ts"
import * as Stream from "#simulator/Stream.ts"
import { Timers, type TimersApi } from "#simulator/time/Timers.ts"
import * as VirtualTime from "#simulator/VirtualTime.ts"
import fc from "#test/support/fastCheck.ts"

const hourMs = 3_600_000

/** Plays plain callbacks in virtual time for an hour and says what they heard. */
const play = (scene: (timers: TimersApi, hear: (word: string) => void) => void): Effect.Effect<Array<string>> =>
  VirtualTime.run(
    Effect.gen(function* () {
      const timers = yield* Timers
      const heard: Array<string> = []
      scene(timers, (word) => heard.push(`${timers.nowAtMs()} ${word}`))
      yield* Effect.sleep(hourMs)
      return heard
    }),
    { startAtMs: 0, untilMs: hourMs }
  ).pipe(Effect.orDie)

const listen = (transport: Transport, name: string, hear: (word: string) => void, onText?: (text: string) => void) =>
  transport.listen({
    onText: (text) => {
      hear(`${name} ${text}`)
      onText?.(text)
    },
    onBinary: () => hear(`${name} binary`),
    onAlive: () => hear(`${name} alive`),
    onClose: (code, reason) => hear(`${name} closed ${code} ${reason}`.trimEnd())
  })

it.live("without latency a frame arrives at the same instant but never inside the call that sent it", () =>
  Effect.gen(function* () {
    const heard = yield* play((timers, hear) => {
      const { station, server } = MemorySocket.pair({ timers })
      listen(server, "server", hear, (text) => {
        server.send(`re ${text}`)
        hear("server answered")
      })
      listen(station, "station", hear)
      station.send("a")
      station.send("b")
      hear("station sent")
    })
    assert.deepStrictEqual(heard, [
      "0 station sent",
      "0 server a",
      "0 server answered",
      "0 server b",
      "0 server answered",
      "0 station re a",
      "0 station re b"
    ])
  })
)

it.live("frames keep their order whatever each one's latency is", () =>
  Effect.promise(() =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(20), fc.nat(3)), { minLength: 1, maxLength: 60 }), (frames) =>
        Effect.runPromise(
          Effect.gen(function* () {
            const heard = yield* play((timers, hear) => {
              const { station, server } = MemorySocket.pair({
                timers,
                latencyMs: (_, text) => frames[Number(text)]![0],
                windowBytes: 40
              })
              listen(server, "", hear)
              let atMs = 0
              frames.forEach(([, wait], index) => {
                atMs += wait
                timers.after(atMs, () => station.send(String(index)))
              })
            })
            assert.deepStrictEqual(
              heard.map((word) => Number(word.split(" ").at(-1))),
              frames.map((_, index) => index)
            )
          })
        )
      ),
      { numRuns: 40 }
    )
  )
)

it.live("a reader that pauses pushes back on the sender and loses nothing", () =>
  Effect.gen(function* () {
    const sizes: Array<number> = []
    const heard = yield* play((timers, hear) => {
      const { station, server } = MemorySocket.pair({ timers, windowBytes: 100 })
      listen(server, "server", hear)
      server.pause()
      for (let index = 0; index < 20; index++) station.send(`frame ${String(index).padStart(4, "0")}`)
      sizes.push(station.bufferedBytes())
      timers.after(50, () => {
        sizes.push(station.bufferedBytes())
        server.resume()
      })
      timers.after(51, () => sizes.push(station.bufferedBytes()))
    })
    assert.deepStrictEqual(sizes, [15 * 18, 15 * 18, 0])
    assert.deepStrictEqual(
      heard,
      Array.from({ length: 20 }, (_, index) => `50 server frame ${String(index).padStart(4, "0")}`)
    )
  })
)

it.live("pausing in the middle of a burst stops the burst there", () =>
  Effect.gen(function* () {
    const heard = yield* play((timers, hear) => {
      const { station, server } = MemorySocket.pair({ timers })
      listen(server, "server", hear, () => {
        server.pause()
        timers.after(10, () => server.resume())
      })
      for (const text of ["a", "b", "c"]) station.send(text)
    })
    assert.deepStrictEqual(heard, ["0 server a", "10 server b", "20 server c"])
  })
)

it.live("a sender that piles up more than the bound is cut off", () =>
  Effect.gen(function* () {
    const heard = yield* play((timers, hear) => {
      const { station, server } = MemorySocket.pair({ timers, windowBytes: 50, maxBufferedBytes: 100 })
      listen(server, "server", hear)
      listen(station, "station", hear)
      server.pause()
      for (let index = 0; index < 10; index++) station.send("twenty characters ..")
      timers.after(5, () => server.resume())
    })
    assert.deepStrictEqual(heard, ["0 station closed 1006", "5 server twenty characters ..", "5 server closed 1006"])
  })
)

it.live("frames that came before anybody listened are delivered in order", () =>
  Effect.gen(function* () {
    const heard = yield* play((timers, hear) => {
      const { station, server } = MemorySocket.pair({ timers })
      station.send("a")
      timers.after(5, () => {
        listen(server, "server", hear)
        hear("listening")
        station.send("b")
      })
    })
    assert.deepStrictEqual(heard, ["5 listening", "5 server a", "5 server b"])
  })
)

it.live("a close is delivered after what was sent before it, and both ends hear it once", () =>
  Effect.gen(function* () {
    const heard = yield* play((timers, hear) => {
      const { station, server } = MemorySocket.pair({ timers, latencyMs: () => 10 })
      listen(server, "server", hear)
      listen(station, "station", hear)
      station.send("last words")
      station.close(1000, "done")
      station.send("swallowed")
      station.close(1001, "again")
      timers.after(5, () => server.send("crossing"))
    })
    assert.deepStrictEqual(heard, [
      "10 server last words",
      "10 server closed 1000 done",
      "15 station crossing",
      "20 station closed 1000 done"
    ])
  })
)

it.live("a terminated connection breaks with 1006 on both ends, the far one after the travel time", () =>
  Effect.gen(function* () {
    const heard = yield* play((timers, hear) => {
      const { station, server } = MemorySocket.pair({ timers, latencyMs: () => 10 })
      listen(server, "server", hear)
      listen(station, "station", hear)
      station.send("on its way")
      station.terminate()
      hear("returned")
    })
    assert.deepStrictEqual(heard, [
      "0 returned",
      "0 station closed 1006",
      "10 server on its way",
      "10 server closed 1006"
    ])
  })
)

it.live("a half-open connection swallows frames while one end goes on believing in it", () =>
  Effect.gen(function* () {
    const buffered: Array<number> = []
    const heard = yield* play((timers, hear) => {
      const link = MemorySocket.pair({ timers, latencyMs: () => 10, aliveEveryMs: 4 })
      listen(link.server, "server", hear)
      listen(link.station, "station", hear)
      link.station.send("lost on its way")
      timers.after(5, () => link.cut({ by: ["station"], othersAfterMs: 600_000 }))
      timers.after(20, () => {
        link.server.send("into the void")
        buffered.push(link.server.bufferedBytes())
      })
    })
    assert.deepStrictEqual(heard, [
      "4 station alive",
      "4 server alive",
      "5 station closed 1006",
      "600005 server closed 1006"
    ])
    assert.deepStrictEqual(buffered, [21])
  })
)

it.live("a close on a half-open connection gives up after the closing timeout", () =>
  Effect.gen(function* () {
    const heard = yield* play((timers, hear) => {
      const link = MemorySocket.pair({ timers })
      listen(link.server, "server", hear)
      link.cut({ by: ["station"] })
      link.server.close(1001, "going away")
    })
    assert.deepStrictEqual(heard, ["30000 server closed 1006"])
  })
)

it.live("a process that died hears nothing, and its peer sees the connection break", () =>
  Effect.gen(function* () {
    const heard = yield* play((timers, hear) => {
      const link = MemorySocket.pair({ timers, latencyMs: () => 10 })
      listen(link.server, "server", hear)
      listen(link.station, "station", hear)
      link.station.send("too late")
      timers.after(5, () => link.die("server"))
    })
    assert.deepStrictEqual(heard, ["15 station closed 1006"])
  })
)

it.live("faults lose, duplicate, delay, reorder, spoil and cut", () =>
  Effect.gen(function* () {
    const fates: Record<string, MemorySocket.Fate> = {
      lost: { copies: 0 },
      twice: { copies: 2 },
      slow: { delayMs: 50 },
      stray: { delayMs: 100, overtakes: true },
      spoilt: { text: "[2," },
      blob: { asBinary: true },
      last: { cut: "after" }
    }
    const heard = yield* play((timers, hear) => {
      const { station, server } = MemorySocket.pair({ timers, fate: (_, text) => fates[text] })
      listen(server, "server", hear, (text) => server.send(`answer to ${text}`))
      listen(station, "station", hear)
      for (const text of ["lost", "twice", "stray", "slow", "spoilt", "blob"]) station.send(text)
      timers.after(200, () => station.send("last"))
    })
    assert.deepStrictEqual(heard, [
      "0 server twice",
      "0 server twice",
      "0 station answer to twice",
      "0 station answer to twice",
      "50 server slow",
      "50 station answer to slow",
      "50 server [2,",
      "50 station answer to [2,",
      "50 server binary",
      "100 server stray",
      "100 station answer to stray",
      "200 server last",
      "200 server closed 1006",
      "200 station closed 1006"
    ])
  })
)

it.live("latency from a seeded stream repeats to the millisecond", () =>
  Effect.gen(function* () {
    const once = play((timers, hear) => {
      const chance = Stream.make("seed", "link")
      const { station, server } = MemorySocket.pair({ timers, latencyMs: () => chance.exponential(40) })
      listen(server, "server", hear, () => server.send("pong"))
      listen(station, "station", hear)
      for (let index = 0; index < 50; index++) timers.after(index * 100, () => station.send(`ping ${index}`))
    })
    const first = yield* once
    assert.strictEqual(first.length, 100)
    assert.deepStrictEqual(first, yield* once)
  })
)
