import { Effect } from "effect"
import { patiently } from "#server/station/patiently.ts"
import { WalletStore } from "#server/wallet/WalletStore.ts"
import type { PrepaidRecord, TrueLine } from "#simulator/oracles/prepaid.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"
import type { WalletStep } from "../explore/Stage.ts"
import { driverOf, type Story } from "../explore/Story.ts"
import { moveMoney, type OwnWallet } from "./moveMoney.ts"
import type { Within } from "./phone.ts"
import { usualPromise } from "./prepaid.ts"
import type { Reach } from "./reach.ts"

interface StoryWallet extends OwnWallet {
  readonly lines: Array<TrueLine>
}

/** Between two askings whether a credit line was changed. */
const againMs = 60_000

/** The wallets of a story, by their drivers' own account. */
export class StoryWallets {
  private readonly wallets = new Map<string, StoryWallet>()
  private readonly startAtMs: number
  private readonly timers: TimersApi
  private readonly within: Within
  private asked = 0

  constructor({ cards, wallets = [] }: Story, startAtMs: number, timers: TimersApi, within: Within) {
    this.startAtMs = startAtMs
    this.timers = timers
    this.within = within
    const drivers = new Set(cards.map(driverOf))
    for (const { driver, cents, credit = 0 } of wallets) {
      // Whoever has no card left has no wallet either: a story stays one when things are taken out.
      if (!drivers.has(driver)) continue
      const moves = cents === 0 ? [] : [movedAt(`first-${driver}`, BigInt(cents), startAtMs)]
      const creditLineMinor = BigInt(credit)
      this.wallets.set(driver, { driverId: driver, currency: "EUR", creditLineMinor, moves, lines: [] })
    }
  }

  /** What is promised of charges is `reach`: until the next reading, the stop, and its answer. */
  record(reach: Reach): PrepaidRecord {
    const promise = { ...usualPromise, overshootMs: reach.of }
    return { wallets: this.wallets, budgets: [], promise }
  }

  /** Opens them and pays in what is in them at the beginning. */
  readonly provision: Effect.Effect<void, unknown, WalletStore> = Effect.suspend(() => {
    const { wallets, startAtMs } = this
    return Effect.gen(function* () {
      const store = yield* WalletStore
      for (const { driverId, currency, creditLineMinor, moves } of wallets.values()) {
        yield* store.open({ driverId, currency, creditLineMinor, openedAtMs: startAtMs })
        for (const { sourceId, amountMinor } of moves) {
          const cause = { kind: "credit", transactionId: null, reason: "paid at the desk", atMs: startAtMs } as const
          yield* store.move(driverId, { ...cause, sourceId, amountMinor }, null)
        }
      }
    })
  })

  take(step: WalletStep): void {
    const own = this.wallets.get(step.driver)
    if (own === undefined || (step.cents === 0 && step.do !== "set credit line")) return
    const name = `${step.do.replaceAll(" ", "-")}-${++this.asked}-${step.driver}`
    const { timers, within } = this
    if (step.do === "top up") moveMoney({ timers, within }, own, name, BigInt(step.cents))
    else if (step.do === "take out") moveMoney({ timers, within }, own, name, BigInt(-step.cents))
    else this.setLine(own, BigInt(step.cents), this.timers.nowAtMs())
  }

  /** Asks until there is an answer; the same line twice is that line. */
  private setLine(own: StoryWallet, creditLineMinor: bigint, askedAtMs: number): void {
    const { timers, within } = this
    let isSet: boolean | undefined
    within(
      Effect.gen(function* () {
        const store = yield* WalletStore
        isSet = yield* patiently(store.setCreditLine(own.driverId, creditLineMinor, askedAtMs))
        return true
      }).pipe(Effect.catchTag("NotFound", Effect.die)),
      () => {
        if (isSet === undefined) timers.after(againMs, () => this.setLine(own, creditLineMinor, askedAtMs))
        else if (isSet) own.lines.push({ creditLineMinor, askedAtMs, knownAtMs: timers.nowAtMs() })
      }
    )
  }
}

const movedAt = (sourceId: string, amountMinor: bigint, atMs: number) => ({
  sourceId,
  amountMinor,
  askedAtMs: atMs,
  knownAtMs: atMs
})
