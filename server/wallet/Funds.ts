import { Context, Effect, Layer } from "effect"
import type { Station } from "#core/station/Station.ts"
import { beginAtMs } from "#core/transaction/assess.ts"
import { isOpen, type Transaction } from "#core/transaction/Transaction.ts"
import { type Charge, chargeKeyOf } from "#core/wallet/Charge.ts"
import { beside, type ReservePolicy, type Share, type Start, standardReserve } from "#core/wallet/reserve.ts"
import { Billing } from "../billing/Billing.ts"
import { flatMapEager } from "../station/eager.ts"
import { patiently } from "../station/patiently.ts"
import { WalletStore } from "./WalletStore.ts"

/** Whose charge it is, and on what. */
export interface Payer {
  readonly tokenUid: string
  readonly driverId: string | null
}

/**
 * What bounds charges on limited tokens, as the owners of stations ask for it: may one begin, and what is set aside for
 * it. Nothing here is asked of a charge that nothing bounds.
 */
export class Funds extends Context.Service<
  Funds,
  {
    /** Whether a charge would be let in now; promises nothing and sets nothing aside. */
    readonly peek: (station: Station, payer: Payer, atMs: number) => Effect.Effect<boolean>
    /**
     * Decides a start, and sets aside what it may use; told again after a crash it is what it was. `comeTo`: what the charge
     * has come to already, which is wanted beside what any start wants.
     */
    readonly reserve: (
      transaction: Transaction,
      payer: Payer,
      at: { readonly startedAtMs: number; readonly nowMs: number },
      comeTo: Share
    ) => Effect.Effect<boolean>
    /** What is in the books of a charge that is bounded, just now; told by the owner after each commit, and at its claim. */
    readonly follow: (transaction: Transaction) => void
    /**
     * Who is told what `follow` is told; there is one, which asks stations to stop. And that something was set aside: it
     * may be for a start that never comes into the books, of which nothing follows.
     */
    readonly listen: (follower: (transaction: Transaction) => void, setAside: () => void) => void
    /** What is set aside for a charge, asked again when it was let go meanwhile. */
    readonly held: (transaction: Transaction, nowMs: number) => Effect.Effect<Charge | undefined>
  }
>()("server/wallet/Funds") {
  static readonly layer = (policy: ReservePolicy = standardReserve): Layer.Layer<Funds, never, WalletStore | Billing> =>
    Layer.effect(
      Funds,
      Effect.gen(function* () {
        const store = yield* WalletStore
        const billing = yield* Billing
        let follower: (transaction: Transaction) => void = () => {}
        let onSetAside = (): void => {}

        const currencyOf = ({ tariff, timeZone }: Pick<Transaction, "tariff" | "timeZone">) =>
          tariff === null
            ? Effect.succeed(null)
            : Effect.map(billing.compiled(tariff, timeZone), (compiled) => compiled.tariff.currency)

        const reserve = (start: Start, nowMs: number, wanted = policy): Effect.Effect<Charge> =>
          Effect.map(patiently(store.reserve(start, wanted, nowMs)), ({ charge }) => {
            onSetAside()
            return charge
          })

        return Funds.of({
          peek: (station, { tokenUid, driverId }, atMs) =>
            flatMapEager(billing.freeze({ station, evseId: 0, tokenUid, atMs }), (tariff) =>
              flatMapEager(currencyOf({ tariff, timeZone: station.timeZone }), (currency) =>
                Effect.map(
                  patiently(store.peek({ tokenUid, driverId, currency, startedAtMs: atMs }, policy)),
                  ({ _tag }) => _tag === "Accepted"
                )
              )
            ),
          reserve: (transaction, { tokenUid, driverId }, { startedAtMs, nowMs }, comeTo) =>
            flatMapEager(currencyOf(transaction), (currency) => {
              const key = chargeKeyOf(transaction, tokenUid)
              const start = { key, transactionId: transaction.id, tokenUid, driverId, currency, startedAtMs }
              return Effect.map(reserve(start, nowMs, beside(policy, comeTo)), ({ accepted }) => accepted)
            }),
          follow: (transaction) => follower(transaction),
          listen: (told, setAside) => {
            follower = told
            onSetAside = setAside
          },
          held: (transaction, nowMs) =>
            Effect.gen(function* () {
              const { authorized } = transaction
              if (authorized === null || authorized.limited !== true || !isOpen(transaction)) return undefined
              const { token, driverId } = authorized
              const key = chargeKeyOf(transaction, token.uid)
              const known = yield* patiently(store.charge(key))
              if (known !== undefined) return known
              const currency = yield* currencyOf(transaction)
              const startedAtMs = beginAtMs(transaction)
              const start = { key, transactionId: transaction.id, tokenUid: token.uid, driverId, currency, startedAtMs }
              return yield* reserve(start, nowMs)
            })
        })
      })
    )
}
