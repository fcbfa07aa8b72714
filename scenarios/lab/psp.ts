import { createHmac } from "node:crypto"
import { Effect, Redacted } from "effect"
import { standardPolicy } from "#core/payment/next.ts"
import { Directory } from "#server/directory/Directory.ts"
import { standardCharging } from "#server/payments/Charging.ts"
import { PaymentDesk } from "#server/payments/Desk.ts"
import type { PaymentSettings } from "#server/payments/layers.ts"
import { PaymentStore } from "#server/payments/PaymentStore.ts"
import type { Exchange } from "#server/payments/stripe/exchange.ts"
import * as StripeProvider from "#server/payments/stripe/StripeProvider.ts"
import type { AdHoc } from "#simulator/fleet/Phone.ts"
import type { TrueToken } from "#simulator/oracles/Oracle.ts"
import type { PspRecord } from "#simulator/oracles/payments.ts"
import { Provider } from "#simulator/psp/Provider.ts"
import * as Stream from "#simulator/Stream.ts"
import type { TimersApi } from "#simulator/time/Timers.ts"
import type { PaymentPlan } from "../Scenario.ts"
import { overStore, type PatchStores } from "./CmsProcess.ts"
import { Mishaps } from "./mishaps.ts"
import { PaymentTrigger } from "./PaymentTrigger.ts"
import { answerDisputes, giveBack, keepCard, openPage, standsThereMs, tryAgain } from "./payer.ts"
import type { Within } from "./phone.ts"
import { StrayMoney } from "./strayMoney.ts"
import { TopUps } from "./topUps.ts"

/** Signs as the provider does. */
export const sign = (secret: string, text: string): string => createHmac("sha256", secret).update(text).digest("hex")

export const apiKey = "sk_test_of_the_simulation"
export const webhookSecret = "whsec_of_the_simulation"

/** The way to a provider in this process, there and back, on its timers. Nothing here ever fails: it may not answer. */
export const exchangeOver =
  (provider: Provider, timers: TimersApi, stream: Stream.Stream): Exchange =>
  ({ method, url, headers, body }) =>
    Effect.callback((resume) => {
      const path = url.replace(/^https?:\/\/[^/]+/, "")
      const wayMs = () => 5 + stream.int(0, 20)
      timers.after(wayMs(), () =>
        provider.handle({ method, path, headers, body }, (response) => {
          timers.after(wayMs(), () => resume(Effect.succeed(response)))
        })
      )
    })

/** What is true of a token that a payment made. */
export const trueToken = ({
  uid,
  groupId,
  expiresAtMs,
  blockedAtMs,
  concurrencyLimit,
  allowedStations
}: TrueToken): TrueToken => ({ uid, groupId, expiresAtMs, blockedAtMs, concurrencyLimit, allowedStations })

/** Notes what is true of the tokens that payments make, as the CMS makes them. */
const noteTokens = (tokens: Map<string, TrueToken>): PatchStores => {
  const note = (token: TrueToken): void => {
    if (token.uid.startsWith("PAY")) tokens.set(token.uid, trueToken(token))
  }
  return overStore(Directory, (directory) => ({
    ...directory,
    createToken: (token) => Effect.tap(directory.createToken(token), () => Effect.sync(() => note(token))),
    updateToken: (token) => Effect.tap(directory.updateToken(token), () => Effect.sync(() => note(token)))
  }))
}

interface WorldOptions {
  readonly plan: PaymentPlan
  readonly seed: string
  readonly timers: TimersApi
  /** Runs an effect inside the CMS that serves now. */
  readonly within: Within
  /** What is true of the tokens, by uid. */
  readonly tokens: Map<string, TrueToken>
  /** Ends the server that runs it. */
  readonly die: Effect.Effect<never>
  readonly sampleIntervalS: number
  /** How long the server is away at a time. */
  readonly longestDownMs: number
}

