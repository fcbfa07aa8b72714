import { publicPlace } from "#simulator/driver/profiles.ts"
import { faults } from "#simulator/faults/Catalogue.ts"
import { today, withProfile } from "#simulator/fleet/Mix.ts"
import { goodCards } from "./lab/cards.ts"
import type { Scenario } from "./Scenario.ts"
import { plainTariff, weekdayAtMs } from "./tariffs.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** Stations that lose power or crash in the middle of a charge, with a memory and without. */
export const powerCut: Scenario = {
  name: "power-cut",
  title: "Stations lose power or crash in the middle of a charge",
  shows:
    "That what a station remembers is billed to the watt-hour, and that what it forgot is closed and billed by the " +
    "readings that were kept, never by more.",
  stations: 20,
  days: 1,
  startAtMs: weekdayAtMs,
  mix: withProfile(today, publicPlace),
  tariff: plainTariff,
  cards: goodCards,
  appShare: 0.1,
  troubles: [
    { fault: faults.powerCut.make({ withMemory: true }), everyMs: 5 * hourMs, lastsMs: 10 * minuteMs },
    { fault: faults.powerCut.make({ withMemory: false }), everyMs: 8 * hourMs, lastsMs: 10 * minuteMs },
    { fault: faults.reboot.make({ withMemory: true }), everyMs: 8 * hourMs, lastsMs: 0 },
    { fault: faults.reboot.make({ withMemory: false }), everyMs: 12 * hourMs, lastsMs: 0 },
    { fault: faults.linkCut.make(), everyMs: 8 * hourMs, lastsMs: 20 * minuteMs }
  ],
  healedBeforeEndMs: hourMs,
  echoes: 0,
  crashes: [],
  quietWithinMs: 2 * hourMs,
  settleMs: 20 * minuteMs,
  seed: "power-cut",
  live: null
}
