import type { Cause } from "../wallet/Wallet.ts"
import { isTopUp, type Payment } from "./Payment.ts"
import type { IntentView } from "./ProviderView.ts"

/** What a driver may pay in at a time, in minor units of his wallet's currency. */
export interface TopUpBounds {
  /** Less than this costs more than it is worth. */
  readonly leastMinor: bigint
  readonly mostMinor: bigint
  /** Of one driver, those that wait for him at the same time. */
  readonly waiting: number
}

export const standardTopUp: TopUpBounds = { leastMinor: 500n, mostMinor: 50_000n, waiting: 5 }

/**
 * What the course of a top-up does to its wallet. `top-up` and `give-back` put money in; `take-back` claims it again: as far
 * as it is spent it is owed, as a charge's arrears are.
 */
export interface WalletMove extends Pick<Cause, "sourceId"> {
  readonly driverId: string
  readonly kind: "top-up" | "give-back" | "take-back"
  /** More than nothing. */
  readonly amountMinor: bigint
  /** For the driver to read; null where the kind says it. */
  readonly reason: string | null
}

/**
 * Every move of a wallet that a payment gives rise to, by source. As with its entries (`entriesOf`), one that follows once
 * follows for ever, so that whoever makes those that were not made yet makes each once, whoever told of it first.
 */
export const walletMovesOf = (payment: Payment): ReadonlyArray<WalletMove> => {
  const { driverId } = payment
  if (!isTopUp(payment) || driverId === null) return []
  return payment.intents
    .flatMap(intentMoves)
    .filter(({ amountMinor }) => amountMinor > 0n)
    .map((move) => ({ ...move, driverId }))
}

/** The moves of `after` that `before` did not have. */
export const newWalletMoves = (before: Payment, after: Payment): ReadonlyArray<WalletMove> => {
  const known = new Set(walletMovesOf(before).map(({ sourceId }) => sourceId))
  return walletMovesOf(after).filter(({ sourceId }) => !known.has(sourceId))
}

const intentMoves = ({
  id,
  capturedMinor,
  refunds,
  disputes
}: IntentView): ReadonlyArray<Omit<WalletMove, "driverId">> => [
  { sourceId: id, kind: "top-up", amountMinor: capturedMinor, reason: null },
  ...refunds.flatMap(({ id, amountMinor, status }) => [
    { sourceId: `wallet-${id}`, kind: "take-back" as const, amountMinor, reason: "refunded to the card" },
    ...(status === "Failed"
      ? [{ sourceId: `wallet-${id}-failed`, kind: "give-back" as const, amountMinor, reason: "the refund came back" }]
      : [])
  ]),
  ...disputes.flatMap(({ id, amountMinor, status }) => [
    // An inquiry moves no money.
    ...(status === "Inquiry"
      ? []
      : [{ sourceId: `wallet-${id}`, kind: "take-back" as const, amountMinor, reason: "disputed at the bank" }]),
    ...(status === "Won"
      ? [{ sourceId: `wallet-${id}-won`, kind: "give-back" as const, amountMinor, reason: "the dispute was won" }]
      : [])
  ])
]
