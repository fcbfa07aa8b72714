import type { BookedConnector } from "./Evidence.ts"
import { Findings, type Look, type Oracle, type TrueConnector } from "./Oracle.ts"

/**
 * What the books show of each connector is what the station is, once everything has settled: an operator who looks
 * sees the street as it is. Where somebody looked before everybody had gone home, it was what the station had told.
 */
export const status: Oracle = {
  name: "status",
  title: "The books show every connector as it is",
  misses:
    "A status that was wrong for a while and right when somebody looked, and a station that is in touch but was never " +
    "asked.",
  checks: (truth, evidence, context) => {
    const found = new Findings()
    if (context.look !== undefined) lookOver(context.look, found)
    if (evidence.connectors === null || context.connectors === null) {
      found.blind("the connectors of this CMS, or those of the stations, cannot be seen")
      return found.outcome()
    }
    const shown = byPlace(evidence.connectors)
    for (const it of context.connectors) {
      // What nobody told, or told as older than what was told before, no CMS can show.
      if (truth.isUnheard(it.stationId, it.evseId, it.connectorId) || truth.turnedBack.has(it.stationId)) continue
      found.check()
      const is = shown.get(`${it.stationId}|${it.evseId}|${it.connectorId}`) ?? "nothing"
      if (is === it.status) continue
      fail(found, it, is, "is shown wrongly")
    }
    return found.outcome()
  }
}

const byPlace = (connectors: ReadonlyArray<BookedConnector>): ReadonlyMap<string, string> =>
  new Map(connectors.map((it) => [`${it.stationId}|${it.evseId}|${it.connectorId}`, it.status]))

const fail = (found: Findings, { stationId, evseId, connectorId, status }: TrueConnector, is: string, how: string) =>
  found.fail({
    stationId,
    sessionId: null,
    transactionId: null,
    expected: status,
    found: is,
    sentence: `EVSE ${evseId} connector ${connectorId} ${how}.`
  })

const lookOver = (look: Look, found: Findings): void => {
  const shown = byPlace(look.shown)
  for (const it of look.told) {
    found.check()
    const is = shown.get(`${it.stationId}|${it.evseId}|${it.connectorId}`) ?? "nothing"
    if (is !== it.status) fail(found, it, is, "was shown wrongly while cars were there")
  }
}
