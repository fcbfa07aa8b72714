import { Clock, Effect, Layer } from "effect"
import { heardUntilMs, type RunningPrice } from "#core/billing/priceOf.ts"
import {
  type CostMessage,
  costVendor,
  finalCost,
  runningCost,
  userPrice,
  wireAmount
} from "#core/display/costMessages.ts"
import type { CallFailure } from "#core/ocpp/CallFailure.ts"
import { actions as actions16 } from "#core/ocpp/v16/generated/actions.ts"
import { actions as actions201 } from "#core/ocpp/v201/generated/actions.ts"
import type { CompiledTariff } from "#core/tariff/compile.ts"
import { isOpen, type Transaction } from "#core/transaction/Transaction.ts"
import { Billing } from "../billing/Billing.ts"
import { type Connected, Gateway } from "../ocpp/Gateway.ts"
import { Owners } from "../station/Owners.ts"
import type { StationOwner } from "../station/StationOwner.ts"
import { finalTotal } from "./finalTotal.ts"

/** A display is told of one charge no oftener than this. */
const everyMs = 30_000

/** What the display of one transaction was told. */
interface Told {
  atMs: number
  grossMinor: bigint | undefined
  isBeingTold: boolean
}

/**
 * Tells stations that show it what a charge costs while it runs: CostUpdated in 2.x (2.0.1 part 2, I02), the OCA's cost
 * messages in 1.6, whose FinalCost follows the bill, and an end that is told again: who told it may have missed the
 * figure. In 2.x the answer to the end says it. Everything is sent behind the commit and beside the station's own messages;
 * what fails is not repeated, as the next reading brings a newer figure.
 */
export const costDisplay = Layer.effectDiscard(
  Effect.gen(function* () {
    const owners = yield* Owners
    const gateway = yield* Gateway
    const billing = yield* Billing
    const clock = yield* Clock.Clock
    const scope = yield* Effect.scope
    const runFork = Effect.runForkWith(yield* Effect.context<never>())
    /** Goes with the connection: a station that returns is told anew. */
    const told = new WeakMap<StationOwner, Map<string, Told>>()

    /** An open transaction, if whoever holds its station's socket is still this owner. */
    const openAt = (owner: StationOwner, transactionId: string) => {
      const transaction = owner.holdings.byId(transactionId)
      const connected = gateway.connected(owner.station.id)
      const isThere = transaction !== undefined && isOpen(transaction) && connected?.owner === owner
      return isThere ? { transaction, connected } : undefined
    }

    /** Which prices hold for this driver: 1.6 displays are told before the first running cost. */
    const greet = (owner: StationOwner, transactionId: string) =>
      Effect.gen(function* () {
        const open = openAt(owner, transactionId)
        const { authorized = null, tariff = null, timeZone = "" } = open?.transaction ?? {}
        if (open?.connected.dialect.version !== "1.6" || authorized === null || tariff === null) return
        const compiled = yield* billing.compiled(tariff, timeZone)
        yield* Effect.ignore(transfer(open.connected, userPrice(authorized.token.uid, compiled)))
      })

    const messageOf = (transaction: Transaction, price: RunningPrice, compiled: CompiledTariff): CostMessage => {
      const last = transaction.samples.findLast(({ registerWh }) => registerWh !== null)
      const meter = { atMs: heardUntilMs(transaction), registerWh: last?.registerWh ?? 0 }
      return runningCost(Number(transaction.ocppId), price, compiled, meter)
    }

    /** The last that is known when its turn comes, not what was known when it was asked for. */
    const tell = (owner: StationOwner, transactionId: string, entry: Told, isNew: boolean) =>
      Effect.gen(function* () {
        if (isNew) yield* greet(owner, transactionId)
        const open = openAt(owner, transactionId)
        if (open === undefined || open.transaction.tariff === null) return
        const { transaction, connected } = open
        const compiled = yield* billing.compiled(open.transaction.tariff, transaction.timeZone)
        const price = yield* billing.running(transaction, heardUntilMs(transaction))
        if (price === undefined || price.rating.grossMinor === entry.grossMinor || !isInItsCurrency(owner, price))
          return
        // What it came to may have been told meanwhile: nothing must follow that.
        if (openAt(owner, transactionId) === undefined) return
        const { grossMinor, currency } = price.rating
        const totalCost = wireAmount(grossMinor, currency)
        yield* connected.dialect.version === "1.6"
          ? transfer(connected, messageOf(transaction, price, compiled))
          : connected.peer.call(actions201.CostUpdated, { totalCost, transactionId: transaction.ocppId })
        entry.grossMinor = grossMinor
      }).pipe(
        Effect.ignore,
        Effect.ensuring(
          Effect.sync(() => {
            entry.isBeingTold = false
          })
        )
      )

    /** In 2.x the answer to the end says it. */
    const tellFinal = (owner: StationOwner, transaction: Transaction) =>
      Effect.gen(function* () {
        const connected = gateway.connected(owner.station.id)
        const ocppId = Number(transaction.ocppId)
        if (connected?.owner !== owner || connected.dialect.version !== "1.6" || Number.isNaN(ocppId)) return
        const total = yield* finalTotal(billing, transaction)
        if (total != null) yield* transfer(connected, finalCost(ocppId, total.grossMinor, total.currency))
      }).pipe(Effect.ignore)

    owners.onCost((owner, before, after, cdrs) => {
      const entries = told.get(owner) ?? new Map<string, Told>()
      told.set(owner, entries)
      if (!isOpen(after)) {
        entries.delete(after.id)
        const isBilled = before.settled === null && cdrs.some(({ credit }) => !credit)
        if (isBilled || before === after) runFork(Effect.forkIn(tellFinal(owner, after), scope))
        return
      }
      const known = entries.get(after.id)
      const nowMs = clock.currentTimeMillisUnsafe()
      if (known !== undefined && (known.isBeingTold || nowMs < known.atMs + everyMs)) return
      // Nothing was heard with it: it is no turn, for which the next reading would wait.
      const isLimitAlone = before.limit !== after.limit && heardUntilMs(before) === heardUntilMs(after)
      if (known !== undefined && isLimitAlone) return
      const entry = known ?? { atMs: nowMs, grossMinor: undefined, isBeingTold: true }
      entry.atMs = nowMs
      entry.isBeingTold = true
      entries.set(after.id, entry)
      runFork(Effect.forkIn(tell(owner, after.id, entry, known === undefined), scope))
    })
  })
)

/** A display that shows another currency would show a wrong price. */
const isInItsCurrency = ({ holdings }: StationOwner, { rating }: RunningPrice): boolean =>
  holdings.display.currency === null || holdings.display.currency === rating.currency

const transfer = ({ peer }: Connected, { messageId, data }: CostMessage): Effect.Effect<unknown, CallFailure> =>
  peer.call(actions16.DataTransfer, { vendorId: costVendor, messageId, data })
