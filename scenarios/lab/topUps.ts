import type { TrueMove } from "#simulator/oracles/prepaid.ts"
import type { Provider } from "#simulator/psp/Provider.ts"
import type { Stream } from "#simulator/Stream.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"
import type { PaymentPlan } from "../Scenario.ts"
import { isCredited, keepCard, openTopUp } from "./payer.ts"
import type { Within } from "./phone.ts"

/** An answer that does not come is asked for again, and so is whether the money is there. */
const againMs = 60_000
/** Until the provider has made a card one that is kept. */
const cardKeptMs = 30_000
/** How often somebody looks for his money before he forgets it. */
const looks = 60

/** A top-up that somebody wanted. */
interface Wish {
  readonly driverId: string
  /** What the CMS is asked for it under. */
  readonly id: string
  readonly amountMinor: bigint
  readonly askedAtMs: number
  /** Of the CMS; unknown until an answer came. */
  paymentId: string | undefined
  /** When the wallet was seen to have it. */
  knownAtMs: number
}

interface Options {
  readonly plan: PaymentPlan
  readonly provider: Provider
  readonly timers: TimersApi
  readonly within: Within
  readonly stream: Stream
}

/** People who pay into their wallets by card: on the provider's page, or with a card that they keep there. */
export class TopUps {
  private readonly options: Options
  private readonly wishes: Array<Wish> = []

  constructor(options: Options) {
    this.options = options
  }

  /** Somebody wants so much in his wallet now. */
  wish(driverId: string, id: string, amountMinor: bigint): void {
    const { plan, provider, timers, within } = this.options
    const own = this.options.stream.split(`${driverId}/${id}`)
    const card = own.weighted(plan.cards)
    const askedAtMs = timers.nowAtMs()
    const wish: Wish = {
      driverId,
      id,
      amountMinor,
      askedAtMs,
      paymentId: undefined,
      knownAtMs: Number.POSITIVE_INFINITY
    }
    this.wishes.push(wish)
    if (!own.chance(plan.accounts ?? 0)) {
      this.ask(wish, own, card, false)
      return
    }
    let secret: string | null = null
    const keeping = keepCard(driverId, (asked) => {
      secret = asked
    })
    within(keeping, (isAsked) => {
      const isKept = isAsked && secret !== null && provider.enterCard(secret, card)
      timers.after(cardKeptMs, () => this.ask(wish, own, card, isKept))
    })
  }

  /** What the provider's own account says of a driver's top-ups, as moves of his wallet. */
  movesOf(driverId: string): ReadonlyArray<TrueMove> {
    const { objects, truth } = this.options.provider
    const back = new Set<string>()
    for (const refund of objects.refunds.values()) back.add(refund.payment_intent)
    for (const dispute of objects.disputes.values()) back.add(dispute.payment_intent)
    return this.wishes.flatMap((wish): ReadonlyArray<TrueMove> => {
      if (wish.driverId !== driverId || wish.paymentId === undefined) return []
      const { askedAtMs, paymentId } = wish
      return truth
        .filter(({ metadata, capturedMinor }) => metadata["wattproof_payment"] === paymentId && capturedMinor > 0n)
        .flatMap(({ id, capturedMinor, refundedMinor, disputedMinor }) => {
          // Of money that went back, or seemed to, nobody can tell when the wallet had it.
          const knownAtMs = back.has(id) ? Number.POSITIVE_INFINITY : wish.knownAtMs
          const backMinor = refundedMinor + disputedMinor
          const paid: TrueMove = { sourceId: id, amountMinor: capturedMinor, askedAtMs, knownAtMs }
          return backMinor === 0n ? [paid] : [paid, { ...paid, amountMinor: -backMinor, isTakenBack: true }]
        })
    })
  }

  /** Asks for it until there is an answer, and then enters a card where none is kept. */
  private ask(wish: Wish, own: Stream, card: string, isKept: boolean): void {
    const { plan, provider, timers, within } = this.options
    let secret: string | null = null
    const asking = openTopUp({ ...wish, isKept }, (paymentId, page) => {
      wish.paymentId = paymentId
      secret = page
    })
    within(asking, (isMade) => {
      if (!isMade) {
        timers.after(againMs, () => this.ask(wish, own, card, isKept))
        return
      }
      this.look(wish, looks)
      if (isKept || secret === null || own.chance(plan.walksAway)) return
      timers.after(own.int(8_000, 90_000), () => provider.enterCard(secret!, card))
    })
  }

  private look(wish: Wish, left: number): void {
    const { timers, within } = this.options
    if (left === 0) return
    timers.after(againMs, () =>
      within(isCredited(wish.paymentId!), (isThere) => {
        if (isThere) wish.knownAtMs = timers.nowAtMs()
        else this.look(wish, left - 1)
      })
    )
  }
}
