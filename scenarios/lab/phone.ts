import { Effect } from "effect"
import type { Token } from "#core/token/Token.ts"
import { LiveView } from "#server/api/Live.ts"
import type { Books } from "#server/books/Books.ts"
import type { Corrections } from "#server/corrections/Corrections.ts"
import { Directory } from "#server/directory/Directory.ts"
import type { DebtStore } from "#server/dunning/DebtStore.ts"
import type { Dunning } from "#server/dunning/Dunning.ts"
import type { InvoiceStore } from "#server/invoices/InvoiceStore.ts"
import type { PaymentDesk } from "#server/payments/Desk.ts"
import type { PaymentStore } from "#server/payments/PaymentStore.ts"
import { Journal } from "#server/record/Journal.ts"
import type { Closures } from "#server/station/Closures.ts"
import { patiently } from "#server/station/patiently.ts"
import type { SubscriptionStore } from "#server/subscriptions/SubscriptionStore.ts"
import type { Subscriptions } from "#server/subscriptions/Subscriptions.ts"
import type { WalletStore } from "#server/wallet/WalletStore.ts"
import type { AdHoc, App } from "#simulator/fleet/Phone.ts"
import type { TrueToken } from "#simulator/oracles/Oracle.ts"

/** What of the CMS can be asked from outside of it. */
export type Reached =
  | LiveView
  | Journal
  | Directory
  | PaymentDesk
  | PaymentStore
  | WalletStore
  | Subscriptions
  | SubscriptionStore
  | Dunning
  | DebtStore
  | Books
  | InvoiceStore
  | Corrections
  | Closures

/** Runs an effect inside the CMS that serves now and tells how it ended; false when there is none, or it dies first. */
export type Within = (effect: Effect.Effect<boolean, never, Reached>, answer: (accepted: boolean) => void) => void

const patienceMs = 45_000

/** The driver's phone: what it asks goes to the CMS's operations, as from the API, and from there to the station. */
export const phone = (within: Within): App => ({
  start: ({ stationId, evseId, token, limit }, answer) => {
    const order = { _tag: "Start", evseId, tokenUid: token.uid, tokenType: token.type } as const
    within(run(stationId, limit === undefined ? order : { ...order, limit }), answer)
  },
  stop: ({ stationId, ocppTransactionId }, answer) => {
    if (ocppTransactionId === null) {
      answer(false)
      return
    }
    within(
      Effect.gen(function* () {
        const journal = yield* Journal
        const found = yield* patiently(journal.transaction({ stationId, ocppId: ocppTransactionId }))
        return found === undefined ? false : yield* run(stationId, { _tag: "Stop", transactionId: found.id })
      }),
      answer
    )
  }
})

/** Who scans the code and does not start within this while needs a new token. */
const adHocForMs = 15 * 60_000

/**
 * The page behind the code on a station: the operator's own backend registers a token good for this one charge and asks
 * the CMS to start it there, as over the API. `register` is told what the world knows of the token before the CMS is.
 */
export const adHoc = (within: Within, nowAtMs: () => number, register: (token: TrueToken) => void): AdHoc => {
  let made = 0
  return {
    start: ({ stationId, evseId }, onMade, answer) => {
      const atMs = nowAtMs()
      const token: Token = {
        uid: `QR${String(++made).padStart(8, "0")}`,
        type: "Central",
        groupId: null,
        driverId: null,
        partnerId: null,
        expiresAtMs: atMs + adHocForMs,
        blockedAtMs: null,
        concurrencyLimit: 1,
        allowedStations: [stationId],
        createdAtMs: atMs
      }
      register(token)
      within(
        Effect.gen(function* () {
          const directory = yield* Directory
          yield* patiently(directory.createToken(token))
          onMade({ uid: token.uid, type: token.type })
          return yield* run(stationId, { _tag: "Start", evseId, tokenUid: token.uid, tokenType: token.type })
        }).pipe(Effect.catchTags({ AlreadyExists: Effect.die, NotFound: Effect.die })),
        answer
      )
    }
  }
}

const run = Effect.fnUntraced(function* (
  stationId: string,
  operation: Parameters<LiveView["Service"]["runOperation"]>[1]
) {
  const view = yield* LiveView
  const asked = view.runOperation(stationId, operation, { waitMs: patienceMs, queueForMs: 0 })
  const record = yield* Effect.catchTag(patiently(asked), "NotFound", Effect.die)
  return record.outcome?._tag === "Answered" && record.outcome.accepted
})
