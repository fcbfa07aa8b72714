import { assert, it } from "@effect/vitest"
import { CorrectionBook, type TrueCorrection } from "#simulator/oracles/CorrectionBook.ts"
import type { BookedCdr, BookedInvoice } from "#simulator/oracles/Evidence.ts"
import { money } from "#simulator/oracles/money.ts"
import { cdr, entryOf, noonMs, rightWorld, tariff } from "./world.ts"

/** Half the price of energy: 2.00 + 1.80 + 3.00 + 1.00 = 7.80, with VAT 9.28. */
const less = {
  ...tariff,
  id: "LESS",
  elements: tariff.elements.map(({ price_components: parts }) => ({
    price_components: parts.map((part) => (part.type === "ENERGY" ? { ...part, price: 0.2 } : part))
  }))
}

const at = (issuedAtMs: number) => ({ issuedAtMs })
const bill = cdr(at(noonMs))
const credit = cdr({
  ...at(noonMs + 1),
  id: "T1-2",
  netMinor: -980n,
  taxMinor: -186n,
  grossMinor: -1166n,
  credit: true
})
const anew = cdr({ ...at(noonMs + 1), id: "T1-3", netMinor: 780n, taxMinor: 148n, grossMinor: 928n })

const asked = (more: Partial<TrueCorrection> = {}): TrueCorrection => ({
  requestId: "case-1",
  transactionId: "T1",
  tariff: less,
  askedAtMs: noonMs,
  doneAtMs: noonMs + 1,
  refused: null,
  toldOtherwise: null,
  ...more
})

const charge = { stationId: "CP1", ocppId: "7", evseId: 1, startedAtMs: noonMs }

const document = (id: string, cdrIds: ReadonlyArray<string>, creditsId: string | null = null): BookedInvoice => ({
  ...{ id, kind: creditsId === null ? "receipt" : "credit-note", series: "RE", sequence: 1, issuedAtMs: noonMs },
  ...{ issueDate: "2026-05-28", dueDate: null, driverId: null, netMinor: 0n, taxMinor: 0n, payableMinor: 0n },
  ...{ creditsId, cdrIds, taxes: [], fees: [] }
})

const judged = (
  corrections: ReadonlyArray<TrueCorrection>,
  cdrs: ReadonlyArray<BookedCdr>,
  invoices: ReadonlyArray<BookedInvoice> = []
) => {
  const { truth, evidence, context } = rightWorld()
  const book = new CorrectionBook()
  for (const correction of corrections) book.ask(charge, correction)
  const books = { ...evidence, cdrs, entries: cdrs.map(entryOf), invoices }
  return money.checks(truth, books, { ...context, corrections: book }).failures.map(({ sentence }) => sentence)
}

it("takes what the last correction says for what is owed, by the oracle's own rater", () => {
  assert.deepStrictEqual(judged([asked()], [bill, credit, anew]), [])
  assert.deepStrictEqual(judged([asked({ tariff: null })], [bill, credit]), [])
  const again = cdr({
    ...at(noonMs + 2),
    id: "T1-4",
    grossMinor: -928n,
    netMinor: -780n,
    taxMinor: -148n,
    credit: true
  })
  assert.deepStrictEqual(judged([asked(), asked({ tariff: null })], [bill, credit, anew, again]), [])
  assert.match(judged([asked()], [bill])[0]!, /differs from the tariff's price/)
  assert.match(judged([asked({ tariff: null })], [bill])[0]!, /although an operator took its bill back/)
  assert.match(judged([asked(), asked({ tariff: null })], [bill, credit, anew])[0]!, /took its bill back/)
  assert.match(judged([asked({ refused: "no" })], [bill, credit, anew])[0]!, /differs/)
})

it("sees a correction that was never finished, refused, or told otherwise when it was asked for again", () => {
  assert.match(judged([asked({ doneAtMs: null })], [bill, credit, anew])[0]!, /case-1 of a bill was never finished/)
  assert.match(judged([asked({ refused: "no" })], [bill])[0]!, /was refused/)
  assert.match(judged([asked({ toldOtherwise: "Refused" })], [bill, credit, anew])[0]!, /came to something else/)
})

it("sees a document of a bill that was taken back, and a corrected bill that is on none", () => {
  const documents = [document("RE-1", ["T1-1"]), document("GS-1", ["T1-1"], "RE-1"), document("RE-2", ["T1-3"])]
  assert.deepStrictEqual(judged([asked()], [bill, credit, anew], documents), [])
  const [first, note, second] = documents
  assert.match(judged([asked()], [bill, credit, anew], [first!])[0]!, /T1-1 was taken back, and its document not/)
  assert.match(judged([asked()], [bill, credit, anew], [first!, note!])[0]!, /T1-3 is not on one document/)
  const twice = [first!, note!, second!, document("RE-3", ["T1-3"])]
  assert.match(judged([asked()], [bill, credit, anew], twice)[0]!, /T1-3 is not on one document/)
  // Where nothing had stood since, nobody has asked for a document yet.
  const later = [bill, credit, { ...anew, issuedAtMs: noonMs + 9 }]
  assert.deepStrictEqual(judged([asked({ tariff: null }), asked()], later, [first!, note!]), [])
})
