import { createServer } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Scope } from "effect"
import { TestClock } from "effect/testing"
import { WebSocket } from "ws"
import { Connections } from "#server/ocpp/Connections.ts"
import * as Endpoint from "#server/ocpp/Endpoint.ts"
import { hashWithSalt } from "#server/ocpp/Password.ts"
import type { StationAuth } from "#server/ocpp/Upgrade.ts"
import { frame, handshake, type RawStation, rawStation } from "#test/support/rawStation.ts"

type Options = Partial<Endpoint.EndpointOptions<StationAuth>>

const open: StationAuth = { securityProfile: 0, passwordHashes: [] }
const closed: StationAuth = {
  securityProfile: 1,
  passwordHashes: [hashWithSalt("a-long-password", new Uint8Array(16))]
}

/** What the server saw of one connection. */
interface Seen {
  readonly connection: Endpoint.Connection<StationAuth>
  readonly texts: Array<string | undefined>
  readonly closed: Promise<Endpoint.Closed>
}

/** An endpoint on a free port: knows CS1 (open), CS2 (with a password) and DEAF (never pinged). */
const setup = Effect.fnUntraced(function* (options: Options = {}) {
  const seen: Array<Seen> = []
  const waiting: Array<(seen: Seen) => void> = []
  const server = createServer()
  const address = yield* Endpoint.listen(server, { port: 0, host: "127.0.0.1" })
  const stations = new Map([
    ["CS1", open],
    ["CS2", closed],
    ["DEAF", { ...open, pings: false }]
  ])
  const endpoint = yield* Endpoint.attach(server, {
    lookup: (identity) => Effect.succeed(stations.get(identity)),
    ownsServer: true,
    onConnection: (connection) => {
      const texts: Array<string | undefined> = []
      const closed = new Promise<Endpoint.Closed>((resolve) => {
        connection.transport.listen({
          onText: (text) => {
            texts.push(text)
            connection.transport.send(`got ${text.length}`)
          },
          onBinary: () => texts.push(undefined),
          onAlive: () => {},
          onClose: (code, reason) => resolve({ code, reason })
        })
      })
      const entry = { connection, texts, closed }
      seen.push(entry)
      waiting.shift()?.(entry)
    },
    ...options
  })
  const arrival = (): Promise<Seen> => new Promise((resolve) => waiting.push(resolve))
  return { port: address.port, endpoint, seen, arrival }
})

/** A raw client that hangs up when the test ends, before the endpoint waits for it to say goodbye. */
const dial = (port: number, ...writes: ReadonlyArray<string | Buffer>): Effect.Effect<RawStation, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => rawStation(port, ...writes)),
    (station) => Effect.sync(() => station.socket.destroy())
  )

const text = (content: string) => frame(1, Buffer.from(content))
const status = (response: string): number => Number(response.slice(9, 12))

