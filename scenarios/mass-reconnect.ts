import { publicPlace } from "#simulator/driver/profiles.ts"
import { faults } from "#simulator/faults/Catalogue.ts"
import { today, withProfile } from "#simulator/fleet/Mix.ts"
import { goodCards } from "./lab/cards.ts"
import type { Scenario } from "./Scenario.ts"
import { plainTariff, weekdayAtMs } from "./tariffs.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** All stations are gone at one instant and back at another, with a queue each. */
export const massReconnect: Scenario = {
  name: "mass-reconnect",
  title: "All stations fall off the network together and return together",
  shows:
    "That a wave of connections, each with its offline queue, is taken in without loss and without refusing anybody.",
  stations: 200,
  days: 1,
  startAtMs: weekdayAtMs,
  mix: withProfile(today, publicPlace),
  tariff: plainTariff,
  cards: goodCards,
  appShare: 0.05,
  troubles: [
    { fault: faults.linkCut.make(), everyMs: 6 * hourMs, lastsMs: 40 * minuteMs, together: true },
    { fault: faults.disconnect.make(), everyMs: 3 * hourMs, lastsMs: 0, together: true }
  ],
  healedBeforeEndMs: hourMs,
  echoes: 0,
  crashes: [{ afterMs: 12 * hourMs, point: "now", downMs: 2 * minuteMs }],
  quietWithinMs: 2 * hourMs,
  settleMs: 20 * minuteMs,
  seed: "mass-reconnect",
  live: null
}
