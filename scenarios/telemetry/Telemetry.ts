import type { Cdr } from "#core/billing/Cdr.ts"
import { countInto, type HardState } from "#core/Sometimes.ts"
import type { StrikeWatch } from "#simulator/faults/Trouble.ts"
import type { WireListener } from "#simulator/oracles/Wire.ts"
import type { Station } from "#simulator/station/Station.ts"
import { Latencies } from "../report/Latencies.ts"
import { type Concluded, conclude } from "./conclude.ts"
import { Exchange, type Sender } from "./Exchange.ts"
import type { MessageRow, RunRecord, Span } from "./RunRecord.ts"
import { type Keeper, StationLog } from "./StationLog.ts"
import { Till } from "./Till.ts"

export interface TelemetryOptions {
  /** Logs of transactions kept at most; when there are more, those in which least happened are given up. */
  readonly logs?: number
}

/** The run that is watched. */
export interface Watching {
  readonly nowAtMs: () => number
  /** Both ends of every line are heard, as where the CMS is our own. */
  readonly seesCms: boolean
  /** How long the run will be, ms, more or less: samples are taken that often. */
  readonly expectedMs: number
}

interface Tally {
  sent: number
  errors: number
  answered: number
}

/** The fleet as it was at an instant; sessions are counted when the run is over. */
export interface Probe {
  readonly atMs: number
  readonly connected: number
  readonly milliWh: number
}

/** An order that has nothing to do with the one in which they began. */
const scattered = (number: number): number => Math.imul(number + 1, 0x9e3779b1) >>> 0

const mostSpans = 5_000
const samplesWanted = 400
const usualLogs = 2_000

/**
 * Watches a run for its report: frames at both ends, faults, starts and deaths of the CMS, meters. It only looks: it
 * sets no timer and draws no chance, so that a run with it is the run without it. What it keeps is bounded, whatever
 * the size of the run.
 */
export class Telemetry {
  private readonly mostLogs: number
  private watching: Watching = { nowAtMs: () => 0, seesCms: true, expectedMs: 0 }
  private readonly logs = new Map<string, StationLog>()
  private readonly latencies = new Latencies()
  private readonly tallies = new Map<string, Tally>()
  private exchanges: Array<Exchange> = []
  private began = 0
  private fleet: ReadonlyArray<Station> = []
  private everyMs = 1_000
  private nextSampleAtMs = Number.NEGATIVE_INFINITY
  private readonly taken: Array<Probe> = []
  private readonly lasting: Array<{ -readonly [K in keyof Span]: Span[K] }> = []
  private readonly struck = new Map<string, number>()
  private cmsDown: (typeof this.lasting)[number] | null = null
  private deaths = 0
  private concluded: RunRecord | null = null
  private readonly till = new Till()
  readonly reached = new Map<HardState, number>()

  constructor({ logs = usualLogs }: TelemetryOptions = {}) {
    this.mostLogs = logs
  }

  /** The run begins. */
  begin(watching: Watching): void {
    this.watching = watching
    this.everyMs = Math.max(1_000, Math.ceil(watching.expectedMs / samplesWanted))
  }

  /** The hard states that are passed from now on, until the returned function is called. */
  countHardStates(): () => void {
    return countInto(this.reached)
  }

  /** Whose meters and connections are read. */
  probe(stations: ReadonlyArray<Station>): void {
    this.fleet = stations
  }

  /** Hears both ends of every line, beside whoever else does; the CMS is back when it takes in a station. */
  readonly wire: WireListener = {
    end: (side, stationId, beside) => {
      const log = this.log(stationId)
      if (side === "server") this.cmsIsBack()
      const end: Sender = side === "server" ? "cms" : "station"
      return {
        ...beside,
        onFrame: (direction, text) => {
          this.sample()
          log.frame(end, direction, text)
          beside.onFrame?.(direction, text)
        },
        onClose: (code, reason) => {
          if (side === "station") log.note(`The connection ends (${code}${reason === "" ? "" : `, ${reason}`}).`)
          beside.onClose?.(code, reason)
        }
      }
    },
    serverDied: () => {
      this.deaths++
      this.cmsDown ??= this.span("CMS down", null)
      this.noteAll("The CMS is killed.")
    }
  }

  /** A fault begins at a station; the returned function says that it is over. */
  readonly strikes: StrikeWatch = (name, stationId) => {
    this.struck.set(name, (this.struck.get(name) ?? 0) + 1)
    const log = this.log(stationId)
    log.note(`Fault ${name} strikes.`)
    const span = this.span(name, stationId)
    return () => {
      span.toMs = this.watching.nowAtMs()
      log.note(`Fault ${name} is over.`)
    }
  }

  /** Requests of the CMS to its database begin to fail; the returned function says that no more will. */
  readonly databaseFails = (failure: string): (() => void) => {
    const name = `database: ${failure}`
    this.struck.set(name, (this.struck.get(name) ?? 0) + 1)
    const span = this.span(name, null)
    return () => {
      span.toMs = this.watching.nowAtMs()
    }
  }

  /** A CDR out of the books, at the end. */
  cdr(cdr: Cdr): void {
    this.till.add(cdr)
  }

