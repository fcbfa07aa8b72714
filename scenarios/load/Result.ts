import type { OracleResult, Verdict } from "#simulator/oracles/Oracle.ts"
import type { LatencyRow } from "../report/Latencies.ts"
import type { Arrived } from "./Meter.ts"
import type { Profile } from "./Plan.ts"

/** Memory and CPU of one side. */
export interface Usage {
  /** Resident at most, bytes; null where the machine does not tell. */
  readonly peakRssBytes: number | null
  readonly cpuSeconds: number | null
}

/** All connections were lost at one instant, on purpose. */
export interface Outage {
  readonly kind: "restart" | "storm"
  /** After the first arrival was due. */
  readonly atSeconds: number
  /** Until our server was up again; null when it was never down. */
  readonly downSeconds: number | null
  /** Until every station was connected again, from the first instant; null when that did not come to pass. */
  readonly allBackSeconds: number | null
}

/** A point of the load, a second apart. */
export interface LoadPoint {
  /** After the first arrival was due; negative while stations connect. */
  readonly atSeconds: number
  readonly connected: number
  readonly sessions: number
  readonly messagesPerSecond: number
  /** Of the worst worker, of the second before; null when nothing was answered. */
  readonly p99Ms: number | null
}

/** What a load comes to: exactly what `--json` prints. */
export interface LoadResult {
  readonly profile: Profile
  readonly seed: string
  readonly commit: string | null
  /** Null when the server was our own, started for this. */
  readonly target: string | null
  readonly stations: number
  readonly workers: number
  readonly verdict: Verdict
  readonly oracles: ReadonlyArray<OracleResult>
  /** Arrivals a second: asked for, due by the schedule, and served while the load lasted. */
  readonly rate: { readonly asked: number; readonly due: number; readonly reached: number }
  readonly arrived: Arrived
  /** From the first instant at which a station was switched on until all were booted; null when they never were. */
  readonly connectSeconds: number | null
  /** CPU that fleet, server and database spent on it; the last two only where they are ours. */
  readonly connectCpuSeconds: number
  readonly connected: number
  readonly outages: ReadonlyArray<Outage>
  /** CALLs answered with a result. */
  readonly messages: number
  /** While the load lasted. */
  readonly messagesPerSecond: number
  /** From the instant at which each was meant to be sent until it was answered with a result. */
  readonly latencies: ReadonlyArray<LatencyRow>
  readonly errors: Readonly<Record<string, number>>
  /** The latest that a timer of the fleet itself ran; ms. */
  readonly fleetLateMs: number
  readonly transactions: number
  readonly energyWh: number
  readonly money: Readonly<Record<string, string>>
  /** Acknowledged readings were counted one by one. */
  readonly keptReadings: boolean
  /** This process, its workers and what it reads of the books; `beforeBooks` until the books were read. */
  readonly fleet: Usage & { readonly peakRssBeforeBooksBytes: number }
  readonly server: Usage | null
  readonly database: Usage | null
  readonly durationSeconds: number
  readonly wallSeconds: number
  readonly timeline: ReadonlyArray<LoadPoint>
}
