import { Clock, Effect } from "effect"
import type { IntentView } from "#core/payment/ProviderView.ts"
import { entriesOf } from "#core/payment/post.ts"
import { openAttempts } from "#core/payment/state.ts"
import { patiently } from "../station/patiently.ts"
import type { PaymentRecord, PaymentStore, Unmatched } from "./PaymentStore.ts"
import type { Payments } from "./Payments.ts"
import type { ListedIntent, PaymentProvider } from "./Provider.ts"

type Finding = Pick<Unmatched, "id" | "kind" | "detail">

/** Payments and intents looked back on: longer than any hold stands or any refund takes. */
const windowMs = 35 * 24 * 3_600_000
/** What is younger may still be under way. */
export const standardSettlingMs = 10 * 60_000
/** A call whose end is not known for so long wants a person. */
const stuckAfterMs = 24 * 3_600_000
const pageSize = 500

/**
 * Compares three books: what the provider says, what payments say, what the ledger says. What the provider knows better
 * is taken in, as a webhook that was lost would have been; what still differs is put on the queue of unmatched items,
 * where it keeps its age until it matches. False: the provider could not be asked, and nothing was judged.
 */
export const reconcile = Effect.fnUntraced(function* (
  store: PaymentStore["Service"],
  payments: Payments["Service"],
  provider: PaymentProvider["Service"],
  settlingMs: number = standardSettlingMs
) {
  const startedAtMs = yield* Clock.currentTimeMillis
  const window = { createdFromMs: startedAtMs - windowMs, createdBeforeMs: startedAtMs - settlingMs }
  const listed = yield* Effect.result(provider.list(window))
  if (listed._tag === "Failure") {
    yield* Effect.logError("the payment provider could not be asked for its list", listed.failure)
    return false
  }
  const findings: Array<Finding> = []
  const seen = new Set<string>()
  for (const item of listed.success) {
    seen.add(item.intent.id)
    const finding = yield* matchIntent(store, payments, item)
    if (finding !== undefined) findings.push(finding)
  }
  let cursor: string | undefined
  do {
    const page = yield* patiently(store.list({ limit: pageSize, ...(cursor !== undefined && { cursor }) }))
    for (const record of page.items) {
      if (record.payment.createdAtMs < window.createdFromMs) continue
      findings.push(...(yield* matchPayment(store, record, seen, window.createdBeforeMs)))
    }
    const last = page.items.at(-1)
    cursor = last !== undefined && last.payment.createdAtMs >= window.createdFromMs ? page.next : undefined
  } while (cursor !== undefined)
  yield* patiently(store.reportUnmatched(findings, startedAtMs))
  yield* patiently(store.resolveUnmatched(startedAtMs, startedAtMs))
  return true
})

/** The provider's intent against the payment: what it says more is taken in. */
const matchIntent = Effect.fnUntraced(function* (
  store: PaymentStore["Service"],
  payments: Payments["Service"],
  { intent, paymentId }: ListedIntent
) {
  const record = paymentId === null ? undefined : yield* patiently(store.get(paymentId))
  if (record === undefined) {
    // What took no money and holds none matters to nobody.
    if (intent.capturedMinor === 0n && intent.status !== "Authorized") return undefined
    const detail = `${intent.id} is of no payment: ${intent.status}, ${intent.capturedMinor} captured.`
    return { id: `unknown-intent ${intent.id}`, kind: "unknown-intent", detail } satisfies Finding
  }
  if (isSame(record, intent)) return undefined
  const taken = yield* payments.observe(record.payment.id, intent.id, null)
  const after = yield* patiently(store.get(record.payment.id))
  if (taken === "Taken" && after !== undefined && isSame(after, intent)) return undefined
  const detail = `${intent.id} and payment ${record.payment.id} differ: ${figures(intent)} there.`
  return { id: `amounts ${intent.id}`, kind: "amounts", detail } satisfies Finding
})

const figures = ({ status, authorizedMinor, capturedMinor, refunds, disputes }: IntentView): string =>
  `${status}, ${authorizedMinor} authorised, ${capturedMinor} captured, ${refunds.length} refunds, ${disputes.length} disputes`

const isSame = ({ payment }: PaymentRecord, intent: IntentView): boolean => {
  const known = payment.intents.find(({ id }) => id === intent.id)
  if (known === undefined) return false
  const parts = ({ status, capturedMinor, refunds, disputes, feeMinor, settled }: IntentView) => [
    status,
    capturedMinor,
    feeMinor,
    settled,
    ...refunds.map((it) => `${it.id} ${it.amountMinor} ${it.status}`),
    ...disputes.map((it) => `${it.id} ${it.amountMinor} ${it.feeMinor} ${it.status}`)
  ]
  const [ours, theirs] = [parts(known), parts(intent)]
  return ours.length === theirs.length && ours.every((part, index) => part === theirs[index])
}

/** The payment against the provider's list and the ledger. */
const matchPayment = Effect.fnUntraced(function* (
  store: PaymentStore["Service"],
  { payment }: PaymentRecord,
  listed: ReadonlySet<string>,
  createdBeforeMs: number
) {
  const findings: Array<Finding> = []
  const nowMs = yield* Clock.currentTimeMillis
  for (const { id, status } of payment.intents) {
    if (listed.has(id) || payment.createdAtMs >= createdBeforeMs) continue
    // One that was made later than the window's end is not in the list yet.
    if (payment.attempts.some((it) => it.purpose === "charge" && it.atMs >= createdBeforeMs)) continue
    findings.push({
      id: `missing-intent ${id}`,
      kind: "missing-intent",
      detail: `${id} (${status}) of payment ${payment.id} is not with the provider.`
    })
  }
  for (const id of yield* patiently(store.unbooked(entriesOf(payment).map((entry) => entry.id))))
    findings.push({ id: `unbooked ${id}`, kind: "unbooked", detail: `${id} of payment ${payment.id} is not booked.` })
  for (const { key, atMs, tries } of openAttempts(payment)) {
    if (nowMs - payment.createdAtMs < stuckAfterMs || (nowMs - atMs < stuckAfterMs && tries < 10)) continue
    findings.push({ id: `stuck ${key}`, kind: "stuck", detail: `What became of ${key} is not known.` })
  }
  return findings
})
