import { publicPlace } from "#simulator/driver/profiles.ts"
import { busier } from "#simulator/driver/Week.ts"
import { serviceArea, street, withProfile } from "#simulator/fleet/Mix.ts"
import { usualManners } from "#simulator/fleet/Person.ts"
import type { TruePlan } from "#simulator/oracles/subscribed/record.ts"
import { paymentFaults } from "#simulator/psp/faults.ts"
import { goodCards } from "./lab/cards.ts"
import type { Crash, Moment, Scenario, SubscriberLife } from "./Scenario.ts"
import { correctedDiscounted, discountedTariff } from "./tariffs.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** Sunday, 25 January 2026: before two short ends of months and the night on which the clocks are put forward. */
const startAtMs = Date.UTC(2026, 0, 25)

/** From an instant of 2026 on, UTC, up to so much later; in the winter the operator's clocks are an hour ahead. */
const on = (month: number, day: number, hour = 8, minute = 0, withinMs = 3 * hourMs): Moment => ({
  afterMs: Date.UTC(2026, month - 1, day, hour, minute) - startAtMs,
  withinMs
})

const plan = (id: string, name: string, feeMinor: bigint, more: Partial<TruePlan> = {}): TruePlan => ({
  id,
  name,
  interval: { unit: "month", count: 1 },
  renews: true,
  feeMinor,
  vatPercent: 19,
  groupId: null,
  includedWh: 0,
  includedMinutes: 0,
  trialDays: 0,
  ...more
})

const plans: ReadonlyArray<TruePlan> = [
  plan("small", "Home S", 799n, { groupId: "home" }),
  plan("large", "Home L", 2_490n, { groupId: "home-plus", includedWh: 40_000 }),
  plan("hours", "Hours", 1_450n, { includedMinutes: 180 }),
  plan("trial", "Home S on trial", 999n, { groupId: "home", trialDays: 7 }),
  plan("week", "Week", 499n, { groupId: "home", interval: { unit: "day", count: 7 } }),
  plan("pass", "Holiday pass", 1_200n, { renews: false, interval: { unit: "day", count: 10 }, includedWh: 25_000 })
]

const visa = "pm_card_visa"
const byDay = { proration: "day" } as const
const bySecond = { proration: "second" } as const

/** Those whose cards do as they should. */
const payers: ReadonlyArray<SubscriberLife> = [
  { ...byDay, joins: on(1, 27), plan: "large", card: visa },
  // From the last day of a long month, minutes before midnight: to the 28th of the next, and the 31st again.
  { ...byDay, joins: on(1, 31, 22, 50, 8 * minuteMs), plan: "small", card: visa },
  {
    ...byDay,
    joins: on(1, 29),
    plan: "small",
    card: "pm_card_amex",
    acts: [
      { ...on(2, 10), do: "change", plan: "large", when: "now" },
      { ...on(3, 12), do: "change", plan: "small", when: "period-end" }
    ]
  },
  {
    ...byDay,
    joins: on(1, 26),
    plan: "large",
    card: visa,
    acts: [
      { ...on(2, 14), do: "change", plan: "small", when: "now" },
      { ...on(3, 20), do: "cancel", when: "period-end" }
    ]
  },
  // Half past two: a time that the 29th of March does not have.
  {
    ...bySecond,
    joins: on(1, 29, 1, 20, 20 * minuteMs),
    plan: "small",
    card: visa,
    acts: [
      { ...on(3, 3), do: "change", plan: "large", when: "now" },
      { ...on(3, 28, 22, 50, 8 * minuteMs), do: "change", plan: "small", when: "now" }
    ]
  },
  {
    ...byDay,
    joins: on(1, 28),
    plan: "large",
    card: visa,
    acts: [
      { ...on(2, 20), do: "pause", when: "now" },
      { ...on(3, 8), do: "resume" },
      { ...on(3, 9), do: "change", plan: "hours", when: "now" }
    ]
  },
  { ...byDay, joins: on(2, 2), plan: "large", card: visa, acts: [{ ...on(2, 20), do: "cancel", when: "now" }] },
  {
    ...bySecond,
    joins: on(2, 6),
    plan: "hours",
    card: visa,
    acts: [
      { ...on(2, 28, 22, 50, 8 * minuteMs), do: "change", plan: "large", when: "now" },
      { ...on(3, 1, 1), do: "cancel", when: "now" }
    ]
  },
  { ...byDay, joins: on(2, 6), plan: "pass", card: visa },
  {
    ...bySecond,
    joins: on(1, 30),
    plan: "week",
    card: visa,
    acts: [{ ...on(3, 29, 0, 30, hourMs), do: "cancel", when: "now" }]
  },
  { ...byDay, joins: on(2, 3), plan: "trial", card: visa, acts: [{ ...on(2, 7), do: "cancel", when: "now" }] },
  { ...byDay, joins: on(1, 30), plan: "trial", card: visa }
]

