import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { type Assignment, network, type Slot } from "#core/tariff/assign/Assignment.ts"
import { cached } from "#server/directory/cached.ts"
import { Directory } from "#server/directory/Directory.ts"
import { t0 } from "./makers.ts"
import { driver, published, site, station, tagOf, tariff, token } from "./registered.ts"
import { onEveryStore } from "./worlds.ts"

for (const isCached of [false, true]) {
  onEveryStore(isCached ? "the cached directory's prices" : "the directory's prices", (check) => {
    const directoryOf = Effect.map(Directory, (source) =>
      isCached ? cached(source, () => 0, { entriesPerKind: 4 }) : source
    )

    check(
      "keeps groups of drivers, who is in them, and who was",
      Effect.gen(function* () {
        const directory = yield* directoryOf
        const [staff, guests] = ["staff", "Guests"].map((id) => ({ id, name: `The ${id}`, createdAtMs: t0 }))
        const change = (groupId: string, atMs: number, driverId = "d1") => ({ groupId, driverId, atMs })
        assert.isUndefined(yield* directory.group("staff"))
        assert.strictEqual(yield* tagOf(directory.updateGroup(staff!)), "NotFound")
        for (const group of [staff!, guests!]) yield* directory.createGroup(group)
        assert.strictEqual(yield* tagOf(directory.createGroup(staff!)), "AlreadyExists")
        yield* directory.updateGroup({ ...staff!, name: "Staff" })
        assert.deepStrictEqual(yield* directory.group("staff"), { ...staff!, name: "Staff" })
        assert.deepStrictEqual((yield* directory.groups({ limit: 1 })).items, [guests!])

        assert.deepInclude(yield* Effect.flip(directory.joinGroup(change("staff", t0))), { kind: "driver", id: "d1" })
        yield* directory.createDriver(driver)
        yield* directory.createToken(token("CARD", { driverId: "d1" }))
        assert.deepInclude(yield* Effect.flip(directory.joinGroup(change("none", t0))), { kind: "group", id: "none" })
        assert.deepStrictEqual((yield* directory.token("card"))!.memberships, [])
        yield* directory.joinGroup(change("staff", t0))
        yield* directory.joinGroup(change("staff", t0 + 1))
        yield* directory.joinGroup(change("Guests", t0 + 2))
        const members = (groupId: string) => Effect.map(directory.members({ limit: 9, groupId }), ({ items }) => items)
        assert.deepStrictEqual(yield* members("staff"), [driver])
        yield* directory.leaveGroup(change("staff", t0 + 5))
        assert.deepStrictEqual(yield* members("staff"), [])
        assert.strictEqual(yield* tagOf(directory.leaveGroup(change("staff", t0 + 6))), "NotFound")
        yield* directory.joinGroup(change("staff", t0 + 9))
        const memberships = [
          { groupId: "Guests", sinceMs: t0 + 2, untilMs: null },
          { groupId: "staff", sinceMs: t0, untilMs: t0 + 5 },
          { groupId: "staff", sinceMs: t0 + 9, untilMs: null }
        ]
        assert.deepStrictEqual(yield* directory.memberships("d1"), memberships)
        assert.deepStrictEqual((yield* directory.token("card"))!.memberships, memberships)
        assert.deepStrictEqual(yield* directory.memberships("nobody"), [])
        const known = (yield* directory.token("card"))!
        yield* directory.updateToken({ ...known, concurrencyLimit: 1 })
        yield* directory.leaveGroup(change("staff", t0 + 9))
        yield* directory.joinGroup(change("staff", t0 + 9))
        assert.deepStrictEqual(yield* directory.token("card"), { ...known, concurrencyLimit: 1 })
      })
    )

    check(
      "retires a version once, and keeps drafts beside what is published",
      Effect.gen(function* () {
        const directory = yield* directoryOf
        yield* directory.publishTariff(tariff("day", 1))
        assert.strictEqual(yield* tagOf(directory.retireTariff({ id: "day", version: 2, atMs: t0 })), "NotFound")
        assert.lengthOf(yield* directory.tariff("day"), 1)
        yield* directory.retireTariff({ id: "day", version: 1, atMs: t0 + 5 })
        yield* directory.retireTariff({ id: "day", version: 1, atMs: t0 })
        assert.deepStrictEqual(yield* directory.tariff("day"), [published(tariff("day", 1), t0 + 5)])

        assert.isUndefined(yield* directory.tariffDraft("day"))
        assert.strictEqual(yield* tagOf(directory.dropTariffDraft("day")), "NotFound")
        const draft = { tariff: tariff("day", 2), savedAtMs: t0 }
        const other = { tariff: tariff("bare", 1), savedAtMs: t0 + 1 }
        yield* directory.saveTariffDraft({ ...draft, savedAtMs: t0 - 1 })
        yield* directory.saveTariffDraft(draft)
        yield* directory.saveTariffDraft(other)
        assert.deepStrictEqual(yield* directory.tariffDraft("day"), draft)
        assert.deepStrictEqual((yield* directory.tariffDrafts({ limit: 9 })).items, [other, draft])
        assert.deepStrictEqual(yield* directory.tariff("bare"), [])
        yield* directory.dropTariffDraft("day")
        assert.isUndefined(yield* directory.tariffDraft("day"))
      })
    )

    check(
      "keeps sites, whose stations have their time zone",
      Effect.gen(function* () {
        const directory = yield* directoryOf
        assert.isUndefined(yield* directory.site("yard"))
        assert.strictEqual(yield* tagOf(directory.updateSite(site)), "NotFound")
        yield* directory.createSite(site)
        assert.strictEqual(yield* tagOf(directory.createSite(site)), "AlreadyExists")
        assert.strictEqual(yield* tagOf(directory.createStation(station("CS-1", { siteId: "none" }))), "NotFound")
        yield* directory.createStation(station("CS-1", { siteId: "yard" }))
        yield* directory.createStation(station("CS-2"))
        yield* directory.station("CS-1")
        yield* directory.updateSite({ ...site, timeZone: "Europe/Helsinki" })
        assert.strictEqual((yield* directory.site("yard"))!.timeZone, "Europe/Helsinki")
        assert.strictEqual((yield* directory.station("CS-1"))!.timeZone, "Europe/Helsinki")
        assert.strictEqual((yield* directory.station("CS-2"))!.timeZone, "Europe/Berlin")
        const listed = yield* directory.stations({ limit: 9, siteId: "yard" })
        assert.deepStrictEqual(
          listed.items.map(({ id }) => id),
          ["CS-1"]
        )
        assert.lengthOf((yield* directory.sites({ limit: 9 })).items, 1)
      })
    )

    check(
      "keeps what was assigned where, for whom and since when",
      Effect.gen(function* () {
        const directory = yield* directoryOf
        const own: Slot = { ...network, stationId: "CS-1" }
        const evse: Slot = { ...own, evseId: 2 }
        const atSite: Slot = { ...network, siteId: "yard", groupId: "staff" }
        const partner: Slot = { ...network, partnerId: "DE*ABC" }
        const is = (slot: Slot, sinceMs: number, tariffId: string | null): Assignment => ({ slot, sinceMs, tariffId })
        const refused = (it: Assignment) =>
          Effect.map(Effect.flip(directory.assign(it)), (error) => "kind" in error && error.kind)
        for (const id of ["day", "night"]) yield* directory.publishTariff(tariff(id, 1))
        assert.strictEqual(yield* refused(is(own, 0, "day")), "station")
        assert.strictEqual(yield* refused(is({ ...network, siteId: "yard" }, 0, "day")), "site")
        yield* directory.createSite(site)
        assert.strictEqual(yield* refused(is(atSite, 0, "day")), "group")
        yield* directory.createGroup({ id: "staff", name: "Staff", createdAtMs: t0 })
        yield* directory.createStation(station("CS-1", { tariffId: "day" }))
        yield* directory.createStation(station("CS-10"))
        assert.strictEqual(yield* refused(is(own, 0, "none")), "tariff")
        assert.deepStrictEqual(yield* directory.assignments({ stationId: "CS-1" }), [is(own, 0, "day")])
        assert.deepStrictEqual(yield* directory.assignments({ siteId: "yard" }), [])
        for (const it of [is(own, t0, null), is(own, t0, "night"), is(evse, t0, "day"), is(atSite, t0, "night")])
          yield* directory.assign(it)
        yield* directory.assign(is(partner, t0, "day"))
        yield* directory.assign(is(partner, t0 + 1, null))
        yield* directory.setDefaultTariffId("day")
        assert.strictEqual((yield* directory.station("CS-1"))!.tariffId, "night")
        assert.isNull((yield* directory.station("CS-10"))!.tariffId)
        assert.deepStrictEqual(yield* directory.assignments({ stationId: "CS-1" }), [
          is(own, 0, "day"),
          is(own, t0, "night"),
          is(evse, t0, "day")
        ])
        assert.deepStrictEqual(yield* directory.assignments({ stationId: "CS-10" }), [])
        assert.deepStrictEqual(yield* directory.assignments({ siteId: "yard" }), [is(atSite, t0, "night")])
        assert.deepStrictEqual(yield* directory.assignments("network"), [
          is(network, 0, "day"),
          is(partner, t0, "day"),
          is(partner, t0 + 1, null)
        ])
        const one = yield* directory.assigned({ limit: 2 })
        assert.deepStrictEqual(one.items, [is(network, 0, "day"), is(atSite, t0, "night")])
        assert.deepStrictEqual(yield* directory.assigned({ limit: 2, cursor: one.next! }), {
          items: [is(own, t0, "night"), is(evse, t0, "day")]
        })
        assert.deepStrictEqual((yield* directory.assigned({ limit: 9, tariffId: "night" })).items, [
          is(atSite, t0, "night"),
          is(own, t0, "night")
        ])
        yield* directory.assign(is(network, t0, "night"))
        assert.strictEqual(yield* directory.defaultTariffId, "night")
        yield* directory.updateStation(station("CS-1", { name: "Yard", tariffId: "day" }))
        assert.strictEqual((yield* directory.station("CS-1"))!.tariffId, "night")
      })
    )
  })
}
