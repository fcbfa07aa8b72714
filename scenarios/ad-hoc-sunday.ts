import { publicPlace } from "#simulator/driver/profiles.ts"
import { busier } from "#simulator/driver/Week.ts"
import { today } from "#simulator/fleet/Mix.ts"
import { usualManners } from "#simulator/fleet/Person.ts"
import { paymentFaults } from "#simulator/psp/faults.ts"
import { goodCards } from "./lab/cards.ts"
import { type Scenario, undisturbed } from "./Scenario.ts"
import { mondayAtMs, plainTariff, secondsTariff } from "./tariffs.ts"

const dayMs = 86_400_000
const hourMs = 3_600_000

/** Day trippers without an account: each scans the code on the station and pays by card. */
export const adHocSunday: Scenario = {
  ...undisturbed,
  name: "ad-hoc-sunday",
  title: "A Sunday of day trippers who scan the code and pay by card, without an account",
  shows:
    "That money is held before a charge and taken for what it came to, the rest let go; that a page left open, a card " +
    "refused, a lost notification and a driver who walks away leave nothing held and nothing unpaid.",
  stations: 6,
  days: 1,
  startAtMs: mondayAtMs + 6 * dayMs,
  mix: today,
  tariff: plainTariff,
  cards: goodCards,
  people: {
    profile: { ...publicPlace, week: busier(0.6, publicPlace.week), personsPerPlace: 6 },
    stationsPerSite: 4,
    manners: { ...usualManners, startsBy: [["qr", 1]], wrongCardFirst: 0, stopsWithMate: 0 },
    wallets: { second: 0.3, account: 0.2, mate: 0, fleet: { share: 0, drivers: 1, limit: null } },
    blockedMidSession: 0
  },
  payments: {
    cards: [
      ["pm_card_visa", 60],
      ["pm_card_mastercard", 25],
      ["pm_card_threeDSecure2Required", 10],
      ["pm_card_chargeDeclinedInsufficientFunds", 4],
      ["pm_card_chargeDeclinedExpiredCard", 1]
    ],
    walksAway: 0.06,
    faults: [
      paymentFaults.challengeLeftOpen.make({ ratio: 0.05 }),
      paymentFaults.lateNotices.make({ ratio: 0.1 }),
      paymentFaults.lostNotices.make({ ratio: 0.02 }),
      paymentFaults.forgedNotices.make({ everyMs: hourMs })
    ]
  },
  appShare: 0,
  settings: { sampleIntervalS: 120 },
  settleMs: 8 * hourMs,
  seed: "ad-hoc-sunday",
  live: {
    stations: 8,
    charges: 3,
    chargeMs: 5_000,
    troubles: [],
    tariff: secondsTariff,
    payments: {
      cards: [
        ["pm_card_visa", 60],
        ["pm_card_mastercard", 25],
        ["pm_card_threeDSecure2Required", 10],
        ["pm_card_chargeDeclinedInsufficientFunds", 4],
        ["pm_card_chargeDeclinedExpiredCard", 1]
      ],
      walksAway: 0.06,
      faults: [
        paymentFaults.challengeLeftOpen.make({ ratio: 0.05 }),
        paymentFaults.lateNotices.make({ ratio: 0.1, withinMs: 3_000 }),
        paymentFaults.lostNotices.make({ ratio: 0.02 }),
        paymentFaults.forgedNotices.make({ everyMs: 500 })
      ]
    }
  }
}
