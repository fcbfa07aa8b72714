import { Clock, Context, Effect, Layer } from "effect"
import { Ids } from "#core/Ids.ts"
import type { Any } from "#core/ocpp/Action.ts"
import { CallError } from "#core/ocpp/CallError.ts"
import type { Dialect } from "#core/ocpp/Dialect.ts"
import { unique } from "#core/ocpp/MessageIds.ts"
import * as Peer from "#core/ocpp/Peer.ts"
import type { Transport } from "#core/ocpp/Transport.ts"
import type { Presence, Station } from "#core/station/Station.ts"
import { LiveEvents } from "../api/Events.ts"
import { Directory } from "../directory/Directory.ts"
import { Journal } from "../record/Journal.ts"
import { Recorder } from "../record/Recorder.ts"
import { Owners } from "../station/Owners.ts"
import { patiently } from "../station/patiently.ts"
import type { StationOwner } from "../station/StationOwner.ts"
import type { Standing } from "../station/standing.ts"
import { type HeldClaim, watchClaims } from "./ClaimWatch.ts"
import { Connections, type Registration } from "./Connections.ts"
import { committed, type Session } from "./Session.ts"
import { handlers21, handlers201 } from "./v2x/handlers.ts"
import { handlers as handlers16 } from "./v16/handlers.ts"

/** A station that passed the door: identified, authenticated, its dialect agreed. */
export interface Arrival {
  readonly stationId: string
  readonly dialect: Dialect
  readonly transport: Transport
  readonly remoteAddress: string
}

/** A station in touch. */
export interface Connected {
  readonly stationId: string
  readonly dialect: Dialect
  readonly peer: Peer.Peer
  /** Another one when the station had to be claimed again on this connection. */
  readonly owner: StationOwner
  readonly connectedAtMs: number
  readonly remoteAddress: string
  /** Messages that we asked for on this connection: a station held in Pending may send these. */
  readonly triggered: Set<string>
}

export interface GatewayOptions {
  /** Seconds between heartbeats, told at boot. */
  readonly heartbeatSeconds: number
  /** Told of every connection's frames and calls: traces, message logs, oracles. */
  readonly observe?: (stationId: string) => Peer.PeerObserver
}

/** How exact a station's last-seen instant is. */
const seenStepMs = 1_000

/** A connection's place on the register; `connected` once its station is claimed and served. */
interface Slot {
  connected: (Omit<Connected, "owner"> & { owner: StationOwner }) | undefined
}

/** The claim of a station with the place of its connection on the register. */
interface HeldSocket extends HeldClaim {
  readonly registration: Registration<Slot>
}

/** What the books show of a station that is in touch by that connection. */
const presenceOf = ({ dialect, connectedAtMs, remoteAddress }: Omit<Connected, "owner">): Presence => ({
  dialect: dialect.version,
  connectedAtMs,
  remoteAddress
})

type HandlerTable = Readonly<
  Record<string, ((request: never, session: Session) => Effect.Effect<unknown, CallError>) | undefined>
>

const tables: Readonly<Record<Dialect["version"], HandlerTable>> = {
  "1.6": handlers16,
  "2.0.1": handlers201,
  "2.1": handlers21
}

/**
 * Where arriving connections become stations that are served: claimed, loaded, spoken with. Real sockets and sockets
 * in memory come in by the same door.
 */
export class Gateway extends Context.Service<
  Gateway,
  {
    /** Takes a connection over; returns at once. An older connection of the same station is closed. */
    readonly accept: (arrival: Arrival) => void
    readonly connected: (stationId: string) => Connected | undefined
    /** Stations that can be spoken with, in no order that means anything. */
    readonly connectedIds: () => ReadonlyArray<string>
    readonly count: () => number
    /** Called whenever a station can be spoken with; one listener (the operations that wait for it). */
    readonly onReady: (listener: (connected: Connected) => void) => void
  }
>()("server/ocpp/Gateway") {
  static readonly layer = (options: GatewayOptions) => Layer.effect(Gateway, make(options))
}

