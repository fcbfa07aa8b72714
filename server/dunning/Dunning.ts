import { createHash } from "node:crypto"
import { Clock, Context, Data, Effect, Layer } from "effect"
import { cardShareOf, type DebtFact, evolve } from "#core/dunning/Debt.ts"
import { type Command, decide } from "#core/dunning/decide.ts"
import { next, standardDunning } from "#core/dunning/next.ts"
import { newEntries } from "#core/dunning/post.ts"
import type { Invoice } from "#core/invoice/Invoice.ts"
import { amountsOf as paymentAmounts } from "#core/payment/state.ts"
import { NotFound } from "../directory/Directory.ts"
import { InvoiceStore } from "../invoices/InvoiceStore.ts"
import { type OpenDesk, PaymentDesk } from "../payments/Desk.ts"
import { PaymentStore } from "../payments/PaymentStore.ts"
import { patiently } from "../station/patiently.ts"
import { WalletStore } from "../wallet/WalletStore.ts"
import { type DebtRecord, DebtStore } from "./DebtStore.ts"

/** A debt cannot do what was asked of it as it stands. */
export class DebtRefused extends Data.TaggedError("DebtRefused")<{ readonly why: string }> {}

/** Tries at a decision that others' writes overtook, and steps in a row before the next turn. */
const maxTries = 20

/** Between a try at a card and the look at what came of it. */
const afterCardMs = 60_000

