import { residential } from "#simulator/driver/profiles.ts"
import { street } from "#simulator/fleet/Mix.ts"
import { usualManners } from "#simulator/fleet/Person.ts"
import { goodCards } from "./lab/cards.ts"
import { plainWallets } from "./lab/wallets.ts"
import { type Scenario, undisturbed } from "./Scenario.ts"
import { fridayAtMs, plainTariff } from "./tariffs.ts"

/** Neighbours who share the posts of their street. */
export const residentialWeekEnd: Scenario = {
  ...undisturbed,
  name: "residential-week-end",
  title: "A street from Friday to Sunday: the same cars come back with what they have left",
  shows:
    "Batteries that remember from day to day, charges that run over midnight, timers, and neighbours who leave the plug in " +
    "all night while others wait.",
  stations: 20,
  days: 3,
  startAtMs: fridayAtMs,
  mix: street,
  tariff: plainTariff,
  cards: goodCards,
  people: {
    profile: residential,
    stationsPerSite: 4,
    manners: { ...usualManners, delaysStart: 0.3, warmsCabin: 0.2 },
    wallets: { ...plainWallets, mate: 0.4 },
    blockedMidSession: 0
  },
  appShare: 0,
  settings: { sampleIntervalS: 300 },
  seed: "residential-week-end"
}
