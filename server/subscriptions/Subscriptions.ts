import { Clock, Context, Data, Effect, Layer } from "effect"
import { Ids } from "#core/Ids.ts"
import { dayOf } from "#core/invoice/days.ts"
import { feeDraftOf } from "#core/invoice/feeDraft.ts"
import { creditNoteOf, type Draft, type Invoice } from "#core/invoice/Invoice.ts"
import { buyerOf, languageOf, type Seller } from "#core/invoice/Party.ts"
import { type Command, decide } from "#core/subscription/decide.ts"
import { type FeeItem, feesUntil, nextDueAt, unbilled } from "#core/subscription/fees.ts"
import {
  isInForce,
  planAt,
  type Subscription,
  type SubscriptionFact,
  stateAt,
  type Terms
} from "#core/subscription/Subscription.ts"
import { Directory, NotFound } from "../directory/Directory.ts"
import { InvoiceStore } from "../invoices/InvoiceStore.ts"
import { NoSeller } from "../invoices/Invoicing.ts"
import type { StoreUnavailable } from "../record/Journal.ts"
import { patiently } from "../station/patiently.ts"
import { type SubscriptionChange, type SubscriptionRecord, SubscriptionStore } from "./SubscriptionStore.ts"

/** A subscription cannot do what was asked of it as it stands. */
export class SubscriptionRefused extends Data.TaggedError("SubscriptionRefused")<{ readonly why: string }> {}

/** Tries at a decision that others' writes overtook, and steps in a row before the next turn. */
const maxTries = 20

/** Subscriptions: begun, changed by people's wishes, and moved on by the calendar. */
export class Subscriptions extends Context.Service<
  Subscriptions,
  {
    /** `askedAs`: a UUID of who asks; the same starts one subscription, however often it is asked for. */
    readonly start: (
      terms: Omit<Terms, "timeZone">,
      planId: string,
      askedAs?: string
    ) => Effect.Effect<SubscriptionRecord, NotFound | NoSeller | SubscriptionRefused | StoreUnavailable>
    /** Takes a wish in, with all that follows from it at once. */
    readonly command: (
      id: string,
      command: Command
    ) => Effect.Effect<SubscriptionRecord, NotFound | SubscriptionRefused>
    /** Does everything that is due: documents of fees, and who is in the plan's group. */
    readonly advance: (id: string) => Effect.Effect<SubscriptionRecord, NotFound>
  }
>()("server/subscriptions/Subscriptions") {
  static readonly layer = Layer.effect(
    Subscriptions,
    Effect.gen(function* () {
      const office: Office = {
        store: yield* SubscriptionStore,
        invoices: yield* InvoiceStore,
        directory: yield* Directory
      }
      const ids = yield* Ids
      const command = Effect.fnUntraced(function* (id: string, wish: Command) {
        yield* apply(office, id, wish)
        return yield* advance(office, id)
      })
      return Subscriptions.of({
        start: Effect.fnUntraced(function* (terms, planId, askedAs) {
          const before = askedAs === undefined ? undefined : yield* startedAs(office, askedAs, terms.driverId, planId)
          if (before !== undefined) return before
          const kept = yield* office.store.plan(planId)
          if (kept === undefined) return yield* new NotFound({ kind: "plan", id: planId })
          if (kept.retiredAtMs !== null)
            return yield* new SubscriptionRefused({ why: `Nobody can subscribe to ${planId} any more.` })
          const seller = yield* office.invoices.seller
          if (seller === undefined) return yield* new NoSeller()
          const createdAtMs = yield* Clock.currentTimeMillis
          const id = askedAs ?? ids.uuid(createdAtMs)
          yield* office.store.open(id, createdAtMs, { ...terms, timeZone: seller.timeZone })
          return yield* Effect.catchTag(
            command(id, { _tag: "Start", plan: kept.plan }),
            "SubscriptionRefused",
            (refused) =>
              // Asked for twice at once: the other one was first.
              Effect.flatMap(startedAs(office, id, terms.driverId, planId), (other) =>
                other === undefined ? Effect.fail(refused) : Effect.succeed(other)
              )
          )
        }),
        command,
        advance: (id) => advance(office, id)
      })
    })
  )
}

