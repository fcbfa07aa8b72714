import { publicPlace } from "#simulator/driver/profiles.ts"
import { faults } from "#simulator/faults/Catalogue.ts"
import { carPark, type Mix, today, withProfile } from "#simulator/fleet/Mix.ts"
import type { OcpiTariff } from "#simulator/oracles/SlowRater.ts"
import { goodCards } from "./lab/cards.ts"
import type { PriceAct, Scenario } from "./Scenario.ts"
import { plainTariff, weekdayAtMs } from "./tariffs.ts"

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** Energy and a fee; every price of the day is another, so that a bill tells which it was made by. */
const priced = (id: string, perKwh: number, fee: number): OcpiTariff => ({
  id,
  currency: "EUR",
  tax_included: "NO",
  elements: [
    {
      price_components: [
        { type: "ENERGY", price: perKwh / 100, vat: 19, step_size: 1 },
        { type: "FLAT", price: fee / 100, vat: 19 }
      ]
    }
  ]
})

const partner = "DE*ABC"

/** Posts whose charges begin with the plug: what one costs is known when somebody shows a card. */
const plugFirst: Mix = carPark
  .filter(([{ settings }]) => settings?.txStartPoint === "EVConnected")
  .map(([kind]) => [kind, 8])

const planned: ReadonlyArray<PriceAct> = [
  { afterMs: 0, do: "publish", tariff: priced("HARBOUR", 41, 11) },
  { afterMs: 0, do: "publish", tariff: priced("STAFF", 19, 1) },
  { afterMs: 0, do: "publish", tariff: priced("ROAMING", 66, 21) },
  { afterMs: 0, do: "publish", tariff: priced("GUESTS", 29, 5) },
  { afterMs: 0, do: "publish", tariff: priced("SPECIAL", 37, 3) },
  { afterMs: 0, do: "publish", tariff: priced("PEAK", 71, 6) },
  { afterMs: 1.5 * hourMs, do: "assign", to: { groupId: "guests" }, tariffId: "SPECIAL" },
  { afterMs: 2 * hourMs, do: "assign", to: { siteId: "harbour" }, tariffId: "HARBOUR" },
  { afterMs: 3 * hourMs, do: "assign", to: { groupId: "staff" }, tariffId: "STAFF" },
  { afterMs: 4 * hourMs, do: "assign", to: { partnerId: partner }, tariffId: "ROAMING" },
  { afterMs: 5 * hourMs, do: "assign", to: { station: 1, evseId: 1 }, tariffId: "SPECIAL" },
  { afterMs: 6 * hourMs, do: "assign", to: { siteId: "hill", groupId: "guests" }, tariffId: "GUESTS" },
  // The default gets dearer, and the harbour's is scheduled twice and published once between.
  { afterMs: 7 * hourMs, do: "publish", tariff: { ...priced("STANDARD", 55, 40) } },
  { afterMs: 8 * hourMs, do: "publish", tariff: priced("HARBOUR", 43, 12), fromAfterMs: 13 * hourMs },
  { afterMs: 8 * hourMs, do: "publish", tariff: priced("HARBOUR", 44, 13), fromAfterMs: 15 * hourMs },
  { afterMs: 9 * hourMs, do: "publish", tariff: priced("HARBOUR", 42, 14) },
  { afterMs: 10 * hourMs, do: "join", groupId: "staff", who: { every: 3 } },
  // Taken back, and given again.
  { afterMs: 10.5 * hourMs, do: "assign", to: { siteId: "harbour" }, tariffId: null },
  { afterMs: 11 * hourMs, do: "retire", tariffId: "STAFF", version: 1 },
  { afterMs: 12 * hourMs, do: "publish", tariff: priced("STAFF", 18, 2) },
  { afterMs: 12.5 * hourMs, do: "assign", to: { siteId: "harbour" }, tariffId: "HARBOUR" },
  { afterMs: 13 * hourMs, do: "assign", to: { groupId: "staff" }, tariffId: null },
  { afterMs: 14 * hourMs, do: "assign", to: { station: 2 }, tariffId: "SPECIAL" },
  { afterMs: 14 * hourMs, do: "assign", to: { siteId: "harbour", partnerId: partner }, tariffId: "HARBOUR" },
  { afterMs: 15.5 * hourMs, do: "assign", to: { groupId: "staff" }, tariffId: "STAFF" },
  { afterMs: 16 * hourMs, do: "retire", tariffId: "HARBOUR", version: 3 },
  { afterMs: 17 * hourMs, do: "leave", groupId: "staff", who: { every: 2 } },
  { afterMs: 18 * hourMs, do: "assign", to: { partnerId: partner }, tariffId: null },
  { afterMs: 19 * hourMs, do: "retire", tariffId: "SPECIAL", version: 1 },
  { afterMs: 20.5 * hourMs, do: "assign", to: {}, tariffId: "GUESTS" }
]

/**
 * The default goes to and fro, and drivers into a group and out of it, so often that whoever was cut off tells of starts
 * under another price than that of now.
 */
const toAndFro: ReadonlyArray<PriceAct> = Array.from({ length: 36 }, (_, turn): ReadonlyArray<PriceAct> => {
  const afterMs = (turn + 4) * 30 * minuteMs + 5 * minuteMs
  return [
    { afterMs, do: "assign", to: {}, tariffId: turn % 2 === 0 ? "PEAK" : "STANDARD" },
    { afterMs, do: turn % 2 === 0 ? "join" : "leave", groupId: "guests", who: { every: 2 } }
  ]
}).flat()

/** Prices that change all day under running sessions: published, scheduled, called off, retired, assigned and taken back. */
export const tariffSwitch: Scenario = {
  name: "tariff-switch",
  title: "Prices are published, scheduled, retired and assigned in the middle of sessions",
  shows:
    "That each session is billed by what held at its start for its driver at its EVSE, by the station's own clock: the " +
    "precedence of partner, groups, EVSE, station, site and default, told late by stations that were offline.",
  stations: 16,
  days: 1,
  startAtMs: weekdayAtMs,
  mix: withProfile([...today, ...plugFirst], publicPlace),
  tariff: plainTariff,
  cards: goodCards,
  prices: {
    sites: [{ id: "harbour", timeZone: "Europe/Berlin" }, { id: "hill", timeZone: "Europe/Lisbon" }, null],
    groups: ["staff", "guests", null],
    partners: [partner, null],
    acts: [...planned, ...toAndFro].toSorted((a, b) => a.afterMs - b.afterMs)
  },
  appShare: 0.1,
  settings: { allowOfflineForUnknown: true },
  troubles: [{ fault: faults.linkCut.make(), everyMs: 4 * hourMs, lastsMs: 50 * minuteMs }],
  healedBeforeEndMs: hourMs,
  echoes: 0,
  crashes: [
    { afterMs: 9.5 * hourMs, point: "now", downMs: 5 * minuteMs },
    { afterMs: 16.5 * hourMs, point: "now", downMs: 20 * minuteMs }
  ],
  quietWithinMs: 2 * hourMs,
  settleMs: 20 * minuteMs,
  seed: "tariff-switch",
  live: null
}
