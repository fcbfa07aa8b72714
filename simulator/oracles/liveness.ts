import type { TrueSession } from "../Truth.ts"
import type { BookedTransaction } from "./Evidence.ts"
import { match, standing } from "./match.ts"
import { type Context, Findings, type Oracle } from "./Oracle.ts"
import { knowledgeOf, owedFor } from "./owed.ts"

/**
 * The stated bound: virtual time within which everything must be told, ended and priced once the faults have stopped
 * and the car is gone. It is what the slowest honest road takes: a station waits up to 16 minutes before it dials again
 * (RetryBackOff: 30 s doubled five times), delivers what it kept, and a transaction of which a message is lost for ever
 * is settled after the server's grace of 15 minutes, at its next round.
 */
export const settleWithinMs = 45 * 60_000

/** The server's grace for messages that may still come, and the minute until its next round. */
const graceMs = 16 * 60_000
const graceRuns = "the look came before the CMS's grace for missing messages was over"

/**
 * Once all faults are healed and everybody has gone home, nothing is open: no station still holds a message, no
 * transaction in the books is open or unpriced, and whoever owes has a CDR. Where the run was followed, each session
 * must have come so far within {@link settleWithinMs} of the later of healing and its own end, or the cable pulled out
 * where the station forgot the end; the slowest is told.
 */
export const liveness: Oracle = {
  name: "liveness",
  title: "When the trouble is over, everything comes to its end",
  misses:
    "What takes longer than it should but less than the bound; where the run is not followed, everything that is done " +
    "by the time of the look; and sessions of which the CMS never heard, which nobody can settle.",
  checks: (truth, evidence, context) => {
    const found = new Findings()
    const { bySession, cdrsOf, strangers } = match(truth, evidence)
    const slowest = new Slowest()
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
      slowest.judge(session, transaction, context, fail)
      if (!isVisible || transaction === undefined) continue
      if (transaction.status === "Open") fail("Ended or Closed", "Open", "The books have an ended session as open.")
      else if (!transaction.settled && context.atMs - session.endedAtMs < graceMs) found.blind(graceRuns)
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
    slowest.tell(found)
    return found.outcome()
  }
}

const minutes = (ms: number): string => `${(ms / 60_000).toFixed(1)} min`

/** Holds every session's way to its bill against the bound, by what was followed of the run. */
class Slowest {
  private worstMs = 0
  private worst: string | null = null
  private counted = 0

  judge(
    session: TrueSession,
    transaction: BookedTransaction | undefined,
    { course }: Context,
    fail: (expected: string, found: string, sentence: string) => void
  ): void {
    const from = course?.settling.dueFrom(session)
    if (course == null || from === undefined || transaction === undefined) return
    this.counted++
    const settledAtMs = course.chronicle.transactions.get(transaction.id)?.settledAtMs ?? null
    // What was never told or never settled fails by itself.
    const tookMs = Math.max(settledAtMs ?? from, course.settling.toldAt(session) ?? from) - from
    if (tookMs > this.worstMs) {
      this.worstMs = tookMs
      this.worst = session.id
    }
    if (tookMs <= settleWithinMs) return
    fail(`settled within ${minutes(settleWithinMs)}`, minutes(tookMs), "A session was settled too late.")
  }

  tell(found: Findings): void {
    if (this.counted === 0) return
    const which = this.worst === null ? "" : ` (${this.worst})`
    found.note(
      `after healing, the slowest of ${this.counted} sessions took ${minutes(this.worstMs)}${which}; ` +
        `the bound is ${minutes(settleWithinMs)}`
    )
  }
}
