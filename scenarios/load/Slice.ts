import { Effect } from "effect"
import type { PresentedToken } from "#core/token/Token.ts"
import * as Fleet from "#simulator/Fleet.ts"
import { noCards } from "#simulator/fleet/Cards.ts"
import type { TrueConnector } from "#simulator/oracles/Oracle.ts"
import { tap } from "#simulator/oracles/tap.ts"
import { Wire, type WireRecord } from "#simulator/oracles/Wire.ts"
import type { Connect } from "#simulator/station/Link.ts"
import { status16, status201 } from "#simulator/station/Phase.ts"
import { type Acknowledgement, type Judgement, type TrueSession, Truth, type TruthCounters } from "#simulator/Truth.ts"
import type { DueTimers } from "#simulator/time/DueTimers.ts"
import { Timers } from "#simulator/time/Timers.ts"
import { connecting, dialError, Meter, type MeterSnapshot } from "./Meter.ts"
import { cardOf, isIn, type LoadPlan, mixOf, passwordOf, type Share } from "./Plan.ts"
import { type Arrival, arrivals } from "./schedule.ts"
import { Visit } from "./Visit.ts"

/** How far a share of the fleet is. */
export interface SliceProgress {
  readonly connected: number
  /** Connected, and accepted by the CMS. */
  readonly booted: number
  readonly sessions: number
  readonly messages: number
  readonly waiting: number
  readonly errors: number
  readonly p99Ms: number | null
}

/** What a share of the fleet knows at the end, as data that crosses threads. */
export interface SliceResult {
  readonly meter: MeterSnapshot
  readonly sessions: ReadonlyArray<TrueSession>
  readonly acknowledgements: ReadonlyArray<Acknowledgement>
  readonly judgements: ReadonlyArray<Judgement>
  readonly counters: TruthCounters
  readonly connectors: ReadonlyArray<TrueConnector>
  readonly wire: WireRecord
}

export interface SliceOptions {
  readonly plan: LoadPlan
  readonly share: Share
  readonly connect: Connect
  readonly timers: DueTimers
}

/** The longest wait for what was begun to come to its end. */
export const settleMs = 120_000
const lookMs = 250

/** Drivers who stand at one EVSE: the one whose turn it is, and those behind. */
interface Queue {
  current: Visit | null
  readonly behind: Array<() => void>
}

/**
 * A share of a load: its stations, its part of the schedule, and what it counted. The schedule goes on whatever the CMS
 * does; what cannot be done at its instant waits at its station and is counted from that instant.
 */
export class Slice {
  private readonly plan: LoadPlan
  private readonly timers: DueTimers
  private readonly fleet: Fleet.Fleet
  private readonly truth: Truth
  private readonly wire: Wire
  private readonly meter: Meter
  private readonly byIndex: ReadonlyMap<number, Fleet.Member>
  private readonly queues = new Map<string, Queue>()
  private readonly schedule: Iterator<Arrival, void>
  private readonly share: Share
  private waiting = 0
  private startAtMs = 0
  private isOver = false

  constructor(
    options: SliceOptions,
    parts: { readonly fleet: Fleet.Fleet; readonly truth: Truth; readonly wire: Wire; readonly meter: Meter }
  ) {
    this.plan = options.plan
    this.share = options.share
    this.timers = options.timers
    this.fleet = parts.fleet
    this.truth = parts.truth
    this.wire = parts.wire
    this.meter = parts.meter
    this.byIndex = new Map(parts.fleet.members.map((member) => [member.index, member]))
    this.schedule = arrivals(options.plan)
  }

  /** Switches the stations on, each at its instant of the time the plan gives them. */
  connect(): void {
    this.fleet.start()
  }

  /** Lets the drivers come from this instant on. */
  load(startAtMs: number): void {
    const { timers, plan } = this
    this.startAtMs = startAtMs
    this.expect()
    const { stormMs } = plan
    for (let afterMs = stormMs ?? Number.POSITIVE_INFINITY; afterMs < plan.durationMs; afterMs += stormMs!) {
      timers.after(startAtMs + afterMs - timers.nowAtMs(), () => this.drop())
    }
  }

