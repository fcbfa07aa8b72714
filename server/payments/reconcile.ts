import { Clock, Effect } from "effect"
import { type IntentView, keptFor } from "#core/payment/ProviderView.ts"
import { entriesOf, payoutEntry } from "#core/payment/post.ts"
import { openAttempts, openSinceMs } from "#core/payment/state.ts"
import { itemsOf, subjectOf, type Unmatched, writtenOffOf } from "#core/payment/Unmatched.ts"
import { patiently } from "../station/patiently.ts"
import { eachListed } from "./listing.ts"
import type { PaymentRecord, PaymentStore } from "./PaymentStore.ts"
import type { Payments } from "./Payments.ts"
import type { ListedIntent, PaymentProvider, Rejected, Unanswered, Window } from "./Provider.ts"

type Finding = Pick<Unmatched, "id" | "kind" | "detail" | "paymentId">

/** Payments and intents looked back on: longer than any hold stands or any refund takes. */
const windowMs = 35 * 24 * 3_600_000
/** What is younger may still be under way. */
export const standardSettlingMs = 10 * 60_000
/** A call whose end is not known for so long wants a person. */
const stuckAfterMs = 24 * 3_600_000
const pageSize = 500
/** Items of the queue that a run judges though their payments are older than the window. */
const mostLookedBackOn = 2_000

/** When what is reconciled at that instant was made. */
export const reconciledWindow = (atMs: number, settlingMs: number = standardSettlingMs) => ({
  createdFromMs: atMs - windowMs,
  createdBeforeMs: atMs - settlingMs
})

/** Fresh looks at an intent before a difference is believed: a payment that moves on again is ahead of each of them. */
const looksAtOne = 3

/** What is compared, and by whom the provider is asked. */
interface Parties {
  readonly store: PaymentStore["Service"]
  readonly payments: Payments["Service"]
  readonly provider: PaymentProvider["Service"]
  /** Intents about which people have decided something that is in the books, as the run began. */
  readonly decided: ReadonlySet<string>
}

/**
 * Compares three books: what the provider says, what payments say, what the ledger says. What the provider knows better
 * is taken in, as a webhook that was lost would have been; what still differs is put on the queue of unmatched items,
 * where it keeps its age until it matches. The list is old by the time it is compared, so nothing is called unmatched
 * before both sides were looked at afresh. False: the provider could not be asked for all of it, and what stands on the
 * queue was left there.
 */
export const reconcile = Effect.fnUntraced(function* (
  store: PaymentStore["Service"],
  payments: Payments["Service"],
  provider: PaymentProvider["Service"],
  settlingMs: number = standardSettlingMs
) {
  const startedAtMs = yield* Clock.currentTimeMillis
  const parties: Parties = { store, payments, provider, decided: yield* decidedIntents(store) }
  const window = reconciledWindow(startedAtMs, settlingMs)
  const findings = new Map<string, Finding>()
  let undecided = 0
  const judge = Effect.fnUntraced(function* (judged: Effect.Effect<ReadonlyArray<Finding>, Rejected | Unanswered>) {
    const outcome = yield* Effect.result(judged)
    if (outcome._tag === "Success") for (const finding of outcome.success) findings.set(finding.id, finding)
    else {
      undecided++
      yield* Effect.logError("the payment provider could not be asked for one intent", outcome.failure)
    }
  })
  // What arrived at the bank does not wait for the rest.
  if (!(yield* takePayouts(parties, startedAtMs))) undecided++
  const seen = new Set<string>()
  const listed = yield* Effect.result(
    eachListed(provider, window, (item) => {
      seen.add(item.intent.id)
      return judge(matchIntent(parties, item))
    })
  )
  if (listed._tag === "Failure") {
    yield* Effect.logError("the payment provider could not be asked for its whole list", listed.failure)
    yield* patiently(store.reportUnmatched([...findings.values()], startedAtMs))
    return false
  }
  let cursor: string | undefined
  do {
    const { createdFromMs } = window
    const page = yield* patiently(
      store.list({ createdFromMs, limit: pageSize, ...(cursor !== undefined && { cursor }) })
    )
    for (const record of page.items) yield* judge(matchPayment(parties, record, seen, window.createdBeforeMs))
    cursor = page.next
  } while (cursor !== undefined)
  if (!(yield* lookBack(parties, window, seen, findings, judge))) undecided++
  yield* patiently(store.reportUnmatched([...findings.values()], startedAtMs))
  if (undecided > 0) return false
  yield* patiently(store.resolveUnmatched(startedAtMs, startedAtMs))
  return true
})

