import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { connect } from "node:net"
import { assert, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Option, Scope, Stream } from "effect"
import { FetchHttpClient, HttpClient, HttpClientRequest } from "effect/http"
import { HttpApiClient } from "effect/http-api"
import { Api } from "#core/api/Api.ts"
import { LiveEvents } from "#server/api/Events.ts"
import { firstToken } from "#server/api/FirstToken.ts"
import { serveOn } from "#server/api/Http.ts"
import { services, token, World } from "./harness.ts"

/** A node server on a free port of this machine. */
const listening = Effect.acquireRelease(
  Effect.callback<{ readonly server: Server; readonly port: number }>((resume) => {
    const server = createServer()
    server.listen(0, "127.0.0.1", () =>
      resume(Effect.succeed({ server, port: (server.address() as AddressInfo).port }))
    )
  }),
  ({ server }) =>
    Effect.callback<void>((resume) => {
      server.close(() => resume(Effect.void))
      server.closeAllConnections()
    })
)

const authorized = { authorization: `Bearer ${token}`, "content-type": "application/json" }

it.live("the API is served over a real socket, beside somebody else's upgrades", () =>
  Effect.gen(function* () {
    const { server, port } = yield* listening
    yield* firstToken(token)
    yield* Layer.build(serveOn(server))
    let upgrades = 0
    server.on("upgrade", (_, socket) => {
      upgrades++
      socket.end("HTTP/1.1 101 Switching Protocols\r\n\r\nmine")
    })
    const url = `http://127.0.0.1:${port}`
    const created = yield* Effect.promise(() =>
      fetch(`${url}/api/v1/drivers`, { method: "POST", headers: authorized, body: '{"id":"ada","name":"Ada"}' })
    )
    assert.strictEqual(created.status, 201)
    const refused = yield* Effect.promise(() => fetch(`${url}/api/v1/drivers/ada`))
    assert.strictEqual(refused.status, 401)
    assert.match(refused.headers.get("content-type")!, /^application\/problem\+json/)

    const large = JSON.stringify({ name: "x".repeat(2_000_000) })
    const tooLarge = yield* Effect.promise(() =>
      fetch(`${url}/api/v1/drivers`, { method: "POST", headers: authorized, body: large })
    )
    assert.strictEqual(tooLarge.status, 413)
    assert.deepStrictEqual(yield* Effect.promise(() => tooLarge.json()), {
      type: "about:blank",
      title: "Content Too Large",
      status: 413,
      detail: "The body is larger than this server accepts."
    })

    const answer = yield* Effect.callback<string>((resume) => {
      let text = ""
      const socket = connect(port, "127.0.0.1", () =>
        socket.write("GET /ocpp/CS-1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
      )
      socket.on("data", (chunk) => {
        text += chunk.toString()
      })
      socket.on("close", () => resume(Effect.succeed(text)))
    })
    assert.match(answer, /^HTTP\/1\.1 101 .*mine$/s)
    assert.strictEqual(upgrades, 1)
  }).pipe(Effect.provide(services(new World())))
)

it.live("a client derived from the contract reads successes, problems and live events", () =>
  Effect.gen(function* () {
    const { server, port } = yield* listening
    yield* firstToken(token)
    yield* Layer.build(serveOn(server))
    const events = yield* LiveEvents
    const api = yield* HttpApiClient.make(Api, {
      baseUrl: `http://127.0.0.1:${port}`,
      transformClient: HttpClient.mapRequest(HttpClientRequest.bearerToken(token))
    })
    const created = yield* api.stations.create({ payload: { id: "CS-1" } })
    assert.strictEqual(created.timeZone, "UTC")
    const twice = yield* Effect.flip(api.stations.create({ payload: { id: "CS-1" } }))
    assert.strictEqual(twice._tag, "Conflict")
    const params = { stationId: "CS-9" }
    const unknown = yield* Effect.flip(api.stations.get({ params }))
    assert.strictEqual(unknown._tag, "UnknownResource")
    const ran = yield* api.operations.run({
      params: { stationId: "CS-1" },
      query: { wait: 1 },
      payload: { type: "Unlock", evseId: 1, connectorId: 1 }
    })
    assert.strictEqual(ran.status, "Done")
    assert.strictEqual((yield* api.health()).status, "ok")
    const stream = yield* api.events.stream({ query: { kind: ["StationDisconnected"] }, headers: {} })
    const listener = yield* Effect.forkChild(Stream.runHead(stream))
    while (events.listeners() === 0) yield* turn
    events.publish({ _tag: "StationDisconnected", stationId: "CS-1", atMs: 0 })
    assert.deepStrictEqual(Option.getOrUndefined(yield* Fiber.join(listener)), {
      kind: "StationDisconnected",
      stationId: "CS-1",
      at: "1970-01-01T00:00:00.000Z"
    })
  }).pipe(Effect.provide([services(new World()), FetchHttpClient.layer]))
)

it.live("streams end with the server", () =>
  Effect.gen(function* () {
    const { server, port } = yield* listening
    yield* firstToken(token)
    const scope = yield* Scope.make()
    yield* Layer.buildWithScope(serveOn(server), scope)
    const { body } = yield* Effect.promise(() =>
      fetch(`http://127.0.0.1:${port}/api/v1/events`, { headers: authorized })
    )
    const reader = body!.getReader()
    yield* Effect.promise(() => reader.read())
    yield* Scope.close(scope, Exit.void)
    const events = yield* LiveEvents
    assert.strictEqual(events.listeners(), 0)
    const end = yield* Effect.promise(() =>
      reader.read().then(
        ({ done }) => done,
        () => true
      )
    )
    assert.isTrue(end)
  }).pipe(Effect.provide(services(new World())))
)

/** Lets sockets do their work. */
const turn = Effect.callback<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

it.live("a client that stands still is told what it lost, while the server keeps no more than its ring", () =>
  Effect.gen(function* () {
    const { server, port } = yield* listening
    yield* firstToken(token)
    yield* Layer.build(serveOn(server))
    const events = yield* LiveEvents
    let text = ""
    let onText = () => {}
    const socket = connect(port, "127.0.0.1", () =>
      socket.write(`GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`)
    )
    socket.on("data", (chunk) => {
      text += chunk.toString()
      onText()
    })
    const until = (last: string) =>
      Effect.callback<void>((resume) => {
        onText = () => {
          if (text.includes(last)) resume(Effect.void)
        }
        onText()
      })
    yield* until("id: ")
    socket.pause()
    // The ring holds four: who keeps up loses nothing. 32 MB are more than sockets keep for a client that stands still.
    const total = 8_000
    const operationId = "x".repeat(4_000)
    for (let atMs = 1; atMs <= total; atMs++) {
      events.publish({ _tag: "OperationDone", stationId: "CS-1", atMs, operationId, outcome: "Done" })
      if (atMs % 4 === 0) yield* turn
    }
    socket.resume()
    yield* until(`-${total}\nevent: OperationDone`)
    socket.destroy()
    const lost = [...text.matchAll(/event: Lost\ndata: (.*)/g)].map(([, data]) => JSON.parse(data!).count as number)
    const heard = [...text.matchAll(/event: OperationDone/g)].length
    assert.isAbove(lost.length, 0)
    assert.strictEqual(
      lost.reduce((sum, count) => sum + count, heard),
      total
    )
  }).pipe(Effect.provide(services(new World())))
)
