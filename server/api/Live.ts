import { Context, type Effect } from "effect"
import type { RunningPrice } from "#core/billing/priceOf.ts"
import type { Presence } from "#core/station/Station.ts"
import type { CompiledTariff } from "#core/tariff/compile.ts"
import type { ChargeLimit, Transaction } from "#core/transaction/Transaction.ts"
import type { NotFound } from "../directory/Directory.ts"
import type { Operation, OperationRecord } from "../operations/Operation.ts"
import type { StoreUnavailable } from "../record/Journal.ts"
import type { ToldLimit } from "../station/orders.ts"

/** How far an open transaction has come, by its newest reading. */
export interface Running {
  /** Since the transaction's begin. */
  readonly energyWh: number | null
  readonly powerW: number | null
  /** The meter's timestamp. */
  readonly atMs: number
}

/** The price of an open transaction, and the tariff that explains it. */
export interface RunningCost {
  readonly transaction: Transaction
  readonly price: RunningPrice
  readonly compiled: CompiledTariff
}

/** What only the node that holds the sockets knows and can do. */
export class LiveView extends Context.Service<
  LiveView,
  {
    /** How the station is connected now; undefined while it is not. */
    readonly isConnected: (stationId: string) => Presence | undefined
    /** Every station that is connected now. */
    readonly connectedIds: () => ReadonlyArray<string>
    /**
     * Asks something of a station and waits `waitMs` for the outcome; returns the record as it stands then. While the
     * station is offline the operation waits for `queueForMs`. It goes on when the caller is interrupted.
     */
    readonly runOperation: (
      stationId: string,
      operation: Operation,
      options: { readonly waitMs: number; readonly queueForMs: number }
    ) => Effect.Effect<OperationRecord, NotFound | StoreUnavailable>
    /** Undefined when the transaction is not open here, or nothing was metered yet. */
    readonly running: (transactionId: string) => Running | undefined
    /** What an open transaction is to stop at; undefined when nobody said, or it is not open here. */
    readonly limitOf: (transactionId: string) => ToldLimit | undefined
    /** Sets it, in place of what stood. False: it is not open here. */
    readonly limit: (transactionId: string, limit: ChargeLimit) => Effect.Effect<boolean>
    /**
     * What an open transaction has come to by the last that its station told, whichever node holds it. Undefined when
     * nobody owes for it, or there is no such transaction.
     */
    readonly cost: (transactionId: string) => Effect.Effect<RunningCost | undefined, StoreUnavailable>
  }
>()("server/api/LiveView") {}
