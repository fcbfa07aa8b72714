import { Findings, type Oracle } from "./Oracle.ts"

/**
 * On every connection, at both ends: each CALL answered exactly once or the connection ended, no answer without a
 * question, no payload that breaks its schema, no error code that the version does not know, no handler that died.
 */
export const protocol: Oracle = {
  name: "protocol",
  title: "Every question has one answer, and every answer a question",
  misses:
    "An answer that is well formed and wrong; that is what the other oracles are for. At a CMS whose end is not " +
    "watched, and over a line that loses frames, a missing answer cannot be told from a lost one.",
  checks: (_truth, _evidence, { wire }) => {
    const found = new Findings()
    found.check(wire.calls)
    for (const { stationId, end, messageId, expected, found: is, sentence } of wire.faults) {
      const where = `message ${messageId}, seen at the ${end}`
      found.fail({ stationId, sessionId: null, transactionId: null, expected, found: `${is} (${where})`, sentence })
    }
    return found.outcome()
  }
}
