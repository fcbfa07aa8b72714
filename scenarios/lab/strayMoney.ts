import { Effect } from "effect"
import { amountsOf } from "#core/payment/state.ts"
import { subjectOf } from "#core/payment/Unmatched.ts"
import { PaymentStore } from "#server/payments/PaymentStore.ts"
import type { TrueDecision } from "#simulator/oracles/strays.ts"
import type { Provider } from "#simulator/psp/Provider.ts"
import * as Stream from "#simulator/Stream.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"
import type { Within } from "./phone.ts"
import { askToResolve, lookAtItems, lookEveryMs, type Told } from "./unmatchedDesk.ts"

const minuteMs = 60_000
/** More than a run of this kind has. */
const listed = 500

interface Options {
  readonly seed: string
  readonly timers: TimersApi
  readonly within: Within
  readonly provider: Provider
  /** For requests that somebody makes at the provider himself. */
  readonly apiKey: string
}

type Action = TrueDecision["action"]

/**
 * Somebody takes and holds money in the provider's own pages, for nothing that the CMS knows; the desk finds it among what
 * could not be matched, and decides: it pays for somebody's charge, goes back, or is kept.
 */
export class StrayMoney {
  readonly decisions: Array<TrueDecision> = []
  private readonly options: Options
  private readonly stream: Stream.Stream
  /** Intents about which the desk is asking. */
  private readonly asking = new Set<string>()
  private made = 0

  constructor(options: Options) {
    this.options = options
    this.stream = Stream.make(options.seed, "stray money")
  }

  /** From here on, one each so often; ends with what is returned. */
  begin(everyMs: number): () => void {
    const { timers } = this.options
    const end = timers.after(everyMs, () => {
      this.make()
      again = this.begin(everyMs)
    })
    let again = end
    return () => again()
  }

  /** The desk never ends its rounds: what was made before must be decided. */
  look(): void {
    const { timers, within } = this.options
    timers.after(lookEveryMs, () => {
      lookAtItems(within, (items) => {
        for (const item of items) {
          const intentId = subjectOf(item)
          if (item.kind === "unknown-intent" && !this.asking.has(intentId)) this.decide(intentId)
        }
      })
      this.look()
    })
  }

  private make(): void {
    const { provider, apiKey } = this.options
    const own = this.stream.split(`made/${++this.made}`)
    const form = {
      amount: `${own.int(60, 900)}`,
      currency: "eur",
      payment_method: "pm_card_visa",
      confirm: "true",
      capture_method: own.chance(0.25) ? "manual" : "automatic",
      "metadata[by_hand]": `${this.made}`
    }
    const headers = { authorization: `Bearer ${apiKey}` }
    const body = new URLSearchParams(form).toString()
    provider.handle({ method: "POST", path: "/v1/payment_intents", headers, body }, () => {})
  }

  private decide(intentId: string): void {
    this.asking.add(intentId)
    const before = this.decisions.filter((it) => it.intentId === intentId).length
    const own = this.stream.split(`${intentId}/${before}`)
    const isHeld = this.options.provider.objects.intents.get(intentId)?.status === "requires_capture"
    const action = isHeld ? "refund" : own.pick<Action>(["assign", "assign", "refund", "write-off", "write-off"])
    if (action === "assign") this.assign(intentId, own)
    else this.settle(intentId, action, null, own)
  }

  /** To whoever owes that much; where nobody does, it goes back. */
  private assign(intentId: string, own: Stream.Stream): void {
    const takenMinor = BigInt(this.options.provider.objects.intents.get(intentId)?.amount_received ?? 0)
    let owing: string | null = null
    const looking = Effect.gen(function* () {
      const { items } = yield* (yield* PaymentStore).list({ limit: listed })
      owing = items.find(({ payment }) => amountsOf(payment).residualMinor >= takenMinor)?.payment.id ?? null
      return true
    }).pipe(Effect.catchTag("StoreUnavailable", () => Effect.succeed(false)))
    this.options.within(looking, () =>
      owing === null ? this.settle(intentId, "refund", null, own) : this.settle(intentId, "assign", owing, own)
    )
  }

  private settle(intentId: string, action: Action, paymentId: string | null, own: Stream.Stream): void {
    const { timers } = this.options
    const decision: TrueDecision = { intentId, action, paymentId, doneAtMs: null, refused: null, toldOtherwise: null }
    this.decisions.push(decision)
    const ask = (): void =>
      this.ask(decision, (told) => {
        if (told === undefined) {
          timers.after(minuteMs, ask)
          return
        }
        this.asking.delete(intentId)
        if (told._tag === "Refused") {
          decision.refused = told.why
          return
        }
        decision.doneAtMs = timers.nowAtMs()
        if (own.split("again").chance(0.5)) timers.after(minuteMs, () => this.compare(decision, told))
      })
    ask()
  }

  /** Whoever asks for the same again is told the same; no answer says nothing. */
  private compare(decision: TrueDecision, told: NonNullable<Told>): void {
    this.ask(decision, (again) => {
      if (again !== undefined && JSON.stringify(again) !== JSON.stringify(told))
        decision.toldOtherwise = JSON.stringify(again)
    })
  }

  private ask({ intentId, action, paymentId }: TrueDecision, answer: (told: Told) => void): void {
    askToResolve(this.options.within, `unknown-intent ${intentId}`, { action, paymentId }, answer)
  }
}
