// biome-ignore-all lint/suspicious/noTemplateCurlyInString: patches are source text
import type { Mutant } from "../Mutant.ts"

const area = "corrections"

/** Bills that operators correct, and what must follow them: documents, payments, wallets. */
export const corrections: ReadonlyArray<Mutant> = [
  {
    id: "correction-without-credit-note",
    area,
    why: "The bill is taken back and the receipt is not: the driver deducts the tax of a charge that he never paid for.",
    file: "server/corrections/finish.ts",
    find: "const replaced = traced === null ? nothing : yield* replace(office, traced, record.reason)",
    replace:
      "const replaced = traced === null || record.id !== '' ? nothing : yield* replace(office, traced, record.reason)"
  },
  {
    id: "correction-without-new-document",
    area,
    why: "The document of a corrected bill is taken back, and nobody makes out the new one before somebody asks for it.",
    file: "server/invoices/Invoicing.ts",
    find: "yield* issueAll(office, kind, seller, open, [], new Map())",
    replace: "yield* issueAll(office, kind, seller, open.slice(0, 0), [], new Map())"
  },
  {
    id: "correction-loses-its-version",
    area,
    why: "A bill is corrected to what a tariff was when the charge began, and priced by what it was in the beginning.",
    file: "server/corrections/Corrections.ts",
    find: "correct(it, { id, reason, tariff }, nowMs)",
    replace: "correct(it, { id, reason, tariff: tariff && { ...tariff, version: 1 } }, nowMs)"
  },
  {
    id: "correction-stays-the-first",
    area,
    why: "A bill that is corrected twice keeps the first correction's price: the list is read from the wrong end.",
    file: "core/transaction/Transaction.ts",
    find: "const last = corrections[corrections.length - 1]",
    replace: "const last = corrections[0]"
  },
  {
    id: "correction-asked-again-refused",
    area,
    why: "The desk's line broke, it asks again, and is told that nothing is owed for the charge: what is done is not known by its name.",
    file: "server/corrections/Corrections.ts",
    find: "(it) => it.requestId === requestId",
    replace: '(it) => it.requestId === requestId && it.status === "Waiting"'
  },
  {
    id: "correction-credits-the-first-bill",
    area,
    why: "A bill that was corrected is corrected once more, and the first is taken back a second time: what stands is not known.",
    file: "server/billing/Billing.ts",
    find: "settledBy([credit, corrected], corrected.id, revision, nowMs)",
    replace: "settledBy([credit, corrected], standing.id, revision, nowMs)"
  },
  {
    id: "correction-keeps-the-wallets-money",
    area,
    why: "A lower bill gives nothing back to the wallet that paid the higher one: only what is missing is looked at.",
    file: "core/wallet/settle.ts",
    find: "const debit = missing <= 0n ? missing : least(missing, room > 0n ? room : 0n)",
    replace: "const debit = missing <= 0n ? 0n : least(missing, room > 0n ? room : 0n)"
  },
  {
    id: "correction-after-the-payment",
    area,
    why: "What a charge comes to is asked until there is a bill, and never again: whoever paid the wrong one has paid it.",
    file: "server/payments/Charging.ts",
    find: "if (payment.owed === null || payment.owed.revision < revision)",
    replace: "if (payment.owed === null)"
  },
  {
    id: "correction-of-nothing-billed",
    area,
    why: "A charge that was given away cannot be billed after all: whoever corrects once too often has lost the money.",
    file: "server/billing/Billing.ts",
    find: "if (owed !== null) return Effect.succeed(settledBy([owed], owed.id, revision, nowMs))",
    replace:
      "if (owed !== null && transaction.settled === null) return Effect.succeed(settledBy([owed], owed.id, revision, nowMs))"
  },
  {
    id: "write-off-stays",
    area,
    why: "Cents were written off, then the bill comes to less: the driver is given cents that he never paid. Found in this house.",
    file: "core/payment/next.ts",
    find: "if (writtenOffTooMuchMinor > 0n)",
    replace: "if (writtenOffTooMuchMinor < 0n)"
  },
  {
    id: "goodwill-stays-an-expense",
    area,
    why: "A driver got goodwill, then his bill comes to nothing: he has all of it back, and his account says that he is owed the goodwill once more. Found in this house.",
    file: "core/payment/state.ts",
    find: "const goodwill = between(0n, missingMinor, goodwillMinor)",
    replace: "const goodwill = between(0n, missingMinor, goodwillMinor - goodwillMinor)"
  }
]
