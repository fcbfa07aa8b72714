/** Money of a top-up that its card's bank or the operator gave back: the wallet owes it, whatever became of it. */
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
