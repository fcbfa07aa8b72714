import { Context, Data, type Effect } from "effect"
import type { LabOutcome } from "#core/api/LabOutcome.ts"
import type { LabRequest, LabTraffic } from "#core/lab/Request.ts"

/** Drivers and stations told one by one. */
export const mostAccounts = 500

/** The traffic could not be lived, or not be priced. */
export class LabFailed extends Data.TaggedError("LabFailed")<{ readonly why: string }> {}

/** A scenario that a run may live. */
export interface LabScenario {
  readonly name: string
  readonly title: string
  readonly stations: number
  readonly days: number
}

/**
 * What the Lab does for the server, which knows neither simulator nor scenarios: lives traffic beside it, and draws pages. Who
 * puts the program together sets it; without it runs are of the past only, and have no page.
 */
export interface LabBench {
  readonly scenarios: ReadonlyArray<LabScenario>
  /** Lives the traffic outside the event loop and prices it. Interrupted it ends at once. */
  readonly live: (
    order: { readonly request: LabRequest; readonly traffic: LabTraffic; readonly repeat: string },
    onProgress: (percent: number) => void
  ) => Effect.Effect<{ readonly outcome: LabOutcome; readonly report: string }, LabFailed>
  /** The thread that prices the past (`historyRun`) and draws its page. */
  readonly historyWorker: URL
}

export const LabBench = Context.Reference<LabBench | undefined>("server/lab/LabBench", {
  defaultValue: () => undefined
})
