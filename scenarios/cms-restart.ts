import { publicPlace } from "#simulator/driver/profiles.ts"
import { today, withProfile } from "#simulator/fleet/Mix.ts"
import { goodCards } from "./lab/cards.ts"
import type { Crash, Scenario } from "./Scenario.ts"
import { plainTariff, weekdayAtMs } from "./tariffs.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs

const points: ReadonlyArray<Crash["point"]> = ["after the next commit", "before the next commit", "now"]

/** The server dies at the worst of moments, again and again, and comes back to the same books. */
export const cmsRestart: Scenario = {
  name: "cms-restart",
  title: "The server dies between commit and answer, and comes back",
  shows: "That nothing acknowledged is lost and nothing is billed twice, wherever a kill -9 strikes.",
  stations: 20,
  days: 1,
  startAtMs: weekdayAtMs,
  mix: withProfile(today, publicPlace),
  tariff: plainTariff,
  cards: { ...goodCards, shared: 0.1 },
  appShare: 0.1,
  troubles: [],
  healedBeforeEndMs: 0,
  echoes: 0,
  crashes: Array.from({ length: 24 }, (_, index) => ({
    afterMs: 5 * hourMs + index * 40 * minuteMs,
    point: points[index % points.length]!,
    downMs: (index % 4 === 3 ? 10 : 1) * minuteMs
  })),
  quietWithinMs: 2 * hourMs,
  settleMs: 20 * minuteMs,
  seed: "cms-restart",
  live: null
}
