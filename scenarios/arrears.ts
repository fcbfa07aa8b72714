import { publicPlace } from "#simulator/driver/profiles.ts"
import { busier } from "#simulator/driver/Week.ts"
import { carPark, withProfile } from "#simulator/fleet/Mix.ts"
import { usualManners } from "#simulator/fleet/Person.ts"
import type { OcpiTariff } from "#simulator/oracles/SlowRater.ts"
import { paymentFaults } from "#simulator/psp/faults.ts"
import { goodCards } from "./lab/cards.ts"
import { type Scenario, undisturbed } from "./Scenario.ts"
import { lessAt, mondayAtMs, plainTariff } from "./tariffs.ts"

const hourMs = 3_600_000
const dayMs = 24 * hourMs

const withEnergyAt = (price: number): Array<OcpiTariff> =>
  plainTariff.map((tariff) => ({
    ...tariff,
    elements: tariff.elements.map(({ price_components: parts }) => ({
      price_components: parts.map((part) => (part.type === "ENERGY" ? { ...part, price } : part))
    }))
  }))

/** A tenner is held, and energy is dear: much is owed beyond what is held. */
const dear = withEnergyAt(2.9).map((tariff) => ({ ...tariff, preauthorize_amount: 10 }))

/** What bills are corrected to that had been too low. */
const dearer = withEnergyAt(4.1).map((tariff) => ({ ...tariff, id: "DEARER" }))

/** Five weeks after charges that were not paid in full. */
export const arrears: Scenario = {
  ...undisturbed,
  name: "arrears",
  title: "Charges short of their bill and wallets in arrears, over five weeks, until they are paid or given away",
  shows:
    "That what a charge's payment did not cover and what a wallet owes is asked for once, on its days, with the fees that are " +
    "told; that money that came past the card is not taken from it as well; and that nobody is asked who has paid, though " +
    "bills are corrected meanwhile and servers die.",
  stations: 3,
  days: 36,
  startAtMs: mondayAtMs,
  mix: withProfile(carPark, publicPlace),
  tariff: dear,
  cards: goodCards,
  people: {
    profile: { ...publicPlace, week: busier(0.06, publicPlace.week), personsPerPlace: 4 },
    stationsPerSite: 3,
    manners: {
      ...usualManners,
      startsBy: [
        ["qr", 1],
        ["card", 1]
      ],
      wrongCardFirst: 0
    },
    wallets: { second: 0, account: 0, mate: 0, fleet: { share: 0, drivers: 1, limit: null } },
    blockedMidSession: 0
  },
  prepaid: {
    share: 1,
    startMinor: [400, 2_500],
    companyMinor: [400, 2_500],
    companyCreditMinor: 0n,
    paysIn: { share: 0.03, minor: [300, 4_000] },
    takesOut: { share: 0.05, minor: [500, 3_000] },
    topsUp: { share: 0.2, minor: [500, 3_000] },
    budgetShare: 0,
    budgets: [{ period: "day", timeZone: "UTC", maxMinor: null, maxWh: null, maxSessions: null, atLimit: "stop" }],
    companyBudgets: []
  },
  payments: {
    cards: [
      ["pm_card_visa", 7],
      ["pm_card_refundFail", 3]
    ],
    walksAway: 0,
    accounts: 1,
    goodwill: 0.25,
    charging: { riskMinor: 2_000n },
    pollMs: 5 * 60_000,
    reconcileMs: 24 * hourMs,
    faults: [
      paymentFaults.incrementRefused.make({ ratio: 1 }),
      paymentFaults.absentDeclined.make({ ratio: 0.7 }),
      paymentFaults.disputes.make({ ratio: 0.15, afterMs: 20 * hourMs, decidedAfterMs: 23 * hourMs, won: 0.5 }),
      paymentFaults.partialAuthorization.make({ ratio: 0.15 }),
      paymentFaults.silentAndMade.make({ ratio: 0.1 }),
      paymentFaults.silentAndNothing.make({ ratio: 0.05 }),
      paymentFaults.lostNotices.make({ ratio: 0.3 })
    ]
  },
  corrections: {
    share: 0.3,
    again: 0.3,
    late: { share: 0.6, afterMs: 14 * dayMs },
    receipts: 0.2,
    tariffs: [...lessAt(mondayAtMs), ...dearer],
    prices: [null, "LESS", "DEARER", "DEARER"]
  },
  dunning: {
    rules: {
      paymentDays: 7,
      reminders: [
        { afterDays: 2, feeMinor: 0n },
        { afterDays: 5, feeMinor: 250n }
      ],
      suspendAfterDays: 8,
      collectAfterDays: 16
    },
    pays: [
      [{ when: "reminded", afterDays: 1, by: "transfer" }, 3],
      [{ when: "reminded", afterDays: 3, by: "another card" }, 2],
      [{ when: "suspended", afterDays: 1, by: "half a transfer" }, 2],
      [{ when: "suspended", afterDays: 2, by: "being forgiven" }, 3],
      [{ when: "reminded", afterDays: 6, by: "the same card" }, 1],
      [null, 2]
    ]
  },
  appShare: 0,
  settings: { sampleIntervalS: 600 },
  healedBeforeEndMs: 4 * hourMs,
  crashes: [
    { afterMs: 4 * dayMs, point: "before the next stage of a debt is written", downMs: 60_000 },
    { afterMs: 8 * dayMs, point: "before what is known of a debt is written", downMs: 60_000 },
    { afterMs: 12 * dayMs, point: "after the next bill is written", downMs: 60_000 },
    { afterMs: 15 * dayMs, point: "after the next stage of a debt is written", downMs: 20_000 },
    { afterMs: 19 * dayMs, point: "after what is known of a debt is written", downMs: 20_000 },
    { afterMs: 23 * dayMs + 22 * hourMs, point: "now", downMs: 20 * 60_000 },
    { afterMs: 27 * dayMs, point: "after the next charge of a kept card is answered", downMs: 60_000 }
  ],
  quietWithinMs: 2 * hourMs,
  // A refund that the bank sends back, and of which no notification comes, is found by the next reconciliation.
  settleMs: 30 * hourMs,
  seed: "debts"
}
