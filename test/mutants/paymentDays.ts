import { payday } from "#scenarios/payday.ts"
import type { PaymentPlan, Scenario } from "#scenarios/Scenario.ts"
import { plainTariff } from "#scenarios/tariffs.ts"
import { paymentFaults } from "#simulator/psp/faults.ts"
import { drawnDay, smallDay } from "../scenarios/payments/day.ts"

const minuteMs = 60_000

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

/** Days of payments in which a hunt looks: of the two kinds one after the other, and drawn as `npm run payments` draws them. */
export const paymentDay = (seed: string, day: number): Scenario =>
  day % 2 === 0 ? unanswered(`${seed}/${day}`) : drawnDay(`${seed}/${day}`)
