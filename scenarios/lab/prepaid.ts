import { Effect } from "effect"
import type { Budget } from "#core/wallet/Budget.ts"
import { standardReserve } from "#core/wallet/reserve.ts"
import { WalletStore } from "#server/wallet/WalletStore.ts"
import { standardWatch } from "#server/wallet/Watch.ts"
import type { TrueToken } from "#simulator/oracles/Oracle.ts"
import type { PrepaidPromise, PrepaidRecord, TrueWallet } from "#simulator/oracles/prepaid.ts"
import * as Stream from "#simulator/Stream.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"
import type { PrepaidPlan } from "../Scenario.ts"
import { overStore, type PatchStores } from "./CmsProcess.ts"
import { moveMoney, type OwnWallet } from "./moveMoney.ts"
import type { Within } from "./phone.ts"
import type { TopUps } from "./topUps.ts"
import { WalletTrigger } from "./WalletTrigger.ts"

/** What it promises everywhere. */
export const usualPromise = {
  leastMinor: standardReserve.least.minor,
  leastWh: standardReserve.least.wh,
  heldBeyondMinor: 2_500n,
  setAside: { firstMinor: standardReserve.slice.minor, stepMinor: standardReserve.step.minor },
  aheadMs: standardWatch.stopLatencyMs,
  assumedPowerW: 22_000
}

/** What our CMS promises about money that is paid ahead. */
const promiseOf = ({ sampleIntervalS, longestDownMs }: Options): PrepaidPromise => ({
  ...usualPromise,
  overshootMs: () => (sampleIntervalS + 120) * 1000 + longestDownMs
})

const dayMs = 86_400_000
const hourMs = 3_600_000
interface Options {
  readonly plan: PrepaidPlan
  /** Those who pay in by card; undefined where nobody can. */
  readonly topUps: TopUps | undefined
  readonly seed: string
  readonly timers: TimersApi
  readonly within: Within
  /** Ends the server that runs it. */
  readonly die: Effect.Effect<never>
  /** What is true of the tokens, by uid. */
  readonly tokens: ReadonlyMap<string, TrueToken>
  readonly startAtMs: number
  readonly days: number
  readonly sampleIntervalS: number
  /** How long the server is away at a time. */
  readonly longestDownMs: number
}

/** Money paid ahead in a run: who has how much, who pays in and takes out when, which cards have a budget. */
export class Prepaid {
  private readonly options: Options
  private readonly stream: Stream.Stream
  private readonly wallets = new Map<string, OwnWallet>()
  private readonly budgets: Array<Budget> = []
  readonly trigger: WalletTrigger

  constructor(options: Options) {
    this.options = options
    this.stream = Stream.make(options.seed, "prepaid")
    this.trigger = new WalletTrigger(options.die)
  }

  get record(): PrepaidRecord {
    const { topUps } = this.options
    const wallets = new Map<string, TrueWallet>()
    for (const [driverId, own] of this.wallets)
      wallets.set(driverId, { ...own, moves: [...own.moves, ...(topUps?.movesOf(driverId) ?? [])] })
    return { wallets, budgets: this.budgets, promise: promiseOf(this.options) }
  }

  /** The wallets with their crash points. */
  readonly patch: PatchStores = (stores) => overStore(WalletStore, (store) => this.trigger.store(store))(stores)

  /** Opens the wallets, pays in what is in them at the beginning, and sets the budgets. */
  readonly provision: Effect.Effect<void, unknown, WalletStore> = Effect.suspend(() => {
    const { plan, startAtMs } = this.options
    this.deal()
    const { wallets, budgets, stream } = this
    return Effect.gen(function* () {
      const store = yield* WalletStore
      for (const own of wallets.values()) {
        const { driverId, currency, creditLineMinor, moves } = own
        yield* store.open({ driverId, currency, creditLineMinor, openedAtMs: startAtMs })
        const isCompany = driverId.startsWith("company-")
        const luck = stream.split(`start/${driverId}`)
        const amountMinor = BigInt(luck.int(...(isCompany ? plan.companyMinor : plan.startMinor)))
        const sourceId = `first-${driverId}`
        moves.push({ sourceId, amountMinor, askedAtMs: startAtMs, knownAtMs: startAtMs })
        const cause = { kind: "credit", transactionId: null, reason: "paid at the desk", atMs: startAtMs } as const
        yield* store.move(driverId, { ...cause, sourceId, amountMinor }, null)
      }
      for (const budget of budgets) yield* store.putBudget(budget)
    })
  })

  /** From here on people pay in and take out. */
  begin(): void {
    const { plan, days, startAtMs, timers } = this.options
    for (const own of this.wallets.values()) {
      const luck = this.stream.split(`days/${own.driverId}`)
      for (let day = 0; day < days; day++) {
        const paysIn = luck.chance(plan.paysIn.share)
        const takesOut = luck.chance(plan.takesOut.share)
        const [inAtMs, outAtMs] = [luck.int(7 * hourMs, 20 * hourMs), luck.int(8 * hourMs, 21 * hourMs)]
        const [inMinor, outMinor] = [luck.int(...plan.paysIn.minor), luck.int(...plan.takesOut.minor)]
        const at = (atMs: number, amount: number, what: string) =>
          timers.after(startAtMs + day * dayMs + atMs - timers.nowAtMs(), () =>
            moveMoney(this.options, own, `${what}-${day}-${own.driverId}`, BigInt(amount))
          )
        if (paysIn) at(inAtMs, inMinor, "in")
        if (takesOut) at(outAtMs, -outMinor, "out")
        this.topUp(own.driverId, day)
      }
    }
  }

  private topUp(driverId: string, day: number): void {
    const { plan, topUps, startAtMs, timers } = this.options
    if (topUps === undefined || plan.topsUp === undefined) return
    const luck = this.stream.split(`top-up/${day}/${driverId}`)
    if (!luck.chance(plan.topsUp.share)) return
    const atMs = startAtMs + day * dayMs + luck.int(6 * hourMs, 21 * hourMs)
    const amountMinor = BigInt(luck.int(...plan.topsUp.minor))
    timers.after(atMs - timers.nowAtMs(), () => topUps.wish(driverId, `day-${day}`, amountMinor))
  }

  private deal(): void {
    const { plan, tokens, startAtMs } = this.options
    for (const { uid, driverId } of tokens.values()) {
      if (driverId == null) continue
      const isCompany = driverId.startsWith("company-")
      const luck = this.stream.split(`deal/${driverId}`)
      if (!this.wallets.has(driverId) && (isCompany || luck.chance(plan.share))) {
        const creditLineMinor = isCompany ? plan.companyCreditMinor : 0n
        this.wallets.set(driverId, { driverId, currency: "EUR", creditLineMinor, moves: [] })
      }
      const card = this.stream.split(`budget/${uid}`)
      if (!isCompany && !card.chance(plan.budgetShare)) continue
      for (const terms of isCompany ? plan.companyBudgets : [card.pick(plan.budgets)])
        this.budgets.push({ ...terms, tokenUid: uid, currency: "EUR", setAtMs: startAtMs })
    }
  }
}