/** The payments of a run: the provider, the CMS's way to it, its notifications, and the pages on drivers' phones. */
export class PaymentWorld {
  readonly provider: Provider
  readonly trigger: PaymentTrigger
  readonly topUps: TopUps
  private readonly strays: StrayMoney
  private readonly mishaps: Mishaps
  /** For the CMS. */
  readonly settings: PaymentSettings
  private readonly options: WorldOptions
  private readonly stream: Stream.Stream
  private readonly ends: Array<() => void> = []
  /** What was promised back though it was owed, by payment. */
  private readonly given = new Map<string, bigint>()
  /** Told of the token of a charge that is ordered by account, by the driver. */
  private readonly ordered = new Map<string, Parameters<AdHoc["start"]>[1]>()

  constructor(options: WorldOptions) {
    const { plan, seed, timers } = options
    this.options = options
    this.stream = Stream.make(seed, "payments")
    this.provider = new Provider({
      timers,
      stream: this.stream.split("provider"),
      apiKey,
      webhookSecret,
      sign,
      deliver: ({ body, headers }, answered) => this.notify(body, headers["stripe-signature"] ?? "", answered),
      ...(plan.terms === undefined ? {} : { terms: plan.terms })
    })
    this.trigger = new PaymentTrigger(options.die)
    const { within } = options
    this.strays = new StrayMoney({ seed, timers, within, provider: this.provider, apiKey })
    const stream = this.stream.split("top-ups")
    this.mishaps = new Mishaps({ seed, timers, within, provider: this.provider })
    this.topUps = new TopUps({ plan, provider: this.provider, timers, within, stream })
    this.settings = {
      provider: StripeProvider.layer({
        secretKey: Redacted.make(apiKey),
        webhookSecret: Redacted.make(webhookSecret),
        exchange: this.trigger.exchange(exchangeOver(this.provider, timers, this.stream.split("network")))
      }),
      reconcileEvery: plan.reconcileMs ?? "6 hours",
      charging: { ...standardCharging, ...plan.charging },
      ...(plan.pollMs === undefined ? {} : { poll: plan.pollMs })
    }
  }

  /** What the provider knows, what was promised to drivers, and what the operator promises. */
  get record(): PspRecord {
    const { plan, sampleIntervalS, longestDownMs } = this.options
    const { riskMinor } = { ...standardCharging, ...plan.charging }
    const promise = {
      riskMinor,
      overshootMs: (sampleIntervalS + 120) * 1000 + longestDownMs,
      tokenGoodMs: 2 * 60_000 + longestDownMs,
      beginsWithinMs: standardPolicy.confirmWithinMs + beginsMs + ((plan.triesAgain ?? 0) > 0 ? standsThereMs : 0)
    }
    const strays =
      plan.strayEveryMs === undefined
        ? {}
        : { strays: { decisions: this.strays.decisions, shownWithinMs: strayShownMs + longestDownMs } }
    const mishaps = plan.mishaps === true ? { mishaps: this.mishaps.record(strayShownMs + longestDownMs) } : {}
    return { ...this.provider.record, goodwill: this.given, promise, ...strays, ...mishaps }
  }

  /** Begins the payouts and the bad luck. */
  begin(): void {
    const { plan, timers } = this.options
    this.provider.startPayouts()
    this.giveBack()
    this.answerDisputes()
    this.tryAgain()
    if (plan.strayEveryMs !== undefined) {
      this.ends.push(this.strays.begin(plan.strayEveryMs))
      this.strays.look()
    }
    if (plan.mishaps === true) this.mishaps.begin()
    for (const [index, fault] of plan.faults.entries()) {
      const own = this.stream.split(`fault/${index}/${fault.name}`)
      this.ends.push(fault.strike({ provider: this.provider, timers }, own))
    }
  }

  /** Nothing goes wrong any more. */
  heal(): void {
    for (const end of this.ends.splice(0)) end()
  }

  /** The payment store with its crash points, and the truth about the tokens that payments make. */
  readonly patch: PatchStores = (stores) =>
    overStore(PaymentStore, (store) =>
      this.trigger.store({ ...store, open: this.hearing(store.open), commit: this.mishaps.losing(store.commit) })
    )(noteTokens(this.options.tokens)(stores))

