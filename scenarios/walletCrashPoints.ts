import type { StepAt } from "./crashPoints.ts"

/** Where the lab can stop a server while it deals with a wallet. The debit is part of a bill: see `crashPoints`. */
export type WalletCrashAt = StepAt<"hold" | "raise" | "move">

/** Every step of a wallet at which a server can be made to die as by `kill -9`. */
export const walletCrashPoints = {
  /** A start was judged, and nothing is set aside for it. */
  "before money is set aside": { place: "hold", when: "before" },
  /** Money is set aside for a start that is not in the books: told again it finds it, or it is let go. */
  "after money is set aside": { place: "hold", when: "after" },
  /** More was wanted for a charge that runs. */
  "before more money is set aside": { place: "raise", when: "before" },
  "after more money is set aside": { place: "raise", when: "after" },
  /** Somebody pays in, or takes out, and asks again. */
  "before money is moved": { place: "move", when: "before" },
  /** Moved, and nobody was told: asked again it moves once. */
  "after money is moved": { place: "move", when: "after" }
} as const satisfies Readonly<Record<string, WalletCrashAt>>

/** The name of a crash point of wallets. */
export type WalletCrashPoint = keyof typeof walletCrashPoints

/** Whether it is one of these. */
export const isOfWallets = (point: string): point is WalletCrashPoint => Object.hasOwn(walletCrashPoints, point)

/** All of them, in the order listed. */
export const walletCrashPointNames = Object.keys(walletCrashPoints) as ReadonlyArray<WalletCrashPoint>
