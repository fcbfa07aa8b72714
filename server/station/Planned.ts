import type { ChargeOrder } from "#core/transaction/ChargeOrder.ts"
import type { Transaction, TransactionFact } from "#core/transaction/Transaction.ts"
import type { Unit } from "../record/Unit.ts"

/** Facts to be taken into a transaction. */
export interface Step {
  readonly transaction: Transaction
  readonly facts: ReadonlyArray<TransactionFact>
}

/** How a step is taken. */
export interface StepOptions {
  /** Older transactions on the same EVSE, to be closed in the same commit. */
  readonly superseded?: ReadonlyArray<Transaction>
  /** Whether it is settled even if messages are missing. */
  readonly settle?: boolean
  /** What the charge was ordered with: over in the same commit. */
  readonly fulfils?: ChargeOrder | undefined
}

/** A step decided: what is to be written, and what then is true. */
export interface Planned {
  readonly before: Transaction
  readonly facts: ReadonlyArray<TransactionFact>
  readonly after: Transaction
  readonly unit: Unit
  readonly cdrs: NonNullable<Unit["cdrs"]>
  /** The order that is over with it. */
  readonly fulfils?: ChargeOrder
}

/** The token that its facts are the first to show; undefined when there is none. */
export const firstTokenOf = ({ before, after }: Planned): string | undefined =>
  before.authorized === null ? after.authorized?.token.uid : undefined

/** The same with an order that is over in the same commit, if there is one. */
export const fulfilling = (planned: Planned, order: ChargeOrder | undefined): Planned =>
  order === undefined ? planned : { ...planned, fulfils: order, unit: { ...planned.unit, ordersDone: [order] } }
