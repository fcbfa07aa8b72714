import { match, standing } from "./match.ts"
import { Findings, type Oracle } from "./Oracle.ts"
import { knowledgeOf, owedFor } from "./owed.ts"

/**
 * Once all faults are healed, everybody has gone home and the settle time is over, nothing is open: no station still
 * holds a message, no transaction in the books is open or unpriced, and whoever owes has a CDR.
 */
export const liveness: Oracle = {
  name: "liveness",
  title: "When the trouble is over, everything comes to its end",
  misses: "What takes longer than it should but less than the settle time.",
  checks: (truth, evidence, context) => {
    const found = new Findings()
    const { bySession, cdrsOf, strangers } = match(truth, evidence)
    const isVisible = evidence.transactions !== null && evidence.cdrs !== null
    if (!isVisible) found.blind()
    for (const session of truth.sessions) {
      found.check()
      const transaction = bySession.get(session.id)
      const place = { stationId: session.stationId, sessionId: session.id, transactionId: transaction?.id ?? null }
      const fail = (expected: string, is: string, sentence: string) =>
        found.fail({ ...place, expected, found: is, sentence })
      if (session.endedAtMs === null) {
        fail("an end", "still running", "A session never ended.")
        continue
      }
      if (session.endKnowledge === "queued") fail("acknowledged", "queued", "The station still has to tell its end.")
      if (!isVisible || transaction === undefined) continue
      if (transaction.status === "Open") fail("Ended or Closed", "Open", "The books have an ended session as open.")
      else if (!transaction.settled) fail("settled", "unsettled", "An ended transaction waits for its price for ever.")
      else if (
        knowledgeOf(session) === "whole" &&
        owedFor(session, context)._tag === "Owed" &&
        standing(cdrsOf.get(transaction.id) ?? []) === 0
      ) {
        fail("a CDR", "none", "A session that is over and owed for has no CDR.")
      }
    }
    for (const { id, stationId, status } of strangers) {
      if (status !== "Open") continue
      const sentence = "The books have a transaction open that no car is in."
      found.fail({ stationId, sessionId: null, transactionId: id, expected: "not open", found: status, sentence })
    }
    return found.outcome()
  }
}
