import type { GuardPolicy } from "#core/payment/guard.ts"
import type { Budget } from "#core/wallet/Budget.ts"
import type { Plan } from "#simulator/faults/Trouble.ts"
import type { CrowdOptions } from "#simulator/fleet/Crowd.ts"
import type { Mix } from "#simulator/fleet/Mix.ts"
import type { Meant } from "#simulator/oracles/PriceBook.ts"
import type { OcpiTariff } from "#simulator/oracles/SlowRater.ts"
import type { OwedPromise, TruePlan } from "#simulator/oracles/subscribed/record.ts"
import type { Terms } from "#simulator/psp/Books.ts"
import type { PaymentFault } from "#simulator/psp/faults.ts"
import type { Habits } from "#simulator/station/Habits.ts"
import type { Settings } from "#simulator/station/Settings.ts"
import type { CrashPoint } from "./crashPoints.ts"
import type { CardPlan } from "./lab/cards.ts"
import type { WalletPlan } from "./lab/wallets.ts"
import type { PaymentCrashPoint } from "./paymentCrashPoints.ts"
import type { SubscriptionCrashPoint } from "./subscriptionCrashPoints.ts"
import type { WalletCrashPoint } from "./walletCrashPoints.ts"

/** Days worth living through, as data: one fleet, its people and their cards, its prices, and what goes wrong. */
export interface Scenario {
  /** As it is called on the command line. */
  readonly name: string
  /** One line for a list. */
  readonly title: string
  /** What a run of it shows that others do not. */
  readonly shows: string
  readonly stations: number
  readonly days: number
  /** The first instant of the first day. */
  readonly startAtMs: number
  readonly mix: Mix
  /** The versions of the one tariff that all stations charge by. */
  readonly tariff: ReadonlyArray<OcpiTariff>
  readonly cards: CardPlan
  /** Sites, groups and agreements, and what the operator decides about prices in the course of the day. In virtual time only. */
  readonly prices?: PricePlan
  /** People who come again and again, instead of each EVSE's visitors of the day: `cards` and `appShare` are not used. */
  readonly people?: PeoplePlan
  /** Who starts by the code on a station pays by card through a provider; without it such charges cost nobody anything. */
  readonly payments?: PaymentPlan
  /** Who pays ahead, and which cards have a budget; only with people. */
  readonly prepaid?: PrepaidPlan
  /** Who subscribes to what, and how he pays for it; only with people and payments. In virtual time only. */
  readonly subscribers?: SubscriberPlan
  /** What is asked of who did not pay his charge in full, or whose wallet owes; only with payments. In virtual time only. */
  readonly dunning?: DunningPlan
  /** Receipts, and bills that an operator corrects. In virtual time only. */
  readonly corrections?: CorrectionPlan
  /** Who wants a charge that is started by phone to stop somewhere; only with people. */
  readonly wishes?: WishPlan
  /** Drivers look at displays; the operator has every station tell what it has. In virtual time only. */
  readonly displays?: DisplayPlan
  /** The share of drivers who start and stop by phone, 0 to 1. */
  readonly appShare: number
  readonly settings?: Partial<Settings>
  readonly habits?: Partial<Habits>
  /** Bad luck, from the first instant until `healedBeforeEndMs` before the end of the last day. */
  readonly troubles: ReadonlyArray<Plan>
  /** Fails what the CMS asks of it, from the first instant until everything is healed. In virtual time only. */
  readonly database?: DatabasePlan
  /** Nodes of the CMS over one store, dialled and asked in turn; one when not given. In virtual time only. */
  readonly nodes?: 2
  readonly healedBeforeEndMs: number
  /** The share of transaction messages that come once more, minutes later and under another id; 0 to 1. */
  readonly echoes: number
  readonly crashes: ReadonlyArray<Crash>
  /** After everybody has gone home: the longest wait for silence, and the time given to the CMS after it. */
  readonly quietWithinMs: number
  readonly settleMs: number
  /** Used when none is given. */
  readonly seed: string
  /** How it is lived on the wall clock; null when it makes no sense there. */
  readonly live: LivePlan | null
}

/** How a database fails, see `databaseFailures.ts`: in each of those ways, one after the other. */
export interface DatabasePlan {
  /** Mean time from one trouble to the next, ms. */
  readonly everyMs: number
  /** Requests that one trouble fails, from the least to the most. */
  readonly times: readonly [number, number]
  /** The share of requests that fail until it has: each in the midst of others that do not. */
  readonly ratio: number
}

