import { today } from "#simulator/fleet/Mix.ts"
import { goodCards } from "./lab/cards.ts"
import { type Scenario, undisturbed } from "./Scenario.ts"
import { plainTariff, weekdayAtMs } from "./tariffs.ts"

/** Nothing goes wrong: every dialect and kind of station charges its visitors for a day. */
export const firstCharge: Scenario = {
  ...undisturbed,
  name: "first-charge",
  title: "A quiet day at a few stations of every dialect",
  shows: "The main job from boot to CDR, by card and by phone, in OCPP 1.6, 2.0.1 and 2.1, with nothing going wrong.",
  stations: 12,
  days: 1,
  startAtMs: weekdayAtMs,
  mix: today,
  tariff: plainTariff,
  cards: goodCards,
  appShare: 0.2,
  seed: "first-charge-37",
  live: { stations: 6, charges: 2, chargeMs: 4_000, troubles: [] }
}
