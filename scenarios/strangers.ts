import type { Profile } from "#simulator/driver/Arrivals.ts"
import { publicPlace } from "#simulator/driver/profiles.ts"
import { today, withProfile } from "#simulator/fleet/Mix.ts"
import { type Scenario, undisturbed } from "./Scenario.ts"
import { plainTariff, weekdayAtMs } from "./tariffs.ts"

const suspicious: Profile = {
  ...publicPlace,
  name: "strangers",
  cards: [
    ["valid", 50],
    ["wrong", 20],
    ["expired", 15],
    ["blocked", 15]
  ],
  hasSecondCard: 0.3
}

/** Every kind of card that is not good, not here, not any more, or not twice. */
export const strangers: Scenario = {
  ...undisturbed,
  name: "strangers",
  title: "Bad cards of every kind: unknown, expired, blocked, elsewhere, shared",
  shows:
    "Who is let in and who is not: cards that expire or are blocked in the middle of the day, one card at two places, " +
    "a card of the same group at the end, cards for other stations, and what is never billed.",
  stations: 20,
  days: 1,
  startAtMs: weekdayAtMs,
  mix: withProfile(today, suspicious),
  tariff: plainTariff,
  cards: { expiring: 0.2, blockedDuring: 0.2, shared: 0.2, grouped: 0.2 },
  appShare: 0.1,
  settings: { localPreAuthorize: true },
  seed: "strangers"
}
