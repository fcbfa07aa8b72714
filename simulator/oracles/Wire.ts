import { Cause } from "effect"
import type { PeerObserver } from "#core/ocpp/peer/Observer.ts"
import { type Command, Commands } from "./Commands.ts"
import { type Counts, count, tallyOf } from "./counts.ts"
import { OddCalls } from "./OddCalls.ts"
import { readFrame, type WireFrame } from "./WireFrame.ts"
import { type Breach, legalCodes, Outstanding, StationRules } from "./WireRules.ts"

/** One thing that went wrong on a connection. */
export interface WireFault {
  readonly stationId: string
  readonly end: WireSide
  readonly messageId: string
  readonly expected: string
  readonly found: string
  readonly sentence: string
}

export type WireSide = "station" | "server"

/** Frames of one version in one direction. */
export interface WireTally {
  readonly version: string
  readonly from: WireSide
  readonly calls: number
  readonly results: number
  readonly errors: number
}

/** What the wire oracle is told of a run. */
export interface WireRecord {
  /** CALLs that were followed, in both directions. */
  readonly calls: number
  /** By version and direction, as heard by the stations where they were heard, else by the server. */
  readonly tallies: ReadonlyArray<WireTally>
  readonly faults: ReadonlyArray<WireFault>
  /** Faults in all; `faults` holds the first of them. */
  readonly faultCount: number
  /** The CMS's end was watched too. */
  readonly sawServer: boolean
  /** What the CMS asked of stations, and when its process died; absent where its end is not watched. */
  readonly commands?: ReadonlyArray<Command>
  readonly deaths?: ReadonlyArray<number>
}

/** What is told of one end of one connection. */
export interface FrameWatch {
  readonly frame: (direction: "in" | "out", text: string) => void
  readonly close: () => void
}

/** Hears what the observers of a wire hear, beside them. */
export interface WireListener {
  /** The observer of one end of a station's connections, `beside` included in it. */
  readonly end: (side: WireSide, stationId: string, beside: PeerObserver) => PeerObserver
  readonly serverDied: () => void
}

export interface WireOptions {
  /** The instant by the clock of the run. */
  readonly nowAtMs: () => number
  /** A CALL that an end was asked must be answered within this while, or the connection end before. */
  readonly answerWithinMs: number
  /**
   * No frame is lost or repeated between the ends. Otherwise only what the server makes of what reaches it can be
   * judged: whether a station heard the question, and how often, is not known.
   */
  readonly faithful: boolean
  /** A message that a fault broke on its way out of the station: what it is then is no fault of the station's. */
  readonly broken?: (stationId: string, messageId: string) => boolean
  readonly listener?: WireListener | undefined
}

/** The sender of a CALL waits no longer. */
const isGivenUp = (outcome: string): boolean => outcome === "Timeout" || outcome === "Disconnected"
const faultLimit = 50

interface Question {
  asked: number
  answered: number
  atMs: number
}

/**
 * Follows every frame at both ends of every connection, from the raw text and not from what the peers think of it:
 * which question is open, which answer belongs to none, which code no version knows.
 */
export class Wire {
  private readonly options: WireOptions
  private readonly faults: Array<WireFault> = []
  private readonly ends = new Set<WireEnd>()
  private faultCount = 0
  private readonly versions = new Map<string, string>()
  /** By the end that heard them, by who sent them, by station. */
  private readonly tallies = { station: tallyOf(), server: tallyOf() }
  private sawServer = false
  readonly commands: Commands
  private readonly deaths: Array<number> = []

  constructor(options: WireOptions) {
    this.options = options
    this.commands = new Commands(options.nowAtMs)
  }

  /** The observer of one end of one new connection: its frames and what its peer says of them. */
  observe(stationId: string, version: string, side: WireSide): PeerObserver {
    const end = this.follow(stationId, version, side)
    const asked = new Outstanding(side)
    const counts = this.countsOf(side, stationId)
    const tell = (breach: Breach): void => this.fault({ stationId, end: side, ...breach })
    return this.heard(side, stationId, {
      ...this.violations(stationId, side),
      onFrame: (direction, text) => {
        const frame = readFrame(text)
        if (frame === undefined) return
        end?.frame(direction, frame)
        count((direction === "out") === (side === "server") ? counts.server : counts.station, frame)
        if (direction === "out" && frame.type === "call") asked.sent(frame, tell)
        else if (direction === "in" && frame.type !== "call") asked.answered(frame.messageId)
      },
      onAnswer: (direction, _action, messageId, outcome) => {
        if (direction === "in" && isGivenUp(outcome)) asked.givenUp(messageId)
      },
      onClose: () => {
        asked.closed()
        this.leave(end)
      }
    })
  }

  /** Follows the frames of one end of one new connection. */
  end(stationId: string, version: string, side: WireSide): FrameWatch {
    const end = this.follow(stationId, version, side)
    return {
      frame: (direction, text) => {
        const frame = readFrame(text)
        if (frame !== undefined) end?.frame(direction, frame)
      },
      close: () => this.leave(end)
    }
  }

