import { Effect } from "effect"
import type { Plan } from "#core/subscription/Plan.ts"
import { Directory } from "#server/directory/Directory.ts"
import { DebtStore } from "#server/dunning/DebtStore.ts"
import { InvoiceStore } from "#server/invoices/InvoiceStore.ts"
import { SubscriptionStore } from "#server/subscriptions/SubscriptionStore.ts"
import type { TrueToken } from "#simulator/oracles/Oracle.ts"
import type {
  SubscribersRecord,
  TruePlan,
  TrueSubscription,
  TrueTransfer,
  TrueWish
} from "#simulator/oracles/subscribed/record.ts"
import type { Provider } from "#simulator/psp/Provider.ts"
import * as Stream from "#simulator/Stream.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"
import type { Moment, SubscriberLife, SubscriberPlan } from "../Scenario.ts"
import { overStore, type PatchStores } from "./CmsProcess.ts"
import { Debtor } from "./debtor.ts"
import type { Within } from "./phone.ts"
import { SubscriptionTrigger } from "./SubscriptionTrigger.ts"
import { seller } from "./seller.ts"
import { keepsCard, subscribe, wish } from "./subscribing.ts"

/** Whoever gets no answer asks again. */
const againAfter = "1 minute"
/** A card is given that long before it is needed. */
const cardBeforeMs = 15 * 60_000

interface Options {
  readonly plan: SubscriberPlan
  readonly seed: string
  readonly timers: TimersApi
  readonly within: Within
  readonly provider: Provider
  /** Ends the server that runs it. */
  readonly die: Effect.Effect<never>
  /** What is true of the tokens, by uid. */
  readonly tokens: ReadonlyMap<string, TrueToken>
  readonly startAtMs: number
  /** The longest time for which the server is away. */
  readonly longestDownMs: number
}

interface Known {
  readonly id: string
  readonly driverId: string
  readonly proration: TrueSubscription["proration"]
  readonly startedAtMs: number
  readonly plan: TruePlan
  readonly acts: Array<TrueSubscription["acts"][number]>
}

/** People who subscribe in a run: what each asks for when, how he pays what he owes, and their own account of it. */
export class Subscribers {
  private readonly options: Options
  private readonly subscriptions: Array<Known> = []
  private readonly transfers: Array<TrueTransfer> = []
  private readonly cards: Array<SubscribersRecord["cards"][number]> = []
  private readonly refused: Array<string> = []
  readonly trigger: SubscriptionTrigger

  constructor(options: Options) {
    this.options = options
    this.trigger = new SubscriptionTrigger(options.die)
  }

  get record(): SubscribersRecord {
    const { plan, longestDownMs } = this.options
    const { rules } = plan
    return {
      subscriptions: this.subscriptions,
      transfers: this.transfers,
      cards: this.cards,
      refused: this.refused,
      promise: {
        ...rules,
        timeZone: seller.timeZone,
        // Ten minutes from look to look, fifteen for which what a dead server took up is nobody else's.
        lateMs: 40 * 60_000 + longestDownMs,
        heardMs: 8 * 3_600_000
      }
    }
  }

  /** The stores with their crash points. */
  readonly patch: PatchStores = (stores) =>
    overStore(SubscriptionStore, (store) => this.trigger.subscriptions(store))(
      overStore(DebtStore, (store) => this.trigger.debts(store))(stores)
    )

  /** Enters who issues documents, the plans with their groups, and what is asked of who does not pay. */
  readonly provision = Effect.suspend(() => {
    const { plan, startAtMs } = this.options
    const { plans, rules } = plan
    return Effect.gen(function* () {
      const directory = yield* Directory
      yield* (yield* InvoiceStore).saveSeller({ ...seller, paymentDays: rules.paymentDays })
      const groups = new Set(plans.flatMap(({ groupId }) => groupId ?? []))
      for (const id of groups) yield* directory.createGroup({ id, name: id, createdAtMs: startAtMs })
      const store = yield* SubscriptionStore
      for (const each of plans) yield* store.createPlan(offered(each, startAtMs))
      yield* (yield* DebtStore).savePolicy(rules)
    })
  })

  /** Everybody's life, until somebody ends it. */
  readonly live: Effect.Effect<void> = Effect.suspend(() => {
    const { plan, tokens } = this.options
    const drivers = [...new Set([...tokens.values()].flatMap(({ driverId }) => driverId ?? []))].sort()
    return Effect.forEach(
      drivers,
      (driverId, index) => {
        const life = plan.lives[index % plan.lives.length]
        return life == null ? Effect.void : this.lived(life, driverId)
      },
      { concurrency: "unbounded", discard: true }
    )
  })

