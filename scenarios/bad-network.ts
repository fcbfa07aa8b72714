import { publicPlace } from "#simulator/driver/profiles.ts"
import { faults } from "#simulator/faults/Catalogue.ts"
import { today, withProfile } from "#simulator/fleet/Mix.ts"
import { goodCards } from "./lab/cards.ts"
import type { Scenario } from "./Scenario.ts"
import { plainTariff, weekdayAtMs } from "./tariffs.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** A network that changes the order of things: what was said first arrives last, and answers nobody waits for any more. */
export const badNetwork: Scenario = {
  name: "bad-network",
  title: "Messages that overtake each other, answers after their timeout, half frames, readers that do not read",
  shows:
    "That the same messages make the same charge in any order, that half a message says nothing, and that an answer lost on " +
    "a broken connection is given again on the next.",
  stations: 12,
  days: 1,
  startAtMs: weekdayAtMs,
  mix: withProfile(today, publicPlace),
  tariff: plainTariff,
  cards: { ...goodCards, shared: 0.1 },
  appShare: 0.1,
  habits: { retryMessageId: "new" },
  troubles: [
    { fault: faults.reorder.make({ holdMs: 5_000 }), everyMs: 4 * hourMs, lastsMs: 30 * minuteMs },
    { fault: faults.reorder.make({ holdMs: 45_000 }), everyMs: 6 * hourMs, lastsMs: 20 * minuteMs },
    { fault: faults.lateAnswers.make({}), everyMs: 4 * hourMs, lastsMs: 20 * minuteMs },
    { fault: faults.cutMidFrame.make({}), everyMs: 4 * hourMs, lastsMs: 20 * minuteMs },
    { fault: faults.cutBeforeAnswer.make({}), everyMs: 4 * hourMs, lastsMs: 20 * minuteMs },
    { fault: faults.slowReader.make({}), everyMs: 6 * hourMs, lastsMs: 10 * minuteMs },
    { fault: faults.massDisconnect.make({}), everyMs: 4 * hourMs, lastsMs: 0, together: true }
  ],
  healedBeforeEndMs: hourMs,
  echoes: 0.02,
  crashes: [],
  quietWithinMs: 2 * hourMs,
  settleMs: 20 * minuteMs,
  seed: "bad-network",
  live: null
}
