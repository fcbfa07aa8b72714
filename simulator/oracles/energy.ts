import type { TrueSession, Truth } from "../Truth.ts"
import { billedWh, match, standing } from "./match.ts"
import { Findings, type Oracle } from "./Oracle.ts"
import { isMeterWrong, knowledgeOf, mostWh, owedFor, trueWh } from "./owed.ts"

/**
 * Billed energy is what the simulator's own meter counted between start and end, to the watt-hour; nothing where nobody
 * owes. A session whose end the station itself lost lies between the readings that were kept and the truth. Where the
 * meter lied, no more is billed than the EVSE could deliver, and a lie that every reader of the readings can see is in
 * the findings.
 */
export const energy: Oracle = {
  name: "energy",
  title: "Billed energy is what the meters delivered",
  misses:
    "A wrong curve between start and end (no price here depends on it), and, where the meter lied, a bill below what " +
    "its plausible readings support.",
  checks: (truth, evidence, context) => {
    const found = new Findings()
    if (evidence.transactions === null || evidence.cdrs === null) {
      found.blind()
      return found.outcome()
    }
    const { bySession, cdrsOf } = match(truth, evidence)
    for (const session of truth.sessions) {
      const transaction = bySession.get(session.id)
      const cdrs = transaction === undefined ? [] : (cdrsOf.get(transaction.id) ?? [])
      const billed = billedWh(cdrs)
      const [leastWh, ceilingWh, because] = expected()
      found.check()
      const isPlain = session.lies.includes("meter-plainly") && !session.lies.includes("clock")
      if (isPlain && knowledgeOf(session) === "whole" && transaction?.findings != null) {
        found.check()
        if (!transaction.findings.some((code) => code.startsWith("meter-"))) {
          found.fail({
            stationId: session.stationId,
            sessionId: session.id,
            transactionId: transaction.id,
            expected: "a finding about the meter",
            found: transaction.findings.join(", ") || "none",
            sentence: "A register fell, or rose faster than any charger delivers, and nobody is told."
          })
        }
      }
      if (billed >= leastWh && billed <= ceilingWh) continue
      found.fail({
        stationId: session.stationId,
        sessionId: session.id,
        transactionId: transaction?.id ?? null,
        expected: leastWh === ceilingWh ? `${leastWh} Wh` : `${leastWh} to ${ceilingWh} Wh`,
        found: `${billed} Wh in ${cdrs.length} CDRs, ${standing(cdrs)} standing`,
        sentence: `Billed energy differs from the meter's: ${because}.`
      })

      function expected(): readonly [number, number, string] {
        const delivered = trueWh(session)
        const owed = owedFor(session, context)
        if (owed._tag === "Free") return [0, 0, owed.why]
        // Delivered before the start as reported has no place; a register may round by one Wh at each end.
        const ceiling = delivered === null ? Math.ceil(session.deliveredMilliWh / 1000) + 1 : mostWh(session)
        if (session.endedAtMs === null) return [0, 0, "it is still running"]
        if (session.lies.includes("messages")) return [0, ceiling, "it was told of under another name, or in part"]
        if (isMeterWrong(session)) return [0, ceiling, "its meter showed something else"]
        if (owed._tag === "Unsure")
          return [0, ceiling, "its token changed while it was being presented, or its clock was wrong"]
        if (knowledgeOf(session) === "whole") return [ceiling, ceiling, "its end was acknowledged"]
        if (knowledgeOf(session) === "nothing") return [0, ceiling, "nothing about it was ever acknowledged"]
        if (session.endKnowledge === "queued") return [0, ceiling, "the station still holds its end"]
        const readings = transaction?.readings
        const kept =
          readings?.highestWh != null && readings.lowestWh != null && !isNextOnes(truth, session, readings.highestWh)
            ? readings.highestWh - readings.lowestWh
            : 0
        return [Math.min(kept, ceiling), ceiling, "the station lost its end"]
      }
    }
    return found.outcome()
  }
}

/** Whether a reading may be the first of the next charge there, told ahead of its start and without a name. */
const isNextOnes = (truth: Truth, { id, stationId, evseId, startedAtMs }: TrueSession, highestWh: number): boolean =>
  truth.sessions.some(
    (other) =>
      other.id !== id &&
      other.stationId === stationId &&
      other.evseId === evseId &&
      other.startedAtMs >= startedAtMs &&
      other.shownStartWh === highestWh
  )