const decidedIntents = Effect.fnUntraced(function* (store: PaymentStore["Service"]) {
  const decided = new Set<string>()
  let cursor: string | undefined
  do {
    const page = yield* patiently(store.decidedUnmatched({ limit: pageSize, ...(cursor !== undefined && { cursor }) }))
    for (const { resolutions } of page.items)
      for (const { writtenOff } of resolutions) if (writtenOff !== null) decided.add(writtenOff.intentId)
    cursor = page.next
  } while (cursor !== undefined)
  return decided
})

/** What is written off of an intent by the item of that id, and by its others. */
const writtenOffBy = Effect.fnUntraced(function* ({ store, decided }: Parties, intentId: string, itemId: string) {
  if (!decided.has(intentId)) return { ownMinor: 0n, othersMinor: 0n }
  const known = yield* Effect.forEach(itemsOf(intentId), (id) => patiently(store.unmatchedItem(id)))
  const items = known.filter((item) => item !== undefined)
  const ownMinor = writtenOffOf(items.filter(({ id }) => id === itemId))
  return { ownMinor, othersMinor: writtenOffOf(items) - ownMinor }
})

/** What other items say already is told in an item: decided on with other books, it is news again. */
const beside = (othersMinor: bigint): string =>
  othersMinor === 0n ? "" : `, beside ${othersMinor} that other items have written off`

/**
 * What stands on the queue and is older than the window is judged again by itself: that time passes matches nothing.
 * False: there is more of it than one run looks at.
 */
const lookBack = Effect.fnUntraced(function* (
  parties: Parties,
  { createdFromMs, createdBeforeMs }: Window,
  seen: ReadonlySet<string>,
  findings: ReadonlyMap<string, Finding>,
  judge: (judged: Effect.Effect<ReadonlyArray<Finding>, Rejected | Unanswered>) => Effect.Effect<void>
) {
  const { store, provider } = parties
  const standing = yield* patiently(store.unmatched(mostLookedBackOn + 1))
  for (const item of standing.slice(0, mostLookedBackOn)) {
    const { id, kind, paymentId } = item
    if (findings.has(id)) continue
    const record = paymentId === null ? undefined : yield* patiently(store.get(paymentId))
    if (record !== undefined && record.payment.createdAtMs >= createdFromMs) continue
    const intentId = subjectOf(item)
    if ((kind === "amounts" || kind === "unknown-intent") && !seen.has(intentId))
      yield* judge(
        Effect.flatMap(provider.lookUp(intentId), (held) =>
          held === undefined
            ? Effect.succeed([])
            : matchIntent(parties, { intent: held.intent, paymentId, currency: held.currency, createdAtMs: 0 })
        )
      )
    if (record !== undefined) yield* judge(matchPayment(parties, record, seen, createdBeforeMs))
  }
  return standing.length <= mostLookedBackOn
})

/** What arrived at the bank and is not in the ledger is booked, as its notification would have had it. */
const takePayouts = Effect.fnUntraced(function* ({ store, provider }: Parties, nowMs: number) {
  const told = yield* Effect.result(provider.payouts({ createdFromMs: nowMs - windowMs, createdBeforeMs: nowMs }))
  if (told._tag === "Failure") {
    yield* Effect.logError("the payment provider could not be asked for its payouts", told.failure)
    return false
  }
  const entries = told.success.map((payout) => payoutEntry(provider.name, payout, nowMs))
  const missing = new Set(yield* patiently(store.unbooked(entries.map(({ id }) => id))))
  // Where its notification comes after all it finds the entry, and books nothing.
  for (const entry of entries)
    if (missing.has(entry.id)) yield* patiently(store.closeEvent(entry.source.id, [entry], nowMs))
  return true
})

