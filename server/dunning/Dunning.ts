import { Clock, Context, Data, Effect, Layer } from "effect"
import {
  amountsOf,
  chargeDebtId,
  type Debt,
  type DebtFact,
  type DebtTerms,
  evolve,
  kindOf,
  walletDebtId
} from "#core/dunning/Debt.ts"
import { type Command, decide } from "#core/dunning/decide.ts"
import { next, standardDunning, unlettered } from "#core/dunning/next.ts"
import { newEntries } from "#core/dunning/post.ts"
import { plainSubject, writeLetter } from "#core/dunning/Reminder.ts"
import { dayOf } from "#core/invoice/days.ts"
import type { Invoice } from "#core/invoice/Invoice.ts"
import { buyerOf, languageOf } from "#core/invoice/Party.ts"
import { amountsOf as paymentAmounts } from "#core/payment/state.ts"
import { standardTopUp } from "#core/payment/topUp.ts"
import { Directory, NotFound } from "../directory/Directory.ts"
import { InvoiceStore } from "../invoices/InvoiceStore.ts"
import { PaymentDesk } from "../payments/Desk.ts"
import { PaymentStore } from "../payments/PaymentStore.ts"
import { patiently } from "../station/patiently.ts"
import { WalletStore } from "../wallet/WalletStore.ts"
import { type DebtRecord, DebtStore, type Owing } from "./DebtStore.ts"
import { newsOf, type Payers, paymentIdOf } from "./news.ts"

/** A debt cannot do what was asked of it as it stands. */
export class DebtRefused extends Data.TaggedError("DebtRefused")<{ readonly why: string }> {}

/** Tries at a decision that others' writes overtook, and steps in a row before the next turn. */
const maxTries = 20

/** Between a try at a card and the look at what came of it. */
const afterCardMs = 60_000

/** Between two looks whether somebody is set who could send a letter. */
const sellerEveryMs = 24 * 3_600_000

/** Sees to it that what is owed is paid: by the card the driver keeps, by reminders, by refusing to charge, or not at all. */
export class Dunning extends Context.Service<
  Dunning,
  {
    /** Begins to watch an invoice; one that is watched already stays as it is. */
    readonly watch: (invoice: Invoice) => Effect.Effect<void>
    /** Begins to watch what a charge or a wallet owes; what is watched already stays as it is. */
    readonly watchOwing: (owing: Owing) => Effect.Effect<void>
    readonly command: (id: string, command: Command) => Effect.Effect<DebtRecord, NotFound | DebtRefused>
    /** Tries the card again now, with another one where named; what a wallet owes is topped up by it. */
    readonly pay: (
      id: string,
      retry: { readonly id: string; readonly methodId: string | null }
    ) => Effect.Effect<DebtRecord, NotFound | DebtRefused>
    /** Does everything that is due about a debt. */
    readonly advance: (id: string) => Effect.Effect<DebtRecord, NotFound>
  }
>()("server/dunning/Dunning") {
  static readonly layer = Layer.effect(
    Dunning,
    Effect.gen(function* () {
      const office: Office = {
        store: yield* DebtStore,
        directory: yield* Directory,
        invoices: yield* InvoiceStore,
        payments: yield* PaymentStore,
        wallets: yield* WalletStore,
        desk: (yield* PaymentDesk).open
      }
      return Dunning.of({
        watch: (invoice) => watch(office, invoice),
        watchOwing: (owing) => watchOwing(office, owing),
        command: Effect.fnUntraced(function* (id, command) {
          yield* apply(office, id, command)
          return yield* advance(office, id)
        }),
        pay: Effect.fnUntraced(function* (id, retry) {
          const { debt } = yield* load(office, id)
          yield* kindOf(debt) === "wallet" ? topUp(office, debt, retry) : tryCard(office, debt, retry)
          return yield* advance(office, id)
        }),
        advance: (id) => advance(office, id)
      })
    })
  )
}

interface Office extends Payers {
  readonly store: DebtStore["Service"]
  readonly directory: Directory["Service"]
  readonly invoices: InvoiceStore["Service"]
}

interface Retry {
  readonly id: string
  readonly methodId: string | null
}

/** Where there is a payment that was declined, this is another try at it; else the first one is made as the debt moves on. */
const tryCard = Effect.fnUntraced(function* ({ payments, desk }: Office, debt: Debt, { id, methodId }: Retry) {
  const known = yield* patiently(payments.get(debt.of?.id ?? paymentIdOf(debt.id)))
  if (known === undefined || desk === undefined) return
  yield* desk
    .command(known.payment.id, { _tag: "Retry", id, methodId })
    .pipe(Effect.catchTags({ NotFound: Effect.die, PaymentRefused: Effect.die }))
})

