import { motorway } from "#simulator/driver/profiles.ts"
import { faults } from "#simulator/faults/Catalogue.ts"
import { today, withProfile } from "#simulator/fleet/Mix.ts"
import type { OcpiTariff } from "#simulator/oracles/SlowRater.ts"
import { goodCards } from "./lab/cards.ts"
import type { Scenario } from "./Scenario.ts"

const hourMs = 3_600_000

const time = (price: number, start_time: string, end_time: string): OcpiTariff["elements"][number] => ({
  price_components: [
    { type: "TIME", price, vat: 19, step_size: 60 },
    { type: "FLAT", price: price / 4, vat: 19 }
  ],
  restrictions: { start_time, end_time }
})

/** Prices that turn within the skipped and the repeated hour, and parking that is free at night. */
const byNight: OcpiTariff = {
  id: "NIGHT",
  version: 1,
  currency: "EUR",
  tax_included: "NO",
  elements: [
    time(1.2, "00:00", "01:00"),
    time(7.2, "01:00", "01:45"),
    time(3.6, "01:45", "02:15"),
    time(14.4, "02:15", "02:45"),
    time(2.4, "02:45", "03:00"),
    time(4.8, "03:00", "04:30"),
    {
      price_components: [{ type: "PARKING_TIME", price: 6, vat: 19, step_size: 60 }],
      restrictions: { start_time: "06:00", end_time: "01:30" }
    },
    {
      price_components: [
        { type: "ENERGY", price: 0.49, vat: 19, step_size: 1 },
        { type: "TIME", price: 0.6, vat: 19, step_size: 60 },
        { type: "FLAT", price: 0.35, vat: 19 }
      ]
    }
  ]
}

/** From three hours before local midnight to the evening after it. */
const night = (
  name: string,
  timeZone: string,
  midnightAtMs: number,
  words: Pick<Scenario, "title" | "shows">
): Scenario => ({
  ...words,
  name,
  stations: 10,
  days: 1,
  startAtMs: midnightAtMs - 3 * hourMs,
  mix: withProfile(today, motorway),
  tariff: [byNight],
  cards: goodCards,
  prices: { sites: [{ id: "site", timeZone }], groups: [], partners: [], acts: [] },
  appShare: 0.1,
  // Clocks that take the change themselves, an hour off until somebody sets them right.
  troubles: [{ fault: faults.clockDst.make({}), everyMs: 8 * hourMs, lastsMs: 2 * hourMs, share: 0.3 }],
  healedBeforeEndMs: hourMs,
  echoes: 0,
  crashes: [],
  quietWithinMs: 2 * hourMs,
  settleMs: 20 * 60_000,
  seed: name,
  live: null
})

/** The night in October: in Berlin the hour from two to three comes twice. */
export const dstNight = night("dst-night", "Europe/Berlin", Date.UTC(2026, 9, 24, 22), {
  title: "The night that has an hour twice, with prices that turn within it",
  shows:
    "That prices follow the wall clock of the place: in the repeated hour they turn twice. To the cent, by a second rater."
})

/** The night in March: in Berlin two o'clock is three. */
export const dstNightSpring = night("dst-night-spring", "Europe/Berlin", Date.UTC(2026, 2, 28, 23), {
  title: "The night that lacks an hour, with prices that would have turned within it",
  shows: "That a price whose window lies in the skipped hour never holds, and the one behind it does at once."
})

/** Lord Howe Island moves its clocks by half an hour: in April the time from half past one to two comes twice. */
export const dstNightHalf = night("dst-night-half", "Australia/Lord_Howe", Date.UTC(2026, 3, 4, 13), {
  title: "A night with half an hour twice, on the one island that does so",
  shows:
    "That a change of clocks need not be an hour: windows are cut where the wall clock is, not where an hour is added."
})
