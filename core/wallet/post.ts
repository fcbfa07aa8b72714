import type { Entry } from "../billing/Ledger.ts"
import type { Movement } from "./Wallet.ts"

/** What a driver paid ahead is owed by us. */
export const walletAccountOf = (driverId: string): string => `wallet:${driverId}`

/** Where money that an operator pays out of a wallet leaves from. */
export const payoutAccount = "bank:wallets"

/** Which account stands against the wallet's. `provider` is whose payment it comes from. */
const againstOf = ({ kind, driverId }: Movement, provider: string | null): string => {
  switch (kind) {
    case "top-up":
      return `psp_clearing:${provider}`
    case "charge":
    case "give-back":
    case "arrears":
    case "take-back":
      return `receivable:driver:${driverId}`
    case "refund":
      return payoutAccount
    case "credit":
    case "adjustment":
      return "goodwill"
  }
}

/**
 * Books a movement (3.4 of the billing rules): a charge Dr wallet / Cr receivable, a top-up Dr psp_clearing / Cr wallet, what
 * an operator gives Dr goodwill / Cr wallet, what is paid out Dr wallet / Cr bank; and the other way round.
 */
export const postMovement = (movement: Movement, currency: string, provider: string | null = null): Entry => ({
  id: `entry-${movement.sourceId}`,
  bookedAtMs: movement.atMs,
  effectiveAtMs: movement.atMs,
  source: { kind: provider === null ? "wallet" : "top-up", id: movement.sourceId },
  currency,
  postings: [
    { account: walletAccountOf(movement.driverId), amountMinor: -movement.amountMinor },
    { account: againstOf(movement, provider), amountMinor: movement.amountMinor }
  ]
})
