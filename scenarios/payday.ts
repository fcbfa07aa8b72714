import { publicPlace } from "#simulator/driver/profiles.ts"
import { busier } from "#simulator/driver/Week.ts"
import { today } from "#simulator/fleet/Mix.ts"
import { usualManners } from "#simulator/fleet/Person.ts"
import { paymentFaults } from "#simulator/psp/faults.ts"
import { goodCards } from "./lab/cards.ts"
import type { LivePlan, Scenario } from "./Scenario.ts"
import { fridayAtMs, lessAt, plainTariff, risingAt, secondsTariff } from "./tariffs.ts"

const hourMs = 3_600_000

/**
 * The same in seconds, over HTTP. What a bank takes an hour or a day for is left out: refunds that come back, money that
 * becomes available and is paid out, and keys that are forgotten.
 */
const live: LivePlan = {
  stations: 8,
  charges: 3,
  chargeMs: 6_000,
  troubles: [],
  tariff: secondsTariff,
  payments: {
    cards: [
      ["pm_card_visa", 75],
      ["pm_card_mastercard", 12],
      ["pm_card_threeDSecure2Required", 10],
      ["pm_card_chargeDeclinedLostCard", 3]
    ],
    walksAway: 0.04,
    accounts: 0.3,
    goodwill: 0.3,
    faults: [
      paymentFaults.softDecline.make({ ratio: 0.08 }),
      paymentFaults.hardDecline.make({ ratio: 0.04 }),
      paymentFaults.silentAndMade.make({ ratio: 0.05 }),
      paymentFaults.silentAndNothing.make({ ratio: 0.05 }),
      paymentFaults.brokenAndMade.make({ ratio: 0.04 }),
      paymentFaults.brokenAndNothing.make({ ratio: 0.04 }),
      paymentFaults.rateLimit.make({ ratio: 0.05 }),
      paymentFaults.slowAnswers.make({ ratio: 0.05, forMs: 3_000 }),
      paymentFaults.challengeLeftOpen.make({ ratio: 0.03 }),
      paymentFaults.challengeLate.make({ ratio: 0.06, afterMs: 2_000 }),
      paymentFaults.challengeFailed.make({ ratio: 0.04 }),
      paymentFaults.incrementRefused.make({ ratio: 0.3 }),
      paymentFaults.shortAuthorization.make({ ratio: 0.1, afterMs: 5_000 }),
      paymentFaults.disputes.make({ ratio: 0.08, afterMs: 1_000, decidedAfterMs: 2_000 }),
      paymentFaults.duplicatedNotices.make({ ratio: 0.15, withinMs: 3_000 }),
      paymentFaults.lateNotices.make({ ratio: 0.1, withinMs: 3_000 }),
      paymentFaults.reorderedNotices.make({ ratio: 0.2, withinMs: 2_000 }),
      paymentFaults.lostNotices.make({ ratio: 0.1 }),
      paymentFaults.forgedNotices.make({ everyMs: 500 }),
      paymentFaults.slowSearch.make({ afterMs: 2_000 })
    ]
  }
}

/** The day on which everything that can go wrong with a payment does, while all want to charge. */
export const payday: Scenario = {
  name: "payday",
  title: "Every fault of payments at once, under load, with a server that dies between two steps",
  shows:
    "That provider, payments, bills and ledger agree in the end whatever happened: answers that never came, errors " +
    "after the money moved, declines, proofs left open, holds that expire, disputes, and notifications lost, late, " +
    "twice, out of order or forged. That a bill that is corrected, and corrected again, is paid as it stands then, on " +
    "whatever document it was. That money which reconciliation cannot match is decided about by hand, and that is done " +
    "once. That a token that was paid for starts one charge.",
  stations: 6,
  days: 1,
  startAtMs: fridayAtMs,
  mix: today,
  tariff: plainTariff,
  cards: goodCards,
  people: {
    profile: { ...publicPlace, week: busier(0.9, publicPlace.week), personsPerPlace: 8 },
    stationsPerSite: 4,
    manners: {
      ...usualManners,
      startsBy: [
        ["qr", 9],
        ["card", 1]
      ],
      wrongCardFirst: 0,
      stopsWithMate: 0
    },
    wallets: { second: 0.3, account: 0.2, mate: 0, fleet: { share: 0, drivers: 1, limit: null } },
    blockedMidSession: 0
  },
  payments: {
    cards: [
      ["pm_card_visa", 70],
      ["pm_card_mastercard", 15],
      ["pm_card_threeDSecure2Required", 8],
      ["pm_card_createDispute", 3],
      ["pm_card_refundFail", 2],
      ["pm_card_chargeDeclinedLostCard", 2]
    ],
    walksAway: 0.04,
    goodwill: 0.25,
    disputesAnswered: 0.8,
    triesAgain: 0.5,
    freeloaders: 0.3,
    strayEveryMs: 90 * 60_000,
    mishaps: true,
    faults: [
      paymentFaults.softDecline.make({ ratio: 0.08 }),
      paymentFaults.hardDecline.make({ ratio: 0.04 }),
      paymentFaults.silentAndMade.make({ ratio: 0.05 }),
      paymentFaults.silentAndNothing.make({ ratio: 0.05 }),
      paymentFaults.brokenAndMade.make({ ratio: 0.04 }),
      paymentFaults.brokenAndNothing.make({ ratio: 0.04 }),
      paymentFaults.rateLimit.make({ ratio: 0.05 }),
      paymentFaults.slowAnswers.make({ ratio: 0.05 }),
      paymentFaults.challengeLeftOpen.make({ ratio: 0.05 }),
      paymentFaults.challengeLate.make({ ratio: 0.06, afterMs: 900_000 }),
      paymentFaults.challengeFailed.make({ ratio: 0.04 }),
      paymentFaults.incrementRefused.make({ ratio: 0.5 }),
      paymentFaults.incrementUnanswered.make({ ratio: 0.3 }),
      paymentFaults.partialAuthorization.make({ ratio: 0.2 }),
      paymentFaults.shortAuthorization.make({ ratio: 0.1, afterMs: 2_700_000 }),
      paymentFaults.disputes.make({ ratio: 0.06 }),
      paymentFaults.duplicatedNotices.make({ ratio: 0.15 }),
      paymentFaults.lateNotices.make({ ratio: 0.1, withinMs: 3_600_000 }),
      paymentFaults.reorderedNotices.make({ ratio: 0.2 }),
      paymentFaults.lostNotices.make({ ratio: 0.1 }),
      paymentFaults.forgedNotices.make({ everyMs: 600_000 }),
      paymentFaults.slowSearch.make({ afterMs: 900_000 })
    ]
  },
  corrections: {
    share: 0.3,
    again: 0.5,
    receipts: 0.5,
    tariffs: [...lessAt(fridayAtMs), ...risingAt(fridayAtMs)],
    prices: [null, "LESS", "RISING"]
  },
  appShare: 0,
  settings: { sampleIntervalS: 120 },
  troubles: [],
  healedBeforeEndMs: hourMs,
  echoes: 0,
  crashes: [
    { afterMs: 8 * hourMs, point: "after the next hold is answered", downMs: 20_000 },
    { afterMs: 11 * hourMs, point: "after the next capture is answered", downMs: 120_000 },
    { afterMs: 14 * hourMs, point: "after the next decision on a payment is written", downMs: 5_000 },
    { afterMs: 17 * hourMs, point: "before the next capture is asked for", downMs: 60_000 }
  ],
  quietWithinMs: 30 * 60_000,
  // An error is kept under its key for a day: only then does the same request come to anything else.
  settleMs: 30 * hourMs,
  seed: "friday",
  live
}
