import { Clock, Data, Effect } from "effect"
import type { Entry } from "#core/billing/Ledger.ts"
import { begin, type Payment } from "#core/payment/Payment.ts"
import type { IntentView } from "#core/payment/ProviderView.ts"
import { clearedBy, entriesOf } from "#core/payment/post.ts"
import { standingRefunds } from "#core/payment/state.ts"
import {
  itemsOf,
  type Resolution,
  subjectOf,
  type Unmatched,
  underWay,
  whyNot,
  writeOffEntries,
  writtenOffOf
} from "#core/payment/Unmatched.ts"
import { NotFound } from "../directory/Directory.ts"
import type { StoreUnavailable } from "../record/Journal.ts"
import { patiently } from "../station/patiently.ts"
import type { PaymentStore } from "./PaymentStore.ts"
import type { Payments } from "./Payments.ts"
import type { PaymentProvider, Rejected, Unanswered } from "./Provider.ts"

/** It cannot be resolved like that, or somebody has resolved it. */
export class NotResolvable extends Data.TaggedError("NotResolvable")<{ readonly why: string }> {}

/** What is asked for, and by whom. */
export type Wish = Pick<Resolution, "action" | "reason" | "by" | "paymentId">

export interface Resolver {
  readonly store: PaymentStore["Service"]
  readonly payments: Payments["Service"]
  readonly provider: PaymentProvider["Service"]
}

/** Taken up at once after a crash: more than a person leaves behind. */
const resolvingLimit = 100

/**
 * Resolves an unmatched item as a person decided: written first, then done, each step finding whether it was made before,
 * so that it is done once however often it is asked, and gone on with after a crash.
 */
export const resolve = Effect.fnUntraced(function* (
  resolver: Resolver,
  id: string,
  wish: Wish
): Effect.fn.Return<Unmatched, NotFound | NotResolvable | StoreUnavailable | Rejected | Unanswered> {
  const { store } = resolver
  const item = yield* itemOf(store, id)
  const last = item.resolutions.at(-1)
  if (last !== undefined && last.why === null && (item.resolvedAtMs !== null || last.doneAtMs === null)) {
    if (last.action !== wish.action || (wish.action === "assign" && last.paymentId !== wish.paymentId))
      return yield* new NotResolvable({ why: `${last.by} has decided to ${last.action}: ${last.reason}` })
  } else {
    if (item.resolvedAtMs !== null) return yield* new NotResolvable({ why: "It matches by now." })
    const why = whyNot(item.kind, wish.action)
    if (why !== undefined) return yield* new NotResolvable({ why })
    const askedAtMs = yield* Clock.currentTimeMillis
    const asked: Resolution = {
      ...wish,
      detail: item.detail,
      paymentId: wish.action === "assign" ? wish.paymentId : null,
      askedAtMs,
      doneAtMs: null,
      why: null,
      writtenOff: null
    }
    yield* store.askResolution(id, asked)
  }
  yield* settle(resolver, yield* itemOf(store, id))
  const now = yield* itemOf(store, id)
  const made = now.resolutions.at(-1)
  if (made?.why != null) return yield* new NotResolvable({ why: made.why })
  return now
})

/** Goes on with what a dead process left. */
export const resolveAsked = Effect.fnUntraced(function* (resolver: Resolver) {
  for (const item of yield* patiently(resolver.store.resolving(resolvingLimit)))
    yield* Effect.catchCause(settle(resolver, item), (cause) =>
      Effect.logError("an unmatched item could not be resolved", { id: item.id }, cause)
    )
})

const itemOf = (store: PaymentStore["Service"], id: string): Effect.Effect<Unmatched, NotFound | StoreUnavailable> =>
  Effect.flatMap(store.unmatchedItem(id), (item) =>
    item === undefined ? Effect.fail(new NotFound({ kind: "unmatched item", id })) : Effect.succeed(item)
  )

