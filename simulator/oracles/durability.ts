import type { TrueSession, Truth } from "../Truth.ts"
import { stoppedByStranger } from "./authorization.ts"
import type { BookedTransaction } from "./Evidence.ts"
import { match } from "./match.ts"
import { type Context, Findings, type Oracle } from "./Oracle.ts"

/** What cannot be said of a transaction whose start and end are both there. */
const untrue = ["start-missing", "stop-missing"]
/** Nor of an honest one, where no station of the run gave anything up. */
const untrueOfHonest = [...untrue, "messages-missing"]

/**
 * What was acknowledged is kept, whatever crashed since: an acknowledged start has its transaction, an acknowledged end
 * has ended it, and there are at least as many readings in the books as were acknowledged. An end of which nobody can
 * say whose it is, because its station never learnt the id, is kept under some name; and it is that of the one charge that
 * ran there, if the start of that reached the books and the card may stop it. Where the run was followed, the commit must also
 * have come before the answer: a CMS that answers first is caught without a crash; and what is written for a station is written
 * by its owner.
 */
export const durability: Oracle = {
  name: "durability",
  title: "What was acknowledged is in the books",
  misses:
    "Sessions that were told of under a wrong name, a reading that was kept with another value (the energy oracle " +
    "sees it when it matters), a reading lost where " +
    "another was invented, an acknowledged charging state that was not kept unless money depends on it, and, where the " +
    "run is not followed, what was acknowledged first and written later when no crash came between.",
  checks: (truth, evidence, context) => {
    const found = new Findings()
    if (evidence.transactions === null) {
      found.blind()
      return found.outcome()
    }
    const { bySession } = match(truth, evidence)
    const readings = new Map<string, number>()
    for (const { kind, sessionId, readings: told = 1 } of truth.acknowledgements) {
      if (kind === "reading") readings.set(sessionId, (readings.get(sessionId) ?? 0) + told)
    }
    for (const session of truth.sessions) {
      if (!session.startAcknowledged && session.endKnowledge !== "reported") continue
      // What was told under another name may be kept under another name.
      if (session.lies.includes("messages")) {
        nameless(
          session,
          { truth, transactions: evidence.transactions, booked: bySession.get(session.id), context },
          found
        )
        continue
      }
      found.check()
      const transaction = bySession.get(session.id)
      const place = { stationId: session.stationId, sessionId: session.id, transactionId: transaction?.id ?? null }
      const fail = (expected: string, is: string, sentence: string) =>
        found.fail({ ...place, expected, found: is, sentence })
      if (transaction === undefined) {
        fail("a transaction", "none", "An acknowledged session is not in the books.")
        continue
      }
      if (session.endKnowledge === "reported" && transaction.status !== "Ended") {
        fail("Ended", transaction.status, "An acknowledged end is not in the books.")
      }
      const isHonest = session.lies.length + session.faults.length + truth.counters.dropped === 0
      const lost = transaction.findings?.find((code) => (isHonest ? untrueOfHonest : untrue).includes(code))
      if (lost !== undefined && session.startAcknowledged && session.endKnowledge === "reported") {
        fail("an account without gaps", lost, "Start and end were acknowledged, and the books miss one of them.")
      }
      // A clock that is turned back gives two readings of a full car one name.
      if (session.lies.includes("clock")) continue
      const acknowledged = readings.get(session.id) ?? 0
      if (transaction.readings !== null && transaction.readings.count < acknowledged) {
        fail(`${acknowledged} readings`, `${transaction.readings.count}`, "Acknowledged readings are not in the books.")
      }
    }
    return found.outcome()
  }
}

/** The end of a 1.6 session whose station gave its start up, told as that of transaction -1 and acknowledged. */
const nameless = (
  session: TrueSession,
  {
    truth,
    transactions,
    booked,
    context
  }: {
    readonly truth: Truth
    readonly transactions: ReadonlyArray<BookedTransaction>
    readonly booked: BookedTransaction | undefined
    readonly context: Pick<Context, "course" | "tokens">
  },
  found: Findings
): void => {
  const { id, stationId, dialect, lies, faults, endKnowledge, endedAtMs, ocppTransactionId } = session
  const isPlain = lies.length === 1 && faults.length === 0 && ocppTransactionId === null
  if (dialect !== "1.6" || endKnowledge !== "reported" || !isPlain || truth.turnedBack.has(stationId)) return
  found.check()
  const place = { stationId, sessionId: id, transactionId: booked?.id ?? null }
  const isKept = transactions.some((it) => it.stationId === stationId && it.endedAtMs === endedAtMs)
  if (!isKept) {
    const sentence = "The acknowledged end of a charge without an id is not in the books."
    found.fail({ ...place, expected: "a transaction that ended then", found: "none", sentence })
    return
  }
  const heardAtMs = booked === undefined ? undefined : context.course?.chronicle.transactions.get(booked.id)?.firstAtMs
  // A start that comes when its end is told already finds that end under a name of its own.
  if (heardAtMs === undefined || heardAtMs > session.trueEndedAtMs! || booked!.status === "Ended") return
  // A card that may not stop it is rather another charge's, of which nothing was heard.
  if (!isAlone(session, truth) || stoppedByStranger(session, context)) return
  const sentence = "The end of the one charge at a station is not that charge's, because it named no id."
  found.fail({ ...place, expected: "Ended", found: booked!.status, sentence })
}

/** Whether nothing else ran at its station from its start until its end, and the power was there. */
const isAlone = ({ id, stationId, startedAtMs, endedAtMs, stopReason }: TrueSession, truth: Truth): boolean =>
  stopReason !== "PowerLoss" &&
  stopReason !== "Reboot" &&
  truth.sessions.every(
    (other) =>
      other.id === id ||
      other.stationId !== stationId ||
      other.startedAtMs > endedAtMs! ||
      (other.endedAtMs !== null && other.endedAtMs < startedAtMs)
  )