const make = Effect.fnUntraced(function* (options: GatewayOptions) {
  const owners = yield* Owners
  const recorder = yield* Recorder
  const directory = yield* Directory
  const events = yield* LiveEvents
  const clock = yield* Clock.Clock
  const nowMs = (): number => clock.currentTimeMillisUnsafe()
  const nextMessageId = unique(yield* Ids, clock)
  const run = Effect.runForkWith(yield* Effect.context<never>())
  const connections = new Connections<Slot>()
  let ready: (connected: Connected) => void = () => {}

  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      for (const { close } of connections) close(1001, "the server is going away")
    })
  )

  /** Puts a station on the register, and has the books show that it is in touch. */
  const own = (connected: Connected): void => {
    const { stationId, owner } = connected
    owners.put(owner)
    run(Effect.ignore(recorder.record({ stationId, epoch: owner.epoch, presence: presenceOf(connected) })))
  }

  const disconnected = ({ station, epoch }: StationOwner, atMs: number): void => {
    run(Effect.ignore(recorder.record({ stationId: station.id, epoch, presence: { disconnectedAtMs: atMs } })))
  }

  const gone = (registration: Registration<Slot>): void => {
    const wasCurrent = connections.remove(registration)
    const connected = registration.value.connected
    if (connected === undefined) return
    const { stationId, owner } = connected
    owners.remove(owner)
    if (!wasCurrent) return
    const atMs = clock.currentTimeMillisUnsafe()
    events.publish({ _tag: "StationDisconnected", stationId, atMs })
    disconnected(owner, atMs)
  }

  /** For a socket whose station somebody took over and let go: it goes on, under a new claim and what was done meanwhile. */
  const claimAgain = Effect.fnUntraced(function* (registration: Registration<Slot>) {
    const { identity, value } = registration
    const { connected } = value
    if (connected === undefined || connections.get(identity) !== registration) return
    const owner = yield* owners.open(connected.owner.station, connected.dialect.version)
    const current = connections.get(identity)
    if (current === undefined) return disconnected(owner, nowMs())
    if (current !== registration) return
    connected.owner = owner
    own(connected)
    ready(connected)
  })

  const held = (): ReadonlyArray<HeldSocket> => {
    const claims: Array<HeldSocket> = []
    for (const registration of connections) {
      const { connected } = registration.value
      if (connected !== undefined)
        claims.push({ stationId: connected.stationId, epoch: connected.owner.epoch, registration })
    }
    return claims
  }

  yield* watchClaims(yield* Journal, {
    held,
    presenceOf: ({ registration }) => presenceOf(registration.value.connected!),
    claimAgain: ({ registration }) => claimAgain(registration)
  })

  const serve = Effect.fnUntraced(function* (arrival: Arrival, station: Station, registration: Registration<Slot>) {
    const { stationId, dialect, transport, remoteAddress } = arrival
    const owner = yield* owners.open(station, dialect.version)
    if (connections.get(stationId) !== registration) return transport.close(1000, "replaced by a newer connection")
    const connectedAtMs = yield* Clock.currentTimeMillis
    const triggered = new Set<string>()
    const session: Session = {
      get owner() {
        return connected.owner
      },
      triggered,
      heartbeatSeconds: options.heartbeatSeconds,
      nowMs,
      fenced: () => peer.terminate()
    }
    const table = tables[dialect.version]
    const handle = (action: Any, payload: unknown): Effect.Effect<unknown, CallError> | undefined => {
      const handler = Object.hasOwn(table, action.name) ? table[action.name] : undefined
      if (handler === undefined) return undefined
      if (!isHeldBack(action.name, session.owner.standing, triggered)) return handler(payload as never, session)
      return Effect.flatMap(patiently(directory.station(stationId)), (known) => {
        if (known?.registration !== "Accepted") return refuseUnaccepted(dialect)
        // Let in since, and it speaks without having asked again.
        return Effect.flatMap(
          committed(session, session.owner.letIn(), () => undefined),
          () => handler(payload as never, session)
        )
      })
    }
    const observer = options.observe?.(stationId)
    let seenAtMs = 0
    const peer: Peer.Peer = Peer.make({
      dialect,
      side: "csms",
      transport,
      nextMessageId,
      run,
      handle,
      strictness: station.strictness,
      observer: {
        ...observer,
        onFrame: (direction, text) => {
          if (direction === "in") {
            const atMs = nowMs()
            if (atMs >= seenAtMs + seenStepMs) {
              seenAtMs = atMs
              recorder.seen(stationId, atMs)
            }
          }
          observer?.onFrame?.(direction, text)
        },
        onDefect: (action, messageId, cause) => {
          run(Effect.logError("a handler died", { stationId, action, messageId }, cause))
          observer?.onDefect?.(action, messageId, cause)
        },
        onClose: (code, reason) => {
          gone(registration)
          observer?.onClose?.(code, reason)
        }
      }
    })
    const connected = { stationId, dialect, peer, owner, connectedAtMs, remoteAddress, triggered }
    registration.value.connected = connected
    own(connected)
    events.publish({
      _tag: "StationConnected",
      stationId,
      atMs: connectedAtMs,
      dialect: dialect.version,
      remoteAddress
    })
    peer.start()
    ready(connected)
  })

  return Gateway.of({
    accept: (arrival) => {
      const { stationId, transport } = arrival
      const slot: Slot = { connected: undefined }
      const close = (code: number, reason: string): void => {
        if (slot.connected === undefined) transport.close(code, reason)
        else slot.connected.peer.close(code, reason)
      }
      const replaced = connections.get(stationId)?.value.connected
      const registration = connections.register(stationId, slot, close, clock.currentTimeMillisUnsafe())
      if (registration === undefined) return
      if (replaced !== undefined) owners.remove(replaced.owner)
      run(
        Effect.flatMap(patiently(directory.station(stationId)), (station) =>
          station === undefined
            ? Effect.sync(() => {
                connections.remove(registration)
                transport.close(1008, "the station was removed")
              })
            : serve(arrival, station, registration)
        )
      )
    },
    connected: (stationId) => connections.get(stationId)?.value.connected,
    connectedIds: () => {
      const ids: Array<string> = []
      for (const { identity, value } of connections) if (value.connected !== undefined) ids.push(identity)
      return ids
    },
    count: () => connections.size,
    onReady: (listener) => {
      ready = listener
    }
  })
})

/**
 * A station that is not accepted may only ask again, and report what we asked it for (1.6-J errata 3.10; 2.x
 * B02.FR.09, B03.FR.07).
 */
const isHeldBack = (action: string, standing: Standing, triggered: ReadonlySet<string>): boolean =>
  standing !== "Accepted" &&
  action !== "BootNotification" &&
  !(standing === "Pending" && (action === "NotifyReport" || triggered.has(action)))

const refuseUnaccepted = (dialect: Dialect): Effect.Effect<never, CallError> =>
  Effect.fail(new CallError({ code: dialect.codes.notAccepted, description: "the station is not accepted yet" }))
