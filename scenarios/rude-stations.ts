import { publicPlace } from "#simulator/driver/profiles.ts"
import { faults } from "#simulator/faults/Catalogue.ts"
import { today, withProfile } from "#simulator/fleet/Mix.ts"
import { goodCards } from "./lab/cards.ts"
import type { Scenario } from "./Scenario.ts"
import { plainTariff, weekdayAtMs } from "./tariffs.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** Firmware as it should not be: wrong ids, messages that are none, and queues that are gone. */
export const rudeStations: Scenario = {
  name: "rude-stations",
  title: "Rude firmware: wrong transaction ids, stops without a start, unreadable messages, lost queues",
  shows:
    "That what a station says wrongly, unreadably or for ever stops no stranger's charge, bills nothing twice and holds up " +
    "nobody, and that the rest of what it says is taken all the same.",
  stations: 12,
  days: 1,
  startAtMs: weekdayAtMs,
  mix: withProfile(today, publicPlace),
  tariff: plainTariff,
  cards: { ...goodCards, grouped: 0.1 },
  appShare: 0.1,
  troubles: [
    { fault: faults.wrongTransactionId.make({ id: "-1" }), everyMs: 12 * hourMs, lastsMs: 30 * minuteMs },
    { fault: faults.wrongTransactionId.make({ id: "0" }), everyMs: 12 * hourMs, lastsMs: 30 * minuteMs },
    { fault: faults.wrongTransactionId.make({ id: "stale" }), everyMs: 12 * hourMs, lastsMs: 30 * minuteMs },
    { fault: faults.wrongTransactionId.make({ id: "other" }), everyMs: 12 * hourMs, lastsMs: 30 * minuteMs },
    { fault: faults.stopBeforeStart.make({}), everyMs: 8 * hourMs, lastsMs: 20 * minuteMs },
    { fault: faults.stopWithoutToken.make({}), everyMs: 8 * hourMs, lastsMs: 30 * minuteMs },
    { fault: faults.readingAfterStop.make({}), everyMs: 6 * hourMs, lastsMs: 30 * minuteMs },
    { fault: faults.stubbornRetry.make({}), everyMs: 12 * hourMs, lastsMs: 10 * minuteMs },
    { fault: faults.malformedJson.make({}), everyMs: 8 * hourMs, lastsMs: 10 * minuteMs },
    { fault: faults.oversizedFrame.make({}), everyMs: 8 * hourMs, lastsMs: 0 },
    { fault: faults.invalidUtf8.make({}), everyMs: 8 * hourMs, lastsMs: 0 },
    { fault: faults.unknownAction.make({}), everyMs: 8 * hourMs, lastsMs: 10 * minuteMs },
    { fault: faults.wrongTypes.make({}), everyMs: 8 * hourMs, lastsMs: 10 * minuteMs },
    { fault: faults.wrongSubprotocol.make({}), everyMs: 12 * hourMs, lastsMs: 10 * minuteMs },
    { fault: faults.queueLost.make({}), everyMs: 12 * hourMs, lastsMs: 20 * minuteMs },
    { fault: faults.powerCutOffline.make({ withMemory: true }), everyMs: 16 * hourMs, lastsMs: 15 * minuteMs },
    { fault: faults.powerCutOffline.make({ withMemory: false }), everyMs: 16 * hourMs, lastsMs: 15 * minuteMs }
  ],
  healedBeforeEndMs: hourMs,
  echoes: 0,
  crashes: [],
  quietWithinMs: 2 * hourMs,
  settleMs: 20 * minuteMs,
  seed: "rude-stations",
  live: null
}
