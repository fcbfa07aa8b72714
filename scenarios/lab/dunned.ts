import { Effect } from "effect"
import { DebtStore } from "#server/dunning/DebtStore.ts"
import { InvoiceStore } from "#server/invoices/InvoiceStore.ts"
import { patiently } from "#server/station/patiently.ts"
import type { DunningRecord } from "#simulator/oracles/owing.ts"
import type { TrueTransfer } from "#simulator/oracles/subscribed/record.ts"
import type { Provider } from "#simulator/psp/Provider.ts"
import * as Stream from "#simulator/Stream.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"
import type { DunningPlan } from "../Scenario.ts"
import { overStore, type PatchStores } from "./CmsProcess.ts"
import { Debtor } from "./debtor.ts"
import type { Within } from "./phone.ts"
import { SubscriptionTrigger } from "./SubscriptionTrigger.ts"
import { seller } from "./seller.ts"
import { asking } from "./subscribing.ts"

const lookEvery = "6 hours"
/** More debts than a run of this kind has. */
const listed = 1_000

interface Options {
  readonly plan: DunningPlan
  readonly seed: string
  readonly timers: TimersApi
  readonly within: Within
  readonly provider: Provider
  /** Ends the server that runs it. */
  readonly die: Effect.Effect<never>
  /** How long the server is away at a time. */
  readonly longestDownMs: number
}

/** What is asked of those whose charge was not paid in full, and how each of them pays it, if at all. */
export class Dunned {
  private readonly options: Options
  private readonly stream: Stream.Stream
  private readonly transfers: Array<TrueTransfer> = []
  private readonly known = new Set<string>()
  readonly trigger: SubscriptionTrigger

  constructor(options: Options) {
    this.options = options
    this.stream = Stream.make(options.seed, "dunned")
    this.trigger = new SubscriptionTrigger(options.die)
  }

  get record(): DunningRecord {
    const { plan, longestDownMs } = this.options
    return {
      transfers: this.transfers,
      promise: {
        ...plan.rules,
        timeZone: seller.timeZone,
        // Ten minutes from look to look, fifteen for which what a dead server took up is nobody else's.
        lateMs: 40 * 60_000 + longestDownMs,
        heardMs: 8 * 3_600_000
      }
    }
  }

  /** The debts with their crash points. */
  readonly patch: PatchStores = (stores) => overStore(DebtStore, (store) => this.trigger.debts(store))(stores)

  /** Enters by whose calendar is asked, and for what when. */
  readonly provision = Effect.suspend(() => {
    const { rules } = this.options.plan
    return Effect.gen(function* () {
      yield* (yield* InvoiceStore).saveSeller({ ...seller, paymentDays: rules.paymentDays })
      yield* (yield* DebtStore).savePolicy(rules)
    })
  })

  /** Whoever owes for a charge begins to look into his letter box, until somebody ends it. */
  readonly live = Effect.fnUntraced({ self: this }, function* (this: Dunned) {
    const { plan, timers, within, provider } = this.options
    for (;;) {
      yield* Effect.sleep(lookEvery)
      for (const driverId of yield* this.debtors()) {
        if (this.known.has(driverId)) continue
        this.known.add(driverId)
        const stream = this.stream.split(driverId)
        const pays = stream.weighted(plan.pays)
        if (pays == null) continue
        const debtor = new Debtor({ driverId, pays, stream: stream.split("pays"), timers, within, provider })
        yield* Effect.forkChild(debtor.live(this.transfers))
      }
    }
  })

  private readonly debtors = Effect.fnUntraced({ self: this }, function* (this: Dunned) {
    let drivers: ReadonlyArray<string> = []
    yield* asking(
      this.options.within,
      Effect.gen(function* () {
        const { items } = yield* patiently((yield* DebtStore).list({ limit: listed }))
        drivers = items.flatMap(({ debt }) => (debt.of?.kind === "charge" ? [debt.driverId] : [])).toReversed()
        return true
      })
    )
    return drivers
  })
}
