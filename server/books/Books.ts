import { Context, type Effect } from "effect"
import type { Cdr } from "#core/billing/Cdr.ts"
import type { Entry } from "#core/billing/Ledger.ts"
import type { Boot, Connector, Presence, Variable } from "#core/station/Station.ts"
import type { Transaction } from "#core/transaction/Transaction.ts"
import type { StoreUnavailable } from "../record/Journal.ts"
import type { StoredFact, StoredSample, TransactionRow } from "../record/Unit.ts"
import type { Page, PageRequest } from "./Page.ts"

export interface TransactionFilter {
  readonly stationId?: string
  readonly driverId?: string
  readonly tokenUid?: string
  readonly status?: TransactionRow["status"]
  /** Carrying this finding. */
  readonly finding?: string
  readonly startedFromMs?: number
  readonly startedBeforeMs?: number
}

export interface CdrFilter {
  readonly stationId?: string
  readonly driverId?: string
  readonly transactionId?: string
  readonly issuedFromMs?: number
  readonly issuedBeforeMs?: number
}

/** What is known of a station beyond what the operator registered. */
export interface StationRecord {
  readonly stationId: string
  readonly boot: Boot | null
  readonly presence: Presence | null
  readonly lastSeenAtMs: number | null
  readonly connectors: ReadonlyArray<Connector>
}

/** The books as operators, the API and the oracles read them. Every list has one order, stated here. */
export class Books extends Context.Service<
  Books,
  {
    readonly station: (stationId: string) => Effect.Effect<StationRecord, StoreUnavailable>
    readonly variables: (stationId: string) => Effect.Effect<ReadonlyArray<Variable>, StoreUnavailable>
    /** Newest first by id (ids are ordered by time). */
    readonly transactions: (
      filter: TransactionFilter & PageRequest
    ) => Effect.Effect<Page<TransactionRow>, StoreUnavailable>
    readonly transaction: (id: string) => Effect.Effect<TransactionRow | undefined, StoreUnavailable>
    /** The same list and order with all that is known of each: a page holds every fact and reading of its transactions. */
    readonly histories: (filter: TransactionFilter & PageRequest) => Effect.Effect<Page<Transaction>, StoreUnavailable>
    /** In the order recorded. */
    readonly facts: (transactionId: string) => Effect.Effect<ReadonlyArray<StoredFact>, StoreUnavailable>
    /** By the meter's time. */
    readonly samples: (transactionId: string, page: PageRequest) => Effect.Effect<Page<StoredSample>, StoreUnavailable>
    /** Newest first by id. */
    readonly cdrs: (filter: CdrFilter & PageRequest) => Effect.Effect<Page<Cdr>, StoreUnavailable>
    readonly cdr: (id: string) => Effect.Effect<Cdr | undefined, StoreUnavailable>
    /** Oldest first by id. */
    readonly entries: (
      filter: PageRequest & { readonly sourceId?: string; readonly account?: string }
    ) => Effect.Effect<Page<Entry>, StoreUnavailable>
    /** Sum per account and currency, by account. Empty accounts are left out. */
    readonly balances: Effect.Effect<
      ReadonlyArray<{ readonly account: string; readonly currency: string; readonly amountMinor: bigint }>,
      StoreUnavailable
    >
  }
>()("server/books/Books") {}
