import { Context, type Effect } from "effect"
import type { Presence } from "#core/station/Station.ts"
import type { NotFound } from "../directory/Directory.ts"
import type { Operation, OperationRecord } from "../operations/Operation.ts"
import type { StoreUnavailable } from "../record/Journal.ts"

/** How far an open transaction has come, by its newest reading. */
export interface Running {
  /** Since the transaction's begin. */
  readonly energyWh: number | null
  readonly powerW: number | null
  /** The meter's timestamp. */
  readonly atMs: number
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
  }
>()("server/api/LiveView") {}