  private readonly lived = Effect.fnUntraced(
    { self: this },
    function* (this: Subscribers, life: SubscriberLife, driverId: string) {
      const { timers, within, provider, seed } = this.options
      const stream = Stream.make(seed, "subscribers").split(driverId)
      const joinsAtMs = this.instantOf(life.joins, stream.split("joins"))
      if (life.card !== null) {
        yield* this.until(joinsAtMs - cardBeforeMs)
        yield* untilTrue(() => keepsCard(within, provider, driverId, life.card!))
        this.cards.push({ driverId, keptAtMs: timers.nowAtMs() })
      }
      if (life.pays !== undefined)
        yield* Effect.forkChild(
          new Debtor({ driverId, pays: life.pays, stream: stream.split("pays"), timers, within, provider }).live(
            this.transfers
          )
        )
      yield* this.until(joinsAtMs)
      const known = yield* this.joined(life, driverId)
      for (const [index, act] of (life.acts ?? []).entries()) {
        yield* this.until(this.instantOf(act, stream.split(`act/${index}`)))
        yield* this.asked(known, this.wishOf(act))
      }
      return yield* Effect.never
    }
  )

  private readonly joined = Effect.fnUntraced(
    { self: this },
    function* (this: Subscribers, life: SubscriberLife, driverId: string) {
      const { within, timers } = this.options
      const { proration } = life
      const plan = this.planOf(life.plan)
      const asked: Array<number> = []
      for (;;) {
        const told = yield* subscribe(within, { driverId, proration, planId: plan.id, asked, nowMs: timers.nowAtMs() })
        if (told !== undefined) {
          const known: Known = { ...told, driverId, proration, plan, acts: [] }
          this.subscriptions.push(known)
          return known
        }
        yield* Effect.sleep(againAfter)
      }
    }
  )

  /** Asks until there is an answer, and looks first whether it is so already. */
  private readonly asked = Effect.fnUntraced(
    { self: this },
    function* (this: Subscribers, known: Known, wanted: TrueWish) {
      const { within, timers, startAtMs } = this.options
      const asked: Array<number> = []
      for (;;) {
        const told = yield* wish(within, known.id, offeredIn(wanted, startAtMs), asked, timers.nowAtMs())
        if (told !== undefined && "refused" in told) {
          this.refused.push(`${known.driverId}, ${wanted.do}: ${told.refused}`)
          return
        }
        if (told !== undefined) {
          known.acts.push({ atMs: told.atMs, wish: wanted })
          return
        }
        yield* Effect.sleep(againAfter)
      }
    }
  )

  private wishOf(act: NonNullable<SubscriberLife["acts"]>[number]): TrueWish {
    if (act.do === "change") return { do: "change", plan: this.planOf(act.plan), when: act.when }
    return act.do === "resume" ? { do: "resume" } : { do: act.do, when: act.when }
  }

  private planOf(id: string): TruePlan {
    return this.options.plan.plans.find((it) => it.id === id)!
  }

  private instantOf({ afterMs, withinMs = 0 }: Moment, luck: Stream.Stream): number {
    return this.options.startAtMs + afterMs + luck.int(0, withinMs)
  }

  private until(atMs: number): Effect.Effect<void> {
    return Effect.sleep(Math.max(0, atMs - this.options.timers.nowAtMs()))
  }
}

/** A plan as the operator enters it. */
const offered = (plan: TruePlan, createdAtMs: number): Plan => ({
  id: plan.id,
  name: plan.name,
  currency: "EUR",
  interval: plan.interval,
  renews: plan.renews,
  feeMinor: plan.feeMinor,
  vatPercent: String(plan.vatPercent),
  taxCountry: seller.address.country,
  groupId: plan.groupId,
  included:
    plan.includedWh + plan.includedMinutes === 0
      ? null
      : { energyWh: plan.includedWh || null, minutes: plan.includedMinutes || null },
  trialDays: plan.trialDays,
  createdAtMs
})

const offeredIn = (wanted: TrueWish, createdAtMs: number) =>
  wanted.do === "change" ? { ...wanted, plan: offered(wanted.plan, createdAtMs) } : wanted

const untilTrue = Effect.fnUntraced(function* (ask: () => Effect.Effect<boolean>) {
  while (!(yield* ask())) yield* Effect.sleep(againAfter)
})