/** Who is charged what where, and how that changes. */
export interface PricePlan {
  /** Dealt to the stations in turn; null: a station at no site. */
  readonly sites: ReadonlyArray<{ readonly id: string; readonly timeZone: string } | null>
  /** Dealt in turn to the drivers of the cards that have one; null: in no group. */
  readonly groups: ReadonlyArray<string | null>
  /** Dealt in turn to the cards that have no driver; null: our own. */
  readonly partners: ReadonlyArray<string | null>
  readonly acts: ReadonlyArray<PriceAct>
}

/** What the operator does about prices, from the start of the run on. */
export type PriceAct = { readonly afterMs: number } & (
  | { readonly do: "publish"; readonly tariff: OcpiTariff; readonly fromAfterMs?: number }
  | { readonly do: "retire"; readonly tariffId: string; readonly version: number }
  /** `station` is a place in the fleet, instead of the station's name. */
  | {
      readonly do: "assign"
      readonly to: Meant & { readonly station?: number }
      readonly tariffId: string | null
    }
  /** Every so-many-th driver, or one. */
  | {
      readonly do: "join" | "leave"
      readonly groupId: string
      readonly who: { readonly every: number } | { readonly driverId: string }
    }
)

/** Who the people are, how they behave, and what they carry. */
export interface PeoplePlan
  extends Pick<CrowdOptions, "profile" | "stationsPerSite" | "manners" | "blockedMidSession"> {
  readonly wallets: WalletPlan
}

/** How charges without a contract are paid for, and what goes wrong with the money. */
export interface PaymentPlan {
  /** Cards that drivers enter, by the provider's test tokens and weight. */
  readonly cards: ReadonlyArray<readonly [token: string, weight: number]>
  /** The share of payment pages that are closed before a card is entered. */
  readonly walksAway: number
  /** The share of drivers with an account, who keep their card with the provider; none when not given. */
  readonly accounts?: number
  /** The share of charges paid for of which the operator gives a part back; none when not given. */
  readonly goodwill?: number
  /** The share of disputes that the operator answers, half of them by giving up; none when not given. */
  readonly disputesAnswered?: number
  /** The share of charges by a kept card that are ordered once more when their hold was not had; none when not given. */
  readonly triesAgain?: number
  /** The share of charges paid for whose token somebody tries once more; none when not given. */
  readonly freeloaders?: number
  /** How often somebody takes or holds money at the provider by hand, for nothing we know; never when not given. */
  readonly strayEveryMs?: number
  /** Whether the provider loses intents and a database entries, for people to decide about; no when not given. In virtual time only. */
  readonly mishaps?: boolean
  /** House rules that differ from the usual ones. */
  readonly charging?: Partial<GuardPolicy>
  readonly terms?: Partial<Terms>
  /** Between two looks of the CMS at what is due; its own when not given. */
  readonly pollMs?: number
  /** Between two reconciliations with the provider; six hours when not given. */
  readonly reconcileMs?: number
  /** From the first instant until everything is healed. */
  readonly faults: ReadonlyArray<PaymentFault>
}

/** Money that is paid ahead, in minor units from the least to the most, and budgets of cards. In virtual time only. */
export interface PrepaidPlan {
  /** The share of drivers who pay ahead; companies always do. */
  readonly share: number
  /** In the wallet at the beginning. */
  readonly startMinor: readonly [number, number]
  readonly companyMinor: readonly [number, number]
  /** How far below zero a company's wallet may go. */
  readonly companyCreditMinor: bigint
  /** On each day, of the wallets. */
  readonly paysIn: { readonly share: number; readonly minor: readonly [number, number] }
  readonly takesOut: { readonly share: number; readonly minor: readonly [number, number] }
  /** Pays in by card; in runs with a payment provider. */
  readonly topsUp?: { readonly share: number; readonly minor: readonly [number, number] }
  /** The share of cards with a budget, one of `budgets`; company cards have all of theirs. */
  readonly budgetShare: number
  readonly budgets: ReadonlyArray<BudgetTerms>
  readonly companyBudgets: ReadonlyArray<BudgetTerms>
}

/** What is asked of who owes for charges, and what moves them to pay. */
export interface DunningPlan {
  readonly rules: SubscriberPlan["rules"]
  /** How those pay whose charge was not paid in full; null: never. */
  readonly pays: ReadonlyArray<readonly [pays: SubscriberLife["pays"] | null, weight: number]>
}

