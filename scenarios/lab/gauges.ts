import type { Gauge } from "#simulator/oracles/Gauges.ts"
import type { Station } from "#simulator/station/Station.ts"
import type { CmsProcess } from "./CmsProcess.ts"
import type { Network } from "./Network.ts"

/** A station of the run, and how many cars can charge at it. */
export interface Place {
  readonly station: Station
  readonly evses: number
}

/** Rounds of the sweeper settle this many at most, beside what the stations send. */
const sweptAtOnce = 200
/** Defaults of `core/ocpp/Peer`: CALLs of theirs that wait before it stops reading, CALLs of ours that wait. */
const [backlogLimit, waitingLimit] = [64, 32]
/** `server/station/Holdings` keeps this many that are over, beside open and unsettled ones. */
const recentLimit = 8
/** Ended within the grace of 15 minutes and not complete: a car that comes and goes every minute makes as many. */
const unsettledLimit = 15
/** Of one station: the one that is spoken with, one for each takeover that the CMS allows in a row, and one turned away. */
const socketsPerStation = 7

/** The default of `simulator/station/Habits`, which no preset exceeds. */
const outboxLimit = 20_000

/** What a deployment holds now, and how much it may hold. Ones that grow per station tell of the largest alone. */
export const gaugesOf = (
  nodes: ReadonlyArray<CmsProcess>,
  network: Pick<Network, "connections">,
  places: ReadonlyArray<Place>
): ReadonlyArray<Gauge> => {
  const most = new Most()
  most.sockets.see(network.connections, socketsPerStation * places.length)
  for (const { station, evses } of places) {
    // Readings stop at the habit's limit; starts, states and ends of what still charges are never given up.
    most.outbox.see(station.queued, outboxLimit + 100 * evses, station.identity)
  }
  for (const { held } of nodes) {
    if (held !== undefined) seeNode(held, places, most)
  }
  return most.all()
}

const seeNode = ({ recorder, gateway }: NonNullable<CmsProcess["held"]>, places: ReadonlyArray<Place>, most: Most) => {
  const count = places.length
  most.recorder.see(recorder.gauges().waiting, 4 * count + sweptAtOnce)
  most.connections.see(gateway.count(), count)
  for (const { station, evses } of places) {
    const { identity } = station
    const connected = gateway.connected(identity)
    if (connected === undefined) continue
    const { peer, owner } = connected
    most.unread.see(peer.backlog(), backlogLimit, identity)
    most.waiting.see(peer.waiting(), waitingLimit, identity)
    most.open.see(owner.holdings.openCount, evses, identity)
    most.kept.see(owner.holdings.count, recentLimit + evses * (1 + unsettledLimit), identity)
  }
}

/** Of one gauge the place that is nearest to its bound. Every station is seen in every minute, so nothing is made for it. */
class Nearest {
  private readonly name: string
  private readonly because: string
  private value = Number.NEGATIVE_INFINITY
  private bound = 0
  private stationId: string | undefined

  constructor(name: string, because: string) {
    this.name = name
    this.because = because
  }

  see(value: number, bound: number, stationId?: string): void {
    if (value - bound <= this.value - this.bound) return
    this.value = value
    this.bound = bound
    this.stationId = stationId
  }

  /** None where there was nothing to see. */
  told(): ReadonlyArray<Gauge> {
    const { name, because, value, bound, stationId } = this
    if (value === Number.NEGATIVE_INFINITY) return []
    return [stationId === undefined ? { name, value, bound, because } : { name, value, bound, because, stationId }]
  }
}

class Most {
  readonly sockets = new Nearest(
    "sockets",
    "a station may change its line five times in a row, and is then turned away"
  )
  readonly outbox = new Nearest("outbox", "a full memory gives readings up")
  readonly recorder = new Nearest(
    "recorder backlog",
    "a connection waits for one unit, one claim, its presence and its last word"
  )
  readonly connections = new Nearest("connections", "the newest connection of a station replaces the older")
  readonly unread = new Nearest("unread CALLs", "the peer stops reading")
  readonly waiting = new Nearest("waiting CALLs", "the peer refuses to ask more")
  readonly open = new Nearest("open transactions", "another car closes what was open on its EVSE")
  readonly kept = new Nearest("transactions in memory", "settled ones are forgotten but for the newest")

  all(): ReadonlyArray<Gauge> {
    const { sockets, outbox, recorder, connections, unread, waiting, open, kept } = this
    return [sockets, outbox, recorder, connections, unread, waiting, open, kept].flatMap((nearest) => nearest.told())
  }
}
