import type { IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { WebSocketServer } from "ws"
import { connect } from "#simulator/LiveSocket.ts"
import type { DialAnswer } from "#simulator/station/Link.ts"

interface Served {
  readonly url: string
  readonly requests: Array<IncomingMessage>
}

const serve = (refusal?: number) =>
  Effect.acquireRelease(
    Effect.callback<Served & { readonly server: WebSocketServer }>((resume) => {
      const requests: Array<IncomingMessage> = []
      const server = new WebSocketServer({
        port: 0,
        host: "127.0.0.1",
        handleProtocols: (offered) => (offered.has("ocpp2.0.1") ? "ocpp2.0.1" : false),
        verifyClient: (info, done) => {
          requests.push(info.req)
          done(refusal === undefined, refusal)
        }
      })
      server.on("connection", (socket) => {
        socket.send("early")
        socket.on("message", (data) => socket.send(`echo ${String(data)}`))
      })
      server.on("listening", () => {
        const { port } = server.address() as AddressInfo
        resume(Effect.succeed({ server, requests, url: `ws://127.0.0.1:${port}/ocpp/` }))
      })
    }),
    ({ server }) => Effect.sync(() => server.close())
  )

const dial = (url: string) =>
  Effect.callback<DialAnswer>((resume) => {
    const give = connect({ url })(
      { identity: "CP 1/ü", subprotocols: ["ocpp2.1", "ocpp2.0.1"], password: "geheim-öffnen-123" },
      (answer) => resume(Effect.succeed(answer))
    )
    return Effect.sync(give)
  })

it.live("a station dials its percent-encoded identity, with Basic auth, and takes the subprotocol the CMS picks", () =>
  Effect.gen(function* () {
    const { url, requests } = yield* serve()
    const answer = yield* dial(url)
    if (answer._tag !== "Connected") return assert.fail(answer.why)
    assert.strictEqual(answer.subprotocol, "ocpp2.0.1")
    assert.strictEqual(requests[0]!.url, "/ocpp/CP%201%2F%C3%BC")
    const basic = Buffer.from(requests[0]!.headers.authorization!.slice("Basic ".length), "base64").toString("utf8")
    assert.strictEqual(basic, "CP 1/ü:geheim-öffnen-123")
    yield* Effect.sleep("20 millis")
    const heard = yield* Effect.callback<ReadonlyArray<string>>((resume) => {
      const texts: Array<string> = []
      answer.transport.listen({
        onText: (text) => {
          texts.push(text)
          if (texts.length === 2) answer.transport.close(1000, "")
        },
        onBinary: () => {},
        onAlive: () => {},
        onClose: (code) => resume(Effect.succeed([...texts, String(code)]))
      })
      answer.transport.send("hello")
    })
    assert.deepStrictEqual(heard, ["early", "echo hello", "1000"])
  }).pipe(Effect.scoped)
)

it.live("a CMS that refuses, and one that is not there, is an answer and no crash", () =>
  Effect.gen(function* () {
    const { url } = yield* serve(401)
    const refused = yield* dial(url)
    assert.strictEqual(refused._tag, "Refused")
    assert.include(refused._tag === "Refused" ? refused.why : "", "401")
    const nobody = yield* dial("ws://127.0.0.1:1/ocpp")
    assert.strictEqual(nobody._tag, "Refused")
  }).pipe(Effect.scoped)
)
