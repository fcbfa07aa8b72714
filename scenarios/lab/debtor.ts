import { Effect } from "effect"
import { amountsOf, stateOf } from "#core/dunning/Debt.ts"
import { DebtStore } from "#server/dunning/DebtStore.ts"
import { Dunning } from "#server/dunning/Dunning.ts"
import { patiently } from "#server/station/patiently.ts"
import type { TrueTransfer } from "#simulator/oracles/subscribed/record.ts"
import type { Provider } from "#simulator/psp/Provider.ts"
import type { Stream } from "#simulator/Stream.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"
import type { SubscriberLife } from "../Scenario.ts"
import type { Within } from "./phone.ts"
import { asking, cardsOf, keepsCard } from "./subscribing.ts"

const dayMs = 86_400_000
const againAfter = "1 minute"
const goodCard = "pm_card_visa"

type Pays = NonNullable<SubscriberLife["pays"]>

interface Options {
  readonly driverId: string
  readonly pays: Pays
  readonly stream: Stream
  readonly timers: TimersApi
  readonly within: Within
  readonly provider: Provider
}

interface OpenDebt {
  readonly invoiceId: string
  readonly openMinor: bigint
  readonly isSuspended: boolean
  readonly isReminded: boolean
}

/** Somebody who looks into his letter box once a day, and pays what he owes when he thinks that it is time. */
export class Debtor {
  private readonly options: Options
  /** Since when he knows that he should pay what. */
  private readonly seen = new Map<string, number>()

  constructor(options: Options) {
    this.options = options
  }

  /** What he pays past his card goes into `transfers`. */
  readonly live = Effect.fnUntraced({ self: this }, function* (this: Debtor, transfers: Array<TrueTransfer>) {
    const { stream, timers, pays } = this.options
    const homeMs = stream.int(7 * 3_600_000, 21 * 3_600_000)
    for (;;) {
      const nowMs = timers.nowAtMs()
      const today = Math.floor(nowMs / dayMs) * dayMs + homeMs
      yield* Effect.sleep(today > nowMs ? today - nowMs : today + dayMs - nowMs)
      for (const debt of yield* this.letters()) {
        const isTime = pays.when === "suspended" ? debt.isSuspended : debt.isReminded
        if (!isTime) continue
        const sinceMs = this.seen.get(debt.invoiceId) ?? timers.nowAtMs()
        this.seen.set(debt.invoiceId, sinceMs)
        if (timers.nowAtMs() - sinceMs >= pays.afterDays * dayMs) yield* this.pay(debt, transfers)
      }
    }
  })

  private readonly letters = Effect.fnUntraced({ self: this }, function* (this: Debtor) {
    const { within, driverId } = this.options
    let open: ReadonlyArray<OpenDebt> = []
    yield* asking(
      within,
      Effect.gen(function* () {
        const { items } = yield* patiently((yield* DebtStore).list({ limit: 100, driverId }))
        open = items
          .map(({ debt }) => ({
            invoiceId: debt.id,
            openMinor: amountsOf(debt).openMinor,
            isSuspended: ["suspended", "collection"].includes(stateOf(debt)),
            isReminded: debt.reminders.length > 0
          }))
          .filter(({ openMinor }) => openMinor > 0n)
        return true
      })
    )
    return open
  })

  private pay({ invoiceId, openMinor }: OpenDebt, transfers: Array<TrueTransfer>): Effect.Effect<void> {
    const day = Math.floor(this.options.timers.nowAtMs() / dayMs)
    switch (this.options.pays.by) {
      case "another card":
        return this.byAnotherCard(invoiceId, `card-${day}`)
      case "the same card":
        return this.byCard(invoiceId, `again-${day}`, null)
      case "transfer":
        return this.pastTheCard(invoiceId, `bank-${day}`, "transfer", openMinor, transfers)
      case "half a transfer": {
        // The rest on another day.
        const isRest = transfers.some((it) => it.invoiceId === invoiceId)
        const amountMinor = isRest ? openMinor : openMinor / 2n
        return this.pastTheCard(invoiceId, `bank-${day}`, "transfer", amountMinor, transfers)
      }
      case "being forgiven":
        return this.pastTheCard(invoiceId, `forgiven-${day}`, "write-off", openMinor, transfers)
    }
  }

  private readonly byAnotherCard = Effect.fnUntraced(
    { self: this },
    function* (this: Debtor, invoiceId: string, id: string) {
      const { within, provider, driverId } = this.options
      const before = yield* cardsOf(within, driverId)
      if (before === undefined || !(yield* keepsCard(within, provider, driverId, goodCard))) return
      const added = (yield* cardsOf(within, driverId))?.find((it) => !before.includes(it))
      if (added !== undefined) yield* this.byCard(invoiceId, id, added)
    }
  )

  private readonly byCard = Effect.fnUntraced(
    { self: this },
    function* (this: Debtor, invoiceId: string, id: string, methodId: string | null) {
      const { within } = this.options
      const ask = Effect.gen(function* () {
        yield* (yield* Dunning).pay(invoiceId, { id, methodId })
        return true
      }).pipe(Effect.orDie)
      while (!(yield* asking(within, ask))) yield* Effect.sleep(againAfter)
    }
  )

  /** Asks until there is an answer: what was asked twice is entered once. */
  private readonly pastTheCard = Effect.fnUntraced(
    { self: this },
    function* (
      this: Debtor,
      invoiceId: string,
      id: string,
      kind: TrueTransfer["kind"],
      amountMinor: bigint,
      transfers: Array<TrueTransfer>
    ) {
      const { within, timers } = this.options
      const askedAtMs = timers.nowAtMs()
      let isRefused = false
      const ask = Effect.gen(function* () {
        const dunning = yield* Dunning
        yield* kind === "transfer"
          ? dunning.command(invoiceId, { _tag: "Transfer", id, amountMinor })
          : dunning.command(invoiceId, { _tag: "WriteOff", id, amountMinor, reason: "asked for by the driver" })
        return true
      }).pipe(
        // It was paid meanwhile.
        Effect.catchTag("DebtRefused", () => {
          isRefused = true
          return Effect.succeed(true)
        }),
        Effect.orDie
      )
      while (!(yield* asking(within, ask))) yield* Effect.sleep(againAfter)
      if (!isRefused) transfers.push({ id, invoiceId, kind, amountMinor, askedAtMs, knownAtMs: timers.nowAtMs() })
    }
  )
}
