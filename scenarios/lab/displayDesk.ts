import { Effect } from "effect"
import { LiveView } from "#server/api/Live.ts"
import { Journal } from "#server/record/Journal.ts"
import { patiently } from "#server/station/patiently.ts"
import type { RosterEntry } from "#simulator/Fleet.ts"
import type { DisplayRecord } from "#simulator/oracles/displays.ts"
import type { Wish } from "#simulator/oracles/operations.ts"
import type { Truth } from "#simulator/Truth.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"
import type { DisplayPlan } from "../Scenario.ts"
import type { AskLog } from "./AskLog.ts"
import type { Within } from "./phone.ts"

const againAfterMs = 60_000
const patienceMs = 30_000
const repricedEveryMs = 25 * 60_000

type Operation = Parameters<LiveView["Service"]["runOperation"]>[1]

/** What a station is, as far as its display is concerned. */
type Listed = Pick<RosterEntry, "identity" | "kind">

/**
 * The operator asks each station once what it is, so that the CMS learns which of them have a display for costs; those that
 * price by themselves are given the tariff.
 */
export class DisplayDesk {
  private readonly timers: TimersApi
  private readonly within: Within
  private readonly asks: AskLog
  private readonly tariffId: string
  private readonly truth: Truth
  private readonly knownSinceMs = new Map<string, number>()

  constructor(timers: TimersApi, within: Within, asks: AskLog, tariffId: string, truth: Truth) {
    this.timers = timers
    this.within = within
    this.asks = asks
    this.tariffId = tariffId
    this.truth = truth
  }

  begin({ askAfterMs }: DisplayPlan, stations: ReadonlyArray<Listed>): void {
    for (const station of stations) this.timers.after(askAfterMs, () => this.learn(station))
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

  private learn({ identity, kind }: Listed): void {
    const known = (): void => {
      // A report of its device model follows the answer.
      this.knownSinceMs.set(identity, this.timers.nowAtMs() + patienceMs)
    }
    const asked = { _tag: "GetConfiguration", keys: [] } as const
    this.ask(identity, { do: "tell its configuration" }, asked, () => {
      if (kind.habits?.display !== "own") return known()
      const { tariffId } = this
      const set = { _tag: "SetDefaultTariff", evseId: 0, tariffId } as const
      this.ask(identity, { do: "price by a tariff", tariffId }, set, () => {
        known()
        this.timers.after(repricedEveryMs, () => this.reprice(identity))
      })
    })
  }

  /** Has a charge that runs priced by its tariff, as for whoever doubts that the station has the right one. */
  private reprice(stationId: string): void {
    this.timers.after(repricedEveryMs, () => this.reprice(stationId))
    const session = this.truth.sessions.findLast((it) => it.stationId === stationId && it.endedAtMs === null)
    const ocppId = session?.ocppTransactionId
    if (session === undefined || ocppId == null || !session.startAcknowledged) return
    const { tariffId } = this
    const asked = Effect.gen(function* () {
      const found = yield* patiently((yield* Journal).transaction({ stationId, ocppId }))
      if (found === undefined) return false
      return yield* answeredYes(stationId, { _tag: "ChangeTransactionTariff", transactionId: found.id })
    })
    const wish = { do: "price a charge", tariffId, ocppTransactionId: ocppId } as const
    this.within(
      asked,
      this.asks.note(stationId, wish, () => {})
    )
  }

  /** Until it has agreed. */
  private ask(stationId: string, wish: Wish, operation: Operation, done: () => void): void {
    const answered = (isDone: boolean): void => {
      if (isDone) done()
      else this.timers.after(againAfterMs, () => this.ask(stationId, wish, operation, done))
    }
    this.within(answeredYes(stationId, operation), this.asks.note(stationId, wish, answered))
  }
}

/** Whether a station agreed to what it was asked. */
const answeredYes = Effect.fnUntraced(function* (stationId: string, operation: Operation) {
  const live = yield* LiveView
  const running = patiently(live.runOperation(stationId, operation, { waitMs: patienceMs, queueForMs: patienceMs }))
  const { outcome } = yield* Effect.catchTag(running, "NotFound", Effect.die)
  return outcome?._tag === "Answered" && outcome.accepted
})
