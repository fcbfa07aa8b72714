import { Findings, type Oracle } from "./Oracle.ts"

/**
 * Nothing grows without bound: once a minute of the run's time, the recorder's backlog, the connections, both queues of
 * every connection, the transactions held in memory per station, those open per EVSE, and each station's outbox are
 * held against bounds that follow from the code that promises them. The highest of each is told.
 */
export const resources: Oracle = {
  name: "resources",
  title: "Nothing grows beyond its bound",
  misses:
    "A peak between two looks, what is held in places that are not named here, and the memory behind what is counted.",
  checks: (_truth, _evidence, { course }) => {
    const found = new Findings()
    // What was sampled on the way is merged in; without it there is nothing to see.
    if (course === null) found.blind("what this CMS holds in memory cannot be seen")
    return found.outcome()
  }
}
