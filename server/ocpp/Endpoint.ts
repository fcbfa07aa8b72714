import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http"
import type { Server as SecureServer } from "node:https"
import type { AddressInfo } from "node:net"
import type { Duplex } from "node:stream"
import { Data, Deferred, Duration, Effect, type Exit, Option, type Scope } from "effect"
import { type PerMessageDeflateOptions, type WebSocket, WebSocketServer } from "ws"
import { type Dialect, dialects } from "#core/ocpp/Dialect.ts"
import type { Transport } from "#core/ocpp/Transport.ts"
import { PingWheel } from "./PingWheel.ts"
import * as Upgrade from "./Upgrade.ts"
import { WebSocketTransport } from "./WebSocketTransport.ts"

/** How a connection ended, as in RFC 6455 section 7.4. */
export interface Closed {
  readonly code: number
  readonly reason: string
}

/** A station that has been let in. Listen on its transport soon: until then nothing is read. */
export interface Connection<Station> {
  readonly identity: string
  readonly station: Station
  readonly dialect: Dialect
  readonly transport: Transport
  readonly remoteAddress: string
  /** Completes when the socket is gone, whoever closed it. */
  readonly closed: Effect.Effect<Closed>
}

export interface EndpointOptions<Station extends Upgrade.StationAuth> {
  /** What is known of a station; undefined refuses it. One that dies is answered 503. */
  readonly lookup: (identity: string) => Effect.Effect<Station | undefined>
  readonly onConnection: (connection: Connection<Station>) => void
  readonly served?: ReadonlyArray<Dialect>
  /** Default `/ocpp/`. */
  readonly path?: string
  /** Answer plain requests as well: 426 on our path, 404 elsewhere. Only for a server that is ours alone. */
  readonly ownsServer?: boolean
  /** Bytes of one message, inflated. Default 1 MiB: NotifyReport of 2.x is large. */
  readonly maxPayloadBytes?: number
  /** Offer permessage-deflate to stations that ask, on at most this many connections at a time. Default 0: never. */
  readonly maxCompressed?: number
  /** Time between pings and time to answer one; a dead peer is noticed within their sum and a second. */
  readonly pingInterval?: Duration.Duration
  readonly pingTimeout?: Duration.Duration
  /** Open sockets beyond which newcomers are told to come back. Default 100,000. */
  readonly maxConnections?: number
  /** Handshakes being decided beyond which newcomers are told to come back. Default 2,000. */
  readonly maxHandshakes?: number
  readonly lookupTimeout?: Duration.Duration
  /** Unwritten bytes per socket: above the first we stop reading from it, at the second we cut it. */
  readonly highWaterBytes?: number
  readonly maxBufferedBytes?: number
}

export interface EndpointCounters {
  accepted: number
  /** By HTTP status. */
  readonly refused: Record<number, number>
  noSubprotocol: number
}

export interface Endpoint {
  readonly counters: EndpointCounters
  readonly connections: () => number
  /** Connections cut because they answered no ping. */
  readonly deadPeers: () => number
}

const second = 1_000

/**
 * permessage-deflate as it can be afforded: without context kept between messages and with a small window a connection
 * costs 118 KiB instead of 373 KiB (measured with 1,000 connections).
 */
const deflate: PerMessageDeflateOptions = {
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  serverMaxWindowBits: 11,
  threshold: 512,
  concurrencyLimit: 10,
  zlibDeflateOptions: { level: 3, memLevel: 5 }
}

const swallow = (): void => {}

