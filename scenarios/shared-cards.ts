import { publicPlace } from "#simulator/driver/profiles.ts"
import { busier } from "#simulator/driver/Week.ts"
import { today } from "#simulator/fleet/Mix.ts"
import { usualManners } from "#simulator/fleet/Person.ts"
import { goodCards } from "./lab/cards.ts"
import { type Scenario, undisturbed } from "./Scenario.ts"
import { mondayAtMs, plainTariff } from "./tariffs.ts"

/** Everything that can be confused about who pays. */
export const sharedCards: Scenario = {
  ...undisturbed,
  name: "shared-cards",
  title: "Cards that many share, two ways to pay at once, and a card blocked while it charges",
  shows:
    "That the person charged is the one who paid: company cards with a limit, app and card in the same second, codes " +
    "without a contract, the wrong card first, a second card after a refusal, a mate's card at the end, and a charge " +
    "that is owed although its card was blocked in the middle of it.",
  stations: 20,
  days: 2,
  startAtMs: mondayAtMs,
  mix: today,
  tariff: plainTariff,
  cards: goodCards,
  people: {
    profile: { ...publicPlace, week: busier(0.7, publicPlace.week), personsPerPlace: 8 },
    stationsPerSite: 4,
    manners: {
      ...usualManners,
      startsBy: [
        ["card", 45],
        ["app", 15],
        ["qr", 15],
        ["cardAndApp", 25]
      ],
      wrongCardFirst: 0.2,
      stopsWithMate: 0.5
    },
    wallets: { second: 0.6, account: 0.8, mate: 0.4, fleet: { share: 0.4, drivers: 40, limit: 1 } },
    blockedMidSession: 0.15
  },
  appShare: 0,
  settings: { sampleIntervalS: 120 },
  seed: "shared-cards"
}