/** The provider's intent against the payment: what it says more is taken in. */
const matchIntent = Effect.fnUntraced(function* (
  parties: Parties,
  { intent, paymentId, isPartial }: ListedIntent
): Effect.fn.Return<ReadonlyArray<Finding>, Rejected | Unanswered> {
  // One that was assigned to a payment by hand names none.
  const ownerId = (yield* patiently(parties.store.ofIntent(intent.id))) ?? paymentId
  const record = ownerId === null ? undefined : yield* patiently(parties.store.get(ownerId))
  if (record === undefined) return isIdle(intent) ? [] : yield* matchStranger(parties, intent.id)
  const { id } = record.payment
  if (isPartial !== true && isSame(record, intent)) return yield* matchWrittenOff(parties, intent.id, id)
  let told = "nothing"
  for (let looks = 0; looks < looksAtOne; looks++) {
    const held = yield* parties.provider.lookUp(intent.id)
    if (held === undefined) {
      const known = record.payment.intents.find((it) => it.id === intent.id)
      return known === undefined ? [] : [yield* missing(parties, record, known)]
    }
    const after = yield* parties.payments
      .command(id, { _tag: "Observe", intent: held.intent })
      .pipe(Effect.catchTags({ NotFound: Effect.die, PaymentRefused: Effect.die }))
    if (isSame(after, held.intent)) return yield* matchWrittenOff(parties, intent.id, id)
    told = figures(held.intent)
  }
  const itemId = `amounts ${intent.id}`
  const { othersMinor } = yield* writtenOffBy(parties, intent.id, itemId)
  const detail = `${intent.id} and payment ${id} differ: ${told} there${beside(othersMinor)}.`
  return [{ id: itemId, kind: "amounts", detail, paymentId: id }]
})

const missing = Effect.fnUntraced(function* (parties: Parties, { payment }: PaymentRecord, { id, status }: IntentView) {
  const itemId = `missing-intent ${id}`
  const { othersMinor } = yield* writtenOffBy(parties, id, itemId)
  const detail = `${id} (${status}) of payment ${payment.id} is not with the provider${beside(othersMinor)}.`
  return { id: itemId, kind: "missing-intent", detail, paymentId: payment.id } as const
})

/** What differed once, was written off and matches again wants the books put back: that is decided like the other. */
const matchWrittenOff = Effect.fnUntraced(function* (parties: Parties, intentId: string, paymentId: string) {
  const id = `amounts ${intentId}`
  const { ownMinor, othersMinor } = yield* writtenOffBy(parties, intentId, id)
  if (ownMinor + othersMinor === 0n) return []
  const detail = `${intentId} and payment ${paymentId} match, and ${ownMinor} is written off${beside(othersMinor)}.`
  return [{ id, kind: "amounts", detail, paymentId }] as const
})

/** An intent of no payment, as it stands now. */
const matchStranger = Effect.fnUntraced(function* (
  { provider }: Parties,
  intentId: string
): Effect.fn.Return<ReadonlyArray<Finding>, Rejected | Unanswered> {
  const held = yield* provider.lookUp(intentId)
  if (held === undefined || isIdle(held.intent)) return []
  const { status, capturedMinor } = held.intent
  const detail = `${intentId} is of no payment: ${[`${status}, ${capturedMinor} captured`, ...courseOf(held.intent)].join(", ")}.`
  return [{ id: `unknown-intent ${intentId}`, kind: "unknown-intent", detail, paymentId: null }]
})