/** What a resolution did: what is known of it then, and entries that no payment books. */
interface Done {
  readonly paymentId?: string
  readonly writtenOff?: NonNullable<Resolution["writtenOff"]>
  readonly entries?: ReadonlyArray<Omit<Entry, "bookedAtMs" | "effectiveAtMs">>
}

/** Does what is under way about an item, and ends it; nothing where nothing is. */
const settle = Effect.fnUntraced(function* (
  resolver: Resolver,
  item: Unmatched
): Effect.fn.Return<void, StoreUnavailable | Rejected | Unanswered> {
  const asked = underWay(item)
  if (asked === undefined) return
  const done = yield* Effect.result(perform(resolver, item, asked))
  const atMs = yield* Clock.currentTimeMillis
  if (done._tag === "Failure") {
    if (done.failure._tag !== "NotResolvable") return yield* done.failure
    yield* resolver.store.endResolution(item.id, { ...asked, doneAtMs: atMs, why: done.failure.why }, [])
    return
  }
  const { paymentId = asked.paymentId, writtenOff = null, entries = [] } = done.success
  const ended: Resolution = { ...asked, paymentId, writtenOff, doneAtMs: atMs }
  // Those of earlier decisions are in the books, and left as they are.
  const own = writeOffEntries({ id: item.id, resolutions: [...item.resolutions.slice(0, -1), ended] })
  const booked = [...entries, ...own].map((entry) => ({ ...entry, bookedAtMs: atMs, effectiveAtMs: atMs }))
  yield* resolver.store.endResolution(item.id, ended, booked)
})

const perform = (resolver: Resolver, item: Unmatched, asked: Resolution) => {
  switch (asked.action) {
    case "assign":
      return assign(resolver, subjectOf(item), asked.paymentId ?? "")
    case "refund":
      return giveBack(resolver, subjectOf(item), asked.reason)
    case "write-off":
      return writeOff(resolver, item)
    case "book":
      return book(resolver, item)
  }
}

type Failed = NotResolvable | StoreUnavailable | Rejected | Unanswered

const refused = (why: string) => new NotResolvable({ why })

const heldOf = Effect.fnUntraced(function* ({ provider }: Resolver, intentId: string) {
  const held = yield* provider.lookUp(intentId)
  return held ?? (yield* refused(`The provider does not know ${intentId} any more.`))
})

const assign = Effect.fnUntraced(function* (
  resolver: Resolver,
  intentId: string,
  paymentId: string
): Effect.fn.Return<Done, Failed> {
  const { store, payments } = resolver
  const record = yield* store.get(paymentId)
  if (record === undefined) return yield* refused(`There is no payment ${paymentId}.`)
  const { intent, currency } = yield* heldOf(resolver, intentId)
  if (currency !== record.payment.currency)
    return yield* refused(`The money came in ${currency}, the payment is in ${record.payment.currency}.`)
  yield* payments
    .command(paymentId, { _tag: "Adopt", intent })
    .pipe(Effect.catchTags({ PaymentRefused: ({ why }) => Effect.fail(refused(why)), NotFound: Effect.die }))
  yield* Effect.catchTag(payments.advance(paymentId), "NotFound", Effect.die)
  return { paymentId, ...(yield* takenBack(resolver, intent, currency)) }
})

/** By a payment of its own, for which nothing is owed: so it has keys, tries, look-ups and bookings as all have. */
const giveBack = Effect.fnUntraced(function* (
  resolver: Resolver,
  intentId: string,
  why: string
): Effect.fn.Return<Done, Failed> {
  const { payments } = resolver
  const { intent, currency } = yield* heldOf(resolver, intentId)
  const terms = { kind: "stray", driverId: null, stationId: "", evseId: 0, currency, holdMinor: 0n } as const
  const rest = { holdReason: `Found with the provider: ${intentId}`, customerId: null, methodId: null }
  const { payment } = yield* payments.open({ ...terms, ...rest }, { name: `stray/${intentId}` })
  yield* payments
    .command(payment.id, { _tag: "Disown", intent, why })
    .pipe(Effect.catchTags({ PaymentRefused: Effect.die, NotFound: Effect.die }))
  yield* Effect.catchTag(payments.advance(payment.id), "NotFound", Effect.die)
  return { paymentId: payment.id, ...(yield* takenBack(resolver, intent, currency)) }
})