  /** Cuts every connection at this instant. */
  drop(): void {
    for (const { station } of this.fleet.members) station.cutConnection()
  }

  /** The process was late by so much, seen from outside. */
  lateBy(ms: number): void {
    this.meter.latestMs = Math.max(this.meter.latestMs, ms)
  }

  progress(): SliceProgress {
    let connected = 0
    let booted = 0
    for (const { station } of this.fleet.members) {
      if (!station.isConnected) continue
      connected++
      if (station.registration === "Accepted") booted++
    }
    this.lateBy(this.timers.takeLateness())
    let errors = 0
    for (const times of this.meter.errors.values()) errors += times
    return {
      connected,
      booted,
      sessions: this.queuesBusy(),
      messages: this.meter.messages,
      waiting: this.waiting,
      errors,
      p99Ms: this.meter.lately.takeP99Ms()
    }
  }

  /** Waits until all who came have left and everything is told, for a while at most; then what is known. */
  finish(): Effect.Effect<SliceResult> {
    const { timers } = this
    return Effect.callback<SliceResult>((resume) => {
      const homeAtMs = timers.nowAtMs() + this.plan.chargeMs + settleMs / 2
      const untilMs = homeAtMs + settleMs / 2
      const look = (): void => {
        const nowMs = timers.nowAtMs()
        const isEmpty = this.queuesBusy() === 0 && this.waiting === 0
        if ((isEmpty && this.fleet.isQuiet && this.allConnected()) || nowMs >= untilMs) {
          resume(Effect.sync(() => this.result()))
          return
        }
        if (nowMs >= homeAtMs) this.sendHome()
        timers.after(lookMs, look)
      }
      look()
    })
  }

  /** Switches everything off. */
  stop(): void {
    this.isOver = true
    this.fleet.stop()
  }

  private allConnected(): boolean {
    return this.fleet.members.every(({ station }) => station.isConnected)
  }

  private sendHome(): void {
    this.isOver = true
    for (const queue of this.queues.values()) {
      this.waiting -= queue.behind.length
      this.meter.arrived.gaveUp += queue.behind.splice(0).length
      queue.current?.sendHome()
    }
  }

  private queuesBusy(): number {
    let busy = 0
    for (const { current } of this.queues.values()) if (current !== null) busy++
    return busy
  }

  /** One timer for the next arrival of this share, not one for each. */
  private expect(): void {
    const { timers } = this
    for (let next = this.schedule.next(); next.done !== true; next = this.schedule.next()) {
      const arrival = next.value
      if (!isIn(this.share, arrival.station)) continue
      const dueAtMs = this.startAtMs + arrival.afterMs
      timers.after(dueAtMs - timers.nowAtMs(), () => {
        if (this.isOver) return
        this.meter.arrived.due++
        if (this.plan.profile === "heartbeats") this.beat(arrival, dueAtMs)
        else this.receive(arrival, dueAtMs)
        this.expect()
      })
      return
    }
  }

  private beat({ station: index }: Arrival, dueAtMs: number): void {
    const { meter, timers, plan } = this
    const { station } = this.byIndex.get(index)!
    timers.meantFor(dueAtMs, () => {
      meter.arrived.begun++
      station.heartbeat((outcome) => {
        if (outcome !== "Result") {
          meter.arrived.gaveUp++
          if (outcome === "TooManyWaiting" || outcome === "Disconnected") meter.error(`Heartbeat: ${outcome}`)
          return
        }
        meter.arrived.served++
        if (timers.nowAtMs() <= this.startAtMs + plan.durationMs) meter.arrived.servedInTime++
      })
    })
  }

