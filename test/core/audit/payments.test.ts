import { assert, describe, it } from "@effect/vitest"
import { Audit, type InvariantId } from "#core/audit/Audit.ts"
import type { ProviderBooks } from "#core/audit/PaymentAudit.ts"
import { type Entry, trialBalance } from "#core/billing/Ledger.ts"
import { begin, type DebtFact, evolve as evolveDebt } from "#core/dunning/Debt.ts"
import { newEntries } from "#core/dunning/post.ts"
import type { Payment, PaymentFact } from "#core/payment/Payment.ts"
import { entriesOf } from "#core/payment/post.ts"
import { type Resolution, type Unmatched, writeOffEntries } from "#core/payment/Unmatched.ts"
import { attempted, fold, intent, observed, payment, t0 } from "../payment/makers.ts"

const taken = intent({
  status: "Succeeded",
  authorizedMinor: 3_000n,
  capturedMinor: 2_000n,
  feeMinor: 45n,
  refunds: [
    { id: "re_1", key: null, amountMinor: 300n, status: "Succeeded", goodwill: true },
    { id: "re_2", key: null, amountMinor: 99n, status: "Failed", goodwill: false }
  ]
})

/** Held, captured, and 3.00 of it given back; a second refund came back. */
const course: ReadonlyArray<PaymentFact> = [
  attempted({ status: "Sent" }),
  attempted({ status: "Done", atMs: t0 + 1 }),
  observed(intent({ status: "Authorized", authorizedMinor: 3_000n })),
  { _tag: "Owed", atMs: t0 + 2, revision: 1, amountMinor: 2_000n },
  observed(taken, t0 + 3)
]

const bookedOf = (of: Payment): ReadonlyArray<Entry> =>
  entriesOf(of).map((entry) => ({ ...entry, bookedAtMs: t0, effectiveAtMs: t0 }))

const says = (over: Partial<ProviderBooks> = {}): ProviderBooks => ({
  intents: [{ id: "pi_1", capturedMinor: 2_000n, refundedMinor: 300n }],
  openedFromMs: t0 - 1,
  openedBeforeMs: t0 + 1,
  ...over
})

const whole = fold(payment(), course)

interface Told {
  readonly stored?: Payment
  readonly facts?: ReadonlyArray<PaymentFact>
  readonly entries?: ReadonlyArray<Entry>
  readonly provider?: ProviderBooks | undefined
  /** What people decided about unmatched items. */
  readonly decided?: ReadonlyArray<Unmatched>
}

const audited = ({ stored = whole, facts = course, entries = bookedOf(stored), ...rest }: Told) => {
  const audit = new Audit()
  audit.payment(stored, facts)
  for (const item of rest.decided ?? []) audit.unmatched(item)
  for (const entry of entries) audit.entry(entry)
  const provider = "provider" in rest ? rest.provider : says()
  return audit.finish({ balances: trialBalance(entries), series: [], ...(provider !== undefined && { provider }) })
}

const violatedIn = (told: Told): ReadonlyArray<InvariantId> =>
  audited(told)
    .filter(({ violated }) => violated > 0)
    .map(({ id }) => id)

/** The payment when the provider had said that of its intent, with the facts that make it so. */
const saying = (over: Partial<typeof taken>): Told => {
  const facts = [...course.slice(0, -1), observed({ ...taken, ...over }, t0 + 3)]
  const stored = fold(payment(), facts)
  const [{ capturedMinor, refunds }] = stored.intents as readonly [typeof taken]
  const refundedMinor = refunds.reduce((sum, it) => sum + (it.status === "Failed" ? 0n : it.amountMinor), 0n)
  return { stored, facts, provider: says({ intents: [{ id: "pi_1", capturedMinor, refundedMinor }] }) }
}

