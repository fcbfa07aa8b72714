import type { Stream } from "#simulator/Stream.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"
import { databaseFailureNames } from "../databaseFailures.ts"
import type { DatabasePlan } from "../Scenario.ts"
import type { BrokenDatabase } from "./BrokenDatabase.ts"

/**
 * A database's bad luck on schedule: now the next few requests of any kind fail, now the next few commits, in each of the
 * ways in turn, so that none is left to chance. `watch` is told of each and, by what it returns, of its end. Returns what ends all of it
 * for good.
 */
export const databaseTrouble = (
  database: BrokenDatabase,
  { everyMs, times: [least, most], ratio }: DatabasePlan,
  timers: TimersApi,
  luck: Stream,
  watch?: (failure: string) => () => void
): (() => void) => {
  const requests = luck.split("requests")
  const isSpared = () => !requests.chance(ratio)
  let isOver = false
  let troubles = 0
  const wait = (): void => {
    timers.after(luck.exponential(everyMs), () => {
      if (isOver) return
      const name = databaseFailureNames[troubles++ % databaseFailureNames.length]!
      database.fail(name, luck.int(least, most), luck.chance(0.8) ? "requests" : "commits", {
        isSpared,
        ...(watch !== undefined && { over: watch(name) })
      })
      wait()
    })
  }
  wait()
  return () => {
    isOver = true
    database.mend()
  }
}
