import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { chargeDebtId, type DebtFact, evolve } from "#core/dunning/Debt.ts"
import { standardDunning } from "#core/dunning/next.ts"
import { newEntries } from "#core/dunning/post.ts"
import { feeDraftOf } from "#core/invoice/feeDraft.ts"
import { creditNoteOf } from "#core/invoice/Invoice.ts"
import { evolve as evolvePayment, type PaymentFact, type Terms } from "#core/payment/Payment.ts"
import { feesUntil } from "#core/subscription/fees.ts"
import { Books } from "#server/books/Books.ts"
import { Directory } from "#server/directory/Directory.ts"
import { type DebtRecord, DebtStore } from "#server/dunning/DebtStore.ts"
import { InvoiceStore } from "#server/invoices/InvoiceStore.ts"
import { PaymentStore } from "#server/payments/PaymentStore.ts"
import { WalletStore } from "#server/wallet/WalletStore.ts"
import { buyer, seller } from "../../core/invoice/fixtures.ts"
import { intent, observed, terms as paymentTerms } from "../../core/payment/makers.ts"
import { begun } from "../../core/subscription/makers.ts"
import { t0, uuid } from "./makers.ts"
import { onEveryStore } from "./worlds.ts"

const issued = Effect.fnUntraced(function* (driverId: string) {
  const [item] = feesUntil(begun(t0), t0)
  return yield* (yield* InvoiceStore).issue(
    feeDraftOf({ seller, buyer, language: "de", issuedAtMs: t0, driverId, items: [item!] })
  )
})

const terms = (driverId: string) => ({
  driverId,
  currency: "EUR",
  amountMinor: 999n,
  dueDate: "2026-03-15",
  timeZone: "Europe/Berlin"
})

const seeded = Effect.gen(function* () {
  const directory = yield* Directory
  for (const id of ["ada", "bob"]) {
    yield* directory.createDriver({ id, name: id, email: null, createdAtMs: t0 })
    yield* directory.createToken({
      uid: `CARD-${id}`,
      type: "ISO14443",
      groupId: null,
      driverId: id,
      expiresAtMs: null,
      blockedAtMs: null,
      concurrencyLimit: null,
      allowedStations: null,
      partnerId: null,
      createdAtMs: t0
    })
  }
  return yield* DebtStore
})

const change = (record: DebtRecord, facts: ReadonlyArray<DebtFact>, dueAtMs: number | null = null) => ({
  record,
  facts,
  entries: newEntries(record.debt, facts.reduce(evolve, record.debt), t0),
  dueAtMs
})

