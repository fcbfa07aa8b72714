import { Findings, type Oracle } from "./Oracle.ts"

/**
 * What the books show of each connector is what the station is, once everything has settled: an operator who looks
 * sees the street as it is.
 */
export const status: Oracle = {
  name: "status",
  title: "The books show every connector as it is",
  misses: "A status that was wrong for a while, and a station that is in touch but was never asked.",
  checks: (truth, evidence, context) => {
    const found = new Findings()
    if (evidence.connectors === null || context.connectors === null) {
      found.blind("the connectors of this CMS, or those of the stations, cannot be seen")
      return found.outcome()
    }
    const shown = new Map(
      evidence.connectors.map((it) => [`${it.stationId}|${it.evseId}|${it.connectorId}`, it.status])
    )
    for (const it of context.connectors) {
      // What nobody told, or told as older than what was told before, no CMS can show.
      if (truth.isUnheard(it.stationId, it.evseId, it.connectorId) || truth.turnedBack.has(it.stationId)) continue
      found.check()
      const is = shown.get(`${it.stationId}|${it.evseId}|${it.connectorId}`) ?? "nothing"
      if (is === it.status) continue
      found.fail({
        stationId: it.stationId,
        sessionId: null,
        transactionId: null,
        expected: it.status,
        found: is,
        sentence: `EVSE ${it.evseId} connector ${it.connectorId} is shown wrongly.`
      })
    }
    return found.outcome()
  }
}
