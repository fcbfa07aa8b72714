import { Int32Histogram } from "hdr-histogram-js"
import { Latencies, type LatencyDump } from "../report/Latencies.ts"

/** The pseudo-actions that are timed beside the messages: what a driver and an operator feel. */
export const connecting = "(connect)"
export const beginning = "(session start)"

/** What became of the arrivals. */
export interface Arrived {
  /** On the schedule so far. */
  due: number
  /** Drivers who plugged in, or heartbeats that were sent. */
  begun: number
  /** Sessions that began to charge, or heartbeats that were answered. */
  served: number
  /** The same, before the last arrival was due. */
  servedInTime: number
  /** Turned away, because too many waited at that station already. */
  shed: number
  /** Gave up, because they were refused or never connected. */
  gaveUp: number
}

/** Everything counted by one worker, to cross threads. */
export interface MeterSnapshot {
  readonly latencies: LatencyDump
  readonly errors: Readonly<Record<string, number>>
  readonly arrived: Arrived
  readonly messages: number
  readonly latestMs: number
}

const kindsKept = 60

const longestUs = 3_600_000_000

/** The 99th percentile of what passed lately, for a line of progress. */
class Lately {
  private readonly counted = new Int32Histogram(1, longestUs, 2)

  add(ms: number): void {
    this.counted.recordValue(Math.min(longestUs, Math.max(1, Math.round(ms * 1000))))
  }

  /** Of what was added since the last call; null when nothing was. */
  takeP99Ms(): number | null {
    if (this.counted.totalCount === 0) return null
    const p99Us = this.counted.getValueAtPercentile(99)
    this.counted.reset()
    return p99Us / 1000
  }
}

/** Counts what a load does and meets. */
export class Meter {
  readonly latencies = new Latencies()
  readonly lately = new Lately()
  readonly errors = new Map<string, number>()
  readonly arrived: Arrived = { due: 0, begun: 0, served: 0, servedInTime: 0, shed: 0, gaveUp: 0 }
  /** CALLs that were answered with a result. */
  messages = 0
  /** How late this process itself was at most, ms. */
  latestMs = 0

  /** A CALL was answered with a result. */
  took(action: string, ms: number): void {
    this.messages++
    this.latencies.record(action, ms * 1000)
    this.lately.add(ms)
  }

  /** Something that should not happen; kinds beyond a number are counted together. */
  error(kind: string, times = 1): void {
    const name = this.errors.has(kind) || this.errors.size < kindsKept ? kind : "others"
    this.errors.set(name, (this.errors.get(name) ?? 0) + times)
  }

  snapshot(): MeterSnapshot {
    return {
      latencies: this.latencies.dump(),
      errors: Object.fromEntries(this.errors),
      arrived: { ...this.arrived },
      messages: this.messages,
      latestMs: this.latestMs
    }
  }

  /** Adds what another thread counted. */
  merge({ latencies, errors, arrived, messages, latestMs }: MeterSnapshot): void {
    this.latencies.load(latencies)
    for (const [kind, times] of Object.entries(errors)) this.error(kind, times)
    for (const key of Object.keys(arrived) as Array<keyof Arrived>) this.arrived[key] += arrived[key]
    this.messages += messages
    this.latestMs = Math.max(this.latestMs, latestMs)
  }
}

/** Why a dial failed, in few words that are the same for all stations. */
export const dialError = (why: string): string => {
  const code = /\bE[A-Z]{4,}\b/.exec(why)?.[0]
  if (code !== undefined) return `dial: ${code}`
  const status = /Unexpected server response: (\d+)/.exec(why)?.[1]
  if (status !== undefined) return `dial: HTTP ${status}`
  return /timed out/.test(why) ? "dial: handshake timed out" : `dial: ${why.slice(0, 60)}`
}
