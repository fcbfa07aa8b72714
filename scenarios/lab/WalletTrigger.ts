import { Effect } from "effect"
import type { WalletStore } from "#server/wallet/WalletStore.ts"
import { type WalletCrashAt, type WalletCrashPoint, walletCrashPoints } from "../walletCrashPoints.ts"

/** Waits for a server to pass one step of a wallet, and ends it there, once. */
export class WalletTrigger {
  private readonly die: Effect.Effect<never>
  private armed: WalletCrashAt | undefined
  private count = 0

  /** `die` ends the process that runs it and never returns. */
  constructor(die: Effect.Effect<never>) {
    this.die = die
  }

  /** How often a server died of it. */
  get deaths(): number {
    return this.count
  }

  /** It dies the next time it passes there; an earlier point is forgotten. */
  arm(point: WalletCrashPoint): void {
    this.armed = walletCrashPoints[point]
  }

  /** The store with the crash points in it. */
  store(inner: WalletStore["Service"]): WalletStore["Service"] {
    return {
      ...inner,
      reserve: (...start) => this.around("hold", inner.reserve(...start)),
      raise: (...charge) => this.around("raise", inner.raise(...charge)),
      move: (...movement) => this.around("move", inner.move(...movement))
    }
  }

  private around<A, E, R>(place: WalletCrashAt["place"], work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> {
    return Effect.suspend(() => {
      if (this.isDue(place, "before")) return this.die
      return Effect.tap(work, () => Effect.suspend(() => (this.isDue(place, "after") ? this.die : Effect.void)))
    })
  }

  private isDue(place: WalletCrashAt["place"], when: WalletCrashAt["when"]): boolean {
    const { armed } = this
    if (armed?.place !== place || armed.when !== when) return false
    this.armed = undefined
    this.count++
    return true
  }
}