onEveryStore("the debt store", (check) => {
  check(
    "finds invoices that nobody watches, and debts whose invoice was taken back",
    Effect.gen(function* () {
      const store = yield* seeded
      const first = yield* issued("ada")
      const second = yield* issued("bob")
      assert.deepStrictEqual(
        (yield* store.unwatched(9)).map(({ id }) => id),
        [first.id, second.id]
      )
      yield* store.open(first.id, terms("ada"), t0)
      yield* store.open(first.id, { ...terms("ada"), amountMinor: 5n }, t0)
      assert.strictEqual((yield* store.get(first.id))!.debt.amountMinor, 999n)
      assert.deepStrictEqual(
        (yield* store.unwatched(9)).map(({ id }) => id),
        [second.id]
      )
      const invoices = yield* InvoiceStore
      for (const invoice of [first, second])
        yield* invoices.credit(creditNoteOf(invoice, { issuedAtMs: t0, issueDate: "2026-03-01", reason: "x" }))
      assert.deepStrictEqual(yield* store.unwatched(9), [])
      assert.deepStrictEqual(yield* store.takenBack(9), [first.id])
      yield* store.commit(change((yield* store.get(first.id))!, [{ _tag: "Credited", atMs: t0 }]))
      assert.deepStrictEqual(yield* store.takenBack(9), [])
    })
  )

  check(
    "writes facts with what they book, once, and tells with the driver's tokens that they may start nothing",
    Effect.gen(function* () {
      const store = yield* seeded
      const directory = yield* Directory
      const { id } = yield* issued("ada")
      yield* store.open(id, terms("ada"), t0)
      const record = (yield* store.get(id))!
      const facts: ReadonlyArray<DebtFact> = [
        { _tag: "Reminded", atMs: t0, level: 1, feeMinor: 250n },
        { _tag: "Suspended", atMs: t0 + 5 }
      ]
      const done = yield* store.commit(change(record, facts, t0 + 9))
      assert.deepStrictEqual(yield* store.get(id), done)
      assert.strictEqual(yield* store.commit(change(record, facts)), "Stale")
      assert.deepStrictEqual(yield* store.facts(id), facts)
      const known = yield* directory.token("CARD-ada")
      assert.strictEqual(known!.suspendedAtMs, t0 + 5)
      assert.isUndefined((yield* directory.token("CARD-bob"))!.suspendedAtMs)
      yield* directory.updateToken({ ...known!, groupId: "G" })
      const entries = yield* (yield* Books).entries({ limit: 9, sourceId: `${id}/reminder/1` })
      assert.lengthOf(entries.items, 1)
      const paid: DebtFact = { _tag: "Transferred", atMs: t0, id: "t", amountMinor: 1249n }
      yield* store.commit(change((yield* store.get(id))!, [paid]))
      assert.isUndefined((yield* directory.token("CARD-ada"))!.suspendedAtMs)
      const list = yield* store.list({ limit: 9, driverId: "ada", state: "paid" })
      assert.deepStrictEqual(
        list.items.map(({ debt }) => debt.id),
        [id]
      )
      assert.deepStrictEqual((yield* store.list({ limit: 9, state: "open" })).items, [])
    })
  )

  check(
    "finds what charges and wallets owe and nobody watches, one debt of a wallet at a time, and what changed there",
    Effect.gen(function* () {
      const store = yield* seeded
      const payments = yield* PaymentStore
      const wallets = yield* WalletStore
      yield* wallets.open({ driverId: "bob", currency: "EUR", creditLineMinor: 0n, openedAtMs: t0 })
      assert.deepStrictEqual(yield* store.owing(9), [])
      const claim = (owedMinor: bigint, n: number) =>
        wallets.claim("bob", { sourceId: `c${n}`, owedMinor, reason: "because", atMs: t0 })
      for (let told = 0; told < 2; told++) yield* claim(500n, 1)
      const lost = { id: "du_1", amountMinor: 300n, status: "Lost", feeMinor: 0n } as const
      const taken = { status: "Succeeded", authorizedMinor: 300n, capturedMinor: 300n } as const
      // One that asks for an invoice, one without an account, one of a charge, and two of which a bank took back what was paid.
      const short: ReadonlyArray<Terms & { readonly owedMinor?: bigint }> = [
        { ...paymentTerms, driverId: "ada", stationId: "", tokenUid: "PAY1" },
        { ...paymentTerms, tokenUid: "PAY2" },
        { ...paymentTerms, driverId: "ada", tokenUid: "PAY3" },
        { ...paymentTerms, driverId: "ada", tokenUid: "PAY4", owedMinor: 300n },
        { ...paymentTerms, driverId: "ada", tokenUid: "PAY5", owedMinor: 400n }
      ]
      for (const [index, { owedMinor = 700n, ...own }] of short.entries()) {
        yield* payments.open(uuid(index), t0, own, t0)
        const { payment: before, version } = (yield* payments.get(uuid(index)))!
        const facts: ReadonlyArray<PaymentFact> = [
          { _tag: "Owed", atMs: t0, revision: 1, amountMinor: owedMinor },
          ...(index < 3 ? [] : [observed(intent({ ...taken, id: `pi_${index}`, disputes: [lost] }))])
        ]
        const payment = facts.reduce(evolvePayment, before)
        yield* payments.commit({ payment, version, facts, entries: [], dueAtMs: null, atMs: t0 })
      }
      assert.deepStrictEqual(yield* store.owing(9), [
        { kind: "charge", id: uuid(2) },
        { kind: "charge", id: uuid(4) },
        { kind: "wallet", id: "bob" }
      ])
      assert.lengthOf(yield* store.owing(1), 1)
      yield* store.open(
        chargeDebtId(uuid(4)),
        { ...terms("ada"), of: { kind: "charge", id: uuid(4), stationId: "S" } },
        t0
      )
      const heardOf = (yield* store.get(chargeDebtId(uuid(4))))!
      yield* store.commit({ ...change(heardOf, [], t0), toldVersion: 2 })
      const charge = chargeDebtId(uuid(2))
      const ofCharge = {
        ...terms("ada"),
        amountMinor: 700n,
        of: { kind: "charge", id: uuid(2), stationId: "S" }
      } as const
      const ofWallet = { ...terms("bob"), amountMinor: 500n, of: { kind: "wallet", id: "bob", stationId: "" } } as const
      yield* store.open(charge, ofCharge, t0)
      yield* store.open("wallet-bob-0", ofWallet, t0)
      yield* store.open("wallet-bob-1", ofWallet, t0)
      assert.isUndefined(yield* store.get("wallet-bob-1"))
      assert.deepStrictEqual((yield* store.get(charge))!.debt.of, ofCharge.of)
      // It has heard nothing of its payment yet.
      assert.deepStrictEqual([yield* store.owing(9), yield* store.moved(9)], [[], [charge]])
      const heard = { ...change((yield* store.get(charge))!, [], t0), toldVersion: 1 }
      assert.deepInclude(yield* store.commit(heard), { version: 0, toldVersion: 1 })
      assert.deepStrictEqual(yield* store.moved(9), [])
      yield* claim(100n, 2)
      assert.deepStrictEqual(yield* store.moved(9), ["wallet-bob-0"])
      const { payment: before, version } = (yield* payments.get(uuid(2)))!
      const facts = [{ _tag: "Owed", atMs: t0, revision: 3, amountMinor: 650n } as const]
      const payment = facts.reduce(evolvePayment, before)
      yield* payments.commit({ payment, version, facts, entries: [], dueAtMs: null, atMs: t0 })
      assert.deepStrictEqual(yield* store.moved(9), [charge, "wallet-bob-0"])
      // Who says nothing of it leaves what it has heard as it is.
      yield* store.commit(change((yield* store.get(charge))!, [{ _tag: "Revised", atMs: t0, amountMinor: 650n }]))
      assert.strictEqual((yield* store.get(charge))!.toldVersion, 1)
      assert.deepStrictEqual(yield* store.moved(9), [charge, "wallet-bob-0"])
      const paid: DebtFact = { _tag: "CardTold", atMs: t0, paidMinor: 500n, writtenOffMinor: 0n }
      yield* store.commit(change((yield* store.get("wallet-bob-0"))!, [paid]))
      assert.deepStrictEqual(yield* store.moved(9), [charge])
      // What it owes now is another debt.
      assert.deepStrictEqual(yield* store.owing(9), [{ kind: "wallet", id: "bob" }])
    })
  )

  check(
    "gives what is due to one caller alone, and keeps the rules",
    Effect.gen(function* () {
      const store = yield* seeded
      const { id } = yield* issued("ada")
      yield* store.open(id, terms("ada"), t0)
      assert.deepStrictEqual(yield* store.claim(t0, t0 + 100, 9), [id])
      assert.deepStrictEqual(yield* store.claim(t0 + 99, t0 + 200, 9), [])
      assert.deepStrictEqual(yield* store.claim(t0 + 100, t0 + 200, 9), [id])
      assert.isUndefined(yield* store.policy)
      yield* store.savePolicy(standardDunning)
      assert.deepStrictEqual(yield* store.policy, standardDunning)
    })
  )
})