describe("an endpoint on a real socket", () => {
  for (const [title, request, expected] of [
    ["malformed percent-encoding", handshake("/ocpp/%ZZ"), /^HTTP\/1.1 400 /],
    ["an unknown station", handshake("/ocpp/NOBODY"), /^HTTP\/1.1 404 /],
    ["another path", handshake("/elsewhere"), /^HTTP\/1.1 404 /],
    ["no credentials", handshake("/ocpp/CS2"), /^HTTP\/1.1 401 [\s\S]*WWW-Authenticate: Basic/],
    ["a plain GET", "GET /ocpp/CS1 HTTP/1.1\r\nHost: x\r\n\r\n", /^HTTP\/1.1 426 [\s\S]*Upgrade: websocket/],
    ["another upgrade", handshake("/ocpp/CS1", { Upgrade: "h2c" }), /^HTTP\/1.1 400 /],
    ["a missing key", handshake("/ocpp/CS1", { "Sec-WebSocket-Key": undefined }), /^HTTP\/1.1 400 /],
    ["a known station", handshake("/ocpp/CS1"), /^HTTP\/1.1 101 [\s\S]*Sec-WebSocket-Protocol: ocpp1.6\r\n/],
    [
      "the right password",
      handshake("/ocpp/CS2", { Authorization: `Basic ${Buffer.from("CS2:a-long-password").toString("base64")}` }),
      /^HTTP\/1.1 101 /
    ]
  ] as const) {
    it.effect(`answers ${title} as the handshake asks, and lives on`, () =>
      Effect.gen(function* () {
        const { port } = yield* setup()
        const station = yield* dial(port, request)
        yield* Effect.promise(() => station.until(expected))
        const other = yield* dial(port, handshake("/ocpp/CS1"))
        assert.strictEqual(status(yield* Effect.promise(() => other.until(/\r\n\r\n/))), 101)
      })
    )
  }

  for (const offered of ["ocpp9, ocpp2.0", undefined]) {
    it.effect(`completes the handshake without a subprotocol for ${offered ?? "nothing"}, then closes at once`, () =>
      Effect.gen(function* () {
        const { port, seen, endpoint } = yield* setup()
        const station = yield* dial(port, handshake("/ocpp/CS1", { "Sec-WebSocket-Protocol": offered }))
        const response = yield* Effect.promise(() => station.until(/no common subprotocol/))
        assert.strictEqual(status(response), 101)
        assert.notMatch(response, /Sec-WebSocket-Protocol/i)
        assert.deepStrictEqual([seen.length, endpoint.counters.noSubprotocol], [0, 1])
      })
    )
  }

  it.effect("loses nothing that came on the heels of the handshake, and takes fragments for one message", () =>
    Effect.gen(function* () {
      const { port, arrival } = yield* setup()
      const arrived = arrival()
      const fragments = [frame(1, Buffer.from("tw"), { fin: false }), frame(0, Buffer.from("o"))]
      const station = yield* dial(port, Buffer.concat([Buffer.from(handshake("/ocpp/CS1")), text("one"), ...fragments]))
      const { texts } = yield* Effect.promise(() => arrived)
      yield* Effect.promise(() => station.until(/got 3[\s\S]*got 3/))
      assert.deepStrictEqual(texts, ["one", "two"])
    })
  )

  for (const [title, bytes, code] of [
    ["invalid UTF-8", frame(1, Buffer.from([0xc3, 0x28])), 1007],
    ["a frame that promises too much", frame(1, Buffer.alloc(0), { length: 2_000 }), 1009],
    [
      "fragments that add up to too much",
      Buffer.concat([frame(1, Buffer.alloc(800, 65), { fin: false }), frame(0, Buffer.alloc(800, 65))]),
      1009
    ]
  ] as const) {
    it.effect(`closes on ${title} with ${code}`, () =>
      Effect.gen(function* () {
        const { port, arrival } = yield* setup({ maxPayloadBytes: 1_000 })
        const arrived = arrival()
        const station = yield* dial(port, handshake("/ocpp/CS1"), bytes)
        const close = String.fromCharCode(0x88, 2, code >> 8, code & 255)
        yield* Effect.promise(() => station.until(new RegExp(close)))
        station.socket.end()
        const { closed, texts } = yield* Effect.promise(() => arrived)
        yield* Effect.promise(() => closed)
        assert.deepStrictEqual(texts, [])
      })
    )
  }

  it.effect("reports a binary frame as one, and a cut cable as 1006", () =>
    Effect.gen(function* () {
      const { port, arrival, endpoint } = yield* setup()
      const arrived = arrival()
      const station = yield* dial(port, handshake("/ocpp/CS1"), frame(2, Buffer.from("x")), text("y"))
      const { texts, closed, connection } = yield* Effect.promise(() => arrived)
      yield* Effect.promise(() => station.until(/got 1/))
      assert.deepStrictEqual(texts, [undefined, "y"])
      station.socket.resetAndDestroy()
      assert.strictEqual((yield* Effect.promise(() => closed)).code, 1006)
      assert.strictEqual((yield* connection.closed).code, 1006)
      assert.strictEqual(endpoint.connections(), 0)
    })
  )

  it.effect("lets a second connection of a station take over, and the first one's late close changes nothing", () =>
    Effect.gen(function* () {
      const connections = new Connections<number>()
      const removals: Array<boolean> = []
      let count = 0
      const { port } = yield* setup({
        onConnection: ({ identity, transport }) => {
          const close = (code: number, reason: string): void => transport.close(code, reason)
          const registration = connections.register(identity, ++count, close, 0)!
          transport.listen({
            onText: () => transport.send(`of ${registration.value}`),
            onBinary: () => {},
            onAlive: () => {},
            onClose: () => removals.push(connections.remove(registration))
          })
        }
      })
      const first = yield* dial(port, handshake("/ocpp/CS1"))
      yield* Effect.promise(() => first.until(/\r\n\r\n/))
      const second = yield* dial(port, handshake("/ocpp/CS1"))
      yield* Effect.promise(() => first.until(/replaced by a newer connection/))
      first.socket.end()
      yield* Effect.promise(() => first.closed)
      second.socket.write(text("who"))
      yield* Effect.promise(() => second.until(/of 2/))
      assert.deepStrictEqual([connections.get("CS1")?.value, removals], [2, [false]])
    })
  )
})