/** What took no money and holds none matters to nobody. */
const isIdle = ({ status, capturedMinor }: IntentView): boolean => capturedMinor === 0n && status !== "Authorized"

const figures = (intent: IntentView): string => {
  const { status, authorizedMinor, capturedMinor, refunds, disputes } = intent
  const counts = `${refunds.length} refunds, ${disputes.length} disputes`
  return [`${status}, ${authorizedMinor} authorised, ${capturedMinor} captured, ${counts}`, ...courseOf(intent)].join(
    ", "
  )
}

/**
 * What became of an intent since it was taken. An item that was decided on is shown again once its detail differs: so
 * whatever moves money has to be told in it.
 */
const courseOf = ({ capturedMinor, refunds, disputes, feeMinor }: IntentView): ReadonlyArray<string> => [
  ...refunds.map((it) => `a refund of ${it.amountMinor} (${it.status})`),
  ...disputes.map(
    (it) => `a dispute of ${it.amountMinor} (${it.status}), ${keptFor(it) ?? "not known what is"} kept for it`
  ),
  ...(capturedMinor > 0n && feeMinor === null ? ["its fee not known yet"] : [])
]

const isSame = ({ payment }: PaymentRecord, intent: IntentView): boolean => {
  const known = payment.intents.find(({ id }) => id === intent.id)
  if (known === undefined) return false
  const parts = ({ status, capturedMinor, refunds, disputes, feeMinor, settled }: IntentView) => [
    status,
    capturedMinor,
    feeMinor,
    settled,
    ...refunds.map((it) => `${it.id} ${it.amountMinor} ${it.status}`),
    ...disputes.map((it) => `${it.id} ${it.amountMinor} ${keptFor(it)} ${it.status} ${it.submissions}`)
  ]
  const [ours, theirs] = [parts(known), parts(intent)]
  return ours.length === theirs.length && ours.every((part, index) => part === theirs[index])
}

/** The payment against the provider's list and the ledger: what seems to be wrong is asked of the payment as it is now. */
const matchPayment = Effect.fnUntraced(function* (
  parties: Parties,
  record: PaymentRecord,
  listed: ReadonlySet<string>,
  createdBeforeMs: number
): Effect.fn.Return<ReadonlyArray<Finding>, Rejected | Unanswered> {
  const doubts = yield* doubtsOf(parties, record, listed, createdBeforeMs)
  if (doubts.length === 0) return doubts
  const now = yield* patiently(parties.store.get(record.payment.id))
  return now === undefined ? [] : yield* doubtsOf(parties, now, listed, createdBeforeMs)
})

const doubtsOf = Effect.fnUntraced(function* (
  parties: Parties,
  record: PaymentRecord,
  listed: ReadonlySet<string>,
  createdBeforeMs: number
): Effect.fn.Return<ReadonlyArray<Finding>, Rejected | Unanswered> {
  const { store, provider } = parties
  const { payment } = record
  const findings: Array<Finding> = []
  const nowMs = yield* Clock.currentTimeMillis
  for (const intent of payment.intents) {
    const { id } = intent
    if (listed.has(id) || payment.createdAtMs >= createdBeforeMs) continue
    // One that was made after the window's end, by another try or for a residual, is in no list yet.
    if ((yield* provider.lookUp(id)) !== undefined) continue
    findings.push(yield* missing(parties, record, intent))
  }
  for (const id of yield* patiently(store.unbooked(entriesOf(payment).map((entry) => entry.id))))
    findings.push({
      id: `unbooked ${id}`,
      kind: "unbooked",
      detail: `${id} of payment ${payment.id} is not booked.`,
      paymentId: payment.id
    })
  for (const attempt of openAttempts(payment)) {
    if (nowMs - openSinceMs(attempt) < stuckAfterMs) continue
    const { key } = attempt
    const detail = `What became of ${key} is not known.`
    findings.push({ id: `stuck ${key}`, kind: "stuck", detail, paymentId: payment.id })
  }
  return findings
})