  /** Undefined for the end of a station whose line is not faithful: nothing can be judged by it. */
  private follow(stationId: string, version: string, side: WireSide): WireEnd | undefined {
    if (side === "server") this.sawServer = true
    if (version !== "") this.versions.set(stationId, version)
    if (side === "station" && !this.options.faithful) return undefined
    const end = new WireEnd(this, stationId, version, side, this.options)
    this.ends.add(end)
    return end
  }

  private leave(end: WireEnd | undefined): void {
    if (end !== undefined && this.ends.delete(end)) end.overdue((fault) => this.fault(fault))
  }

  /** Hears what a station's peer says of frames, payloads and handlers, over however many connections. */
  complaints(stationId: string, side: "station"): PeerObserver {
    const versionOf = (): string => this.versions.get(stationId) ?? ""
    const { station: own, server: theirs } = this.countsOf(side, stationId)
    const rules = new StationRules({ ...this.options, versionOf })
    const tell = (breach: Breach): void => this.fault({ stationId, end: side, ...breach })
    return this.heard(side, stationId, {
      ...this.violations(stationId, side),
      onFrame: (direction, text) => {
        const frame = readFrame(text)
        if (frame === undefined) return
        count(direction === "out" ? own : theirs, frame)
        if (direction === "out") rules.sent(frame, tell)
        else rules.received(frame, tell)
      },
      onAnswer: (direction, _action, messageId, outcome) => {
        if (direction === "in" && isGivenUp(outcome)) rules.givenUp(messageId)
      },
      onClose: () => rules.closed()
    })
  }

  private heard(side: WireSide, stationId: string, observer: PeerObserver): PeerObserver {
    return this.options.listener?.end(side, stationId, observer) ?? observer
  }

  private violations(stationId: string, side: WireSide): PeerObserver {
    return {
      onViolation: ({ action, messageId, payload, direction, violation, forgiven }) => {
        if (forgiven || this.options.broken?.(stationId, messageId) === true) return
        const whose = direction === "in" ? (side === "server" ? "station" : "server") : side
        this.fault({
          stationId,
          end: side,
          messageId,
          expected: `a ${payload} of ${action} by its schema`,
          found: `${violation.keyword} broken at ${violation.path === "" ? "/" : violation.path}`,
          sentence: `The ${whose}'s ${payload} of ${action} breaks its schema.`
        })
      },
      onDefect: (action, messageId, cause) => {
        this.fault({
          stationId,
          end: side,
          messageId,
          expected: `a handler of ${action} that lives`,
          found: Cause.pretty(cause).slice(0, 2000),
          sentence: `The ${side}'s handler of ${action} died.`
        })
      }
    }
  }

  get isServerSeen(): boolean {
    return this.sawServer
  }

  /** The server's process died: its ends of all connections are gone without another word. */
  serverDied(): void {
    this.deaths.push(this.options.nowAtMs())
    this.options.listener?.serverDied()
    for (const end of this.ends) if (end.side === "server") this.ends.delete(end)
  }

  /** The counts of one end of a station's lines, by who sent: taken once, as every frame is counted. */
  private countsOf(side: WireSide, stationId: string): Readonly<Record<WireSide, Counts>> {
    const of = (from: WireSide): Counts => {
      const tallies = this.tallies[side][from]
      const known = tallies.get(stationId) ?? { calls: 0, results: 0, errors: 0 }
      tallies.set(stationId, known)
      return known
    }
    return { station: of("station"), server: of("server") }
  }

  /** Of all stations together, as heard by the stations where they were heard, else by the server. */
  private tally(): ReadonlyArray<WireTally> {
    const side = this.tallies.station.station.size > 0 ? "station" : "server"
    const sums = new Map<string, WireTally>()
    for (const from of ["station", "server"] as const) {
      for (const [stationId, { calls, results, errors }] of this.tallies[side][from]) {
        if (calls + results + errors === 0) continue
        const version = this.versions.get(stationId) ?? ""
        const known = sums.get(`${version} ${from}`) ?? { version, from, calls: 0, results: 0, errors: 0 }
        sums.set(`${version} ${from}`, {
          version,
          from,
          calls: known.calls + calls,
          results: known.results + results,
          errors: known.errors + errors
        })
      }
    }
    return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, tally]) => tally)
  }

  fault(fault: WireFault): void {
    this.faultCount++
    if (this.faults.length < faultLimit) this.faults.push(fault)
  }

  /** Everything found so far, and what is unanswered for too long now. */
  record(): WireRecord {
    const overdue: Array<WireFault> = []
    for (const end of this.ends) end.overdue((fault) => overdue.push(fault))
    const tallies = this.tally()
    return {
      calls: tallies.reduce((sum, { calls }) => sum + calls, 0),
      tallies,
      faults: [...this.faults, ...overdue].slice(0, faultLimit),
      faultCount: this.faultCount + overdue.length,
      sawServer: this.sawServer,
      ...(this.sawServer ? { commands: this.commands.sent, deaths: this.deaths } : {})
    }
  }
}