describe("an endpoint that watches", () => {
  const pings: Options = { pingInterval: Duration.seconds(30), pingTimeout: Duration.seconds(10) }

  it.effect("cuts a peer that answers no ping within the set time, and not one that does", () =>
    Effect.gen(function* () {
      const { port, arrival, endpoint } = yield* setup(pings)
      const [first, second, third] = [arrival(), arrival(), arrival()]
      const dead = yield* dial(port, handshake("/ocpp/CS1"))
      yield* Effect.promise(() => first)
      const deaf = yield* dial(port, handshake("/ocpp/DEAF"))
      yield* Effect.promise(() => second)
      const living = new WebSocket(`ws://127.0.0.1:${port}/ocpp/CS1`, "ocpp1.6")
      const pinged = new Promise((resolve) => living.on("ping", resolve))
      const alive = yield* Effect.promise(() => third)
      const ponged = new Promise<void>((resolve) => {
        alive.connection.transport.listen({ onText() {}, onBinary() {}, onAlive: resolve, onClose() {} })
      })
      yield* TestClock.adjust("2 seconds")
      yield* Effect.promise(() => pinged)
      yield* Effect.promise(() => ponged)
      yield* TestClock.adjust("38 seconds")
      yield* Effect.promise(() => dead.closed)
      assert.deepStrictEqual([endpoint.deadPeers(), endpoint.connections()], [1, 2])
      assert.isFalse(deaf.socket.closed)
      living.terminate()
    })
  )

  it.effect("tells newcomers to come back when too many are being looked up, or the store is down", () =>
    Effect.gen(function* () {
      const gate = yield* Deferred.make<void>()
      const busy = yield* setup({ maxHandshakes: 1, lookup: () => Effect.as(Deferred.await(gate), open) })
      const first = yield* dial(busy.port, handshake("/ocpp/CS1"))
      yield* Effect.promise(() => new Promise((resolve) => first.socket.once("connect", resolve)))
      const second = yield* dial(busy.port, handshake("/ocpp/CS1"))
      yield* Effect.promise(() =>
        Promise.race([first, second].map((each) => each.until(/^HTTP\/1.1 503 [\s\S]*Retry-After: \d/)))
      )
      yield* Deferred.succeed(gate, undefined)
      yield* Effect.promise(() => Promise.race([first, second].map((each) => each.until(/^HTTP\/1.1 101 /))))
      const down = yield* setup({ lookup: () => Effect.die("no database") })
      const third = yield* dial(down.port, handshake("/ocpp/CS1"))
      yield* Effect.promise(() => third.until(/^HTTP\/1.1 503 /))
    })
  )

  it.effect("gives up on a lookup that does not end", () =>
    Effect.gen(function* () {
      const asked = yield* Deferred.make<void>()
      const lookup = () => Effect.andThen(Deferred.succeed(asked, undefined), Effect.never)
      const { port } = yield* setup({ lookup, lookupTimeout: Duration.seconds(7) })
      const station = yield* dial(port, handshake("/ocpp/CS1"))
      yield* Deferred.await(asked)
      yield* TestClock.adjust("7 seconds")
      yield* Effect.promise(() => station.until(/^HTTP\/1.1 503 /))
    })
  )

  it.effect("cuts a station that does not read, instead of buffering for it without end", () =>
    Effect.gen(function* () {
      const { port, arrival } = yield* setup({ highWaterBytes: 65_536, maxBufferedBytes: 1_048_576 })
      const arrived = arrival()
      const station = yield* dial(port, handshake("/ocpp/CS1"))
      yield* Effect.promise(() => station.until(/\r\n\r\n/))
      station.socket.pause()
      const { connection, closed } = yield* Effect.promise(() => arrived)
      const line = "x".repeat(65_536)
      let most = 0
      for (let i = 0; i < 1_000; i++) {
        connection.transport.send(line)
        most = Math.max(most, connection.transport.bufferedBytes())
      }
      assert.isBelow(most, 2_000_000)
      assert.strictEqual((yield* Effect.promise(() => closed)).code, 1006)
      station.socket.destroy()
    })
  )

  it.effect("compresses only for those who ask, and for no more than it may", () =>
    Effect.gen(function* () {
      const { port } = yield* setup({ maxCompressed: 1 })
      const dialWith = (perMessageDeflate: boolean) =>
        Effect.promise(
          () =>
            new Promise<WebSocket>((resolve) => {
              const socket = new WebSocket(`ws://127.0.0.1:${port}/ocpp/CS1`, "ocpp1.6", { perMessageDeflate })
              socket.on("open", () => resolve(socket))
            })
        )
      const sockets = [yield* dialWith(false), yield* dialWith(true), yield* dialWith(true)]
      assert.deepStrictEqual(
        sockets.map((each) => each.extensions.slice(0, 18)),
        ["", "permessage-deflate", ""]
      )
      const echoed = new Promise<string>((resolve) =>
        sockets[1]!.on("message", (data: Buffer) => resolve(String(data)))
      )
      sockets[1]!.send("x".repeat(2_000))
      assert.strictEqual(yield* Effect.promise(() => echoed), "got 2000")
      for (const each of sockets) each.terminate()
    })
  )

  it.effect("says goodbye to every station when it ends, and lets nobody in any more", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { port } = yield* setup().pipe(Scope.provide(scope))
      const station = new WebSocket(`ws://127.0.0.1:${port}/ocpp/CS1`, "ocpp1.6")
      yield* Effect.promise(() => new Promise((resolve) => station.on("open", resolve)))
      const code = new Promise((resolve) => station.on("close", resolve))
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(yield* Effect.promise(() => code), 1001)
      const late = yield* dial(port, handshake("/ocpp/CS1"))
      yield* Effect.promise(() => late.closed)
      assert.strictEqual(late.received(), "")
    })
  )
})
