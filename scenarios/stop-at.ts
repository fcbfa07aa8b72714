import { publicPlace } from "#simulator/driver/profiles.ts"
import { busier } from "#simulator/driver/Week.ts"
import { type Kind, serviceArea, street } from "#simulator/fleet/Mix.ts"
import { usualManners } from "#simulator/fleet/Person.ts"
import { goodCards } from "./lab/cards.ts"
import { type Scenario, undisturbed } from "./Scenario.ts"
import { mondayAtMs, plainTariff } from "./tariffs.ts"

const hourMs = 3_600_000

/** By how much the clocks of some kinds are ahead: nobody set them, or to local time. */
const aheadMs: Readonly<Record<string, number>> = {
  "fast 2.0.1": -3 * hourMs,
  "fast 2.1": -5 * hourMs,
  "kerb 1.6": -hourMs,
  "kerb 2.0.1": 2 * hourMs
}

const withClock = (kind: Kind): Kind => ({
  ...kind,
  habits: { ...kind.habits, clockSkewMs: aheadMs[kind.name] ?? 0 }
})

/** Everybody orders by phone, and most say how far their charge is to go. */
export const stopAt: Scenario = {
  ...undisturbed,
  name: "stop-at",
  title: "Charges ordered with a limit of energy, time or money, and drivers who change their mind",
  shows:
    "That a charge ends where its driver wanted it to, not noticeably before and not beyond: slow and fast, at stations that " +
    "keep a limit themselves and at all others, whose clocks are hours off as well, with what was said last, and whatever " +
    "server was there when it was ordered.",
  stations: 9,
  days: 1,
  startAtMs: mondayAtMs,
  mix: [...serviceArea, ...street].map(([kind, weight]) => [withClock(kind), weight] as const),
  tariff: plainTariff,
  cards: goodCards,
  people: {
    profile: { ...publicPlace, week: busier(1, publicPlace.week), personsPerPlace: 8, stopsByCard: 0 },
    stationsPerSite: 3,
    manners: { ...usualManners, startsBy: [["app", 1]], wrongCardFirst: 0, triesSecond: 0 },
    wallets: { second: 0, account: 1, mate: 0, fleet: { share: 0, drivers: 1, limit: null } },
    blockedMidSession: 0
  },
  wishes: { share: 0.85, wh: [500, 20_000], minutes: [4, 60], minor: [120, 900], changes: 0.4 },
  appShare: 0,
  settings: { sampleIntervalS: 60 },
  crashes: [
    { afterMs: 9 * hourMs, point: "after the next bill is written", downMs: 20_000 },
    { afterMs: 15 * hourMs, point: "before the next bill is written", downMs: 20_000 }
  ],
  seed: "stop-at"
}
