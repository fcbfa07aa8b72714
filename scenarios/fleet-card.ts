import { publicPlace } from "#simulator/driver/profiles.ts"
import { busier } from "#simulator/driver/Week.ts"
import { faults } from "#simulator/faults/Catalogue.ts"
import { today } from "#simulator/fleet/Mix.ts"
import { usualManners } from "#simulator/fleet/Person.ts"
import { paymentFaults } from "#simulator/psp/faults.ts"
import { goodCards } from "./lab/cards.ts"
import { type Scenario, undisturbed } from "./Scenario.ts"
import { lessAt, mondayAtMs, plainTariff } from "./tariffs.ts"

const hourMs = 3_600_000
const minuteMs = 60_000

/** Companies' cards in many hands, people who pay ahead, and an evening on which the money is gone. */
export const fleetCard: Scenario = {
  ...undisturbed,
  name: "fleet-card",
  title: "Company cards with budgets in many hands, and drivers who pay ahead, on two days",
  shows:
    "That several charges on one wallet never spend more than is in it, whoever empties it: another car on the same card, " +
    "a payout, a dearer bill. That budgets by day and week end where they say, a charge is stopped before its money is " +
    "used up, a card is blocked while it charges, and a server that dies between two steps loses and doubles nothing. " +
    "That money paid in by card is in the wallet once, whoever tells of it, and what a bank takes back is owed. " +
    "That who orders a charge with a limit of energy, time or money gets that, whatever else bounds it.",
  stations: 12,
  days: 2,
  startAtMs: mondayAtMs,
  mix: today,
  tariff: plainTariff,
  cards: goodCards,
  people: {
    profile: { ...publicPlace, week: busier(0.7, publicPlace.week), personsPerPlace: 6 },
    stationsPerSite: 4,
    manners: {
      ...usualManners,
      startsBy: [
        ["card", 70],
        ["app", 20],
        ["cardAndApp", 10]
      ],
      wrongCardFirst: 0.05
    },
    wallets: { second: 0.5, account: 0.6, mate: 0.1, fleet: { share: 0.5, drivers: 12, limit: null } },
    blockedMidSession: 0.05
  },
  prepaid: {
    share: 0.7,
    startMinor: [30, 900],
    companyMinor: [2_000, 9_000],
    companyCreditMinor: 1_500n,
    paysIn: { share: 0.4, minor: [300, 4_000] },
    takesOut: { share: 0.25, minor: [100, 2_000] },
    topsUp: { share: 0.35, minor: [500, 3_000] },
    budgetShare: 0.3,
    budgets: [
      { period: "day", timeZone: "Europe/Berlin", maxMinor: 800n, maxWh: null, maxSessions: null, atLimit: "stop" },
      {
        period: "day",
        timeZone: "America/New_York",
        maxMinor: null,
        maxWh: 12_000,
        maxSessions: null,
        atLimit: "stop"
      },
      { period: "week", timeZone: "Europe/Berlin", maxMinor: null, maxWh: null, maxSessions: 1, atLimit: "refuse" }
    ],
    companyBudgets: [
      // Of a company overseas, whose day begins here at noon.
      { period: "day", timeZone: "Pacific/Auckland", maxMinor: null, maxWh: null, maxSessions: 6, atLimit: "refuse" },
      {
        period: "week",
        timeZone: "Europe/Berlin",
        maxMinor: 9_000n,
        maxWh: 150_000,
        maxSessions: null,
        atLimit: "stop"
      }
    ]
  },
  payments: {
    cards: [
      ["pm_card_visa", 70],
      ["pm_card_threeDSecure2Required", 10],
      ["pm_card_createDispute", 6],
      ["pm_card_refundFail", 6],
      ["pm_card_chargeDeclinedLostCard", 8]
    ],
    walksAway: 0.1,
    accounts: 0.4,
    goodwill: 0.25,
    pollMs: 10_000,
    faults: [
      paymentFaults.softDecline.make({ ratio: 0.05 }),
      paymentFaults.silentAndMade.make({ ratio: 0.08 }),
      paymentFaults.silentAndNothing.make({ ratio: 0.05 }),
      paymentFaults.challengeLate.make({ ratio: 0.06, afterMs: 900_000 }),
      paymentFaults.challengeFailed.make({ ratio: 0.04 }),
      paymentFaults.partialAuthorization.make({ ratio: 0.1 }),
      paymentFaults.disputes.make({ ratio: 0.06 }),
      paymentFaults.duplicatedNotices.make({ ratio: 0.2 }),
      paymentFaults.lateNotices.make({ ratio: 0.1, withinMs: 3_600_000 }),
      paymentFaults.reorderedNotices.make({ ratio: 0.2 }),
      paymentFaults.lostNotices.make({ ratio: 0.1 }),
      paymentFaults.forgedNotices.make({ everyMs: 1_800_000 })
    ]
  },
  corrections: { share: 0.3, again: 0.4, receipts: 0.4, tariffs: lessAt(mondayAtMs), prices: [null, "LESS"] },
  wishes: { share: 0.6, wh: [1_000, 25_000], minutes: [5, 120], minor: [150, 1_200], changes: 0.3 },
  appShare: 0,
  settings: { sampleIntervalS: 120 },
  troubles: [
    { fault: faults.linkCut.make(), everyMs: 3 * hourMs, lastsMs: 40 * minuteMs, share: 0.6 },
    { fault: faults.lostAnswers.make({ ratio: 0.3 }), everyMs: 6 * hourMs, lastsMs: 10 * minuteMs, share: 0.5 }
  ],
  healedBeforeEndMs: hourMs,
  crashes: [
    { afterMs: 8 * hourMs, point: "after money is set aside", downMs: 30_000 },
    { afterMs: 11 * hourMs, point: "before the next bill is written", downMs: 60_000 },
    { afterMs: 14 * hourMs, point: "after the next bill is written", downMs: 60_000 },
    { afterMs: 15 * hourMs, point: "after the next capture is answered", downMs: 60_000 },
    { afterMs: 17 * hourMs, point: "after money is moved", downMs: 20_000 },
    { afterMs: 31 * hourMs, point: "before the effects of the next webhook are written", downMs: 60_000 },
    { afterMs: 33 * hourMs, point: "before money is set aside", downMs: 30_000 },
    { afterMs: 38 * hourMs, point: "after more money is set aside", downMs: 90_000 }
  ],
  settleMs: 60 * 60_000,
  seed: "prepaid"
}
