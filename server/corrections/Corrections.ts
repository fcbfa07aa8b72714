import { Clock, Context, Data, Effect, Layer, Result } from "effect"
import { Ids } from "#core/Ids.ts"
import { correct } from "#core/transaction/correct.ts"
import type { Transaction } from "#core/transaction/Transaction.ts"
import { Books } from "../books/Books.ts"
import { Dunning } from "../dunning/Dunning.ts"
import { InvoiceStore } from "../invoices/InvoiceStore.ts"
import { Invoicing } from "../invoices/Invoicing.ts"
import { PaymentDesk } from "../payments/Desk.ts"
import { PaymentStore } from "../payments/PaymentStore.ts"
import { Journal, type StoreUnavailable } from "../record/Journal.ts"
import { NotPossible } from "../station/byHand.ts"
import { Owners } from "../station/Owners.ts"
import { patiently } from "../station/patiently.ts"
import { WalletStore } from "../wallet/WalletStore.ts"
import { type CorrectionRecord, type CorrectionRequest, CorrectionStore } from "./CorrectionStore.ts"
import { finish } from "./finish.ts"

/** Taken up per look of one node. */
const claimLimit = 20
/** For how long one that was taken up is nobody else's; after a crash, when it is taken up again. */
const leaseMs = 3 * 60_000
/** How long one waits for the node that holds the station's connection before another takes the station over for it. */
const elsewhereMs = 2 * 60_000

/** The same name was given to another correction of the same charge. */
export class AskedOtherwise extends Data.TaggedError("AskedOtherwise")<{ readonly requestId: string }> {}

/**
 * Bills that operators correct. What is wanted is written first, then the station's owner makes the credit CDR and the new
 * one in one commit, documents follow the bill, and the payment, the wallet or the invoice's debt follows what is owed:
 * each step finds out whether it was made before. So whoever is interrupted is gone on for.
 */
export class Corrections extends Context.Service<
  Corrections,
  {
    /** As far as it comes: it is Waiting still where another node holds the station's connection. */
    readonly ask: (
      request: Omit<CorrectionRequest, "id" | "requestedAtMs">
    ) => Effect.Effect<CorrectionRecord, NotPossible | AskedOtherwise | StoreUnavailable>
  }
>()("server/corrections/Corrections") {
  static readonly layer = Layer.effect(
    Corrections,
    Effect.suspend(() => make)
  ).pipe(Layer.provide(Invoicing.layer))
}

const make = Effect.gen(function* () {
  const store = yield* CorrectionStore
  const journal = yield* Journal
  const books = yield* Books
  const owners = yield* Owners
  const ids = yield* Ids
  const office = {
    store,
    books,
    invoices: yield* InvoiceStore,
    invoicing: yield* Invoicing,
    payments: yield* PaymentStore,
    desk: (yield* PaymentDesk).open,
    wallets: yield* WalletStore,
    dunning: yield* Dunning
  }

  /** Who may write of the station: its owner here, or a claim of ours where nobody holds it or nobody came by in time. */
  const ownerFor = Effect.fnUntraced(function* (
    { stationId, dialect }: Transaction,
    { requestedAtMs }: CorrectionRecord
  ) {
    if (owners.current(stationId) === undefined) {
      const { presence } = yield* books.station(stationId)
      const nowMs = yield* Clock.currentTimeMillis
      if (presence !== null && nowMs < requestedAtMs + elsewhereMs) return undefined
    }
    const writer = yield* owners.writer(stationId, dialect)
    return writer ?? (yield* new NotPossible({ why: `There is no station ${stationId}.` }))
  })

  const corrected = Effect.fnUntraced(function* (record: CorrectionRecord) {
    const { id, transactionId, tariff, reason } = record
    const transaction = yield* journal.transaction({ id: transactionId })
    if (transaction === undefined) return yield* new NotPossible({ why: `There is no transaction ${transactionId}.` })
    // What the books have is not written again, whoever holds the station now.
    if (transaction.corrections.some((it) => it.id === id)) return transaction
    const owner = yield* ownerFor(transaction, record)
    if (owner === undefined) return undefined
    const nowMs = yield* Clock.currentTimeMillis
    return yield* owner.byHand(transactionId, (it) => correct(it, { id, reason, tariff }, nowMs), nowMs)
  })

  /** Takes every step that is left. */
  const advance = Effect.fnUntraced(function* (record: CorrectionRecord) {
    const { id } = record
    const done = yield* Effect.result(corrected(record))
    const nowMs = yield* Clock.currentTimeMillis
    if (Result.isSuccess(done)) {
      if (done.success === undefined) return yield* store.postpone(id, nowMs)
      const outcome = yield* finish(office, record, done.success)
      return yield* store.end(id, { status: "Done", outcome }, yield* Clock.currentTimeMillis)
    }
    const { failure } = done
    switch (failure._tag) {
      case "NotPossible":
        return yield* store.end(id, { status: "Refused", why: failure.why }, nowMs)
      // Another connection has the station now: its owner is asked at the next look.
      case "Fenced":
        return yield* store.postpone(id, nowMs)
      case "UnitRefused":
        return yield* Effect.die(failure)
      case "StoreUnavailable":
        return yield* failure
    }
  })

  const look = Effect.gen(function* () {
    const nowMs = yield* Clock.currentTimeMillis
    for (const record of yield* patiently(store.claim(nowMs, nowMs + leaseMs, claimLimit)))
      yield* Effect.catchCause(advance(record), (cause) =>
        Effect.logError("a bill could not be corrected", { correctionId: record.id }, cause)
      )
  }).pipe(Effect.catchCause((cause) => Effect.logError("corrections could not be looked at", cause)))

  yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep("1 minute"), look)))

  return Corrections.of({
    ask: Effect.fnUntraced(function* (request) {
      const { transactionId, requestId, tariff, reason } = request
      const requestedAtMs = yield* Clock.currentTimeMillis
      const id = ids.uuid(requestedAtMs)
      const [known] = (yield* store.list({ transactionId, limit: 500 })).items.filter(
        (it) => it.requestId === requestId
      )
      if (known === undefined) {
        const transaction = yield* journal.transaction({ id: transactionId })
        if (transaction === undefined)
          return yield* new NotPossible({ why: `There is no transaction ${transactionId}.` })
        const judged = correct(transaction, { id, reason, tariff }, requestedAtMs)
        if (Result.isFailure(judged)) return yield* new NotPossible({ why: judged.failure })
      }
      const record = known ?? (yield* store.add({ ...request, id, requestedAtMs }, requestedAtMs + leaseMs))
      const isSame =
        record.reason === reason && record.tariff?.id === tariff?.id && record.tariff?.version === tariff?.version
      if (!isSame) return yield* new AskedOtherwise({ requestId })
      if (record.status !== "Waiting") return record
      yield* advance(record)
      return (yield* store.get(record.id)) ?? record
    })
  })
})