/** One end of one connection. */
class WireEnd {
  private readonly wire: Wire
  private readonly stationId: string
  private readonly version: string
  readonly side: WireSide
  private readonly options: WireOptions
  /** What this end was asked, and, on a faithful line, what it asked. */
  private firstId = ""
  private firstAtMs = 0
  private theirs: Map<string, Question> | undefined
  private readonly ours = new Map<string, Question>()
  private readonly odd = new OddCalls()
  private readonly commanded: ReturnType<Commands["connection"]> | undefined

  constructor(wire: Wire, stationId: string, version: string, side: WireSide, options: WireOptions) {
    this.wire = wire
    this.stationId = stationId
    this.version = version
    this.side = side
    this.options = options
    this.commanded = side === "server" ? wire.commands.connection(stationId) : undefined
  }

  frame(direction: "in" | "out", frame: WireFrame): void {
    if (this.options.broken?.(this.stationId, frame.messageId) === true) {
      this.odd.frame(direction, frame, this.options.nowAtMs())
      return
    }
    const { type, messageId, text } = frame
    if (this.commanded !== undefined) {
      if (type === "call" && direction === "out") this.commanded.asked(messageId, text)
      else if (type === "result" && direction === "in") this.commanded.answered(messageId, text)
    }
    if (type === "call") {
      if (direction === "in") this.askFirst(messageId)
      else if (this.options.faithful) this.ask(this.ours, messageId, this.options.nowAtMs())
      return
    }
    if (direction === "out") {
      if (type === "error") this.judgeCode(messageId, text)
      if (messageId === this.firstId) this.firstId = ""
      else this.answer(this.theirs, messageId, this.side)
    } else if (this.options.faithful) {
      this.answer(this.ours, messageId, this.side === "server" ? "station" : "server")
    }
  }

  /** Tells of what is open for too long, at the end of the connection as well: it may have ended for that. */
  overdue(tell: (fault: WireFault) => void): void {
    const nowMs = this.options.nowAtMs()
    const judge = (messageId: string, atMs: number, who: WireSide = this.side): void => {
      if (nowMs - atMs < this.options.answerWithinMs) return
      tell({
        stationId: this.stationId,
        end: this.side,
        messageId,
        expected: `an answer within ${this.options.answerWithinMs / 1000} s`,
        found: `none after ${Math.round((nowMs - atMs) / 1000)} s`,
        sentence: `The ${who} did not answer a CALL while the connection lived.`
      })
    }
    // Where the server's own end cannot be watched, a station that waits in vain tells of it.
    if (this.side === "station" && !this.wire.isServerSeen) {
      for (const [messageId, { atMs }] of this.ours) judge(messageId, atMs, "server")
    }
    if (this.firstId !== "") judge(this.firstId, this.firstAtMs)
    for (const [messageId, { atMs }] of [...(this.theirs ?? []), ...this.odd.open]) judge(messageId, atMs)
  }

  /** Nearly always there is one open question, which needs no map. */
  private askFirst(messageId: string): void {
    const nowMs = this.options.nowAtMs()
    if (this.firstId === "" && (this.theirs === undefined || this.theirs.size === 0)) {
      this.firstId = messageId
      this.firstAtMs = nowMs
      return
    }
    this.theirs ??= new Map()
    if (this.firstId !== "") this.ask(this.theirs, this.firstId, this.firstAtMs)
    this.firstId = ""
    this.ask(this.theirs, messageId, nowMs)
  }

  private ask(questions: Map<string, Question>, messageId: string, atMs: number): void {
    const known = questions.get(messageId)
    if (known === undefined) questions.set(messageId, { asked: 1, answered: 0, atMs })
    else known.asked++
  }

  /** A question is forgotten with its answer, so that what is held is what is open. */
  private answer(questions: Map<string, Question> | undefined, messageId: string, whose: WireSide): void {
    const known = questions?.get(messageId)
    if (known === undefined) {
      // An unreadable text may be answered under this id (2.x part 4 section 4.2.3).
      if (messageId === "-1") return
      this.wire.fault({
        stationId: this.stationId,
        end: this.side,
        messageId,
        expected: "an answer to an open CALL, once",
        found: "an answer to none",
        sentence: `The ${whose} answered a CALL that was not asked or had its answer.`
      })
      return
    }
    if (++known.answered === known.asked) questions?.delete(messageId)
  }

  private judgeCode(messageId: string, text: string): void {
    const frame: unknown = JSON.parse(text)
    const code = Array.isArray(frame) ? String(frame[2]) : ""
    if (legalCodes[this.version]?.has(code) !== false) return
    this.wire.fault({
      stationId: this.stationId,
      end: this.side,
      messageId,
      expected: `an error code of OCPP ${this.version}`,
      found: code,
      sentence: `The ${this.side} sent a CALLERROR with a code that this version does not know.`
    })
  }
}
