import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { amountsOf, begin, decodeFact, encodeFact, evolve } from "#core/dunning/Debt.ts"
import { wordsOf } from "#core/dunning/letter.ts"
import { referenceOf, type Subject, writeLetter } from "#core/dunning/Reminder.ts"
import { moneyIn } from "#core/invoice/texts.ts"
import { reminderPdf } from "#server/invoices/pdf/reminder.ts"
import fc from "#test/support/fastCheck.ts"
import { noon } from "../../core/billing/fixtures.ts"
import { buyer, seller } from "../../core/invoice/fixtures.ts"

const invoiceSubject: Subject = { kind: "invoice", id: "RE2026-000042", issueDate: "2026-02-03" }
const minor = fc.bigInt({ min: 0n, max: 100_000n })

const written = (
  amounts: {
    readonly amount: bigint
    readonly paid: bigint
    readonly waived: bigint
    readonly fees: ReadonlyArray<bigint>
  },
  language: "de" | "en" = "de",
  subject: Subject = invoiceSubject
) => {
  const terms = {
    driverId: "ada",
    currency: "EUR",
    amountMinor: amounts.amount,
    dueDate: "2026-02-17",
    timeZone: "Europe/Berlin"
  }
  let debt = begin("RE2026-000042", terms)
  debt = evolve(debt, { _tag: "Transferred", atMs: noon, id: "t", amountMinor: amounts.paid })
  debt = evolve(debt, { _tag: "WrittenOff", atMs: noon, id: "w", amountMinor: amounts.waived, reason: "kind" })
  let letter: ReturnType<typeof writeLetter> | undefined
  for (const [index, feeMinor] of amounts.fees.entries()) {
    const fact = { _tag: "Reminded", atMs: noon, level: index + 1, feeMinor } as const
    letter = writeLetter(debt, amountsOf(evolve(debt, fact)), fact, { seller, buyer, language, subject })
    debt = evolve(debt, fact)
  }
  return letter!
}

const plain = { amount: 4_120n, paid: 1_000n, waived: 20n, fees: [0n, 250n, 500n] }

describe("the letter of a reminder", () => {
  it("has a reference of its own, and rows that come to what is open", () => {
    fc.assert(
      fc.property(minor, minor, minor, fc.array(minor, { minLength: 1, maxLength: 4 }), (more, paid, waived, fees) => {
        const letter = written({ amount: paid + waived + more, paid, waived, fees })
        const { rows } = wordsOf(letter)
        assert.strictEqual(
          rows.reduce((sum, [, amountMinor]) => sum + amountMinor, 0n),
          letter.openMinor
        )
        assert.strictEqual(letter.reference, `RE2026-000042-M${fees.length}`)
        assert.deepStrictEqual(
          decodeFact(
            JSON.parse(JSON.stringify(encodeFact({ _tag: "Reminded", atMs: noon, level: 1, feeMinor: 0n, letter })))
          ),
          { _tag: "Reminded", atMs: noon, level: 1, feeMinor: 0n, letter }
        )
      }),
      { numRuns: 50 }
    )
  })

  it("says in each language what it is about, until when to pay and where", () => {
    for (const [language, payBy, words] of [
      ["de", "16.03.2026", /überweisen.*16\.03\.2026.*RE2026-000042/u],
      ["en", "16/03/2026", /transfer.*16\/03\/2026.*RE2026-000042/u]
    ] as const) {
      const letter = { ...written(plain, language), issueDate: "2026-03-09", payByDate: "2026-03-16" }
      const { after, before, facts } = wordsOf(letter)
      assert.match(after[0]!, words)
      assert.strictEqual(facts.at(-1)![1], payBy)
      assert.include(before[1], "RE2026-000042")
      assert.strictEqual(after.length, 3)
      assert.strictEqual(wordsOf(written({ ...plain, fees: [0n] }, language)).after.length, 2)
    }
    assert.strictEqual(moneyIn("de", written(plain).openMinor, "EUR"), "38,50 €")
    const of = { kind: "charge", id: "019cb812-de6b-769d-990a-f04fb6ce5826", stationId: "CP-7" } as const
    assert.strictEqual(referenceOf({ id: `charge-${of.id}`, of }, 2), "CH-F04FB6CE5826-M2")
    const wallet = { kind: "wallet", id: "ada", stationId: "" } as const
    assert.strictEqual(referenceOf({ id: "wallet-ada-3", of: wallet }, 1), "WA-ada-3-M1")
    const charge = wordsOf(written(plain, "de", { kind: "charge", stationId: "CP-7" }))
    assert.include(charge.before[1], "CP-7")
    assert.include(charge.after[0], "RE2026-000042-M3")
  })

  it.live("is one page of PDF/A-3, the same bytes each time, and other ones in another language", () =>
    Effect.gen(function* () {
      const [german, english] = [yield* reminderPdf(written(plain)), yield* reminderPdf(written(plain, "en"))]
      assert.deepStrictEqual(yield* reminderPdf(written(plain)), german)
      assert.notDeepEqual(german, english)
      const reference = "A".repeat(120)
      const long = yield* reminderPdf({ ...written(plain), reference })
      for (const pdf of [german, english, long]) {
        const text = Buffer.from(pdf).toString("latin1")
        assert.strictEqual(text.match(/\/Type \/Page\b/g)?.length, 1)
        assert.include(text, "<pdfaid:part>3</pdfaid:part>")
        assert.notInclude(text, "factur-x.xml")
      }
    })
  )
})
