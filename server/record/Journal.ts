import { Context, Data, type Effect } from "effect"
import type { AnsweredBoot, Connector, Presence, Variable } from "#core/station/Station.ts"
import type { ChargeOrder } from "#core/transaction/ChargeOrder.ts"
import type { Transaction } from "#core/transaction/Transaction.ts"
import type { Unit } from "./Unit.ts"

/** The store cannot be reached or is busy; the same request may succeed later. Whether it took effect is not known. */
export class StoreUnavailable extends Data.TaggedError("StoreUnavailable")<{ readonly cause: unknown }> {}

/** The unit was decided under a claim that a newer one has replaced; nothing of it was written. */
export class Fenced extends Data.TaggedError("Fenced")<{ readonly stationId: string; readonly epoch: number }> {}

/** The store refused this unit for what is in it: a constraint says that it contradicts the books. */
export class UnitRefused extends Data.TaggedError("UnitRefused")<{
  readonly stationId: string
  readonly cause: unknown
}> {}

/** What became of one unit of a batch. `Repeated`: it had been written already, by a commit whose outcome was unknown. */
export type UnitOutcome = "Committed" | "Repeated" | Fenced | UnitRefused

/** Everything a connection needs to own its station: loaded once, at the claim. */
export interface StationSnapshot {
  readonly boot: AnsweredBoot | null
  readonly connectors: ReadonlyArray<Connector>
  readonly variables: ReadonlyArray<Variable>
  /** Open ones, unsettled ones, and the few that ended last: what a retried message may still speak of. */
  readonly transactions: ReadonlyArray<Transaction>
  /** Newest register per EVSE. */
  readonly registers: ReadonlyArray<{ readonly evseId: number; readonly registerWh: number; readonly atMs: number }>
  /** Not over yet, by EVSE and token; those that are too old may be among them. */
  readonly orders: ReadonlyArray<ChargeOrder>
}

/** A claim that a newer one has replaced. */
export interface LostClaim {
  readonly stationId: string
  /** Of the newest claim. */
  readonly epoch: number
  /** Who is in touch with the station, as the books have it; null for nobody. */
  readonly presence: Presence | null
}

/** At a connector, by an instant. */
export interface BegunAt {
  readonly stationId: string
  readonly evseId: number
  readonly connectorId: number
  readonly begunBy: number
}

/** How many of an EVSE's newest transactions are looked at for the last that had begun by an instant. */
export const begunAmong = 64

/**
 * The books as the recorder writes them and the owner of a station reads them. Two adapters (PostgreSQL, memory), one
 * contract suite.
 */
export class Journal extends Context.Service<
  Journal,
  {
    /**
     * Writes a batch in one database transaction. A unit that is fenced or refused fails alone; the others are
     * committed. Writing a batch again whose outcome was unknown changes nothing: facts, samples, CDRs and entries are
     * recognised by their keys.
     */
    readonly commit: (units: ReadonlyArray<Unit>) => Effect.Effect<ReadonlyArray<UnitOutcome>, StoreUnavailable>
    /** Takes stations over: from now on only units with the returned epochs are written. In the order asked. */
    readonly claim: (stationIds: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<number>, StoreUnavailable>
    /** Which of these claims, one a station at most, a newer one has replaced; in the order of their stations' ids. */
    readonly lost: (
      claims: ReadonlyArray<{ readonly stationId: string; readonly epoch: number }>
    ) => Effect.Effect<ReadonlyArray<LostClaim>, StoreUnavailable>
    readonly load: (
      stationIds: ReadonlyArray<string>
    ) => Effect.Effect<ReadonlyArray<StationSnapshot>, StoreUnavailable>
    /**
     * A transaction by either of its natural keys on one station, or by our own id; or the last one that had begun at a
     * connector by an instant of the station's clock, among the 64 newest of its EVSE.
     */
    readonly transaction: (
      by:
        | { readonly stationId: string; readonly ocppId: string }
        | { readonly stationId: string; readonly startKey: string }
        | { readonly id: string }
        | BegunAt
    ) => Effect.Effect<Transaction | undefined, StoreUnavailable>
    /** Ended, unsettled and due by `atMs`, oldest first. */
    readonly due: (atMs: number, limit: number) => Effect.Effect<ReadonlyArray<Transaction>, StoreUnavailable>
    /** The open transactions that the token (as kept: canonical) was taken for, by id: what its limit counts. */
    readonly openOn: (tokenUid: string) => Effect.Effect<ReadonlyArray<string>, StoreUnavailable>
    /** The first of `count` numbers nobody else gets: 1.6 transaction ids, from 1 up. */
    readonly allocateNumbers: (count: number) => Effect.Effect<number, StoreUnavailable>
  }
>()("server/record/Journal") {}