/** Writes an HTTP answer on a raw socket and hangs up. */
const answer = (socket: Duplex, { status, headers, body }: Upgrade.Refuse): void => {
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`, "Connection: close", "Content-Type: text/plain"]
  for (const name in headers) lines.push(`${name}: ${headers[name]}`)
  lines.push(`Content-Length: ${Buffer.byteLength(body)}`, "", body)
  socket.once("finish", () => socket.destroy())
  socket.end(lines.join("\r\n"))
}

/** Seconds to stay away, spread over half a minute by arrival so that the refused do not return together. */
const retryAfterSeconds = (refusals: number): number => 5 + ((refusals * 7) % 26)

class EndpointImpl<Station extends Upgrade.StationAuth> implements Endpoint {
  readonly counters: EndpointCounters = { accepted: 0, refused: {}, noSubprotocol: 0 }
  readonly wheel: PingWheel
  private readonly server: Server | SecureServer
  private readonly options: EndpointOptions<Station>
  private readonly runFork: <A, E>(effect: Effect.Effect<A, E>, done: (exit: Exit.Exit<A, E>) => void) => void
  private readonly plain: WebSocketServer
  private readonly deflating: WebSocketServer
  private readonly transports = new Set<WebSocketTransport>()
  private handshakes = 0
  private compressed = 0
  private ended = false
  private drained: (() => void) | undefined
  /** The subprotocol of the upgrade being completed; `ws` asks for it while `handleUpgrade` runs. */
  private agreed: string | undefined

  constructor(
    server: Server | SecureServer,
    options: EndpointOptions<Station>,
    run: EndpointImpl<Station>["runFork"],
    wheel: PingWheel
  ) {
    this.server = server
    this.options = options
    this.runFork = run
    this.wheel = wheel
    const common = {
      noServer: true,
      clientTracking: false,
      maxPayload: options.maxPayloadBytes ?? 1_048_576,
      handleProtocols: () => this.agreed ?? false
    }
    this.plain = new WebSocketServer({ ...common, perMessageDeflate: false })
    this.deflating = new WebSocketServer({ ...common, perMessageDeflate: deflate })
  }

  connections(): number {
    return this.transports.size
  }

  deadPeers(): number {
    return this.wheel.deaths
  }

  /** Node's `upgrade` event. A request that is not for us is left to the server's other listeners. */
  readonly onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const target = request.url ?? ""
    const forOthers = !this.options.ownsServer && !Upgrade.isStationPath(target, this.options.path)
    if (forOthers && this.server.listenerCount("upgrade") > 1) return
    socket.on("error", swallow)
    if (this.ended || this.isFull()) {
      this.refuse(socket, this.overloaded())
      return
    }
    const call = Upgrade.identify(target, request.headers, this.options.path)
    if (call._tag === "Refuse") {
      this.refuse(socket, call)
      return
    }
    this.handshakes++
    const limit = this.options.lookupTimeout ?? Duration.seconds(10)
    this.runFork(Effect.timeoutOption(this.options.lookup(call.identity), limit), (exit) => {
      this.handshakes--
      if (socket.destroyed) return
      if (this.ended || exit._tag === "Failure" || Option.isNone(exit.value)) {
        this.refuse(socket, this.overloaded())
        return
      }
      this.admit(call, exit.value.value, request, socket, head)
    })
  }

  /** Node's `request` event, on a server that is ours alone. */
  readonly onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    plainAnswer(request, response, this.options.path)
  }

  /** Says goodbye to everyone; `done` when the last socket is gone. */
  end(done: () => void): void {
    this.ended = true
    if (this.transports.size === 0) {
      done()
      return
    }
    this.drained = done
    for (const transport of this.transports) transport.close(1001, "the server is going away")
  }

  terminateAll(): void {
    for (const transport of this.transports) transport.terminate()
  }

  private admit(
    call: Upgrade.Identified,
    station: Station | undefined,
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer
  ): void {
    const decision = Upgrade.decide(call, station, this.options.served ?? dialects)
    if (decision._tag === "Refuse") {
      this.refuse(socket, decision)
      return
    }
    this.agreed = decision._tag === "Accept" ? decision.subprotocol : undefined
    const server = this.compressed < (this.options.maxCompressed ?? 0) ? this.deflating : this.plain
    // From here on `ws` minds the socket's errors.
    socket.off("error", swallow)
    const remoteAddress = request.socket.remoteAddress ?? ""
    server.handleUpgrade(request, socket, head, (webSocket) => {
      if (decision._tag === "Accept") this.open(decision, station!, webSocket, socket, remoteAddress)
      else {
        this.counters.noSubprotocol++
        webSocket.on("error", swallow)
        webSocket.close(decision.code, decision.reason)
      }
    })
  }

  private open(
    { identity, dialect }: Upgrade.Accept,
    station: Station,
    webSocket: WebSocket,
    socket: Duplex,
    remoteAddress: string
  ): void {
    const { highWaterBytes = 262_144, maxBufferedBytes = 4_194_304 } = this.options
    const transport = new WebSocketTransport(webSocket, socket, { highWaterBytes, maxBufferedBytes })
    const closed = Deferred.makeUnsafe<Closed>()
    const isCompressed = webSocket.extensions !== ""
    if (isCompressed) this.compressed++
    this.counters.accepted++
    this.transports.add(transport)
    const leaveWheel = station.pings === false ? swallow : this.wheel.add(transport)
    webSocket.once("close", (code, reason) => {
      leaveWheel()
      this.transports.delete(transport)
      if (isCompressed) this.compressed--
      Deferred.doneUnsafe(closed, Effect.succeed({ code, reason: reason.toString("utf8") }))
      if (this.ended && this.transports.size === 0) this.drained?.()
    })
    this.options.onConnection({
      identity,
      station,
      dialect,
      transport,
      remoteAddress,
      closed: Deferred.await(closed)
    })
  }

  private isFull(): boolean {
    return (
      this.transports.size + this.handshakes >= (this.options.maxConnections ?? 100_000) ||
      this.handshakes >= (this.options.maxHandshakes ?? 2_000)
    )
  }

  private overloaded(): Upgrade.Refuse {
    return Upgrade.overloaded(retryAfterSeconds(this.counters.refused[503] ?? 0))
  }

  private refuse(socket: Duplex, refusal: Upgrade.Refuse): void {
    this.counters.refused[refusal.status] = (this.counters.refused[refusal.status] ?? 0) + 1
    answer(socket, refusal)
  }
}

/** Answers a request without an upgrade: 426 on a station's path, 404 elsewhere. For a router that serves both. */
export const plainAnswer = (request: IncomingMessage, response: ServerResponse, path?: string): void => {
  const ours = Upgrade.isStationPath(request.url ?? "", path)
  const { status, headers, body } = ours ? Upgrade.upgradeRequired : { status: 404, headers: {}, body: "not found" }
  response.writeHead(status, { "Content-Type": "text/plain", ...headers })
  response.end(body)
}

/**
 * Serves OCPP-J on an HTTP server, which may serve other paths too. When the scope closes, newcomers are refused and
 * every station is told 1001; those that do not answer within two seconds are cut.
 */
export const attach = Effect.fnUntraced(function* <Station extends Upgrade.StationAuth>(
  server: Server | SecureServer,
  options: EndpointOptions<Station>
): Effect.fn.Return<Endpoint, never, Scope.Scope> {
  const run = Effect.runForkWith(yield* Effect.context<never>())
  const wheel = new PingWheel({
    intervalMs: Duration.toMillis(options.pingInterval ?? Duration.seconds(60)),
    timeoutMs: Duration.toMillis(options.pingTimeout ?? Duration.seconds(30)),
    tickMs: second
  })
  const endpoint = new EndpointImpl(server, options, (effect, done) => run(effect).addObserver(done), wheel)
  yield* Effect.forkScoped(
    Effect.forever(
      Effect.andThen(
        Effect.sleep(second),
        Effect.sync(() => wheel.advance())
      )
    )
  )
  yield* Effect.acquireRelease(
    Effect.sync(() => {
      server.on("upgrade", endpoint.onUpgrade)
      if (options.ownsServer) server.on("request", endpoint.onRequest)
    }),
    () =>
      Effect.callback<void>((resume) => endpoint.end(() => resume(Effect.void))).pipe(
        Effect.timeoutOption(Duration.seconds(2)),
        Effect.andThen(
          Effect.sync(() => {
            endpoint.terminateAll()
            server.off("upgrade", endpoint.onUpgrade)
            server.off("request", endpoint.onRequest)
          })
        )
      )
  )
  return endpoint
})

/** The port could not be had. */
export class ListenFailed extends Data.TaggedError("ListenFailed")<{
  readonly port: number
  readonly host: string
  readonly message: string
}> {}

/** Connections the kernel may hold for us while we are busy: all stations return at once after a restart. */
const backlog = 4_096

/** Opens an HTTP server's port (0 takes a free one) for as long as the scope lasts. */
export const listen = (
  server: Server | SecureServer,
  { port, host }: { readonly port: number; readonly host: string }
): Effect.Effect<AddressInfo, ListenFailed, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<AddressInfo, ListenFailed>((resume) => {
      const onError = (error: Error): void =>
        resume(Effect.fail(new ListenFailed({ port, host, message: error.message })))
      server.once("error", onError)
      server.listen({ port, host, backlog }, () => {
        server.off("error", onError)
        resume(Effect.succeed(server.address() as AddressInfo))
      })
    }),
    // Not waiting for open sockets: who attached to this server closes them, before or after.
    () =>
      Effect.sync(() => {
        server.close()
        server.closeAllConnections()
      })
  )