  /** One look at the meters now, even if it is not time yet. */
  sampleNow(): void {
    this.nextSampleAtMs = Number.NEGATIVE_INFINITY
    this.sample()
  }

  /** The run is over, and judged: what was gathered becomes its record. */
  end(over: Concluded): void {
    this.concluded = conclude(this, over)
  }

  /** Null until the run has come to its end. */
  get record(): RunRecord | null {
    return this.concluded
  }

  // What was gathered

  get money() {
    return this.till.totals()
  }

  get spans(): ReadonlyArray<Span> {
    return this.lasting
  }

  get strikesByFault(): ReadonlyArray<readonly [string, number]> {
    return [...this.struck].sort(([a], [b]) => (a < b ? -1 : 1))
  }

  /** How often the CMS died. */
  get cmsDeaths(): number {
    return this.deaths
  }

  get probes(): ReadonlyArray<Probe> {
    return this.taken
  }

  get kept(): ReadonlyArray<Exchange> {
    return this.exchanges
  }

  /** Transactions that were followed, whether or not their logs were kept. */
  get followed(): number {
    return this.began
  }

  exchangeOf(stationId: string, evseId: number, startedAtMs: number | null, wireId: string | null) {
    const found = this.logs.get(stationId)?.find(evseId, startedAtMs, wireId)
    return found === undefined || found.isForgotten ? undefined : found
  }

  messages(): ReadonlyArray<MessageRow> {
    const rows = new Map(this.latencies.rows().map((row) => [row.name, row]))
    return [...this.tallies.keys()].sort().map((key): MessageRow => {
      const { sent, errors, answered } = this.tallies.get(key)!
      const [from, action] = key.split(" ") as [Sender, string]
      const row = rows.get(key) ?? { count: 0, p50Us: 0, p90Us: 0, p95Us: 0, p99Us: 0, p999Us: 0, maxUs: 0, counts: [] }
      return { ...row, name: action, from, sent, errors, unanswered: sent - errors - answered }
    })
  }

  private cmsIsBack(): void {
    if (this.cmsDown === null) return
    this.cmsDown.toMs = this.watching.nowAtMs()
    this.cmsDown = null
    this.noteAll("The CMS is back.")
  }

  private noteAll(text: string): void {
    for (const log of this.logs.values()) if (log.isBusy) log.note(text)
  }

  private log(stationId: string): StationLog {
    const known = this.logs.get(stationId)
    if (known !== undefined) return known
    const made = new StationLog(stationId, this.keeper)
    this.logs.set(stationId, made)
    return made
  }

  private readonly keeper: Keeper = {
    nowAtMs: () => this.watching.nowAtMs(),
    seesCms: () => this.watching.seesCms,
    open: (stationId, evseId) => {
      if (this.exchanges.length >= this.mostLogs) this.giveUpSome()
      const exchange = new Exchange(stationId, evseId, this.began++)
      this.exchanges.push(exchange)
      return exchange
    },
    sent: (from, action) => {
      this.tally(from, action).sent++
    },
    answered: (from, action, isError, ms) => {
      const tally = this.tally(from, action)
      if (isError) tally.errors++
      else tally.answered++
      this.latencies.record(`${from} ${action}`, ms * 1_000)
    }
  }

  private tally(from: Sender, action: string): Tally {
    const key = `${from} ${action}`
    const known = this.tallies.get(key)
    if (known !== undefined) return known
    const made = { sent: 0, errors: 0, answered: 0 }
    this.tallies.set(key, made)
    return made
  }

  /** A quarter goes: the least odd, of those the quickest, of those some from every hour; the same ones every time. */
  private giveUpSome(): void {
    const ranked = this.exchanges
      .map((exchange) => ({ exchange, oddities: exchange.isOver ? exchange.oddities : Number.MAX_SAFE_INTEGER }))
      .sort(
        (a, b) =>
          b.oddities - a.oddities ||
          b.exchange.worstMs - a.exchange.worstMs ||
          scattered(a.exchange.number) - scattered(b.exchange.number)
      )
    const keep = Math.max(1, Math.floor(this.mostLogs * 0.75))
    for (const { exchange } of ranked.slice(keep)) exchange.forget()
    this.exchanges = ranked
      .slice(0, keep)
      .map(({ exchange }) => exchange)
      .sort((a, b) => a.number - b.number)
  }

  private span(name: string, stationId: string | null) {
    const span: (typeof this.lasting)[number] = { name, stationId, fromMs: this.watching.nowAtMs(), toMs: null }
    if (this.lasting.length < mostSpans) this.lasting.push(span)
    return span
  }

  private sample(): void {
    const atMs = this.watching.nowAtMs()
    if (atMs < this.nextSampleAtMs || this.fleet.length === 0) return
    this.nextSampleAtMs = atMs + this.everyMs
    let connected = 0
    let milliWh = 0
    for (const station of this.fleet) {
      if (station.isConnected) connected++
      milliWh += station.registersMilliWh
    }
    this.taken.push({ atMs, connected, milliWh })
    if (this.taken.length < 2 * samplesWanted) return
    // Longer than expected: every second sample goes, and the next ones come half as often.
    const kept = this.taken.filter((_, index) => index % 2 === 0)
    this.taken.length = 0
    this.taken.push(...kept)
    this.everyMs *= 2
  }
}
