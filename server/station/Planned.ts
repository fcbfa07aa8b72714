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
}

/** A step decided: what is to be written, and what then is true. */
export interface Planned {
  readonly before: Transaction
  readonly facts: ReadonlyArray<TransactionFact>
  readonly after: Transaction
  readonly unit: Unit
  readonly cdrs: NonNullable<Unit["cdrs"]>
}
