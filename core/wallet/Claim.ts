/** What a wallet owes that no charge is for: a top-up that was given back or disputed, the fee of a reminder. */
export interface Claim {
  readonly sourceId: string
  readonly driverId: string
  readonly owedMinor: bigint
  /** Paid by the wallet. */
  readonly paidMinor: bigint
  readonly reason: string | null
  readonly atMs: number
}

/** What of a claim the wallet could not pay yet. */
export const openOf = ({ owedMinor, paidMinor }: Claim): bigint => owedMinor - paidMinor

/** The oldest first. */
export const byAge = (a: Claim, b: Claim): number => a.atMs - b.atMs || (a.sourceId < b.sourceId ? -1 : 1)
