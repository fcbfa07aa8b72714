import type { PresentedToken } from "#core/token/Token.ts"
import type { LocalCost } from "#core/transaction/localCost.ts"
import type { Sample } from "#core/transaction/Sample.ts"
import type { ChargingState, Transaction } from "#core/transaction/Transaction.ts"
import type { Judgement } from "./Judgement.ts"

/** One message about one transaction, as a dialect's handler understood it. */
export interface TransactionMessage {
  readonly kind: "Started" | "Updated" | "Ended"
  /** The id on the wire; null in a 1.6 start, which asks us for one. */
  readonly ocppId: string | null
  readonly startKey: string | null
  /**
   * What becomes of a message about a transaction that nobody knows: it begins one, it is passed over, or it begins
   * one under this other name, so that an id which was never given out is not taken for one that was.
   */
  readonly unknown: "begin" | "ignore" | { readonly as: string }
  readonly evseId: number
  readonly connectorId: number
  readonly atMs: number
  /** What the station's clock showed, of a start: `atMs` unless that is not believed. */
  readonly shownAtMs?: number | undefined
  /** The one instant at which we took it in. */
  readonly receivedAtMs: number
  /** The instant of ours that its token is judged at, and its prices are looked up at; `atMs` when absent. See `hear`. */
  readonly judgedAtMs?: number
  /** Of a start: its connector was told to be free since it was made. See `hear`. */
  readonly isOver?: true
  /** Of a start: when the next charge at its connector began, by the station's clock. See `withNext`. */
  readonly nextAtMs?: number
  readonly seqNo: number | null
  readonly offline: boolean
  readonly presented: PresentedToken | null
  /** Whether the token was presented to stop. */
  readonly stops: boolean
  readonly samples: ReadonlyArray<Sample>
  readonly state: ChargingState | null
  readonly reason: string | null
  readonly remoteStartId: number | null
  readonly reservationId: number | null
  /** What the station itself reckoned (2.1). */
  readonly localCost?: LocalCost | null
}

/** What came of it. `judgement` is about the token that the message carried, if any. */
export interface Reported {
  /** Null only when a message about an unknown transaction was passed over. */
  readonly transaction: Transaction | null
  readonly judgement: Judgement | null
}
