import { workplace } from "#simulator/driver/profiles.ts"
import { busier } from "#simulator/driver/Week.ts"
import { carPark } from "#simulator/fleet/Mix.ts"
import { usualManners } from "#simulator/fleet/Person.ts"
import { goodCards } from "./lab/cards.ts"
import { plainWallets } from "./lab/wallets.ts"
import { type Scenario, undisturbed } from "./Scenario.ts"
import { mondayAtMs, plainTariff } from "./tariffs.ts"

/** Colleagues with plugs for a third of them. */
export const workplaceMonday: Scenario = {
  ...undisturbed,
  name: "workplace-monday",
  title: "A Monday at work: everybody at eight, a line for the plugs, cars that stay",
  shows:
    "Lines in order of arrival, cars with timers, pauses and warm cabins, cables and phases of every kind, and drivers who " +
    "come back late: parking is billed, and no energy after the battery is full but the cabin's.",
  stations: 24,
  days: 1,
  startAtMs: mondayAtMs,
  mix: carPark,
  tariff: plainTariff,
  cards: goodCards,
  people: {
    profile: { ...workplace, week: busier(2, workplace.week), personsPerPlace: 6 },
    stationsPerSite: 8,
    manners: { ...usualManners, delaysStart: 0.15, pauses: 0.1, refuses: 0.03, warmsCabin: 0.3 },
    wallets: plainWallets,
    blockedMidSession: 0
  },
  appShare: 0,
  settings: { sampleIntervalS: 120 },
  seed: "workplace-monday"
}
