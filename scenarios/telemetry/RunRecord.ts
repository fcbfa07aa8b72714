import type { HardState } from "#core/Sometimes.ts"
import type { TrueSession } from "#simulator/Truth.ts"
import type { RunResult } from "../lab/Result.ts"
import type { LatencyRow } from "../report/Latencies.ts"
import type { Entry, Sender } from "./Exchange.ts"

/** Something that lasted: a fault at a station, or the CMS being away (`stationId` null). */
export interface Span {
  readonly name: string
  readonly stationId: string | null
  readonly fromMs: number
  /** Null when it lasted to the end. */
  readonly toMs: number | null
}

/** An instant with a name. */
export interface Mark {
  readonly name: string
  readonly atMs: number
}

/** The whole fleet at one instant. */
export interface Sample {
  readonly atMs: number
  readonly connected: number
  /** Sessions that ran, by the simulator's own account. */
  readonly sessions: number
  /** What the meters counted since the first sample, mWh. */
  readonly deliveredMilliWh: number
}

/** CALLs of one action from one side, and how long their answers took as that side saw it. */
export interface MessageRow extends LatencyRow {
  readonly from: Sender
  readonly sent: number
  readonly errors: number
  /** Neither a result nor an error came back. */
  readonly unanswered: number
}

/** What all CDRs together charge for one dimension of a tariff, before credits. */
export interface MoneyRow {
  readonly dimension: string
  /** mWh of ENERGY, ms of the times, sessions of FLAT. */
  readonly volume: number
  readonly lines: number
  readonly netMinor: bigint
  readonly taxMinor: bigint
}

/** All CDRs of one currency. */
export interface MoneyOf {
  readonly currency: string
  readonly cdrs: number
  readonly rows: ReadonlyArray<MoneyRow>
  readonly credits: number
  /** Negative. */
  readonly creditNetMinor: bigint
  readonly creditTaxMinor: bigint
}

/** The log of one transaction, and what was true of it. */
export interface ExchangeRecord {
  /** A name within the record, fit for a fragment. */
  readonly id: string
  readonly stationId: string
  readonly evseId: number
  readonly wireId: string | null
  /** The names of the oracles that complain about it; none of a slow one. */
  readonly failedBy: ReadonlyArray<string>
  readonly worstMs: number
  readonly frames: number
  readonly entries: ReadonlyArray<Entry>
  readonly session: TrueSession | null
  readonly booked: BookedWords | null
}

/** What the books say of a transaction. */
export interface BookedWords {
  readonly id: string
  readonly status: string
  readonly findings: ReadonlyArray<string>
  readonly cdrs: ReadonlyArray<{
    readonly id: string
    readonly energyWh: number
    readonly grossMinor: bigint
    readonly currency: string
    readonly credit: boolean
  }>
}

/** All that a report shows of a run, as plain data; of one seed in virtual time always the same. */
export interface RunRecord {
  readonly title: string
  readonly shows: string
  readonly result: RunResult
  /** The command that does the same again; null when there is none. */
  readonly repeat: string | null
  readonly stations: number
  readonly startedAtMs: number
  readonly endedAtMs: number
  readonly spans: ReadonlyArray<Span>
  /** What `spans` and `strikes` are of: faults of a scenario, or a story's steps too. */
  readonly happened: "faults" | "steps"
  /** How often each fault struck, those included that `spans` has no room for. */
  readonly strikes: ReadonlyArray<readonly [name: string, times: number]>
  readonly cmsDeaths: number
  readonly marks: ReadonlyArray<Mark>
  readonly samples: ReadonlyArray<Sample>
  readonly messages: ReadonlyArray<MessageRow>
  /** Null where the books cannot be seen. */
  readonly money: ReadonlyArray<MoneyOf> | null
  readonly sometimes: ReadonlyArray<readonly [state: HardState, times: number]>
  /** Those that failed first, then the slowest. */
  readonly exchanges: ReadonlyArray<ExchangeRecord>
  /** The exchange that a failure is about, by `<oracle>/<index>`; absent where its log was not kept or it has none. */
  readonly exchangeOf: ReadonlyMap<string, string>
  readonly logs: { readonly seen: number; readonly kept: number }
}