/** What a wallet owes is paid into it, by the card that is named or the newest that is kept. */
const topUp = Effect.fnUntraced(function* (
  { desk }: Office,
  debt: Debt,
  { id, methodId }: Retry
): Effect.fn.Return<void, DebtRefused> {
  const { openMinor } = amountsOf(debt)
  if (desk === undefined) return yield* new DebtRefused({ why: "Payments are off: no provider is set." })
  if (openMinor === 0n) return
  const { driverId, currency } = debt
  const away = { why: "The payment provider cannot be reached. Try again." }
  const paid = Effect.gen(function* () {
    const kept = methodId ?? (yield* desk.cards(driverId))[0]?.methodId
    if (kept === undefined) return yield* new DebtRefused({ why: "No card is kept: top the wallet up with one." })
    const { leastMinor, waiting } = standardTopUp
    const amountMinor = openMinor > leastMinor ? openMinor : leastMinor
    const request = { id: `${debt.id}/${id}`, driverId, currency, amountMinor, methodId: kept }
    const record = yield* desk.topUp(request, waiting)
    if (record === "TooMany") return yield* new DebtRefused({ why: "Earlier top-ups wait to be confirmed." })
  })
  yield* Effect.catchTags(patiently(paid), {
    Rejected: ({ code }) => new DebtRefused({ why: `The payment provider refused it: ${code}.` }),
    Unanswered: () => new DebtRefused(away)
  })
})

/** What of a charge or a wallet is to be paid from now on. */
const watchOwing = Effect.fnUntraced(function* ({ store, payments, wallets, invoices }: Office, { kind, id }: Owing) {
  const nowMs = yield* Clock.currentTimeMillis
  const timeZone = (yield* patiently(invoices.seller))?.timeZone ?? "UTC"
  const due = { dueDate: dayOf(nowMs, timeZone), timeZone }
  const open = (debtId: string, terms: DebtTerms) => patiently(store.open(debtId, terms, nowMs))
  if (kind === "charge") {
    const record = yield* patiently(payments.get(id))
    if (record === undefined || record.payment.driverId === null) return
    const { driverId, currency, stationId } = record.payment
    const amountMinor = paymentAmounts(record.payment).owedMinor ?? 0n
    return yield* open(chargeDebtId(id), { ...due, of: { kind, id, stationId }, driverId, currency, amountMinor })
  }
  const wallet = yield* patiently(wallets.get(id))
  if (wallet === undefined || wallet.arrearsMinor === 0n) return
  const { currency, arrearsMinor, movements } = wallet
  const terms = { ...due, of: { kind, id, stationId: "" }, driverId: id, currency, amountMinor: arrearsMinor }
  yield* open(walletDebtId(id, movements), terms)
})

/** Sessions that a payment of their own or a wallet pays are owed there, not for the document they stand on. */
const watch = Effect.fnUntraced(function* ({ store, payments, wallets }: Office, invoice: Invoice) {
  const { id, driverId, currency, dueDate, seller, issueDate } = invoice
  if (driverId === null) return
  const hasWallet = (yield* patiently(wallets.get(driverId))) !== undefined
  let amountMinor = invoice.payableMinor
  for (const { token, grossMinor } of invoice.sessions) {
    const paying = token === null ? undefined : yield* patiently(payments.ofToken(token))
    if (hasWallet || paying !== undefined) amountMinor -= grossMinor
  }
  const terms = {
    driverId,
    currency,
    amountMinor: amountMinor < 0n ? 0n : amountMinor,
    dueDate: dueDate ?? issueDate,
    timeZone: seller.timeZone
  }
  yield* patiently(store.open(id, terms, yield* Clock.currentTimeMillis))
})

const load = ({ store }: Office, id: string): Effect.Effect<DebtRecord, NotFound> =>
  Effect.flatMap(patiently(store.get(id)), (record) =>
    record === undefined ? Effect.fail(new NotFound({ kind: "debt", id: id })) : Effect.succeed(record)
  )

/** Writes facts and what they book; "Stale" when somebody else has written meanwhile. */
const write = Effect.fnUntraced(function* (
  { store }: Office,
  record: DebtRecord,
  facts: ReadonlyArray<DebtFact>,
  dueAtMs: number | null,
  nowMs: number,
  toldVersion = record.toldVersion
) {
  const entries = newEntries(record.debt, facts.reduce(evolve, record.debt), nowMs)
  return yield* patiently(store.commit({ record, facts, entries, dueAtMs, toldVersion }))
})