describe("an audit of payments", () => {
  it("finds nothing wrong with one that provider, facts and ledger agree on, and has compared something", () => {
    assert.deepStrictEqual(violatedIn({}), [])
    const checked = audited({}).filter((it) => it.checked > 0)
    assert.includeMembers(
      checked.map(({ id }) => id),
      ["I4", "I13", "I16"]
    )
  })

  it("sees more captured than was authorised, more given back than was captured, and less than nothing owed (I4)", () => {
    assert.deepStrictEqual(violatedIn(saying({ capturedMinor: 3_001n })), ["I4"])
    const refund = { id: "re_1", key: null, amountMinor: 2_001n, status: "Succeeded", goodwill: false } as const
    assert.deepStrictEqual(violatedIn(saying({ refunds: [refund] })), ["I4"])
    const facts: ReadonlyArray<PaymentFact> = [...course, { _tag: "Owed", atMs: t0, revision: 2, amountMinor: -1n }]
    assert.deepStrictEqual(violatedIn({ stored: fold(payment(), facts), facts }), ["I4"])
  })

  it("sees a driver who has less than nothing on his account, once nothing is due any more (I5)", () => {
    const [re1] = taken.refunds
    const rest = { id: "re_3", key: null, amountMinor: 1_700n, status: "Succeeded", goodwill: false } as const
    const back = observed({ ...taken, refunds: [re1!, rest] }, t0 + 3)
    const nothing: PaymentFact = { _tag: "Owed", atMs: t0 + 4, revision: 2, amountMinor: 0n }
    const facts = [...course.slice(0, -1), nothing, back]
    const provider = says({ intents: [{ id: "pi_1", capturedMinor: 2_000n, refundedMinor: 2_000n }] })
    const off = (amountMinor: bigint): PaymentFact => {
      return { _tag: "SetOff", atMs: t0 + 5, id: "off", against: "goodwill", amountMinor }
    }
    const told = (more: ReadonlyArray<PaymentFact>, entries?: (of: Payment) => ReadonlyArray<Entry>) => {
      const stored = fold(payment(), [...facts, ...more])
      return violatedIn({ stored, facts: [...facts, ...more], provider, ...(entries && { entries: entries(stored) }) })
    }
    // Still to be set off: nothing is at rest.
    assert.deepStrictEqual(told([]), [])
    assert.deepStrictEqual(told([off(300n)]), [])
    assert.deepStrictEqual(
      told([off(300n)], (of) => bookedOf(of).filter(({ id }) => id !== "entry-off")),
      ["I16"]
    )
    const lost = observed({ ...taken, disputes: [{ id: "dp", amountMinor: 1_700n, status: "Lost", feeMinor: null }] })
    const withdrawn = fold(payment(), [...course.slice(0, -1), nothing, lost, off(300n)])
    const kept: PaymentFact = { _tag: "SetOff", atMs: t0, id: "k", against: "chargeback", amountMinor: 1_700n }
    const settled = fold(withdrawn, [kept])
    assert.deepStrictEqual(
      violatedIn({ stored: settled, facts: [...course.slice(0, -1), nothing, lost, off(300n), kept] }),
      []
    )
  })

  it("sees what the provider captured or gave back otherwise, or knows nothing of (I13)", () => {
    const captured = (capturedMinor: bigint) => says({ intents: [{ id: "pi_1", capturedMinor, refundedMinor: 300n }] })
    assert.deepStrictEqual(violatedIn({ provider: captured(2_001n) }), ["I13"])
    const refunded = says({ intents: [{ id: "pi_1", capturedMinor: 2_000n, refundedMinor: 399n }] })
    assert.deepStrictEqual(violatedIn({ provider: refunded }), ["I13"])
    assert.deepStrictEqual(violatedIn({ provider: says({ intents: [] }) }), ["I13"])
    const stranger = { id: "pi_2", capturedMinor: 1n, refundedMinor: 0n }
    assert.deepStrictEqual(violatedIn({ provider: says({ intents: [...says().intents, stranger] }) }), ["I13"])
  })

  it("holds against the provider neither what it was not asked for nor what is under way", () => {
    assert.deepStrictEqual(violatedIn({ provider: says({ intents: [], openedFromMs: t0 + 1 }) }), [])
    assert.deepStrictEqual(violatedIn({ provider: says({ intents: [], openedBeforeMs: t0 }) }), [])
    const key = "capture/1"
    const open = attempted({ key, purpose: "refund", intentId: "pi_1", status: "Unknown", code: "timeout" })
    const facts = [...course, open]
    const other = says({ intents: [{ id: "pi_1", capturedMinor: 2_000n, refundedMinor: 500n }] })
    assert.deepStrictEqual(violatedIn({ stored: fold(payment(), facts), facts, provider: other }), [])
    const unasked = audited({ provider: undefined }).find(({ id }) => id === "I13")
    assert.strictEqual(unasked!.checked, 0)
  })

  it("sees a payment that its facts do not make, and bookings that do not follow from it (I16)", () => {
    assert.deepStrictEqual(violatedIn({ facts: course.slice(0, -1) }), ["I16"])
    const entries = bookedOf(whole)
    assert.deepStrictEqual(violatedIn({ entries: entries.slice(1) }), ["I16"])
    const [first, ...others] = entries as readonly [Entry, ...ReadonlyArray<Entry>]
    const dearer = { ...first, postings: first.postings.map((it) => ({ ...it, amountMinor: it.amountMinor * 2n })) }
    assert.deepStrictEqual(violatedIn({ entries: [dearer, ...others] }), ["I16"])
    const stray = { ...first, id: "entry-pi_9", source: { kind: "payment", id: "pi_9" } } as const
    assert.deepStrictEqual(violatedIn({ entries: [...entries, stray] }), ["I16"])
  })

  it("takes what a person wrote off as it is with the provider, and only that, and only as booked", () => {
    const provider = says({ intents: [...says().intents, { id: "pi_9", capturedMinor: 700n, refundedMinor: 0n }] })
    assert.deepStrictEqual(violatedIn({ provider }), ["I13"])
    const kept = decided()
    const entries = [...bookedOf(whole), ...writtenOffBy(kept)]
    assert.deepStrictEqual(violatedIn({ provider, decided: [kept], entries }), [])
    assert.deepStrictEqual(violatedIn({ provider, decided: [kept] }), ["I16"])
    assert.deepStrictEqual(violatedIn({ entries }), ["I16"])
    const more = says({ intents: [...says().intents, { id: "pi_9", capturedMinor: 701n, refundedMinor: 0n }] })
    assert.deepStrictEqual(violatedIn({ provider: more, decided: [kept], entries }), ["I13"])
    const failed = decided({ why: "It is gone.", writtenOff: null })
    assert.deepStrictEqual(violatedIn({ provider, decided: [failed] }), ["I13"])
  })

  it("holds an intent that was written off and came back to its payment again, and the books to both", () => {
    const about = { intentId: "pi_1", provider: "stripe", currency: "EUR", refundedMinor: 0n }
    // Nothing had gone back when it came back.
    const lost = decided({ writtenOff: { ...about, fromMinor: 0n, toMinor: -1_700n, capturedMinor: 0n } })
    const back = decided({
      writtenOff: { ...about, fromMinor: -1_700n, toMinor: 0n, capturedMinor: 2_000n },
      doneAtMs: t0 + 10
    })
    const items = [
      { ...lost, id: "missing-intent pi_1", kind: "missing-intent" },
      { ...back, id: "amounts pi_1", kind: "amounts" }
    ] as const
    const entries = [...bookedOf(whole), ...items.flatMap(writtenOffBy)]
    assert.deepStrictEqual(violatedIn({ decided: items, entries, provider: says() }), [])
    const onlyLost = { decided: items.slice(0, 1), entries: [...bookedOf(whole), ...writtenOffBy(items[0])] }
    assert.deepStrictEqual(violatedIn({ ...onlyLost, provider: says() }), ["I13"])
    const otherwise = says({ intents: [{ id: "pi_1", capturedMinor: 2_000n, refundedMinor: 301n }] })
    assert.deepStrictEqual(violatedIn({ decided: items, entries, provider: otherwise }), ["I13"])
  })
})

