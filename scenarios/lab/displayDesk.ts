import { Effect } from "effect"
import { LiveView } from "#server/api/Live.ts"
import { patiently } from "#server/station/patiently.ts"
import type { DisplayRecord } from "#simulator/oracles/displays.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"
import type { DisplayPlan } from "../Scenario.ts"
import type { AskLog } from "./AskLog.ts"
import type { Within } from "./phone.ts"

const againAfterMs = 60_000
const patienceMs = 30_000

/** The operator asks each station once what it is, so that the CMS learns which of them have a display for costs. */
export class DisplayDesk {
  private readonly timers: TimersApi
  private readonly within: Within
  private readonly asks: AskLog
  private readonly knownSinceMs = new Map<string, number>()

  constructor(timers: TimersApi, within: Within, asks: AskLog) {
    this.asks = asks
    this.timers = timers
    this.within = within
  }

  begin({ askAfterMs }: DisplayPlan, stationIds: ReadonlyArray<string>): void {
    for (const stationId of stationIds) this.timers.after(askAfterMs, () => this.ask(stationId))
  }

  /** `lateByMs`: what may come between an end and the figure on the display beside the way of a message. */
  record(lateByMs: number): DisplayRecord {
    return {
      finalWithinMs: 30_000 + lateByMs,
      freshWithinMs: 60_000,
      everyMs: 30_000,
      knownSinceMs: (stationId) => this.knownSinceMs.get(stationId)
    }
  }

  /** Until it has answered; a report of its device model follows the answer. */
  private ask(stationId: string): void {
    const asked = Effect.gen(function* () {
      const live = yield* LiveView
      const options = { waitMs: patienceMs, queueForMs: patienceMs }
      const { outcome } = yield* patiently(
        live.runOperation(stationId, { _tag: "GetConfiguration", keys: [] }, options)
      ).pipe(Effect.catchTag("NotFound", Effect.die))
      return outcome?._tag === "Answered" && outcome.accepted
    })
    const answered = (isDone: boolean): void => {
      if (isDone) this.knownSinceMs.set(stationId, this.timers.nowAtMs() + patienceMs)
      else this.timers.after(againAfterMs, () => this.ask(stationId))
    }
    this.within(asked, this.asks.note(stationId, { do: "tell its configuration" }, answered))
  }
}
