import { Effect } from "effect"
import type { Driver } from "#core/driver/Driver.ts"
import type { WalletMove } from "#core/payment/topUp.ts"
import type { Token } from "#core/token/Token.ts"
import type { Start } from "#core/wallet/reserve.ts"
import type { Cause } from "#core/wallet/Wallet.ts"
import { Books } from "#server/books/Books.ts"
import { Directory } from "#server/directory/Directory.ts"
import { PaymentStore } from "#server/payments/PaymentStore.ts"
import { Journal } from "#server/record/Journal.ts"
import type { Debit, Unit } from "#server/record/Unit.ts"
import { WalletStore } from "#server/wallet/WalletStore.ts"
import { paymentId, terms } from "../../core/payment/makers.ts"
import { fact, row, t0, uuid } from "./makers.ts"

export const hourMs = 3_600_000
export const driver = (id: string): Driver => ({ id, name: id, email: null, createdAtMs: t0 })
export const token = (uid: string, driverId: string | null): Token => ({
  uid,
  type: "ISO14443",
  groupId: null,
  driverId,
  partnerId: null,
  expiresAtMs: null,
  blockedAtMs: null,
  concurrencyLimit: null,
  allowedStations: null,
  createdAtMs: t0
})

export const cause = (sourceId: string, amountMinor: bigint, over: Partial<Cause> = {}): Cause => ({
  kind: amountMinor < 0n ? "refund" : "credit",
  amountMinor,
  sourceId,
  transactionId: null,
  reason: "because",
  atMs: t0,
  ...over
})

export const start = (n: number, over: Partial<Start> = {}): Start => ({
  key: `CS-1|${n}|CARD`,
  transactionId: uuid(n),
  tokenUid: "CARD",
  driverId: "ada",
  currency: "EUR",
  startedAtMs: t0,
  ...over
})

/** The commit that books a charge's bill. */
export const billed = (n: number, owedMinor: bigint, revision: number, over: Partial<Debit> = {}): Unit => {
  const id = uuid(n)
  const { key, tokenUid, driverId, currency, startedAtMs } = start(n)
  return {
    stationId: "CS-1",
    epoch: null,
    transactions: [row({ id, status: "Ended", version: revision })],
    facts: [fact(id, revision, { _tag: "Settled", atMs: t0, cdrId: null, revision })],
    debits: [
      {
        key,
        transactionId: id,
        tokenUid,
        driverId,
        currency,
        startedAtMs,
        accepted: true,
        owedMinor,
        energyWh: Number(owedMinor) * 20,
        revision,
        atMs: t0 + revision,
        ...over
      }
    ]
  }
}

export const opened = Effect.fnUntraced(function* (balanceMinor: bigint, creditLineMinor = 0n) {
  const directory = yield* Directory
  const store = yield* WalletStore
  yield* directory.createDriver(driver("ada"))
  yield* directory.createToken(token("CARD", "ada"))
  yield* directory.createToken(token("OTHER", null))
  yield* store.open({ driverId: "ada", currency: "EUR", creditLineMinor, openedAtMs: t0 })
  if (balanceMinor > 0n) yield* store.move("ada", cause("first", balanceMinor), null)
  return store
})

export const figures = Effect.flatMap(WalletStore, (store) =>
  Effect.map(store.get("ada"), (wallet) => {
    const { balanceMinor, heldMinor, arrearsMinor } = wallet!
    return [balanceMinor, heldMinor, arrearsMinor]
  })
)

export const balanceOf = (account: string) =>
  Effect.flatMap(Books, (books) =>
    Effect.map(books.balances, (all) => all.find((it) => it.account === account)?.amountMinor ?? 0n)
  )

export const commit = (...units: ReadonlyArray<Unit>) => Effect.flatMap(Journal, (journal) => journal.commit(units))

/** What a payment that learns something does to its wallet, in the commit of a payment that has nothing else to say. */
export const commitMoves = Effect.fnUntraced(function* (walletMoves: ReadonlyArray<WalletMove>, atMs = t0) {
  const store = yield* PaymentStore
  yield* store.open(paymentId, t0, { ...terms, kind: "top-up", driverId: "ada", stationId: "", evseId: 0 }, t0)
  const { payment, version } = (yield* store.get(paymentId))!
  return yield* store.commit({ payment, version, facts: [], entries: [], walletMoves, dueAtMs: null, atMs })
})
