import { Fifo } from "../time/Fifo.ts"

/** What happened to the money of one intent, at the provider itself. */
export type MoveKind =
  | "authorized"
  | "released"
  | "expired"
  | "captured"
  | "refunded"
  | "refund failed"
  | "fee"
  | "fee given back"
  | "disputed"
  | "dispute won"
  | "dispute lost"

export interface Move {
  readonly atMs: number
  readonly intentId: string
  readonly kind: MoveKind
  /** Minor units, never negative. */
  readonly amountMinor: bigint
}

/** The truth about one intent: sums of its moves. Captured is before refunds; held is what no move has ended yet. */
export interface TrueIntent {
  readonly id: string
  readonly createdAtMs: number
  readonly currency: string
  readonly metadata: Readonly<Record<string, string>>
  /** Held first, or taken from a card whose holder is not there. */
  readonly way: "hold" | "charge"
  /** Whether the provider keeps its payer's card. */
  readonly hasCustomer: boolean
  /** The most that was ever held. */
  readonly authorizedMinor: bigint
  /** Each time that more was held, and how much was then. */
  readonly raises: ReadonlyArray<{ readonly atMs: number; readonly heldMinor: bigint }>
  readonly heldMinor: bigint
  readonly capturedMinor: bigint
  readonly refundedMinor: bigint
  /** When the last refund was made; null: none was. */
  readonly refundedAtMs: number | null
  /** How often the bank sent a refund back. */
  readonly refundsFailed: number
  readonly feeMinor: bigint
  /** Withdrawn by disputes and not given back. */
  readonly disputedMinor: bigint
  /** Times that money was taken, and when last. */
  readonly captures: number
  readonly capturedAtMs: number | null
  /** The provider knows nothing of it, and has none of its money, though all this has happened. */
  readonly isLost?: boolean
}

interface Sum {
  readonly id: string
  readonly createdAtMs: number
  readonly currency: string
  metadata: Readonly<Record<string, string>>
  readonly way: TrueIntent["way"]
  readonly hasCustomer: boolean
  authorizedMinor: bigint
  readonly raises: Array<TrueIntent["raises"][number]>
  heldMinor: bigint
  capturedMinor: bigint
  refundedMinor: bigint
  refundedAtMs: number | null
  refundsFailed: number
  feeMinor: bigint
  disputedMinor: bigint
  captures: number
  capturedAtMs: number | null
  isLost?: boolean
}

/** The provider's own account, written beside its objects and by other code, so that one can be held to the other. */
export class Account {
  private readonly sums = new Map<string, Sum>()
  private readonly latest = new Fifo<Move>()

  open(intent: Pick<Sum, "id" | "createdAtMs" | "currency" | "metadata" | "way" | "hasCustomer">): void {
    this.sums.set(intent.id, {
      ...intent,
      authorizedMinor: 0n,
      raises: [],
      heldMinor: 0n,
      capturedMinor: 0n,
      refundedMinor: 0n,
      refundedAtMs: null,
      refundsFailed: 0,
      feeMinor: 0n,
      disputedMinor: 0n,
      captures: 0,
      capturedAtMs: null
    })
  }

  describe(intentId: string, metadata: Readonly<Record<string, string>>): void {
    this.sums.get(intentId)!.metadata = metadata
  }

  /** The provider loses it with all that lies there of it, or finds it again. */
  lose(intentId: string, isLost: boolean): void {
    this.sums.get(intentId)!.isLost = isLost
  }

  move(atMs: number, intentId: string, kind: MoveKind, amount: number): void {
    const amountMinor = BigInt(amount)
    this.latest.push({ atMs, intentId, kind, amountMinor })
    const sum = this.sums.get(intentId)!
    switch (kind) {
      case "authorized":
        sum.heldMinor += amountMinor
        sum.raises.push({ atMs, heldMinor: sum.heldMinor })
        if (sum.heldMinor > sum.authorizedMinor) sum.authorizedMinor = sum.heldMinor
        return
      case "released":
      case "expired":
        sum.heldMinor -= amountMinor
        return
      case "captured":
        sum.captures++
        sum.capturedAtMs = atMs
        sum.heldMinor -= amountMinor
        sum.capturedMinor += amountMinor
        return
      case "refunded":
        sum.refundedMinor += amountMinor
        sum.refundedAtMs = atMs
        return
      case "refund failed":
        sum.refundedMinor -= amountMinor
        sum.refundsFailed++
        return
      case "fee":
        sum.feeMinor += amountMinor
        return
      case "fee given back":
        sum.feeMinor -= amountMinor
        return
      case "disputed":
        sum.disputedMinor += amountMinor
        return
      case "dispute won":
        sum.disputedMinor -= amountMinor
        return
      case "dispute lost":
        return
    }
  }

  /** Every move, in order. */
  get moves(): ReadonlyArray<Move> {
    return this.latest.toArray()
  }

  /** Every intent, in the order made. */
  get intents(): ReadonlyArray<TrueIntent> {
    return [...this.sums.values()]
  }
}
