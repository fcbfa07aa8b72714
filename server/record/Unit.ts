import type { Cdr } from "#core/billing/Cdr.ts"
import type { Entry } from "#core/billing/Ledger.ts"
import type { AnsweredBoot, Connector, Presence, Variable } from "#core/station/Station.ts"
import type { AuthorizationStatus } from "#core/token/authorize.ts"
import type { PresentedToken } from "#core/token/Token.ts"
import type { ChargeOrder } from "#core/transaction/ChargeOrder.ts"
import type { Finding } from "#core/transaction/measure.ts"
import type { Sample } from "#core/transaction/Sample.ts"
import type { TransactionFact, TransactionIdentity } from "#core/transaction/Transaction.ts"

/** A fact as it is kept: the transaction's `seq`-th, which makes a second writing of it impossible. */
export interface StoredFact {
  readonly transactionId: string
  readonly seq: number
  readonly fact: Exclude<TransactionFact, { _tag: "Sampled" }>
}

/** Readings as they are kept; `seq` is the number of the Sampled fact they came with, `part` their place in it. */
export interface StoredSample {
  readonly transactionId: string
  readonly stationId: string
  readonly evseId: number
  readonly seq: number
  readonly part: number
  readonly receivedAtMs: number
  readonly sample: Sample
}

/** The page of a transaction that lists and filters read: derived from its facts, replaced whenever they change it. */
export interface TransactionRow extends TransactionIdentity {
  readonly status: "Open" | "Ended" | "Closed"
  readonly startedAtMs: number | null
  readonly endedAtMs: number | null
  readonly token: PresentedToken | null
  readonly driverId: string | null
  readonly authorization: AuthorizationStatus | null
  readonly stopReason: string | null
  /** Known once ended; while it is open the newest reading tells. */
  readonly energyWh: number | null
  readonly findings: ReadonlyArray<Finding>
  readonly cdrId: string | null
  /** While ended and unsettled: when to settle with what there is. Null otherwise. */
  readonly settleAtMs: number | null
  /** Facts folded in: a row never gives way to an older one. */
  readonly version: number
}

/**
 * The bill of a charge on a token that is limited: paid from its driver's wallet as far as that goes, and counted in its
 * token's budgets, in the commit that books its CDRs.
 */
export interface Debit {
  /** See chargeKeyOf. */
  readonly key: string
  readonly transactionId: string
  readonly tokenUid: string
  readonly driverId: string | null
  /** Null: nothing is owed. */
  readonly currency: string | null
  readonly startedAtMs: number
  readonly accepted: boolean
  /** What its CDRs come to, credits included. */
  readonly owedMinor: bigint
  readonly energyWh: number
  readonly revision: number
  readonly atMs: number
}

/**
 * What one decision changes in the books: committed as a whole or not at all. Everything a station's message
 * establishes is one unit, fenced by the epoch of the connection it came over.
 */
export interface Unit {
  readonly stationId: string
  /** The claim under which it was decided; null for what no connection decides (the closing of old transactions). */
  readonly epoch: number | null
  readonly boot?: AnsweredBoot
  readonly presence?: Presence | { readonly disconnectedAtMs: number }
  readonly connectors?: ReadonlyArray<Connector>
  readonly variables?: ReadonlyArray<Variable>
  readonly facts?: ReadonlyArray<StoredFact>
  readonly samples?: ReadonlyArray<StoredSample>
  readonly transactions?: ReadonlyArray<TransactionRow>
  readonly cdrs?: ReadonlyArray<Cdr>
  readonly entries?: ReadonlyArray<Entry>
  readonly debits?: ReadonlyArray<Debit>
  /** Asked for; each takes the place of an older one of its token at its EVSE. */
  readonly orders?: ReadonlyArray<ChargeOrder>
  /** Orders that are over: their charge began, or nobody wants it any more. */
  readonly ordersDone?: ReadonlyArray<ChargeOrder>
  readonly lastSeenAtMs?: number
}
