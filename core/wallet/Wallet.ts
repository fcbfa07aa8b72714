/**
 * Why money moves on a wallet. `give-back` returns what a corrected bill took too much, or a take-back that came to
 * nothing; `arrears` pays what a charge still owed, `take-back` what was taken back of a top-up.
 */
export const movementKinds = [
  "top-up",
  "credit",
  "charge",
  "give-back",
  "arrears",
  "take-back",
  "refund",
  "adjustment"
] as const

export type MovementKind = (typeof movementKinds)[number]

/** One movement of money on a wallet. Written once; a correction is another movement. */
export interface Movement {
  readonly driverId: string
  /** The wallet's n-th, from 1. */
  readonly seq: number
  readonly kind: MovementKind
  /** Into the wallet positive, out of it negative; minor units of the wallet's currency. */
  readonly amountMinor: bigint
  /** What the wallet holds after it. */
  readonly balanceMinor: bigint
  /** What gave rise to it: a second movement of the same source cannot be. */
  readonly sourceId: string
  /** The charge that it pays for; null of what people do. */
  readonly transactionId: string | null
  readonly reason: string | null
  readonly atMs: number
}

/**
 * Money that a driver paid ahead, in one currency. What it holds never falls below zero, or below the credit that was
 * agreed (I8), and what running charges hold is part of it: `balance + creditLine >= held`, always.
 */
export interface Wallet {
  readonly driverId: string
  readonly currency: string
  /** How far below zero it may go. */
  readonly creditLineMinor: bigint
  readonly openedAtMs: number
  readonly balanceMinor: bigint
  /** Set aside for charges that run. */
  readonly heldMinor: bigint
  /** Owed for charges, and of top-ups taken back, beyond what the wallet could pay: the next money that comes in pays it first. */
  readonly arrearsMinor: bigint
  /** Movements so far. */
  readonly movements: number
}

/** A wallet with nothing in it. */
export const open = (terms: Pick<Wallet, "driverId" | "currency" | "creditLineMinor" | "openedAtMs">): Wallet => ({
  ...terms,
  balanceMinor: 0n,
  heldMinor: 0n,
  arrearsMinor: 0n,
  movements: 0
})

/** Takes a movement in: the balance is the fold over all of them. */
export const evolve = (wallet: Wallet, { amountMinor }: Pick<Movement, "amountMinor">): Wallet => ({
  ...wallet,
  balanceMinor: wallet.balanceMinor + amountMinor,
  movements: wallet.movements + 1
})

/** What nobody has a claim on: what a new charge may hold, and a refund may take. */
export const freeOf = ({ balanceMinor, creditLineMinor, heldMinor }: Wallet): bigint =>
  balanceMinor + creditLineMinor - heldMinor

/** Whether the hard limit holds (I8). */
export const isWithinLimit = (wallet: Wallet): boolean => freeOf(wallet) >= 0n && wallet.heldMinor >= 0n

/** What a movement is made of, but for what follows from the wallet as it stands. */
export type Cause = Pick<Movement, "kind" | "amountMinor" | "sourceId" | "transactionId" | "reason" | "atMs">

/** The wallet's next movement. */
export const moved = (wallet: Wallet, cause: Cause): { readonly wallet: Wallet; readonly movement: Movement } => {
  const after = evolve(wallet, cause)
  const { driverId } = wallet
  return { wallet: after, movement: { ...cause, driverId, seq: after.movements, balanceMinor: after.balanceMinor } }
}
