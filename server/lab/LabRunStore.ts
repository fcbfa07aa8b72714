import { Context, type Effect } from "effect"
import type { LabOutcome } from "#core/api/LabOutcome.ts"
import type { LabRequest } from "#core/lab/Request.ts"
import type { Page, PageRequest } from "../books/Page.ts"
import type { StoreUnavailable } from "../record/Journal.ts"

export type LabRunStatus = "Waiting" | "Running" | "Done" | "Failed" | "Cancelled"

export interface LabRunRecord {
  readonly id: string
  readonly request: LabRequest
  readonly status: LabRunStatus
  readonly requestedAtMs: number
  readonly doneAtMs: number | null
  /** Read so far. */
  readonly sessions: number
  /** Of a scenario, how far it is; null of the past. */
  readonly percent: number | null
  readonly outcome: LabOutcome | null
  readonly why: string | null
}

/** A run without what it came to, which may be large. */
export type LabRunHead = Omit<LabRunRecord, "outcome">

/** How a run ended. */
export type LabRunEnd =
  | { readonly status: "Done"; readonly outcome: LabOutcome; readonly sessions: number; readonly report: string | null }
  | { readonly status: "Failed"; readonly why: string }
  | { readonly status: "Cancelled" }

/** Runs of the tariff lab: they outlive the process that was asked for them. */
export class LabRunStore extends Context.Service<
  LabRunStore,
  {
    /** Keeps a run that waits; false when `mostUnfinished` wait or run already. */
    readonly add: (
      run: Pick<LabRunRecord, "id" | "request" | "requestedAtMs">,
      mostUnfinished: number
    ) => Effect.Effect<boolean, StoreUnavailable>
    readonly get: (id: string) => Effect.Effect<LabRunRecord | undefined, StoreUnavailable>
    /** Newest first by id. */
    readonly list: (page: PageRequest) => Effect.Effect<Page<LabRunHead>, StoreUnavailable>
    /** Takes up the oldest that is unfinished and nobody's: for `leaseUntilMs` it is the caller's. */
    readonly claim: (nowMs: number, leaseUntilMs: number) => Effect.Effect<LabRunRecord | undefined, StoreUnavailable>
    /** Says how far a run is and keeps it the caller's; false when it is not to go on. */
    readonly progress: (
      id: string,
      so: { readonly sessions: number; readonly percent: number | null },
      leaseUntilMs: number
    ) => Effect.Effect<boolean, StoreUnavailable>
    /** The page of a run that is done; undefined where none was drawn. */
    readonly report: (id: string) => Effect.Effect<string | undefined, StoreUnavailable>
    /** Ends a run that is unfinished; false when it has ended already. */
    readonly end: (id: string, end: LabRunEnd, atMs: number) => Effect.Effect<boolean, StoreUnavailable>
  }
>()("server/lab/LabRunStore") {}
