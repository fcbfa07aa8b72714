import type { Effect } from "effect"
import type { Cdr } from "#core/billing/Cdr.ts"
import type { RunningPrice } from "#core/billing/priceOf.ts"
import type { Ids } from "#core/Ids.ts"
import type { Boot, Connector, Station } from "#core/station/Station.ts"
import type { CompiledTariff } from "#core/tariff/compile.ts"
import type { Assessment } from "#core/transaction/assess.ts"
import type { FrozenTariff, Transaction, TransactionFact } from "#core/transaction/Transaction.ts"
import type { Directory } from "../directory/Directory.ts"
import type { Journal } from "../record/Journal.ts"
import type { Recorder } from "../record/Recorder.ts"
import type { Funds } from "../wallet/Funds.ts"
import type { ActiveTokens } from "./ActiveTokens.ts"
import type { Clocks } from "./Clocks.ts"
import type { Numbers } from "./Numbers.ts"
import type { StationOwner } from "./StationOwner.ts"
import type { Settlement } from "./units.ts"

/** The beginning of a transaction, as far as prices depend on it. */
export interface PricedStart {
  readonly station: Station
  readonly evseId: number
  /** The uid that it is charged on; null while none was shown. */
  readonly tokenUid: string | null
  readonly atMs: number
}

/** Chooses the tariff that a transaction is priced by, for good; null when none holds for it. */
export interface Tariffs {
  readonly freeze: (start: PricedStart) => Effect.Effect<FrozenTariff | null>
}

/** Prices a transaction that is over. */
export interface Settler {
  readonly settle: (
    transaction: Transaction,
    assessment: Assessment,
    nowMs: number
  ) => Effect.Effect<{
    readonly fact: Extract<TransactionFact, { _tag: "Settled" }>
    readonly settlement: Settlement
  } | null>
}

/** Prices what is not over yet, with the engine that makes the bill. */
export interface Pricer {
  /** A frozen tariff made ready for a site; its version is in the directory for good. */
  readonly compiled: (frozen: FrozenTariff, timeZone: string) => Effect.Effect<CompiledTariff>
  /**
   * What a transaction would cost if it stopped at that instant, by the station's clock; of one that is over what its
   * bill says. Undefined when nobody owes for it.
   */
  readonly running: (transaction: Transaction, atMs: number) => Effect.Effect<RunningPrice | undefined>
}

/** Tells those who watch (console, webhooks, server-sent events) what has just been committed. */
export interface Announce {
  readonly booted: (stationId: string, boot: Boot) => void
  readonly status: (stationId: string, connector: Connector) => void
  readonly transaction: (
    before: Transaction,
    facts: ReadonlyArray<TransactionFact>,
    after: Transaction,
    cdrs: ReadonlyArray<Cdr>
  ) => void
}

/**
 * Hears what was just committed of a transaction at a station whose display shows costs, and of an end that was told again:
 * then nothing has changed.
 */
export type ShowCost = (owner: StationOwner, before: Transaction, after: Transaction, cdrs: ReadonlyArray<Cdr>) => void

/** What a station's owner works with, looked up once per connection. */
export interface OwnerServices {
  readonly dialect: Transaction["dialect"]
  readonly recorder: Recorder["Service"]
  readonly journal: Journal["Service"]
  readonly directory: Directory["Service"]
  readonly active: ActiveTokens["Service"]
  readonly ids: Ids["Service"]
  readonly numbers: Numbers["Service"]
  readonly tariffs: Tariffs
  readonly settler: Settler
  readonly pricer: Pricer
  readonly showCost: ShowCost
  readonly announce: Announce
  /** What the clocks of this node's stations show. */
  readonly clocks: Clocks
  readonly funds: Funds["Service"]
}