/** What is done about bills afterwards, by people who complain of them. */
export interface CorrectionPlan {
  /** The share of bills that somebody complains of, and of those that are corrected once more. */
  readonly share: number
  readonly again: number
  /** The share of those who complain only so long after their charge: of what was reminded of, paid or given up meanwhile. None when not given. */
  readonly late?: { readonly share: number; readonly afterMs: number }
  /** The share of charges of which a receipt is asked for. */
  readonly receipts: number
  /** Every version of the tariffs that a bill may be corrected to: what is not charged by anywhere. */
  readonly tariffs: ReadonlyArray<OcpiTariff>
  /** What a bill is corrected to, one of: a tariff by its id, as it held when the charge began; null: nothing is owed. */
  readonly prices: ReadonlyArray<string | null>
}

/** What drivers want their charges to stop at, each from the least to the most. In virtual time only. */
export interface WishPlan {
  /** The share of orders with a limit. */
  readonly share: number
  readonly wh: readonly [number, number]
  readonly minutes: readonly [number, number]
  readonly minor: readonly [number, number]
  /** The share of those who say otherwise while it runs. */
  readonly changes: number
}

/** When stations are asked what they have, so that the CMS knows their displays. */
export interface DisplayPlan {
  readonly askAfterMs: number
}

/** Plans, the lives of those who subscribe to them, and what is asked of who does not pay. */
export interface SubscriberPlan {
  readonly plans: ReadonlyArray<TruePlan>
  /** Dealt in turn to the drivers; null: subscribes to nothing. */
  readonly lives: ReadonlyArray<SubscriberLife | null>
  readonly rules: Pick<OwedPromise, "paymentDays" | "reminders" | "suspendAfterDays" | "collectAfterDays">
}

/** An instant from the start of the run on, and up to so much later by chance. */
export interface Moment {
  readonly afterMs: number
  readonly withinMs?: number
}

/** One who subscribes: what he asks for in the course of the run, one after the other, and how he pays what he owes. */
export interface SubscriberLife {
  readonly joins: Moment
  readonly plan: string
  readonly proration: "day" | "second"
  /** The card that he keeps, by the provider's test tokens; null: none. */
  readonly card: string | null
  readonly acts?: ReadonlyArray<
    Moment &
      (
        | { readonly do: "change"; readonly plan: string; readonly when: "now" | "period-end" }
        | { readonly do: "cancel" | "pause"; readonly when: "now" | "period-end" }
        | { readonly do: "resume" }
      )
  >
  /** What his card did not pay; never, when not given. */
  readonly pays?: {
    readonly when: "reminded" | "suspended"
    readonly afterDays: number
    readonly by: "another card" | "the same card" | "transfer" | "half a transfer" | "being forgiven"
  }
}

type BudgetTerms = Omit<Budget, "tokenUid" | "currency" | "setAtMs">

/** A day on which nothing goes wrong, with the usual waits at its end. Lived in virtual time unless the scenario says how else. */
export const undisturbed = Object.freeze({
  troubles: [],
  healedBeforeEndMs: 0,
  echoes: 0,
  crashes: [],
  quietWithinMs: 30 * 60_000,
  settleMs: 20 * 60_000,
  live: null
}) satisfies Partial<Scenario>

/** An end of the server's process, as by `kill -9`. */
export interface Crash {
  /** From the start of the run on. */
  readonly afterMs: number
  readonly point: CrashPoint | PaymentCrashPoint | WalletCrashPoint | SubscriptionCrashPoint
  /** Until it is started again over the same store. */
  readonly downMs: number
  /** Which node dies; the first when not given. */
  readonly node?: 1 | 2
}

/** A day squeezed into seconds: what a run on the wall clock does instead of waiting. */
export interface LivePlan {
  readonly stations: number
  /** Charges at each EVSE, one after the other, and how long each lasts, ms. */
  readonly charges: number
  readonly chargeMs: number
  /** Bad luck until the last charge is over, on this scale. */
  readonly troubles: ReadonlyArray<Plan>
  /** Prices by which seconds come to something; the scenario's own when not given. */
  readonly tariff?: ReadonlyArray<OcpiTariff>
  /** Payments on this scale: every charge is paid by card then. */
  readonly payments?: PaymentPlan
}

/** What a caller may ask of a run instead of the scenario's own. */
export interface Overrides {
  readonly seed?: string
  readonly stations?: number
  readonly days?: number
}

/** The scenario with what was asked for in its place. */
export const overridden = (scenario: Scenario, { seed, stations, days }: Overrides): Scenario => ({
  ...scenario,
  seed: seed ?? scenario.seed,
  stations: stations ?? scenario.stations,
  days: days ?? scenario.days
})