/** Those of whom something is left open, by what their card says and by what moves them to pay. */
const debtors: ReadonlyArray<SubscriberLife> = [
  {
    ...byDay,
    joins: on(1, 26),
    plan: "small",
    card: "pm_card_chargeDeclinedInsufficientFunds",
    pays: { when: "reminded", afterDays: 1, by: "transfer" }
  },
  {
    ...byDay,
    joins: on(1, 26),
    plan: "large",
    card: "pm_card_chargeDeclinedLostCard",
    pays: { when: "suspended", afterDays: 5, by: "another card" }
  },
  {
    ...bySecond,
    joins: on(1, 30),
    plan: "small",
    card: "pm_card_chargeDeclinedExpiredCard",
    pays: { when: "reminded", afterDays: 0, by: "another card" }
  },
  {
    ...byDay,
    joins: on(1, 27),
    plan: "small",
    card: "pm_card_authenticationRequired",
    pays: { when: "suspended", afterDays: 4, by: "half a transfer" }
  },
  {
    ...byDay,
    joins: on(1, 28),
    plan: "large",
    card: null,
    pays: { when: "suspended", afterDays: 6, by: "transfer" },
    acts: [{ ...on(3, 2), do: "cancel", when: "now" }]
  },
  { ...byDay, joins: on(1, 26), plan: "week", card: "pm_card_chargeDeclinedStolenCard" },
  {
    ...byDay,
    joins: on(1, 31),
    plan: "pass",
    card: "pm_card_chargeCustomerFail",
    pays: { when: "suspended", afterDays: 7, by: "being forgiven" }
  },
  {
    ...byDay,
    joins: on(2, 1),
    plan: "hours",
    card: "pm_card_chargeDeclinedProcessingError",
    pays: { when: "reminded", afterDays: 8, by: "the same card" }
  }
]

/** Deaths where fees come due, cards are charged and stages are reached; one over the hour that the night does not have. */
const crashes: ReadonlyArray<Crash> = [
  { ...on(1, 26), point: "after the next wish is written", downMs: 20_000 },
  { ...on(1, 28), point: "after the next fee is written", downMs: 60_000 },
  { ...on(1, 31, 22, 40), point: "after the next charge of a kept card is answered", downMs: 5 * minuteMs },
  { ...on(2, 10, 7), point: "before the next wish is written", downMs: 20_000 },
  { ...on(2, 17, 22, 50), point: "after the next stage of a debt is written", downMs: 20_000 },
  { ...on(2, 20), point: "before the next wish is written", downMs: 60_000 },
  { ...on(2, 24, 22, 50), point: "before the next stage of a debt is written", downMs: 60_000 },
  { ...on(2, 26, 22, 50), point: "before the next fee is written", downMs: 20_000 },
  { ...on(2, 28, 22, 40), point: "after the next fee is written", downMs: 10 * minuteMs },
  { ...on(3, 2, 12), point: "before the next charge of a kept card is asked for", downMs: 20_000 },
  { ...on(3, 5, 22, 50), point: "before what is known of a debt is written", downMs: 20_000 },
  { ...on(3, 8, 7), point: "after the next wish is written", downMs: 60_000 },
  { ...on(3, 20), point: "after what is known of a debt is written", downMs: 20_000 },
  { ...on(3, 24), point: "after the next bill is written", downMs: 20_000 },
  { ...on(3, 29, 0, 40), point: "now", downMs: 30 * minuteMs },
  { ...on(3, 31), point: "before the next bill is written", downMs: 60_000 }
]

