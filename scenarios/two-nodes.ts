import { publicPlace } from "#simulator/driver/profiles.ts"
import { faults } from "#simulator/faults/Catalogue.ts"
import { today, withProfile } from "#simulator/fleet/Mix.ts"
import { goodCards } from "./lab/cards.ts"
import type { Crash, Scenario } from "./Scenario.ts"
import { plainTariff, weekdayAtMs } from "./tariffs.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs

const points: ReadonlyArray<Crash["point"]> = ["now", "after the next commit", "before the next commit"]

/** Two servers over one database, and stations that come back to the other one in the middle of a charge. */
export const twoNodes: Scenario = {
  name: "two-nodes",
  title: "Two nodes over one database: stations change sides while they charge, and a node dies",
  shows:
    "That a station has one owner and a charge one bill, whichever node hears the next message of it: reconnects to the other " +
    "node, an old socket there that is not closed yet, a node that dies and leaves its stations to the other, cards at " +
    "their limit at stations of both, and operations asked of the node that does not hold the station.",
  stations: 24,
  days: 1,
  startAtMs: weekdayAtMs,
  mix: withProfile(today, publicPlace),
  tariff: plainTariff,
  cards: { ...goodCards, shared: 0.3 },
  appShare: 0.3,
  nodes: 2,
  troubles: [
    { fault: faults.disconnect.make(), everyMs: hourMs, lastsMs: 0 },
    { fault: faults.halfOpen.make(), everyMs: 2 * hourMs, lastsMs: 3 * minuteMs },
    { fault: faults.twoSockets.make(), everyMs: 3 * hourMs, lastsMs: minuteMs }
  ],
  healedBeforeEndMs: hourMs,
  echoes: 0,
  crashes: Array.from({ length: 12 }, (_, index) => ({
    afterMs: 5 * hourMs + index * 80 * minuteMs,
    point: points[index % points.length]!,
    downMs: (index % 4 === 3 ? 20 : 2) * minuteMs,
    node: index % 2 === 0 ? 1 : 2
  })),
  quietWithinMs: 2 * hourMs,
  settleMs: 20 * minuteMs,
  seed: "two-nodes",
  live: null
}