/** What the provider has is taken as it is, and what it has not is booked as lost; or the other way round. */
const writeOff = Effect.fnUntraced(function* (resolver: Resolver, item: Unmatched): Effect.fn.Return<Done, Failed> {
  const { provider } = resolver
  const intentId = subjectOf(item)
  const held = yield* provider.lookUp(intentId)
  const record = item.paymentId === null ? undefined : yield* takenIn(resolver, item.paymentId, held?.intent)
  const currency = record?.payment.currency ?? held?.currency
  if (currency === undefined) return yield* refused(`The provider does not know ${intentId} any more.`)
  const payment = record?.payment ?? nobodys(provider.name)
  const ours = payment.intents.find(({ id }) => id === intentId)
  const clears = (intent: IntentView | undefined) => (intent === undefined ? 0n : clearedBy(payment, intent))
  const fromMinor = yield* writtenOffBefore(resolver, intentId)
  return {
    writtenOff: offBy(provider.name, currency, fromMinor, clears(held?.intent) - clears(ours), held?.intent ?? intentId)
  }
})

/** The payment with what the provider says now: what it would take in by itself is no difference. */
const takenIn = ({ store, payments }: Resolver, id: string, intent: IntentView | undefined) =>
  intent === undefined
    ? store.get(id)
    : payments
        .command(id, { _tag: "Observe", intent })
        .pipe(Effect.catchTags({ PaymentRefused: Effect.die, NotFound: () => Effect.undefined }))

/** A payment has the intent from now on: what was kept or lost of it before is taken back. */
const takenBack = Effect.fnUntraced(function* (resolver: Resolver, intent: IntentView, currency: string) {
  const fromMinor = yield* writtenOffBefore(resolver, intent.id)
  return fromMinor === 0n ? {} : { writtenOff: offBy(resolver.provider.name, currency, fromMinor, 0n, intent) }
})

const writtenOffBefore = Effect.fnUntraced(function* ({ store }: Resolver, intentId: string) {
  const items = yield* Effect.forEach(itemsOf(intentId), (id) => store.unmatchedItem(id))
  return writtenOffOf(items.filter((item) => item !== undefined))
})

const offBy = (
  provider: string,
  currency: string,
  fromMinor: bigint,
  toMinor: bigint,
  theirs: IntentView | string
): NonNullable<Resolution["writtenOff"]> =>
  typeof theirs === "string"
    ? { provider, currency, fromMinor, toMinor, intentId: theirs, capturedMinor: 0n, refundedMinor: 0n }
    : {
        provider,
        currency,
        fromMinor,
        toMinor,
        intentId: theirs.id,
        capturedMinor: theirs.capturedMinor,
        refundedMinor: refundedBy(theirs)
      }

/** A payment of nobody, for what an intent of none leaves with the provider. */
const nobodys = (provider: string): Payment =>
  begin("", 0, {
    provider,
    driverId: null,
    tokenUid: "",
    stationId: "",
    evseId: 0,
    currency: "",
    holdMinor: 0n,
    holdReason: "",
    customerId: null,
    methodId: null
  })

const refundedBy = (intent: IntentView): bigint =>
  standingRefunds(intent).reduce((sum, { amountMinor }) => sum + amountMinor, 0n)

const book = Effect.fnUntraced(function* ({ store }: Resolver, item: Unmatched): Effect.fn.Return<Done, Failed> {
  const record = item.paymentId === null ? undefined : yield* store.get(item.paymentId)
  const entry = record === undefined ? undefined : entriesOf(record.payment).find(({ id }) => id === subjectOf(item))
  return entry === undefined ? yield* refused("The entry follows from no payment any more.") : { entries: [entry] }
})
