import { wordsOf } from "./Chronicle.ts"
import { Findings, type Oracle } from "./Oracle.ts"

/**
 * What was true once stays true: no fact is changed or told twice, nothing that ended or was settled re-opens, no CDR
 * and no ledger entry is altered, and at the end the books hold exactly what was ever committed, no more and no less.
 * A correction is a credit and a new CDR. (ARCHITECTURE.md, "Facts"; a ledger is append-only.)
 */
export const monotone: Oracle = {
  name: "monotone",
  title: "What was true once stays true",
  misses:
    "What was booked for other documents than CDRs, what the store does to a fact between commit and end (pages, CDRs and entries are read back, facts are not), a " +
    "reading altered there, and a change that two writings of one unit make alike.",
  checks: (_truth, evidence, { course }) => {
    const found = new Findings()
    if (course === null) {
      found.blind("the commits of this CMS cannot be followed")
      return found.outcome()
    }
    const { cdrs, entries, transactions } = course.chronicle
    const fail = (transactionId: string | null, expected: string, is: string, sentence: string) =>
      found.fail({ stationId: null, sessionId: null, transactionId, expected, found: is, sentence })
    const compare = <A extends { readonly id: string }>(
      what: string,
      kept: ReadonlyArray<A> | null,
      written: ReadonlyMap<string, A>,
      of: (item: A) => string | null
    ): void => {
      if (kept === null) {
        found.blind(`the ${what}s of this CMS cannot be seen`)
        return
      }
      const seen = new Set<string>()
      for (const item of kept) {
        seen.add(item.id)
        found.check()
        const known = written.get(item.id)
        if (known === undefined) fail(of(item), "what was committed", item.id, `A ${what} appeared without a commit.`)
        else if (known !== item && wordsOf(known) !== wordsOf(item)) {
          fail(of(item), wordsOf(known), wordsOf(item), `The ${what} ${item.id} is not what was committed.`)
        }
      }
      for (const [id, item] of written) {
        if (!seen.has(id)) fail(of(item), `the ${what} ${id}`, "none", `A ${what} that was committed has vanished.`)
      }
    }
    compare("CDR", evidence.cdrs, cdrs, ({ transactionId }) => transactionId)
    // The journal's commits are followed; what payments and other documents book is written beside it.
    const ofCdrs = evidence.entries?.filter(({ sourceKind = "cdr" }) => sourceKind === "cdr") ?? null
    compare("ledger entry", ofCdrs, entries, () => null)
    if (evidence.transactions === null) {
      found.blind()
      return found.outcome()
    }
    const seen = new Set<string>()
    for (const { id, status, settled, startedAtMs, endedAtMs } of evidence.transactions) {
      seen.add(id)
      found.check()
      const page = transactions.get(id)?.page
      const is = JSON.stringify({ status, settled, startedAtMs, endedAtMs })
      if (page == null) {
        fail(id, "what was committed", is, "A transaction appeared without a commit.")
        continue
      }
      const was = JSON.stringify({
        status: page.status,
        settled: page.settled,
        startedAtMs: page.startedAtMs,
        endedAtMs: page.endedAtMs
      })
      if (was !== is) fail(id, was, is, "A transaction is not what was committed of it.")
    }
    for (const [id, { page }] of transactions) {
      if (page !== null && !seen.has(id)) {
        fail(id, `the transaction ${id}`, "none", "A transaction that was committed has vanished.")
      }
    }
    return found.outcome()
  }
}
