import { Context, type Effect } from "effect"
import type { Page, PageRequest } from "../books/Page.ts"
import type { StoreUnavailable } from "../record/Journal.ts"
import type { OperationRecord } from "./Operation.ts"

/** Operations survive a restart: what was queued for an offline station still goes out when it returns in time. */
export class OperationLog extends Context.Service<
  OperationLog,
  {
    /** Inserts, or replaces the record of the same id. */
    readonly save: (record: OperationRecord) => Effect.Effect<void, StoreUnavailable>
    readonly get: (id: string) => Effect.Effect<OperationRecord | undefined, StoreUnavailable>
    /** Queued for one station, oldest first. */
    readonly queued: (stationId: string) => Effect.Effect<ReadonlyArray<OperationRecord>, StoreUnavailable>
    /** Sent or queued before a restart, or queued past their time: the sweeper ends them. Oldest first. */
    readonly overdue: (atMs: number, limit: number) => Effect.Effect<ReadonlyArray<OperationRecord>, StoreUnavailable>
    /** Newest first by id. */
    readonly list: (
      filter: PageRequest & { readonly stationId: string }
    ) => Effect.Effect<Page<OperationRecord>, StoreUnavailable>
  }
>()("server/operations/OperationLog") {}
