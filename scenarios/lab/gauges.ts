import type { Holdings } from "#server/station/Holdings.ts"
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

/** Looks for which a station stays of interest after a frame: what it was sent may arrive behind the next look. */
const looksAfterFrame = 2
/** Every so many looks all are looked at, of interest or not. */
const fullLookEvery = 15

/** Whether a station is of interest to the next looks. */
class Interest {
  looks = looksAfterFrame

  /** To be called for every frame of the station, and at the end of its connection. */
  note(): void {
    this.looks = looksAfterFrame
  }
}

/** The stations with which something has happened lately. */
export class Activity {
  private readonly interests = new Map<string, Interest>()

  of(identity: string): Interest {
    let interest = this.interests.get(identity)
    if (interest === undefined) {
      interest = new Interest()
      this.interests.set(identity, interest)
    }
    return interest
  }
}

/** What one node was last seen to hold for each station; none where the station is not connected to it. */
class NodeView {
  held: CmsProcess["held"]
  readonly unread: Float64Array
  readonly waiting: Float64Array
  readonly open: Float64Array
  readonly kept: Float64Array

  constructor(stations: number) {
    const column = () => new Float64Array(stations).fill(none)
    this.unread = column()
    this.waiting = column()
    this.open = column()
    this.kept = column()
  }
}

const none = Number.NEGATIVE_INFINITY

/**
 * What a deployment holds, and how much it may hold, looked at again and again. Ones that grow per station tell of the
 * largest alone. Nothing of a station grows where no frame passes, nothing waits and the line is up: what is idle is not
 * fetched from all over the memory in every minute of the day, its last values stand.
 */
export class Gauging {
  private readonly nodes: ReadonlyArray<CmsProcess>
  private readonly network: Pick<Network, "connections">
  private readonly places: ReadonlyArray<Place>
  private readonly interests: ReadonlyArray<Interest>
  private readonly queued: Float64Array
  private readonly evses: Float64Array
  /** Something waits there, or it is out of touch. */
  private readonly isUneasy: Uint8Array
  private readonly views: Array<NodeView> = []
  private looks = 0

  constructor(
    nodes: ReadonlyArray<CmsProcess>,
    network: Pick<Network, "connections">,
    places: ReadonlyArray<Place>,
    activity: Activity
  ) {
    this.nodes = nodes
    this.network = network
    this.places = places
    this.interests = places.map(({ station }) => activity.of(station.identity))
    this.queued = new Float64Array(places.length)
    this.evses = Float64Array.from(places, ({ evses }) => evses)
    this.isUneasy = new Uint8Array(places.length)
  }

  look(): ReadonlyArray<Gauge> {
    const isNew = this.refreshViews()
    this.refresh(isNew || this.looks++ % fullLookEvery === 0)
    return this.nearest()
  }

  /** True when a node's process is another than before: then nothing that is known of it holds. */
  private refreshViews(): boolean {
    let isNew = false
    for (let index = 0; index < this.nodes.length; index++) {
      const { held } = this.nodes[index]!
      const view = this.views[index]
      if (view !== undefined && view.held?.gateway === held?.gateway) continue
      const fresh = new NodeView(this.places.length)
      fresh.held = held
      this.views[index] = fresh
      isNew = true
    }
    return isNew
  }

  private refresh(all: boolean): void {
    for (let index = 0; index < this.places.length; index++) {
      const interest = this.interests[index]!
      if (interest.looks > 0) interest.looks--
      else if (!all && this.isUneasy[index] === 0) continue
      this.see(index)
    }
  }

  private see(index: number): void {
    const { station } = this.places[index]!
    this.queued[index] = station.queued
    let waits = station.queued
    let isInTouch = false
    for (const view of this.views) {
      const connected = view.held?.gateway.connected(station.identity)
      if (connected !== undefined) isInTouch = true
      const { peer, owner } = connected ?? {}
      view.unread[index] = peer?.backlog() ?? none
      view.waiting[index] = peer?.waiting() ?? none
      view.open[index] = owner === undefined ? none : placed(owner.holdings, this.places[index]!.evses)
      view.kept[index] = owner?.holdings.count ?? none
      waits += Math.max(0, view.unread[index]!) + Math.max(0, view.waiting[index]!)
    }
    this.isUneasy[index] = waits > 0 || !isInTouch ? 1 : 0
  }

  private nearest(): ReadonlyArray<Gauge> {
    const { places, views, evses: cars, queued } = this
    const most = new Most()
    most.sockets.see(this.network.connections, socketsPerStation * places.length)
    for (let index = 0; index < places.length; index++) {
      // Readings stop at the habit's limit; starts, states and ends of what still charges are never given up.
      most.outbox.see(queued[index]!, outboxLimit + 100 * cars[index]!, index)
    }
    for (const { held, unread, waiting, open, kept } of views) {
      if (held === undefined) continue
      most.recorder.see(held.recorder.gauges().waiting, 4 * places.length + sweptAtOnce)
      most.connections.see(held.gateway.count(), places.length)
      for (let index = 0; index < places.length; index++) {
        const evses = cars[index]!
        most.unread.see(unread[index]!, backlogLimit, index)
        most.waiting.see(waiting[index]!, waitingLimit, index)
        most.open.see(open[index]!, evses, index)
        most.kept.see(kept[index]!, recentLimit + evses * (1 + unsettledLimit), index)
      }
    }
    return most.all(places)
  }
}

/**
 * Open transactions whose EVSE is known. One of which the start was lost may never name it, and nobody knows whose place it
 * takes; all that is kept is bounded below.
 */
const placed = (holdings: Holdings, evses: number): number =>
  holdings.openCount <= evses ? holdings.openCount : holdings.open().filter(({ evseId }) => evseId > 0).length

/** Of one gauge the place that is nearest to its bound. Every station is told in every minute, so nothing is made for it. */
class Nearest {
  private readonly name: string
  private readonly because: string
  private value = none
  private bound = 0
  /** Of the place, where the gauge is one of each. */
  private index = -1

  constructor(name: string, because: string) {
    this.name = name
    this.because = because
  }

  see(value: number, bound: number, index = -1): void {
    if (value - bound <= this.value - this.bound) return
    this.value = value
    this.bound = bound
    this.index = index
  }

  /** None where there was nothing to see. */
  told(places: ReadonlyArray<Place>): ReadonlyArray<Gauge> {
    const { name, because, value, bound } = this
    const place = places[this.index]
    if (value === none) return []
    return [{ name, value, bound, because, ...(place === undefined ? {} : { stationId: place.station.identity }) }]
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

  all(places: ReadonlyArray<Place>): ReadonlyArray<Gauge> {
    const { sockets, outbox, recorder, connections, unread, waiting, open, kept } = this
    return [sockets, outbox, recorder, connections, unread, waiting, open, kept].flatMap((nearest) =>
      nearest.told(places)
    )
  }
}