/** The payment of an invoice by card: its id follows from the invoice's, so that whoever asks makes the same one. */
export const paymentIdOf = (invoiceId: string): string => {
  const hex = createHash("sha256").update(`invoice/${invoiceId}`).digest("hex")
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** Sees to it that invoices are paid: by the card the driver keeps, by reminders, by refusing to charge, or not at all. */
export class Dunning extends Context.Service<
  Dunning,
  {
    /** Begins to watch an invoice; one that is watched already stays as it is. */
    readonly watch: (invoice: Invoice) => Effect.Effect<void>
    readonly command: (invoiceId: string, command: Command) => Effect.Effect<DebtRecord, NotFound | DebtRefused>
    /** Tries the card again now, with another one where named. */
    readonly pay: (
      invoiceId: string,
      retry: { readonly id: string; readonly methodId: string | null }
    ) => Effect.Effect<DebtRecord, NotFound>
    /** Does everything that is due about a debt. */
    readonly advance: (invoiceId: string) => Effect.Effect<DebtRecord, NotFound>
  }
>()("server/dunning/Dunning") {
  static readonly layer = Layer.effect(
    Dunning,
    Effect.gen(function* () {
      const office: Office = {
        store: yield* DebtStore,
        invoices: yield* InvoiceStore,
        payments: yield* PaymentStore,
        wallets: yield* WalletStore,
        desk: (yield* PaymentDesk).open
      }
      return Dunning.of({
        watch: (invoice) => watch(office, invoice),
        command: Effect.fnUntraced(function* (invoiceId, command) {
          yield* apply(office, invoiceId, command)
          return yield* advance(office, invoiceId)
        }),
        pay: Effect.fnUntraced(function* (invoiceId, { id, methodId }) {
          const known = yield* patiently(office.payments.get(paymentIdOf(invoiceId)))
          // Where there is a payment that was declined, this is another try at it; else the first one is made.
          if (known !== undefined && office.desk !== undefined)
            yield* office.desk
              .command(known.payment.id, { _tag: "Retry", id, methodId })
              .pipe(Effect.catchTags({ NotFound: Effect.die, PaymentRefused: Effect.die }))
          return yield* advance(office, invoiceId)
        }),
        advance: (invoiceId) => advance(office, invoiceId)
      })
    })
  )
}

interface Office {
  readonly store: DebtStore["Service"]
  readonly invoices: InvoiceStore["Service"]
  readonly payments: PaymentStore["Service"]
  readonly wallets: WalletStore["Service"]
  readonly desk: OpenDesk | undefined
}

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

const load = ({ store }: Office, invoiceId: string): Effect.Effect<DebtRecord, NotFound> =>
  Effect.flatMap(patiently(store.get(invoiceId)), (record) =>
    record === undefined ? Effect.fail(new NotFound({ kind: "debt", id: invoiceId })) : Effect.succeed(record)
  )

/** Writes facts and what they book; "Stale" when somebody else has written meanwhile. */
const write = Effect.fnUntraced(function* (
  { store }: Office,
  record: DebtRecord,
  facts: ReadonlyArray<DebtFact>,
  dueAtMs: number | null,
  nowMs: number
) {
  const entries = newEntries(record.debt, facts.reduce(evolve, record.debt), nowMs)
  return yield* patiently(store.commit({ record, facts, entries, dueAtMs }))
})

const apply = Effect.fnUntraced(function* (
  office: Office,
  invoiceId: string,
  command: Command
): Effect.fn.Return<void, NotFound | DebtRefused> {
  for (let tries = 0; tries < maxTries; tries++) {
    const record = yield* load(office, invoiceId)
    const nowMs = yield* Clock.currentTimeMillis
    const decision = decide(record.debt, command, nowMs)
    if (decision._tag === "Refused") return yield* new DebtRefused({ why: decision.why })
    if (decision.facts.length === 0) return
    if ((yield* write(office, record, decision.facts, nowMs, nowMs)) !== "Stale") return
  }
  return yield* Effect.die(new Error(`debt ${invoiceId} was overtaken ${maxTries} times`))
})

const advance = Effect.fnUntraced(function* (
  office: Office,
  invoiceId: string
): Effect.fn.Return<DebtRecord, NotFound> {
  const policy = (yield* patiently(office.store.policy)) ?? standardDunning
  for (let tries = 0; tries < maxTries; tries++) {
    const record = yield* load(office, invoiceId)
    const nowMs = yield* Clock.currentTimeMillis
    if (record.debt.creditedAtMs === null) {
      const note = yield* patiently(office.invoices.creditNoteFor(invoiceId))
      if (note !== undefined) {
        yield* write(office, record, [{ _tag: "Credited", atMs: nowMs }], nowMs, nowMs)
        continue
      }
    }
    const card = yield* byCard(office, record)
    const told = news(record, card, nowMs)
    if (told !== undefined) {
      yield* write(office, record, [told], nowMs, nowMs)
      continue
    }
    const step = next(record.debt, policy, nowMs)
    if (step._tag === "Note") {
      yield* write(office, record, [step.fact], nowMs, nowMs)
      continue
    }
    const again = card?.dueAtMs == null ? Number.POSITIVE_INFINITY : Math.max(card.dueAtMs, nowMs) + afterCardMs
    const until = Math.min(step._tag === "Wait" ? step.untilMs : Number.POSITIVE_INFINITY, again)
    const dueAtMs = Number.isFinite(until) ? until : null
    if (record.dueAtMs === dueAtMs) return record
    const rest = yield* write(office, record, [], dueAtMs, nowMs)
    if (rest !== "Stale") return rest
  }
  return yield* load(office, invoiceId)
})

/** The payment by card as it stands once it was told what is to be had; undefined when there is none. */
const byCard = Effect.fnUntraced(function* ({ desk }: Office, { debt, version }: DebtRecord) {
  if (desk === undefined) return undefined
  return yield* patiently(
    desk.collect({
      id: paymentIdOf(debt.invoiceId),
      driverId: debt.driverId,
      currency: debt.currency,
      amountMinor: cardShareOf(debt),
      revision: version + 1,
      about: `Invoice ${debt.invoiceId}`
    })
  )
})

/** What the card brought, where that is not known yet. */
const news = (
  { debt }: DebtRecord,
  card: { readonly payment: Parameters<typeof paymentAmounts>[0] } | undefined,
  atMs: number
): DebtFact | undefined => {
  if (card === undefined) return undefined
  const { capturedMinor, refundedMinor, goodwillMinor, writtenOffMinor } = paymentAmounts(card.payment)
  const paidMinor = capturedMinor - refundedMinor + goodwillMinor
  const isKnown = (debt.card?.paidMinor ?? 0n) === paidMinor && (debt.card?.writtenOffMinor ?? 0n) === writtenOffMinor
  return isKnown ? undefined : { _tag: "CardTold", atMs, paidMinor, writtenOffMinor }
}
