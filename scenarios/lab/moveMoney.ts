import { Effect } from "effect"
import { patiently } from "#server/station/patiently.ts"
import { WalletStore } from "#server/wallet/WalletStore.ts"
import type { TrueMove, TrueWallet } from "#simulator/oracles/prepaid.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"
import type { Within } from "./phone.ts"

/** A wallet, and what its driver moved at the desk. */
export interface OwnWallet extends TrueWallet {
  readonly moves: Array<TrueMove>
}

/** An answer that does not come is asked for again. */
const againMs = 60_000

/** Pays in or takes out at the desk; asks for it until there is an answer: what was asked twice moves once. */
export const moveMoney = (
  { timers, within }: { readonly timers: TimersApi; readonly within: Within },
  own: OwnWallet,
  sourceId: string,
  amountMinor: bigint
): void => {
  const askedAtMs = timers.nowAtMs()
  const ask = (): void => {
    let outcome: string | undefined
    within(
      Effect.gen(function* () {
        const store = yield* WalletStore
        const kind = amountMinor > 0n ? "credit" : "refund"
        const cause = { kind, sourceId, amountMinor, transactionId: null, reason: "asked at the desk" } as const
        outcome = yield* patiently(store.move(own.driverId, { ...cause, atMs: askedAtMs }, null))
        return true
      }).pipe(Effect.catchTag("NotFound", Effect.die)),
      () => {
        if (outcome === undefined) timers.after(againMs, ask)
        else if (outcome === "Moved" || outcome === "Repeated")
          own.moves.push({ sourceId, amountMinor, askedAtMs, knownAtMs: timers.nowAtMs() })
      }
    )
  }
  ask()
}
