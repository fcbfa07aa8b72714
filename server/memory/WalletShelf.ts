import type { Budget, BudgetPeriod } from "#core/wallet/Budget.ts"
import type { Charge } from "#core/wallet/Charge.ts"
import { byAge, type Claim, openOf } from "#core/wallet/Claim.ts"
import type { Owing } from "#core/wallet/settle.ts"
import type { Movement, Wallet } from "#core/wallet/Wallet.ts"
import { SortedKeys } from "./SortedKeys.ts"

/** What the memory store keeps of wallets, budgets and the charges bounded by them. */
export class WalletShelf {
  readonly wallets = new Map<string, Wallet>()
  readonly driverIds = new SortedKeys()
  /** Of each wallet, in order. */
  readonly movements = new Map<string, Array<Movement>>()
  readonly bySource = new Map<string, Movement>()
  /** By source. */
  readonly claims = new Map<string, Claim>()
  readonly charges = new Map<string, Charge>()
  readonly keysByToken = new Map<string, Set<string>>()
  /** Charges for which something may be set aside. */
  readonly running = new Set<string>()
  readonly budgets = new Map<string, Map<BudgetPeriod, Budget>>()

  put(charge: Charge): void {
    this.charges.set(charge.key, charge)
    const keys = this.keysByToken.get(charge.tokenUid)
    if (keys === undefined) this.keysByToken.set(charge.tokenUid, new Set([charge.key]))
    else keys.add(charge.key)
    if (charge.owed === null) this.running.add(charge.key)
    else this.running.delete(charge.key)
  }

  remove({ key, tokenUid }: Charge): void {
    this.charges.delete(key)
    this.keysByToken.get(tokenUid)?.delete(key)
    this.running.delete(key)
  }

  /** A token's charges, by start and key. */
  of(tokenUid: string): ReadonlyArray<Charge> {
    return [...(this.keysByToken.get(tokenUid) ?? [])].map((key) => this.charges.get(key)!).sort(byStart)
  }

  /** What a driver's wallet owes and has not paid. */
  owing(driverId: string): Owing {
    return {
      claims: [...this.claims.values()].filter((it) => it.driverId === driverId && openOf(it) > 0n).sort(byAge),
      charges: [...this.charges.values()]
        .filter((it) => it.driverId === driverId && it.owed !== null && it.owed.owedMinor > it.paidMinor)
        .sort(byStart)
    }
  }

  /** Whether a charge on the token is bounded by anything. */
  isLimited(tokenUid: string, driverId: string | null): boolean {
    return (driverId !== null && this.wallets.has(driverId)) || this.budgets.has(tokenUid)
  }
}

const byStart = (a: Charge, b: Charge): number => a.startedAtMs - b.startedAtMs || (a.key < b.key ? -1 : 1)
