import { match } from "./match.ts"
import { Findings, type Oracle } from "./Oracle.ts"
import { knowledgeOf } from "./owed.ts"
import { checkPayers } from "./payer.ts"

/**
 * Every car has a transaction of its own: no two true sessions share one, none was invented, no two have one name on
 * the wire, and the numbers a CMS gives in 1.6 are positive and unique over all its stations (2.x ids are unique per
 * station only); each is at the EVSE and connector of its car; whoever is charged is who paid (`payer.ts`). Where the run was followed, no transaction ends while its own car is still charging: a stranger's stop.
 */
export const identity: Oracle = {
  name: "identity",
  title: "Every car has a transaction of its own",
  misses:
    "Two names for one session where the CMS shows only one of them, ids of sessions whose start was never " +
    "acknowledged, and a stranger's stop that comes in the very moment in which its own car stops.",
  checks: (truth, evidence, context) => {
    const found = new Findings()
    const names = new Map<string, string>()
    for (const { id, stationId, dialect, ocppTransactionId, startAcknowledged } of truth.sessions) {
      if (ocppTransactionId === null || !startAcknowledged) continue
      found.check()
      const place = { stationId, sessionId: id, transactionId: ocppTransactionId }
      const number = Number(ocppTransactionId)
      if (dialect === "1.6" && !(Number.isInteger(number) && number > 0 && number < 2 ** 31)) {
        const sentence = "A 1.6 transaction got an id that is no positive 32-bit integer."
        found.fail({ ...place, expected: "1 to 2147483647", found: ocppTransactionId, sentence })
      }
      const name = dialect === "1.6" ? ocppTransactionId : `${stationId}|${ocppTransactionId}`
      const other = names.get(name)
      if (other === undefined) names.set(name, id)
      else {
        const sentence = `Two sessions have the transaction id ${ocppTransactionId}.`
        found.fail({ ...place, expected: "an id of its own", found: `the id of ${other}`, sentence })
      }
    }
    checkPayers(truth, evidence, context, found)
    if (evidence.transactions === null) {
      found.blind()
      return found.outcome()
    }
    const { bySession, sessionsOf, strangers } = match(truth, evidence)
    for (const [transactionId, sessions] of sessionsOf) {
      found.check()
      if (sessions.length === 1) continue
      found.fail({
        stationId: sessions[0]!.stationId,
        sessionId: sessions[0]!.id,
        transactionId,
        expected: "one session",
        found: sessions.map(({ id }) => id).join(", "),
        sentence: "The books have one transaction for several cars."
      })
    }
    for (const session of truth.sessions) {
      const transaction = bySession.get(session.id)
      if (transaction === undefined || knowledgeOf(session) !== "whole") continue
      found.check()
      if (transaction.evseId === session.evseId && transaction.connectorId === session.connectorId) continue
      found.fail({
        stationId: session.stationId,
        sessionId: session.id,
        transactionId: transaction.id,
        expected: `EVSE ${session.evseId} connector ${session.connectorId}`,
        found: `EVSE ${transaction.evseId} connector ${transaction.connectorId}`,
        sentence: "The books have a transaction at another connector than its car's."
      })
    }
    const excused = new Map(truth.misnomers)
    for (const { id, stationId, ocppId, status } of strangers) {
      // A message under a name that nobody has may be kept, to be looked at; that it bills nobody, `money` sees to.
      const left = excused.get(stationId) ?? 0
      excused.set(stationId, left - 1)
      if (left > 0) continue
      found.fail({
        stationId,
        sessionId: null,
        transactionId: id,
        expected: "a session in the world",
        found: `${ocppId}, ${status}`,
        sentence: "The books have a transaction that no car was in."
      })
    }
    return found.outcome()
  }
}