  /** Who pays by a kept card has ordered the charge, even if the answer never comes: the token is his from here on. */
  private hearing(open: PaymentStore["Service"]["open"]): PaymentStore["Service"]["open"] {
    return (id, createdAtMs, terms, dueAtMs) =>
      Effect.suspend(() => {
        this.ordered.get(terms.driverId ?? "")?.({ uid: terms.tokenUid, type: "Central" })
        return open(id, createdAtMs, terms, dueAtMs)
      })
  }

  private notify(raw: string, signature: string, answered: (status: number | null) => void): void {
    this.options.within(
      Effect.gen(function* () {
        const { open } = yield* PaymentDesk
        if (open === undefined) return false
        yield* open.receive(raw, signature)
        return true
      }).pipe(Effect.catchTags({ Forged: () => Effect.succeed(false), StoreUnavailable: () => Effect.succeed(false) })),
      (taken) => answered(taken ? 200 : 400)
    )
  }

  /** The page behind the code on a station: it holds money for one charge, and the driver enters a card there. */
  get adHoc(): AdHoc {
    const { plan, timers, within } = this.options
    let opened = 0
    return {
      start: (place, onMade, answer) => {
        const number = ++opened
        const stream = this.stream.split(`page/${number}`)
        const card = stream.weighted(plan.cards)
        if (stream.chance(plan.accounts ?? 0)) {
          this.withAccount(`${number}`, card, place, onMade, answer)
          return
        }
        let secret: string | null = null
        const enter = (): void => {
          // The page is closed, the phone rings, the battery is empty.
          if (secret === null || stream.chance(plan.walksAway)) {
            answer(false)
            return
          }
          timers.after(stream.int(8_000, 90_000), () => answer(this.provider.enterCard(secret!, card)))
        }
        const opening = openPage(place, null, onMade, (page) => {
          secret = page
        })
        within(opening, (isOpen) => (isOpen && secret !== null ? enter() : answer(false)))
      }
    }
  }

  /** A driver with an account: keeps a card with the provider first, and pays by it. */
  private withAccount(number: string, card: string, ...[place, onMade, answer]: Parameters<AdHoc["start"]>): void {
    const { timers, within } = this.options
    const driverId = `payer-${number}`
    this.ordered.set(driverId, onMade)
    let secret: string | null = null
    const keeping = keepCard(driverId, (asked) => {
      secret = asked
    })
    within(keeping, (isAsked) => {
      if (!isAsked || secret === null || !this.provider.enterCard(secret, card)) {
        answer(false)
        return
      }
      timers.after(cardKeptMs, () =>
        within(
          openPage(place, driverId, onMade, () => {}),
          answer
        )
      )
    })
  }

  /** The operator answers disputes, each once: over and over until the answer is taken in. */
  private answerDisputes(): void {
    const { plan, timers, within } = this.options
    const share = plan.disputesAnswered ?? 0
    if (share === 0) return
    timers.after(disputesEveryMs, () => {
      within(answerDisputes(share, this.stream.split("disputes")), () => {})
      this.answerDisputes()
    })
  }

  /** The operator gives a part back of what some paid, each once: over and over until it is taken in. */
  private giveBack(): void {
    const { plan, timers, within } = this.options
    const share = plan.goodwill ?? 0
    if (share === 0) return
    this.ends.push(
      timers.after(goodwillEveryMs, () => {
        within(giveBack(share, this.stream.split("goodwill"), this.given), () => {})
        this.giveBack()
      })
    )
  }

  /** Who keeps a card and had no hold orders the charge again. */
  private tryAgain(): void {
    const { plan, timers, within } = this.options
    const share = plan.triesAgain ?? 0
    if (share === 0) return
    this.ends.push(
      timers.after(againEveryMs, () => {
        within(tryAgain(share, this.stream.split("again")), () => {})
        this.tryAgain()
      })
    )
  }
}

/** From when a station is asked until its charge runs. */
const beginsMs = 3 * 60_000
/** Until the provider has made a card one that is kept. */
const cardKeptMs = 30_000
/** Two reconciliations, of which one may not come to its end, and the desk's rounds. */
const strayShownMs = 14 * 3_600_000
const goodwillEveryMs = 20 * 60_000
const againEveryMs = 60_000
const disputesEveryMs = 3_600_000
