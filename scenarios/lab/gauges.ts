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

/** What a deployment holds now, and how much it may hold. Ones that grow per station tell of the largest alone. */
export const gaugesOf = (
  nodes: ReadonlyArray<CmsProcess>,
  network: Pick<Network, "connections">,
  places: ReadonlyArray<Place>
): ReadonlyArray<Gauge> => {
  const most = new Most()
  most.see({
    name: "sockets",
    value: network.connections,
    bound: socketsPerStation * places.length,
    because: "a station may change its line five times in a row, and is then turned away"
  })
  for (const { station, evses } of places) {
    const { queued, identity: stationId } = station
    // Readings stop at the habit's limit; starts, states and ends of what still charges are never given up.
    const bound = outboxLimit + 100 * evses
    most.see({ name: "outbox", value: queued, bound: bound, because: "a full memory gives readings up", stationId })
  }
  for (const { held } of nodes) {
    if (held !== undefined) seeNode(held, places, most)
  }
  return most.all()
}

const seeNode = ({ recorder, gateway }: NonNullable<CmsProcess["held"]>, places: ReadonlyArray<Place>, most: Most) => {
  const count = places.length
  most.see({
    name: "recorder backlog",
    value: recorder.gauges().waiting,
    bound: 4 * count + sweptAtOnce,
    because: "a connection waits for one unit, one claim, its presence and its last word"
  })
  most.see({
    name: "connections",
    value: gateway.count(),
    bound: count,
    because: "the newest connection of a station replaces the older"
  })
  for (const { station, evses } of places) {
    const stationId = station.identity
    const connected = gateway.connected(stationId)
    if (connected === undefined) continue
    const { peer, owner } = connected
    const see = (name: string, value: number, bound: number, because: string): void =>
      most.see({ name, value, bound, because, stationId })
    see("unread CALLs", peer.backlog(), backlogLimit, "the peer stops reading")
    see("waiting CALLs", peer.waiting(), waitingLimit, "the peer refuses to ask more")
    see("open transactions", owner.holdings.open().length, evses, "another car closes what was open on its EVSE")
    const kept = [...owner.holdings.all()].length
    const bound = recentLimit + evses * (1 + unsettledLimit)
    see("transactions in memory", kept, bound, "settled ones are forgotten but for the newest")
  }
}

/** The default of `simulator/station/Habits`, which no preset exceeds. */
const outboxLimit = 20_000

/** Of each gauge the one that is nearest to its bound. */
class Most {
  private readonly nearest = new Map<string, Gauge>()

  see(gauge: Gauge): void {
    const known = this.nearest.get(gauge.name)
    if (known === undefined || gauge.value - gauge.bound > known.value - known.bound)
      this.nearest.set(gauge.name, gauge)
  }

  all(): ReadonlyArray<Gauge> {
    return [...this.nearest.values()]
  }
}