  private receive(arrival: Arrival, dueAtMs: number): void {
    const { plan, meter } = this
    const { station, roster } = this.byIndex.get(arrival.station)!
    const evseId = (arrival.visit % roster.evses) + 1
    const key = `${station.identity}/${evseId}`
    const queue = this.queues.get(key) ?? { current: null, behind: [] }
    this.queues.set(key, queue)
    if (queue.behind.length >= plan.maxQueue) {
      meter.arrived.shed++
      return
    }
    const card: PresentedToken = { uid: cardOf(plan, arrival.station), type: "ISO14443" }
    const begin = (): void => {
      queue.current = new Visit({
        station,
        evseId,
        card,
        dueAtMs,
        leavesAtMs: dueAtMs + plan.chargeMs,
        untilMs: this.startAtMs + plan.durationMs,
        timers: this.timers,
        meter,
        onGone: () => {
          queue.current = null
          const next = queue.behind.shift()
          if (next === undefined) return
          this.waiting--
          next()
        }
      })
      queue.current.begin()
    }
    if (queue.current === null) begin()
    else {
      this.waiting++
      queue.behind.push(begin)
    }
  }

  private result(): SliceResult {
    const { truth, meter, wire, fleet } = this
    return {
      meter: meter.snapshot(),
      sessions: truth.sessions,
      acknowledgements: truth.acknowledgements,
      judgements: truth.judgements,
      counters: { ...truth.counters },
      connectors: fleet.members.flatMap(({ station, roster }) => {
        if (!station.isConnected) return []
        return Array.from({ length: roster.evses }, (_, index): TrueConnector => {
          const { phase } = station.evse(index + 1)
          const status = roster.dialect === "1.6" ? status16(phase, true) : status201(phase, true)
          return { stationId: station.identity, evseId: index + 1, connectorId: 1, status }
        })
      }),
      wire: wire.record()
    }
  }
}

/** A station's back-off after a broken connection: short, because a load does not last for hours. */
const settings = {
  backOffWaitMinimumS: 1,
  backOffRandomRangeS: 3,
  backOffRepeatTimes: 2,
  transactionRetryS: 5,
  transactionAttempts: 100,
  localPreAuthorize: false
}

/** How long a CALL of a load may stay unanswered. */
const callTimeoutMs = 30_000

/** Builds a share of the fleet; nothing moves before `connect`. */
export const make = (options: SliceOptions): Effect.Effect<Slice> =>
  Effect.suspend(() => {
    const { plan, share, timers } = options
    const truth = new Truth({ acknowledgements: plan.keepsReadings ? "all" : "ends" })
    const meter = new Meter()
    const wire = new Wire({ nowAtMs: timers.nowAtMs, answerWithinMs: 2 * callTimeoutMs, faithful: true })
    const observe = (identity: string) => ({
      ...wire.complaints(identity, "station"),
      onAnswer: (direction: "in" | "out", action: string, _messageId: string, outcome: string) => {
        if (direction === "in" && outcome !== "Result") meter.error(`${action}: ${outcome}`)
      }
    })
    const made = Fleet.make({
      seed: plan.seed,
      stations: plan.stations,
      prefix: plan.prefix,
      mix: mixOf(plan.dialects),
      startAtMs: timers.nowAtMs(),
      days: 0,
      truth,
      cards: noCards,
      password: (identity) => (plan.passwords ? passwordOf(identity) : null),
      settings: { ...settings, sampleIntervalS: plan.sampleS },
      habits: { bootMs: 0, callTimeoutMs, outboxLimit: 500 },
      powerWithinMs: plan.connectMs,
      here: (index) => isIn(share, index),
      observe,
      onTaken: (action, dueAtMs) => meter.took(action, timers.nowPreciseMs() - dueAtMs),
      connect: watched(options, meter, wire)
    })
    return Effect.map(made, (fleet) => new Slice(options, { fleet, truth, wire, meter }))
  }).pipe(Effect.provideService(Timers, options.timers))

/** Counts and times the dials, and follows every frame. */
const watched = ({ connect, timers }: SliceOptions, meter: Meter, wire: Wire): Connect => {
  return (dial, answer) => {
    const dueAtMs = timers.dueAtMs()
    return connect(dial, (answered) => {
      if (answered._tag === "Refused") {
        meter.error(dialError(answered.why))
        answer(answered)
        return
      }
      meter.latencies.record(connecting, (timers.nowPreciseMs() - dueAtMs) * 1000)
      const end = wire.end(dial.identity, answered.subprotocol.replace("ocpp", ""), "station")
      answer({ ...answered, transport: tap(answered.transport, end) })
    })
  }
}
