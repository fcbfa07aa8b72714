import { depot } from "#simulator/driver/profiles.ts"
import { yard } from "#simulator/fleet/Mix.ts"
import { usualManners } from "#simulator/fleet/Person.ts"
import { goodCards } from "./lab/cards.ts"
import { type Scenario, undisturbed } from "./Scenario.ts"
import { mondayAtMs, plainTariff } from "./tariffs.ts"

/** Delivery vans on fixed shifts. */
export const depotNight: Scenario = {
  ...undisturbed,
  name: "depot-night",
  title: "Two nights in a depot: vans come back in waves, on few cards, and must be full at half past five",
  shows:
    "Waves of starts within minutes on company cards that many drivers share, charges over midnight, and a morning in " +
    "which everybody leaves at once.",
  stations: 24,
  days: 2,
  startAtMs: mondayAtMs,
  mix: yard,
  tariff: plainTariff,
  cards: goodCards,
  people: {
    profile: depot,
    stationsPerSite: 12,
    manners: { ...usualManners, startsBy: [["card", 1]], warmsCabin: 0.8 },
    wallets: { second: 0, account: 0, mate: 0, fleet: { share: 1, drivers: 12, limit: null } },
    blockedMidSession: 0
  },
  appShare: 0,
  settings: { sampleIntervalS: 300 },
  seed: "depot-night"
}
