import { Context, type Effect, type Exit } from "effect"
import type { Fenced, StationSnapshot, UnitRefused } from "./Journal.ts"
import type { Unit } from "./Unit.ts"

/** A station taken over by one connection: what it owns, and the epoch under which it may write. */
export interface Claim {
  readonly epoch: number
  readonly snapshot: StationSnapshot
}

/**
 * Gathers what many stations establish at one moment and has the journal write it as one database transaction. A
 * database that goes away costs waiting: units stay queued, in order, and are written when it returns.
 */
export class Recorder extends Context.Service<
  Recorder,
  {
    /**
     * Returns after the commit. Interrupting the caller does not take the unit back: `settled` is told what came of it
     * all the same, at once and before the caller, who gets what it makes of it.
     */
    readonly record: <A = void>(
      unit: Unit,
      settled?: (outcome: Exit.Exit<void, Fenced | UnitRefused>) => Exit.Exit<A, Fenced | UnitRefused>
    ) => Effect.Effect<A, Fenced | UnitRefused>
    /** Takes a station over and loads it; units of older claims are fenced from then on. */
    readonly claim: (stationId: string) => Effect.Effect<Claim>
    /** Telemetry that promises nothing: coalesced per station and written with the next batch, or within a minute. */
    readonly seen: (stationId: string, atMs: number) => void
    /** What waits and what was done, for health and metrics. */
    readonly gauges: () => {
      readonly waiting: number
      readonly commits: number
      readonly units: number
      readonly retries: number
    }
  }
>()("server/record/Recorder") {}
