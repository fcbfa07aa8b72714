import type { CorrectionBook } from "./CorrectionBook.ts"
import type { BookedInvoice, Evidence } from "./Evidence.ts"
import type { Findings } from "./Oracle.ts"

/**
 * What operators asked to be made right was made right, once, and no document that stands has a bill that was taken back.
 * Part of `money`, which rates the bills themselves: what is owed is what the last correction says.
 */
export const checkCorrections = (book: CorrectionBook, evidence: Evidence, found: Findings): void => {
  const fail = (transactionId: string, expected: string, is: string, sentence: string) =>
    found.fail({ stationId: null, sessionId: null, transactionId, expected, found: is, sentence })
  const corrected = new Set<string>()
  for (const { requestId, transactionId, doneAtMs, refused, toldOtherwise } of book.all) {
    found.check()
    corrected.add(transactionId)
    const what = `The correction ${requestId} of a bill`
    if (refused !== null) fail(transactionId, "a new bill", refused, `${what} was refused.`)
    else if (doneAtMs === null) fail(transactionId, "an end", "none", `${what} was never finished.`)
    if (toldOtherwise !== null)
      fail(transactionId, "the same", toldOtherwise, `${what}, asked for again, came to something else.`)
  }
  const standsOn = documentsOf(evidence.invoices ?? [])
  for (const transactionId of corrected) {
    const cdrs = (evidence.cdrs ?? []).filter((cdr) => cdr.transactionId === transactionId)
    const bills = cdrs.filter(({ credit }) => !credit)
    const last = cdrs.at(-1)
    const standing = last?.credit === false ? last : undefined
    // One that was made where nothing was owed is on no document until somebody asks, or the month is over.
    const isMadeAnew = cdrs.at(-2)?.credit === true && cdrs.at(-2)?.issuedAtMs === last?.issuedAtMs
    const wasOnDocument = isMadeAnew && standsOn.ever.has(bills.at(-2)?.id ?? "")
    for (const { id } of bills) {
      found.check()
      const documents = standsOn.now.get(id) ?? []
      if (id !== standing?.id && documents.length > 0)
        fail(transactionId, "no document", documents.join(", "), `The bill ${id} was taken back, and its document not.`)
    }
    if (standing === undefined || !wasOnDocument || standing.grossMinor === 0n) continue
    const documents = standsOn.now.get(standing.id) ?? []
    if (documents.length !== 1)
      fail(
        transactionId,
        "1 document",
        `${documents.length}`,
        `The corrected bill ${standing.id} is not on one document.`
      )
  }
}

/** The documents that bills stand on now, by bill, and the bills that were on any at all. */
const documentsOf = (invoices: ReadonlyArray<BookedInvoice>) => {
  const takenBack = new Set(invoices.flatMap(({ creditsId }) => creditsId ?? []))
  const now = new Map<string, Array<string>>()
  const ever = new Set<string>()
  for (const { id, kind, cdrIds } of invoices) {
    if (kind === "credit-note") continue
    for (const cdrId of cdrIds) {
      ever.add(cdrId)
      if (!takenBack.has(id)) now.set(cdrId, [...(now.get(cdrId) ?? []), id])
    }
  }
  return { now, ever }
}
