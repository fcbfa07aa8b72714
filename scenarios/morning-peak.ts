import { workplace } from "#simulator/driver/profiles.ts"
import { today, withProfile } from "#simulator/fleet/Mix.ts"
import { goodCards } from "./lab/cards.ts"
import { type Scenario, undisturbed } from "./Scenario.ts"
import { risingTariff, weekdayAtMs } from "./tariffs.ts"

/** Hundreds of stations that all wake up between seven and ten. */
export const morningPeak: Scenario = {
  ...undisturbed,
  name: "morning-peak",
  title: "Hundreds of stations at work: everybody comes between seven and ten",
  shows: "Load in every dialect at once, long stays after the battery is full, and a price that rises at noon.",
  stations: 300,
  days: 1,
  startAtMs: weekdayAtMs,
  mix: withProfile(today, workplace),
  tariff: risingTariff,
  cards: { ...goodCards, shared: 0.05, grouped: 0.1 },
  appShare: 0.1,
  seed: "morning-peak"
}
