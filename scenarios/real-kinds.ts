import { publicPlace, residential, workplace } from "#simulator/driver/profiles.ts"
import { faults } from "#simulator/faults/Catalogue.ts"
import { kindOf, type Mix } from "#simulator/fleet/Mix.ts"
import { presetNames, presets } from "#simulator/station/presets/Catalogue.ts"
import { goodCards } from "./lab/cards.ts"
import type { Scenario } from "./Scenario.ts"
import { plainTariff, weekdayAtMs } from "./tariffs.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs

const profileOf = (name: string) =>
  name.includes("wallbox") || name.includes("v2x") ? residential : name.includes("twin") ? workplace : publicPlace

/** Most are tiny: what a small memory lets go happens seldom, and only where one stands. */
const weightOf = (name: string): number => (name.includes("tiny") ? 3 : 1)

const mix: Mix = presetNames.map((name) => [kindOf(presets[name], profileOf(name)), weightOf(name)] as const)

/** One of every preset and more, for a day on which nothing much goes wrong. */
export const realKinds: Scenario = {
  name: "real-kinds",
  title: "Every kind of station as real ones are: tiny memories, shared fuses, rude firmware",
  shows:
    "That what is billed does not depend on how a station says it: units, phases, repetitions, order, and what a small " +
    "memory let go.",
  stations: 12,
  days: 1,
  startAtMs: weekdayAtMs,
  mix,
  tariff: plainTariff,
  cards: { ...goodCards, grouped: 0.1 },
  appShare: 0.1,
  troubles: [
    { fault: faults.linkCut.make({}), everyMs: 8 * hourMs, lastsMs: 90 * minuteMs },
    { fault: faults.lostAnswers.make({ ratio: 0.2 }), everyMs: 6 * hourMs, lastsMs: 10 * minuteMs },
    { fault: faults.powerCut.make({ withMemory: true }), everyMs: 12 * hourMs, lastsMs: 10 * minuteMs },
    { fault: faults.reboot.make({ withMemory: true }), everyMs: 16 * hourMs, lastsMs: 0 }
  ],
  healedBeforeEndMs: hourMs,
  echoes: 0.01,
  crashes: [],
  quietWithinMs: 2 * hourMs,
  settleMs: 20 * minuteMs,
  seed: "real-kinds",
  live: {
    stations: 12,
    charges: 2,
    chargeMs: 5_000,
    troubles: [{ fault: faults.lostAnswers.make({ ratio: 0.2 }), everyMs: 6_000, lastsMs: 2_000 }]
  }
}