interface Office {
  readonly store: SubscriptionStore["Service"]
  readonly invoices: InvoiceStore["Service"]
  readonly directory: Directory["Service"]
}

const load = ({ store }: Office, id: string): Effect.Effect<SubscriptionRecord, NotFound> =>
  Effect.flatMap(patiently(store.get(id)), (record) =>
    record === undefined ? Effect.fail(new NotFound({ kind: "subscription", id })) : Effect.succeed(record)
  )

/** The subscription that was started under that id; undefined: none was. Refused where it is somebody else's, or to another plan. */
const startedAs = Effect.fnUntraced(function* (office: Office, id: string, driverId: string, planId: string) {
  const record = yield* office.store.get(id)
  if (record === undefined) return undefined
  const [first] = record.subscription.segments
  if (record.subscription.driverId !== driverId || (first !== undefined && first.plan.id !== planId))
    return yield* new SubscriptionRefused({ why: `${id} is the id of another subscription. Send one of your own.` })
  return first === undefined ? undefined : yield* Effect.orDie(advance(office, id))
})

const apply = Effect.fnUntraced(function* (
  office: Office,
  id: string,
  wish: Command
): Effect.fn.Return<void, NotFound | SubscriptionRefused> {
  for (let tries = 0; tries < maxTries; tries++) {
    const record = yield* load(office, id)
    const atMs = yield* Clock.currentTimeMillis
    const decision = decide(record.subscription, wish, atMs)
    if (decision._tag === "Refused") return yield* new SubscriptionRefused({ why: decision.why })
    if (decision.facts.length === 0) return
    // Whoever does what follows is due at once, this process or another.
    const change = { record, documents: [], facts: () => decision.facts, dueAtMs: atMs }
    if ((yield* patiently(office.store.commit(change))) !== "Stale") return
  }
  return yield* Effect.die(new Error(`subscription ${id} was overtaken ${maxTries} times`))
})

/** What is due about a subscription, one change after the other, until nothing is. */
const advance = Effect.fnUntraced(function* (
  office: Office,
  id: string
): Effect.fn.Return<SubscriptionRecord, NotFound> {
  for (let tries = 0; tries < maxTries; tries++) {
    const record = yield* load(office, id)
    const nowMs = yield* Clock.currentTimeMillis
    const change = (yield* billing(office, record, nowMs)) ?? (yield* membership(office, record, nowMs))
    if (change === undefined) {
      const dueAtMs = nextDueAt(record.subscription, nowMs)
      if (record.dueAtMs === dueAtMs) return record
      const rest = yield* patiently(office.store.commit({ record, documents: [], facts: () => [], dueAtMs }))
      if (rest !== "Stale") return rest
    } else yield* patiently(office.store.commit(change))
  }
  return yield* load(office, id)
})

/** The document of fees that are due and stand on none; undefined when there is nothing to issue. */
const billing = Effect.fnUntraced(function* (
  office: Office,
  record: SubscriptionRecord,
  nowMs: number
): Effect.fn.Return<SubscriptionChange | undefined> {
  const { subscription } = record
  const items = unbilled(subscription, nowMs)
  if (items.length === 0) return undefined
  const sum = sumOf(items)
  // What is given back is taken off the next fee; only when none comes is a document taken back for it.
  if (sum < 0n && stateAt(subscription, nowMs) !== "ended") return undefined
  const seller = yield* patiently(office.invoices.seller)
  // One was there when it was begun, and sellers do not go.
  if (seller === undefined) return undefined
  const issuing = { office, record, seller, nowMs }
  return sum >= 0n ? yield* issued(issuing, items, []) : yield* replaced(issuing, items)
})

const sumOf = (items: ReadonlyArray<FeeItem>): bigint => items.reduce((sum, { grossMinor }) => sum + grossMinor, 0n)

interface Issuing {
  readonly office: Office
  readonly record: SubscriptionRecord
  readonly seller: Seller
  readonly nowMs: number
}

