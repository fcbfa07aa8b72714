import type { WalletStore } from "#server/wallet/WalletStore.ts"
import { type WalletCrashAt, type WalletCrashPoint, walletCrashPoints } from "../walletCrashPoints.ts"
import { StepTrigger } from "./StepTrigger.ts"

/** Waits for a server to pass one step of a wallet, and ends it there, once. */
export class WalletTrigger extends StepTrigger<WalletCrashAt> {
  arm(point: WalletCrashPoint): void {
    this.armAt(walletCrashPoints[point])
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
}
