import { assert, describe, it } from "@effect/vitest"
import { type Assignment, network, type Slot, slotFault, slotKey } from "#core/tariff/assign/Assignment.ts"
import { explainLadder, ladder, type Payer, rungsAt, type Spot } from "#core/tariff/assign/ladder.ts"
import type { TariffVersion } from "#core/tariff/life.ts"
import fc from "#test/support/fastCheck.ts"
import { energyPrice, tariffOf } from "../fixtures.ts"

const spot: Spot = { stationId: "S", evseId: 2, siteId: "yard" }
const at = (more: Partial<Slot>): Slot => ({ ...network, ...more })
const station = { stationId: "S" }
const evse = { ...station, evseId: 2 }
const site = { siteId: "yard" }
const staff = { groupId: "staff" }
const guests = { groupId: "guests" }
const partner = { partnerId: "DE*ABC" }
const payer: Payer = { groups: ["guests", "staff"], partnerId: "DE*ABC" }

/** Each pair: what decides, and what it is before. */
const precedence: ReadonlyArray<readonly [string, Partial<Slot>, Partial<Slot>]> = [
  ["a partner's agreement anywhere comes before a group's at the very EVSE", partner, { ...evse, ...staff }],
  ["a partner's agreement at the EVSE before one at the station", { ...evse, ...partner }, { ...station, ...partner }],
  ["a partner's agreement at the station before one at the site", { ...station, ...partner }, { ...site, ...partner }],
  ["a partner's agreement at the site before one anywhere", { ...site, ...partner }, partner],
  ["a group's agreement anywhere before the price of the EVSE", staff, evse],
  ["a group's agreement at the site before another group's anywhere", { ...site, ...staff }, guests],
  ["of two groups at one place the one whose id comes first", guests, staff],
  ["a group's agreement at the EVSE before one at the station", { ...evse, ...staff }, { ...station, ...staff }],
  ["the EVSE before the station", evse, station],
  ["the station before the site", station, site],
  ["the site before the default", site, {}]
]

const assigned = (...slots: ReadonlyArray<Partial<Slot>>): ReadonlyArray<Assignment> =>
  slots.map((slot, index) => ({ slot: at(slot), sinceMs: 0, tariffId: `T${index}` }))

const first = (assignments: ReadonlyArray<Assignment>, who: Payer = payer, atMs = 10): string | undefined =>
  rungsAt(who, spot, assignments, atMs)[0]?.tariffId

describe("which of two assigned tariffs holds", () => {
  it.each(precedence)("%s", (_, winner, loser) => {
    assert.strictEqual(first(assigned(winner, loser)), "T0")
    assert.strictEqual(first(assigned(loser, winner)), "T1")
  })

  it.each<readonly [string, Partial<Slot>]>([
    ["another EVSE", { ...station, evseId: 1 }],
    ["another station", { stationId: "T" }],
    ["another site", { siteId: "port" }],
    ["a group that the driver is not in", { groupId: "others" }],
    ["another partner", { partnerId: "DE*XYZ" }]
  ])("not what is meant for %s", (_, slot) => {
    assert.isUndefined(first(assigned(slot)))
  })

  it("what the slot had at the instant: from its own on, until the next, and nothing where it was taken back", () => {
    const slot = at(site)
    const history = [
      { slot, sinceMs: 10, tariffId: "A" },
      { slot, sinceMs: 20, tariffId: "B" },
      { slot, sinceMs: 30, tariffId: null }
    ]
    const held = [9, 10, 19, 20, 30].map((atMs) => first(history, payer, atMs))
    assert.deepStrictEqual(held, [undefined, "A", "A", "B", undefined])
  })
})

const slots = fc
  .record({
    stationId: fc.constantFrom(null, "S", "T"),
    evseId: fc.constantFrom(null, 1, 2),
    siteId: fc.constantFrom(null, "yard", "port"),
    groupId: fc.constantFrom(null, "guests", "staff", "others"),
    partnerId: fc.constantFrom(null, "DE*ABC", "DE*XYZ")
  })
  .filter((slot) => slotFault(slot) === null)

const assignments = fc
  .array(fc.record({ slot: slots, sinceMs: fc.nat(9), tariffId: fc.constantFrom(null, "A", "B", "C") }), {
    maxLength: 40
  })
  .map((all) => {
    const each = new Map(all.map((it) => [`${slotKey(it.slot)}|${it.sinceMs}`, it]))
    return [...each.values()].sort((a, b) => a.sinceMs - b.sinceMs)
  })

const payers = fc.record({
  groups: fc.subarray(["guests", "others", "staff"]),
  partnerId: fc.constantFrom(null, "DE*ABC")
})

it("the rungs are those of the ladder, in its order, each with what its slot had then", () => {
  fc.assert(
    fc.property(payers, assignments, fc.nat(10), fc.constantFrom(null, "yard"), (who, all, atMs, siteId) => {
      const place = { ...spot, siteId }
      const slow = ladder(who, place).flatMap((slot) => {
        const newest = all.findLast((it) => slotKey(it.slot) === slotKey(slot) && it.sinceMs <= atMs)
        return newest === undefined || newest.tariffId === null ? [] : [{ slot, tariffId: newest.tariffId }]
      })
      assert.deepStrictEqual(rungsAt(who, place, all, atMs), slow)
    }),
    { seed: 9, numRuns: 500 }
  )
})

describe("the ladder explained", () => {
  const version = (id: string, number: number, more: Partial<TariffVersion> = {}): TariffVersion => ({
    ...tariffOf([energyPrice(0.5)], { id, version: number }),
    retiredAtMs: null,
    ...more
  })

  it("passes over a tariff without a valid version, and tells what the others were", () => {
    const all = assigned({ ...site, ...staff }, station, {})
    const versions = new Map([
      ["T0", [version("T0", 1, { retiredAtMs: 5 })]],
      ["T1", [version("T1", 1), version("T1", 2, { startAtMs: 8 })]],
      ["T2", [version("T2", 1)]]
    ])
    const who = { groups: ["staff"], partnerId: null }
    const { chosen, steps } = explainLadder(who, spot, all, (id) => versions.get(id) ?? [], 10)
    assert.deepInclude(chosen, { id: "T1", version: 2 })
    assert.deepStrictEqual(
      steps.filter((step) => step.outcome !== "unassigned").map((step) => [step.tariffId, step.version, step.outcome]),
      [
        ["T0", null, "no valid version"],
        ["T1", 2, "decides"],
        ["T2", 1, "outranked"]
      ]
    )
    assert.lengthOf(steps, 8)
  })

  it("a slot has one text, whatever is in its ids", () => {
    const texts = [
      at({ stationId: "A", groupId: "x" }),
      at({ stationId: "A group/x" }),
      at({ stationId: "A/evse/1" }),
      at({ stationId: "A", evseId: 1 }),
      at({ siteId: "A", partnerId: "x" }),
      network
    ].map(slotKey)
    assert.strictEqual(new Set(texts).size, texts.length)
    assert.strictEqual(texts.at(-1), "network")
  })
})
