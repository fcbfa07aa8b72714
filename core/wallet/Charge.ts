import type { TransactionIdentity } from "../transaction/Transaction.ts"

/**
 * A charge on a token whose driver pays by wallet or that has a budget: what is set aside for it while it runs, and what
 * it came to. Kept from the start until for ever, so that budgets can be counted.
 */
export interface Charge {
  /** See {@link chargeKeyOf}. */
  readonly key: string
  readonly transactionId: string
  readonly tokenUid: string
  /** Whose wallet pays; null: nobody's. */
  readonly driverId: string | null
  /** Of its prices. */
  readonly currency: string
  readonly startedAtMs: number
  /** Whether the start was accepted; one that was not may have charged all the same, and is paid for. */
  readonly accepted: boolean
  /** Set aside while it runs, minor units and Wh; 0 when it is over. */
  readonly heldMinor: bigint
  readonly heldWh: number
  /** Paid by the wallet. */
  readonly paidMinor: bigint
  /** What its bills come to; null while it runs. */
  readonly owed: Owed | null
  /** When something was last decided about it. */
  readonly touchedAtMs: number
}

/** What a charge came to. `revision` counts its bills, credits included: the highest stands. */
export interface Owed {
  readonly owedMinor: bigint
  readonly energyWh: number
  readonly revision: number
}

/**
 * Names a charge by what its station repeats, whatever becomes of our answer: a start told again after a crash finds
 * what was set aside for it the first time.
 */
export const chargeKeyOf = (
  { stationId, ocppId, startKey }: Pick<TransactionIdentity, "stationId" | "ocppId" | "startKey">,
  tokenUid: string
): string => `${stationId}|${startKey ?? ocppId}|${tokenUid}`

/** What a charge still owes beyond what its wallet paid. */
export const arrearsOf = ({ driverId, owed, paidMinor }: Charge): bigint =>
  driverId === null || owed === null || owed.owedMinor <= paidMinor ? 0n : owed.owedMinor - paidMinor

/** What a charge counts for in a budget: what it came to, or what is set aside for it. */
export const countedMinor = ({ owed, heldMinor }: Charge): bigint => owed?.owedMinor ?? heldMinor
export const countedWh = ({ owed, heldWh }: Charge): number => owed?.energyWh ?? heldWh