/** An item of an intent of no payment, whose 7.00 were kept. */
const decided = (over: Partial<Resolution> = {}): Unmatched => ({
  id: "unknown-intent pi_9",
  kind: "unknown-intent",
  detail: "700 captured",
  paymentId: null,
  firstSeenAtMs: t0,
  lastSeenAtMs: t0,
  resolvedAtMs: t0 + 9,
  resolutions: [
    {
      action: "write-off",
      reason: "nobody knows it",
      by: "desk",
      detail: "700 captured",
      paymentId: null,
      askedAtMs: t0 + 8,
      doneAtMs: t0 + 9,
      why: null,
      writtenOff: {
        provider: "stripe",
        currency: "EUR",
        fromMinor: 0n,
        toMinor: 700n,
        intentId: "pi_9",
        capturedMinor: 700n,
        refundedMinor: 0n
      },
      ...over
    }
  ]
})

const writtenOffBy = (item: Unmatched): ReadonlyArray<Entry> =>
  writeOffEntries(item).map((entry) => ({ ...entry, bookedAtMs: t0 + 9, effectiveAtMs: t0 + 9 }))

describe("an audit of debts", () => {
  const terms = {
    driverId: "ada",
    currency: "EUR",
    amountMinor: 900n,
    dueDate: "2026-05-01",
    timeZone: "Europe/Berlin"
  }
  const told: ReadonlyArray<DebtFact> = [
    { _tag: "Reminded", atMs: t0, level: 1, feeMinor: 250n },
    { _tag: "Transferred", atMs: t0, id: "bank-1", amountMinor: 1_000n },
    { _tag: "WrittenOff", atMs: t0, id: "given-1", amountMinor: 150n, reason: "goodwill" }
  ]
  const debt = told.reduce(evolveDebt, begin("RE-1", terms))
  const entries = newEntries(begin("RE-1", terms), debt, t0)
  const strange = (booked: ReadonlyArray<Entry>): number => {
    const audit = new Audit()
    audit.debt(debt, null)
    for (const entry of booked) audit.entry(entry)
    return audit.finish({ balances: trialBalance(booked), series: [] }).find(({ id }) => id === "I16")!.violated
  }

  it("knows what came past the card, what a reminder costs and what was given up, and misses what is not booked (I16)", () => {
    assert.strictEqual(strange(entries), 0)
    assert.strictEqual(strange(entries.slice(1)), 1)
  })

  it("sees a fee of a reminder that nobody wrote, and a transfer that nobody made (I16)", () => {
    const [fee, transfer] = entries
    assert.strictEqual(strange([...entries, { ...fee!, id: "entry-RE-1/reminder/2" }]), 1)
    assert.strictEqual(strange([...entries, { ...transfer!, id: "entry-RE-1/transfer/bank-2" }]), 1)
  })
})