const issued = Effect.fnUntraced(function* (
  { office, record, seller, nowMs }: Issuing,
  items: ReadonlyArray<FeeItem>,
  notes: ReadonlyArray<Draft>
) {
  const { driverId } = record.subscription
  const driver = yield* patiently(office.directory.driver(driverId))
  const profile = yield* patiently(office.invoices.profile(driverId))
  if (driver === undefined) return yield* Effect.die(new Error(`driver ${driverId} is gone`))
  const [first, ...others] = items
  const draft =
    first === undefined || sumOf(items) === 0n
      ? []
      : [
          feeDraftOf({
            seller,
            buyer: buyerOf(driver, profile),
            language: languageOf(seller, profile),
            issuedAtMs: nowMs,
            driverId,
            items: [first, ...others]
          })
        ]
  const billed = (documents: ReadonlyArray<Invoice>): ReadonlyArray<SubscriptionFact> => [
    {
      _tag: "Billed",
      atMs: nowMs,
      invoiceId: documents.find(({ kind }) => kind === "invoice")?.id ?? null,
      itemIds: items.map(({ id }) => id),
      replaces: documents.flatMap(({ credits }) => (credits === null ? [] : [credits.id]))
    }
  ]
  const documents = [
    ...notes.map((draft) => ({ kind: "credit" as const, draft })),
    ...draft.map((draft) => ({ kind: "issue" as const, draft }))
  ]
  return { record, documents, facts: billed, dueAtMs: nowMs } satisfies SubscriptionChange
})

const reasons = { de: "Das Abonnement wurde beendet.", en: "The subscription has ended." } as const

/** Takes back as many documents, the last first, as what is given back comes to, and issues what is left of them. */
const replaced = Effect.fnUntraced(function* (issuing: Issuing, back: ReadonlyArray<FeeItem>) {
  const { office, record, seller, nowMs } = issuing
  const byId = new Map(feesUntil(record.subscription, nowMs).map((item) => [item.id, item]))
  const notes: Array<Draft> = []
  let items = [...back]
  for (const { invoiceId, itemIds } of record.subscription.billed.toReversed()) {
    if (sumOf(items) >= 0n) break
    const invoice = invoiceId === null ? undefined : yield* patiently(office.invoices.get(invoiceId))
    // One that somebody took back already gives nothing more.
    if (invoice === undefined || (yield* patiently(office.invoices.creditNoteFor(invoice.id))) !== undefined) continue
    const issueDate = dayOf(nowMs, seller.timeZone)
    notes.push(creditNoteOf(invoice, { issuedAtMs: nowMs, issueDate, reason: reasons[invoice.language] }))
    items = [...itemIds.flatMap((id) => byId.get(id) ?? []), ...items]
  }
  return yield* issued(issuing, items, notes)
})

/** Who is in the plan's group; the group is told first, for being told twice changes nothing. */
const membership = Effect.fnUntraced(function* (
  { directory }: Office,
  record: SubscriptionRecord,
  nowMs: number
): Effect.fn.Return<SubscriptionChange | undefined> {
  const { subscription } = record
  const wanted = groupOf(subscription, nowMs)
  if (wanted === subscription.memberOf) return undefined
  const { driverId, memberOf } = subscription
  const facts: Array<SubscriptionFact> = []
  if (memberOf !== null) {
    const change = { groupId: memberOf, driverId, atMs: nowMs }
    // The operator may have taken him out already.
    yield* patiently(directory.leaveGroup(change)).pipe(Effect.catchTag("NotFound", () => Effect.void))
    facts.push({ _tag: "Left", atMs: nowMs, groupId: memberOf })
  }
  if (wanted !== null) {
    yield* patiently(directory.joinGroup({ groupId: wanted, driverId, atMs: nowMs })).pipe(
      Effect.catchTag("NotFound", Effect.die)
    )
    facts.push({ _tag: "Joined", atMs: nowMs, groupId: wanted })
  }
  return { record, documents: [], facts: () => facts, dueAtMs: nowMs }
})

const groupOf = (subscription: Subscription, nowMs: number): string | null =>
  isInForce(subscription, nowMs) ? (planAt(subscription, nowMs)?.groupId ?? null) : null
