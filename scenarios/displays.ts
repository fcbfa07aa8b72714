import { publicPlace } from "#simulator/driver/profiles.ts"
import { faults } from "#simulator/faults/Catalogue.ts"
import { type Kind, kindOf, type Mix, serviceArea, street, withProfile } from "#simulator/fleet/Mix.ts"
import type { OcpiTariff } from "#simulator/oracles/SlowRater.ts"
import { catalogue as hardware } from "#simulator/station/Hardware.ts"
import { presets } from "#simulator/station/presets/Catalogue.ts"
import { goodCards } from "./lab/cards.ts"
import { type Scenario, undisturbed } from "./Scenario.ts"
import { mondayAtMs } from "./tariffs.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs

const energy = (price: number) => ({ type: "ENERGY" as const, price, vat: 19 })

/** Energy turns dearer and cheaper again in the course of the day, parking costs after an hour; no steps, so that 2.1 can say it. */
export const turningTariff: ReadonlyArray<OcpiTariff> = [
  {
    id: "TURNING",
    version: 1,
    currency: "EUR",
    tax_included: "NO",
    elements: [
      { restrictions: { start_time: "07:00", end_time: "09:30" }, price_components: [energy(0.62)] },
      { restrictions: { start_time: "17:00", end_time: "20:15" }, price_components: [energy(0.71)] },
      { restrictions: { start_time: "22:00", end_time: "06:00" }, price_components: [energy(0.29)] },
      {
        price_components: [
          energy(0.45),
          { type: "TIME", price: 0.6, vat: 19 },
          { type: "PARKING_TIME", price: 6, vat: 19 },
          { type: "FLAT", price: 0.35, vat: 7 }
        ]
      }
    ]
  }
]

/** A display for each of two fast outputs. */
const kiosk21: Kind = {
  name: "kiosk 2.1",
  hardware: hardware.fast150,
  dialects: ["2.1", "2.0.1"],
  profile: publicPlace,
  habits: { afterPowerCut: "resume", display: "told", bootMs: 60_000 }
}

/** The same, pricing by itself: it is given the tariff, and tells its own figure with the end. */
export const till21: Kind = {
  ...kiosk21,
  name: "till 2.1",
  dialects: ["2.1"],
  habits: { ...kiosk21.habits, display: "own", keepsLimits: ["energy", "time", "cost"] }
}

/** Chargers with a display, of each dialect, and posts and wallboxes without. */
const shown: Mix = [
  [kindOf(presets["duo-50-16"], publicPlace), 3],
  [kindOf(presets["hyper-300-201"], publicPlace), 3],
  [kiosk21, 2],
  [till21, 3],
  ...withProfile([...serviceArea, ...street], publicPlace).map(([kind]) => [kind, 0.4] as const)
]

/** Drivers who look at the display while the price turns, the line breaks and the server dies. */
export const displays: Scenario = {
  ...undisturbed,
  name: "displays",
  title: "Drivers read the cost off the station, while prices turn, lines break and the server restarts",
  shows:
    "That a display in 1.6, 2.0.1 and 2.1 never shows a cost but the tariff's price of what was measured until then, still so " +
    "after a reconnect; that what it shows at the end is the bill, at once; and that stations without one are told nothing. " +
    "That a 2.1 station that prices by itself, under the tariff it was given before or in the midst of a charge, comes to the " +
    "same, and ends a charge at the cost that its driver allowed.",
  stations: 12,
  days: 1,
  startAtMs: mondayAtMs,
  mix: shown,
  tariff: turningTariff,
  cards: { ...goodCards, blockedDuring: 0.05 },
  displays: { askAfterMs: 5 * minuteMs },
  wishes: { share: 0.7, wh: [2_000, 30_000], minutes: [5, 60], minor: [150, 1_500], changes: 0.6 },
  appShare: 0.4,
  settings: { sampleIntervalS: 60 },
  troubles: [{ fault: faults.linkCut.make(), everyMs: 3 * hourMs, lastsMs: 12 * minuteMs }],
  healedBeforeEndMs: hourMs,
  crashes: [
    { afterMs: 8 * hourMs, point: "after the next commit", downMs: 20_000 },
    { afterMs: 10 * hourMs, point: "after the next bill is written", downMs: 20_000 },
    { afterMs: 11.5 * hourMs, point: "after the next bill is written", downMs: minuteMs },
    { afterMs: 13 * hourMs, point: "before the next commit", downMs: 20_000 },
    { afterMs: 15 * hourMs, point: "after the next bill is written", downMs: 20_000 },
    { afterMs: 16.9 * hourMs, point: "now", downMs: 8 * minuteMs },
    { afterMs: 17.5 * hourMs, point: "after the next bill is written", downMs: 20_000 },
    { afterMs: 19 * hourMs, point: "after the next bill is written", downMs: 20_000 }
  ],
  seed: "displays"
}
