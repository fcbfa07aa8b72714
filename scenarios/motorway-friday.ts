import { motorway } from "#simulator/driver/profiles.ts"
import { serviceArea } from "#simulator/fleet/Mix.ts"
import { usualManners } from "#simulator/fleet/Person.ts"
import { goodCards } from "./lab/cards.ts"
import { plainWallets } from "./lab/wallets.ts"
import { type Scenario, undisturbed } from "./Scenario.ts"
import { fridayAtMs, risingAt } from "./tariffs.ts"

/** Travellers who wait in line for a fast charger. */
export const motorwayFriday: Scenario = {
  ...undisturbed,
  name: "motorway-friday",
  title: "A Friday at the motorway: queues in the afternoon, short stays, every way to pay",
  shows:
    "Turnover: a plug pulled is a plug taken within a minute, so ends and starts of one EVSE follow each other all " +
    "afternoon, and the price rises at noon.",
  stations: 20,
  days: 1,
  startAtMs: fridayAtMs,
  mix: serviceArea,
  tariff: risingAt(fridayAtMs),
  cards: goodCards,
  people: {
    profile: motorway,
    stationsPerSite: 5,
    manners: {
      ...usualManners,
      startsBy: [
        ["card", 50],
        ["app", 25],
        ["qr", 22],
        ["cardAndApp", 3]
      ]
    },
    wallets: plainWallets,
    blockedMidSession: 0
  },
  appShare: 0,
  seed: "motorway-friday"
}