const apply = Effect.fnUntraced(function* (
  office: Office,
  id: string,
  command: Command
): Effect.fn.Return<void, NotFound | DebtRefused> {
  for (let tries = 0; tries < maxTries; tries++) {
    const record = yield* load(office, id)
    const nowMs = yield* Clock.currentTimeMillis
    if (kindOf(record.debt) === "wallet" && (command._tag === "Transfer" || command._tag === "WriteOff"))
      return yield* new DebtRefused({ why: "Give it to the wallet: what comes in pays what it owes." })
    const decision = decide(record.debt, command, nowMs)
    if (decision._tag === "Refused") return yield* new DebtRefused({ why: decision.why })
    if (decision.facts.length === 0) return
    if ((yield* write(office, record, decision.facts, nowMs, nowMs)) !== "Stale") return
  }
  return yield* Effect.die(new Error(`debt ${id} was overtaken ${maxTries} times`))
})

/** The letter of a reminder of the debt as it stands with it; undefined while nobody is set who could send one. */
const letterFor = Effect.fnUntraced(function* (
  { invoices, directory }: Office,
  debt: Debt,
  reminder: { readonly level: number; readonly feeMinor: bigint; readonly atMs: number }
) {
  const seller = yield* patiently(invoices.seller)
  const invoice = debt.of === undefined ? yield* patiently(invoices.get(debt.id)) : undefined
  const subject = debt.of ?? (invoice && { kind: "invoice" as const, id: invoice.id, issueDate: invoice.issueDate })
  if (seller === undefined || subject === undefined) return undefined
  const driver = yield* patiently(directory.driver(debt.driverId))
  const profile = yield* patiently(invoices.profile(debt.driverId))
  return writeLetter(debt, amountsOf(debt), reminder, {
    seller,
    buyer: driver === undefined ? null : buyerOf(driver, profile),
    language: invoice?.language ?? languageOf(seller, profile),
    subject: plainSubject(subject)
  })
})

/** A reminder with its letter, as it is written now and stays. */
const lettered = Effect.fnUntraced(function* (office: Office, debt: Debt, fact: DebtFact) {
  if (fact._tag !== "Reminded") return fact
  const letter = yield* letterFor(office, evolve(debt, fact), fact)
  return letter === undefined ? fact : { ...fact, letter }
})

/** The letter of a reminder that could have none, once it can: of the day on which it is written, and of what is open then. */
const lateLetter = Effect.fnUntraced(function* (office: Office, debt: Debt, atMs: number) {
  const reminder = unlettered(debt, atMs)
  if (reminder === undefined) return undefined
  const { level, feeMinor } = reminder
  const letter = yield* letterFor(office, debt, { level, feeMinor, atMs })
  return letter === undefined ? "NoSeller" : ({ _tag: "Lettered", atMs, level, letter } satisfies DebtFact)
})

const advance = Effect.fnUntraced(function* (office: Office, id: string): Effect.fn.Return<DebtRecord, NotFound> {
  const policy = (yield* patiently(office.store.policy)) ?? standardDunning
  for (let tries = 0; tries < maxTries; tries++) {
    const record = yield* load(office, id)
    const nowMs = yield* Clock.currentTimeMillis
    if (record.debt.creditedAtMs === null && kindOf(record.debt) === "invoice") {
      const note = yield* patiently(office.invoices.creditNoteFor(id))
      if (note !== undefined) {
        yield* write(office, record, [{ _tag: "Credited", atMs: nowMs }], nowMs, nowMs)
        continue
      }
    }
    const { facts, againAtMs, toldVersion = record.toldVersion } = yield* newsOf(office, record, nowMs)
    if (facts.length > 0) {
      yield* write(office, record, facts, nowMs, nowMs, toldVersion)
      continue
    }
    const step = next(record.debt, policy, nowMs)
    if (step._tag === "Note") {
      yield* write(office, record, [yield* lettered(office, record.debt, step.fact)], nowMs, nowMs)
      continue
    }
    const late = yield* lateLetter(office, record.debt, nowMs)
    if (late !== undefined && late !== "NoSeller") {
      yield* write(office, record, [late], nowMs, nowMs)
      continue
    }
    const letterAtMs = late === undefined ? Number.POSITIVE_INFINITY : nowMs + sellerEveryMs
    const again = againAtMs === null ? Number.POSITIVE_INFINITY : Math.max(againAtMs, nowMs) + afterCardMs
    const until = Math.min(step._tag === "Wait" ? step.untilMs : Number.POSITIVE_INFINITY, again, letterAtMs)
    const dueAtMs = Number.isFinite(until) ? until : null
    if (record.dueAtMs === dueAtMs && record.toldVersion === toldVersion) return record
    const rest = yield* write(office, record, [], dueAtMs, nowMs, toldVersion)
    if (rest !== "Stale") return rest
  }
  return yield* load(office, id)
})
