import { Findings, type Oracle } from "./Oracle.ts"
import type { WireTally } from "./Wire.ts"

/**
 * On every connection, at both ends and in both directions, for each version: every CALL and every CALLRESULT valid by
 * its schema; each CALL answered exactly once within the time given or the connection ended, no answer without a
 * question; one CALL outstanding per direction (OCPP-J 1.6 section 4.1.1, 2.x part 4 section 4.1.1); no CALL but
 * BootNotification before the station was accepted, none of the CMS to a station it rejected, no remote start or stop
 * while Pending (1.6 section 4.2; 2.x B01 to B03); no error code that the version does not know; no CALLERROR to a
 * request that is in order; no handler that died. What was checked is told by version and direction.
 */
export const protocol: Oracle = {
  name: "protocol",
  title: "Every question has one answer, and every answer a question",
  misses:
    "An answer that is well formed and wrong; that is what the other oracles are for. At a CMS whose end is not " +
    "watched, and over a line that loses or repeats frames, a missing answer cannot be told from a lost one, nor the " +
    "refusal of a broken frame from that of a good one; and what a station says between a reboot and its boot.",
  checks: (_truth, _evidence, { wire }) => {
    const found = new Findings()
    found.check(wire.calls)
    for (const tally of wire.tallies) found.note(words(tally))
    for (const { stationId, end, messageId, expected, found: is, sentence } of wire.faults) {
      const where = `message ${messageId}, seen at the ${end}`
      found.fail({ stationId, sessionId: null, transactionId: null, expected, found: `${is} (${where})`, sentence })
    }
    return found.outcome()
  }
}

const words = ({ version, from, calls, results, errors }: WireTally): string =>
  `${version === "" ? "an unknown version" : version} from the ${from}: ${calls} CALLs, ${results} results, ${errors} errors`
