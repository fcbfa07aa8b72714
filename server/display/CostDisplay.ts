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
import { isOpen, type Transaction } from "#core/transaction/Transaction.ts"
import { Billing } from "../billing/Billing.ts"
import { type Connected, Gateway } from "../ocpp/Gateway.ts"
import { Owners } from "../station/Owners.ts"
import type { StationOwner } from "../station/StationOwner.ts"

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
 * messages in 1.6, whose FinalCost follows the bill; in 2.x the answer to the end says it. Everything is sent behind the
 * commit and beside the station's own messages; what fails is not repeated, as the next reading brings a newer figure.
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

    const send = (connected: Connected, transaction: Transaction, price: RunningPrice) =>
      Effect.gen(function* () {
        const { peer, dialect } = connected
        if (dialect.version !== "1.6") {
          const { grossMinor, currency } = price.rating
          const totalCost = wireAmount(grossMinor, currency)
          yield* peer.call(actions201.CostUpdated, { totalCost, transactionId: transaction.ocppId })
          return
        }
        const compiled = yield* billing.compiled(transaction.tariff!, transaction.timeZone)
        const last = transaction.samples.findLast(({ registerWh }) => registerWh !== null)
        const meter = { atMs: heardUntilMs(transaction), registerWh: last?.registerWh ?? 0 }
        yield* transfer(connected, runningCost(Number(transaction.ocppId), price, compiled, meter))
      })

    /** The last that is known when its turn comes, not what was known when it was asked for. */
    const tell = (owner: StationOwner, transactionId: string, entry: Told, isNew: boolean) =>
      Effect.gen(function* () {
        const transaction = owner.holdings.byId(transactionId)
        const connected = gateway.connected(owner.station.id)
        if (transaction === undefined || !isOpen(transaction) || connected?.owner !== owner) return
        if (
          isNew &&
          connected.dialect.version === "1.6" &&
          transaction.authorized !== null &&
          transaction.tariff !== null
        ) {
          const compiled = yield* billing.compiled(transaction.tariff, transaction.timeZone)
          yield* transfer(connected, userPrice(transaction.authorized.token.uid, compiled))
        }
        const price = yield* billing.running(transaction, heardUntilMs(transaction))
        if (price === undefined || price.rating.grossMinor === entry.grossMinor || !isInItsCurrency(owner, price))
          return
        entry.grossMinor = price.rating.grossMinor
        yield* send(connected, transaction, price)
      }).pipe(
        Effect.ignore,
        Effect.ensuring(
          Effect.sync(() => {
            entry.isBeingTold = false
          })
        )
      )

    owners.onCost((owner, before, after, cdrs) => {
      const entries = told.get(owner) ?? new Map<string, Told>()
      told.set(owner, entries)
      if (!isOpen(after)) {
        entries.delete(after.id)
        const bill = cdrs.findLast(({ credit }) => !credit)
        const connected = gateway.connected(owner.station.id)
        if (bill === undefined || before.settled !== null || connected?.owner !== owner) return
        if (connected.dialect.version !== "1.6" || Number.isNaN(Number(after.ocppId))) return
        const message = finalCost(Number(after.ocppId), bill.grossMinor, bill.currency)
        runFork(Effect.forkIn(Effect.ignore(transfer(connected, message)), scope))
        return
      }
      const known = entries.get(after.id)
      const nowMs = clock.currentTimeMillisUnsafe()
      if (known !== undefined && (known.isBeingTold || nowMs < known.atMs + everyMs)) return
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
