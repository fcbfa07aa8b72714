import type { Scenario } from "../Scenario.ts"
import type { CmsOptions } from "./CmsProcess.ts"
import type { StoreName } from "./Result.ts"

/**
 * Virtual time is free and a commit is not: on PostgreSQL the recorder gathers for a second. Where hundreds of stations
 * would make it commit in every second of the day, a commit takes seconds of virtual time instead, in which the world goes
 * on while the database works, and the next batch gathers. Far below what a station waits for an answer. A server that is
 * killed on the way would leave a commit of which no oracle heard, so it is not for runs that kill it.
 */
export const paceOf = (
  store: StoreName,
  { stations, crashes }: Scenario
): Pick<CmsOptions, "lingerMs" | "commitMs"> => {
  if (store === "memory") return { lingerMs: 0 }
  if (stations <= 200) return { lingerMs: 1_000 }
  return crashes.length > 0 ? { lingerMs: 5_000 } : { lingerMs: 500, commitMs: 4_500 }
}