/** Two months of people with plans: who joins, changes, rests and leaves, and who does not pay. */
export const subscribers: Scenario = {
  name: "subscribers",
  title: "Plans with fees, discounts and included energy over two ends of months, and cards that do not pay",
  shows:
    "That each fee is billed once and for its days whatever is changed when, that what a plan includes is used once, also " +
    "where bills are corrected, that who does not pay is reminded, kept from charging and let in again when he has paid, and that nobody pays twice " +
    "though servers die and the provider's answers and notifications are lost.",
  stations: 3,
  days: 67,
  startAtMs,
  mix: withProfile([...serviceArea, ...street], publicPlace),
  tariff: discountedTariff,
  cards: goodCards,
  people: {
    profile: { ...publicPlace, week: busier(0.13, publicPlace.week), personsPerPlace: 6 },
    stationsPerSite: 3,
    manners: {
      ...usualManners,
      startsBy: [
        ["card", 80],
        ["app", 20]
      ],
      wrongCardFirst: 0
    },
    wallets: { second: 0.2, account: 0.5, mate: 0, fleet: { share: 0, drivers: 1, limit: null } },
    blockedMidSession: 0
  },
  payments: {
    cards: [[visa, 1]],
    walksAway: 0,
    pollMs: 5 * minuteMs,
    reconcileMs: 24 * hourMs,
    faults: [
      paymentFaults.softDecline.make({ ratio: 0.08 }),
      paymentFaults.silentAndMade.make({ ratio: 0.12 }),
      paymentFaults.silentAndNothing.make({ ratio: 0.08 }),
      paymentFaults.brokenAndMade.make({ ratio: 0.06 }),
      paymentFaults.brokenAndNothing.make({ ratio: 0.04 }),
      paymentFaults.rateLimit.make({ ratio: 0.05 }),
      paymentFaults.slowAnswers.make({ ratio: 0.1 }),
      paymentFaults.challengeLeftOpen.make({ ratio: 0.03 }),
      paymentFaults.duplicatedNotices.make({ ratio: 0.2 }),
      paymentFaults.lateNotices.make({ ratio: 0.2, withinMs: 2 * hourMs }),
      paymentFaults.reorderedNotices.make({ ratio: 0.2 }),
      paymentFaults.lostNotices.make({ ratio: 0.2 }),
      paymentFaults.forgedNotices.make({ everyMs: 24 * hourMs }),
      paymentFaults.slowSearch.make({ afterMs: 15 * minuteMs })
    ]
  },
  subscribers: {
    plans,
    lives: [...payers, ...debtors, null, null],
    rules: {
      paymentDays: 7,
      reminders: [
        { afterDays: 2, feeMinor: 0n },
        { afterDays: 7, feeMinor: 250n }
      ],
      suspendAfterDays: 10,
      collectAfterDays: 24
    }
  },
  corrections: {
    share: 0.25,
    again: 0.5,
    receipts: 0.3,
    tariffs: correctedDiscounted,
    prices: [null, "LESS", "DEARER"]
  },
  appShare: 0,
  settings: { sampleIntervalS: 900 },
  troubles: [],
  healedBeforeEndMs: 4 * hourMs,
  echoes: 0,
  crashes,
  quietWithinMs: 2 * hourMs,
  settleMs: 12 * hourMs,
  seed: "subscribers",
  live: null
}
