import { payday } from "#scenarios/payday.ts"
import type { PaymentPlan, Scenario } from "#scenarios/Scenario.ts"
import { plainTariff } from "#scenarios/tariffs.ts"
import { carPark } from "#simulator/fleet/Mix.ts"
import { paymentFaults } from "#simulator/psp/faults.ts"
import { drawnDay, smallDay } from "../scenarios/payments/day.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** Six times the price of energy: what is held at first, a tenner, covers few charges. */
const dear = plainTariff.map((tariff) => ({
  ...tariff,
  preauthorize_amount: 10,
  elements: tariff.elements.map((element) => ({
    ...element,
    price_components: element.price_components.map((part) => (part.type === "ENERGY" ? { ...part, price: 2.9 } : part))
  }))
}))

const quietly: Partial<PaymentPlan> = {
  pollMs: 20_000,
  walksAway: 0,
  cards: [
    ["pm_card_visa", 8],
    ["pm_card_createDispute", 1],
    ["pm_card_refundFail", 1]
  ]
}

/**
 * Nearly everybody owes beyond the hold, which is taken from kept cards by calls that mostly get no answer, or are carried
 * out minutes after nobody waits for them any more, while few webhooks come: most are sent again, and some are made unseen.
 */
const unanswered = (seed: string): Scenario => ({
  ...smallDay(seed),
  tariff: dear,
  payments: {
    ...payday.payments!,
    ...quietly,
    accounts: 1,
    goodwill: 0.6,
    charging: { riskMinor: 10_000n },
    faults: [
      paymentFaults.lostNotices.make({ ratio: 0.8 }),
      paymentFaults.slowAnswers.make({ ratio: 0.3, forMs: 2 * minuteMs }),
      paymentFaults.incrementRefused.make({ ratio: 1 }),
      paymentFaults.silentAndMade.make({ ratio: 0.35 }),
      paymentFaults.silentAndNothing.make({ ratio: 0.2 })
    ]
  }
})

/** Energy and nothing else, and dear: who takes none pays nothing, and a tenner lasts for minutes. */
const energyOnly = dear.map((tariff) => ({
  ...tariff,
  elements: [{ price_components: [{ type: "ENERGY" as const, price: 2.9, vat: 19, step_size: 1 }] }]
}))

/**
 * Charges of minutes at slow stations, a third of them by cars that take nothing: holds that come late are ordered again,
 * the bank says nothing to those who want to hold more, disputes are won, and where somebody has paid somebody else plugs in.
 */
const hasty = (seed: string): Scenario => {
  const day = smallDay(seed)
  const people = day.people!
  return {
    ...day,
    mix: carPark,
    stations: 3,
    settings: { sampleIntervalS: 60 },
    tariff: energyOnly,
    people: {
      ...people,
      profile: {
        ...people.profile,
        dwell: { ...people.profile.dwell, medianMs: 12 * minuteMs, sigma: 0.9, minMs: minuteMs }
      },
      manners: { ...people.manners, refuses: 0.3 }
    },
    payments: {
      ...payday.payments!,
      ...quietly,
      pollMs: 5_000,
      accounts: 0.6,
      goodwill: 0.3,
      triesAgain: 1,
      freeloaders: 1,
      faults: [
        paymentFaults.incrementUnanswered.make({ ratio: 1 }),
        paymentFaults.slowAnswers.make({ ratio: 0.15, forMs: 25 * minuteMs }),
        paymentFaults.disputes.make({ ratio: 0.15, won: 0.6 })
      ]
    }
  }
}

/**
 * Over and over the server dies as a hold is made, and is away for a quarter of an hour: it finds the hold when its driver has
 * given up, and the next car stands there.
 */
const foundLate = (seed: string): Scenario => {
  const day = smallDay(seed)
  return {
    ...day,
    payments: { ...payday.payments!, ...quietly, accounts: 1, triesAgain: 0, faults: [] },
    crashes: Array.from({ length: 10 }, (_, index) => ({
      afterMs: (index + 8) * hourMs,
      point: "after the next hold is answered",
      downMs: 14 * minuteMs
    }))
  }
}

const kinds = [unanswered, drawnDay, hasty]
/** Days of those kinds; the last are of holds that are found late. */
const mixedDays = 8

/** How many days of payments a hunt lives at most. */
export const paymentDays = 10

/** Days of payments in which a hunt looks: of the kinds one after the other, the second as `npm run payments` draws it. */
export const paymentDay = (seed: string, day: number): Scenario =>
  (day < mixedDays ? kinds[day % kinds.length]! : foundLate)(`${seed}/${day}`)
