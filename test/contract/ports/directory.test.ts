import { assert } from "@effect/vitest"
import { Effect } from "effect"
import type { PageRequest } from "#server/books/Page.ts"
import { cached } from "#server/directory/cached.ts"
import { Directory, type StationFilter } from "#server/directory/Directory.ts"
import { t0 } from "./makers.ts"
import { driver, published, site, station, tagOf, tariff, token } from "./registered.ts"
import { onEveryStore } from "./worlds.ts"

for (const isCached of [false, true]) {
  onEveryStore(isCached ? "the cached directory" : "the directory", (check) => {
    const directoryOf = Effect.map(Directory, (source) =>
      isCached ? cached(source, () => 0, { entriesPerKind: 4 }) : source
    )

    check(
      "keeps stations, refuses a second of one id and a tariff that is not there",
      Effect.gen(function* () {
        const directory = yield* directoryOf
        assert.isUndefined(yield* directory.station("CS-1"))
        yield* directory.createStation(station("CS-1"))
        assert.deepStrictEqual(yield* directory.station("CS-1"), station("CS-1"))
        assert.strictEqual(yield* tagOf(directory.createStation(station("CS-1", { name: "again" }))), "AlreadyExists")
        assert.strictEqual(yield* tagOf(directory.createStation(station("CS-2", { tariffId: "none" }))), "NotFound")
        assert.isUndefined(yield* directory.station("CS-2"))
        assert.strictEqual(yield* tagOf(directory.updateStation(station("CS-2"))), "NotFound")
        assert.strictEqual(yield* tagOf(directory.updateStation(station("CS-1", { siteId: "none" }))), "NotFound")
        yield* directory.createSite(site)
        const changed = station("CS-1", {
          name: "Yard",
          securityProfile: 1,
          passwordHashes: ["hash", "next"],
          registration: "Pending",
          strictness: "strict",
          siteId: "yard"
        })
        yield* directory.updateStation(changed)
        assert.deepStrictEqual(yield* directory.station("CS-1"), changed)
      })
    )

    check(
      "keeps tokens under one spelling, with drivers that exist",
      Effect.gen(function* () {
        const directory = yield* directoryOf
        assert.isUndefined(yield* directory.token("abc"))
        const full = token("abc", {
          groupId: "g",
          driverId: "d1",
          expiresAtMs: t0 + 1,
          blockedAtMs: t0 + 2,
          concurrencyLimit: 2,
          allowedStations: ["CS-1", 'CS,2{}"']
        })
        assert.strictEqual(yield* tagOf(directory.createToken(full)), "NotFound")
        yield* directory.createDriver(driver)
        assert.strictEqual(yield* tagOf(directory.createDriver(driver)), "AlreadyExists")
        yield* directory.createToken(full)
        assert.deepStrictEqual(yield* directory.token(" Abc"), { ...full, uid: "ABC", memberships: [], limited: false })
        assert.strictEqual(yield* tagOf(directory.createToken(token("ABC"))), "AlreadyExists")
        yield* directory.updateToken(token("aBC", { allowedStations: [] }))
        assert.deepStrictEqual(yield* directory.token("abc"), {
          ...token("ABC", { allowedStations: [] }),
          memberships: [],
          limited: false
        })
        assert.strictEqual(yield* tagOf(directory.updateToken(token("ABC", { driverId: "d2" }))), "NotFound")
        assert.strictEqual(yield* tagOf(directory.updateToken(token("XYZ"))), "NotFound")
        yield* directory.updateDriver({ ...driver, email: "ada@example.org" })
        assert.deepStrictEqual(yield* directory.driver("d1"), { ...driver, email: "ada@example.org" })
        assert.strictEqual(yield* tagOf(directory.updateDriver({ ...driver, id: "d2" })), "NotFound")
      })
    )

    check(
      "publishes versions of a tariff without a gap and keeps every one",
      Effect.gen(function* () {
        const directory = yield* directoryOf
        assert.deepStrictEqual(yield* directory.tariff("day"), [])
        assert.isUndefined(yield* directory.defaultTariffId)
        assert.strictEqual(yield* tagOf(directory.setDefaultTariffId("day")), "NotFound")
        const first = tariff("day", 1)
        const second = tariff("day", 2, { currency: "SEK", startAtMs: t0, type: "AD_HOC_PAYMENT" })
        yield* directory.publishTariff(first)
        assert.strictEqual(
          yield* tagOf(directory.publishTariff(tariff("day", 1, { currency: "NOK" }))),
          "AlreadyExists"
        )
        yield* directory.publishTariff(second)
        assert.deepStrictEqual(yield* directory.tariff("day"), [published(first), published(second)])
        assert.strictEqual((yield* Effect.exit(directory.publishTariff(tariff("day", 4))))._tag, "Failure")
        assert.strictEqual((yield* Effect.exit(directory.publishTariff(tariff("other", 2))))._tag, "Failure")
        yield* directory.publishTariff(tariff("alt", 1))
        assert.deepStrictEqual((yield* directory.tariffs({ limit: 9 })).items, [
          published(tariff("alt", 1)),
          published(second)
        ])
        yield* directory.setDefaultTariffId("day")
        assert.strictEqual(yield* directory.defaultTariffId, "day")
        yield* directory.setDefaultTariffId("alt")
        assert.strictEqual(yield* directory.defaultTariffId, "alt")
      })
    )

    check(
      "lists in the order of ids by code unit, page by page",
      Effect.gen(function* () {
        const directory = yield* directoryOf
        const ids = ["a", "B", "_", "é", "10", "9"]
        for (const id of ids) yield* directory.createStation(station(id))
        const sorted = ids.toSorted()
        const one = yield* directory.stations({ limit: 4 })
        assert.deepStrictEqual(
          one.items.map((it) => it.id),
          sorted.slice(0, 4)
        )
        yield* directory.createStation(station("0"))
        const two = yield* directory.stations({ limit: 4, cursor: one.next! })
        assert.deepStrictEqual(
          two.items.map((it) => it.id),
          sorted.slice(4)
        )
        assert.isUndefined(two.next)
        yield* directory.createDriver(driver)
        yield* directory.createToken(token("T1"))
        yield* directory.createToken(token("T2", { driverId: "d1" }))
        assert.lengthOf((yield* directory.tokens({ limit: 9 })).items, 2)
        assert.deepStrictEqual(
          (yield* directory.tokens({ limit: 9, driverId: "d1" })).items.map((it) => it.uid),
          ["T2"]
        )
        assert.deepStrictEqual((yield* directory.drivers({ limit: 1 })).items, [driver])
      })
    )

    check(
      "lists the stations that fit every filter, full pages of them",
      Effect.gen(function* () {
        const directory = yield* directoryOf
        yield* directory.publishTariff(tariff("night", 1))
        const ids = ["a", "b", "c", "d", "e", "f", "g", "h"]
        for (const [index, id] of ids.entries()) {
          const registration = index % 2 === 0 ? "Pending" : "Accepted"
          yield* directory.createStation(station(id, { registration, tariffId: index < 6 ? "night" : null }))
        }
        const listed = Effect.fnUntraced(function* (filter: StationFilter) {
          const pages: Array<string> = []
          let request: PageRequest = { limit: 2 }
          for (;;) {
            const { items, next } = yield* directory.stations({ ...request, ...filter })
            pages.push(items.map(({ id }) => id).join(""))
            if (next === undefined) return pages
            request = { limit: 2, cursor: next }
          }
        })
        assert.deepStrictEqual(yield* listed({ registration: "Pending" }), ["ac", "eg"])
        assert.deepStrictEqual(yield* listed({ tariffId: "night" }), ["ab", "cd", "ef"])
        assert.deepStrictEqual(yield* listed({ registration: "Accepted", tariffId: "night" }), ["bd", "f"])
        assert.deepStrictEqual(yield* listed({ tariffId: "nobody's" }), [""])
        const these = ["h", "stranger", "a", "c"]
        assert.deepStrictEqual(yield* listed({ ids: { are: "among", these } }), ["ac", "h"])
        assert.deepStrictEqual(yield* listed({ ids: { are: "not among", these } }), ["bd", "ef", "g"])
        assert.deepStrictEqual(yield* listed({ ids: { are: "among", these: [] } }), [""])
        assert.deepStrictEqual(yield* listed({ ids: { are: "not among", these: [] }, registration: "Pending" }), [
          "ac",
          "eg"
        ])
      })
    )

    check(
      "knows API keys by the hash of their secret",
      Effect.gen(function* () {
        const directory = yield* directoryOf
        const key = { id: "k1", name: "admin", secretHash: "hash", createdAtMs: t0 }
        assert.isFalse(yield* directory.hasApiKeys)
        assert.isUndefined(yield* directory.apiKey("hash"))
        yield* directory.createApiKey(key)
        assert.isTrue(yield* directory.hasApiKeys)
        assert.deepStrictEqual(yield* directory.apiKey("hash"), key)
        assert.strictEqual(yield* tagOf(directory.createApiKey({ ...key, secretHash: "other" })), "AlreadyExists")
        assert.strictEqual(yield* tagOf(directory.createApiKey({ ...key, id: "k2" })), "AlreadyExists")
      })
    )

    check(
      "lists API keys page by page, and revokes any but the last",
      Effect.gen(function* () {
        const directory = yield* directoryOf
        const keys = ["k1", "k2", "k3"].map((id) => ({ id, name: id, secretHash: `hash ${id}`, createdAtMs: t0 }))
        assert.strictEqual(yield* tagOf(directory.revokeApiKey("k1")), "NotFound")
        for (const key of keys.toReversed()) yield* directory.createApiKey(key)
        const one = yield* directory.apiKeys({ limit: 2 })
        assert.deepStrictEqual(one.items, keys.slice(0, 2))
        assert.deepStrictEqual(yield* directory.apiKeys({ limit: 2, cursor: one.next! }), { items: keys.slice(2) })
        yield* directory.revokeApiKey("k2")
        assert.isUndefined(yield* directory.apiKey("hash k2"))
        assert.strictEqual(yield* tagOf(directory.revokeApiKey("k2")), "NotFound")
        assert.deepStrictEqual(yield* directory.apiKeys({ limit: 9 }), { items: [keys[0]!, keys[2]!] })
        const both = Effect.all([tagOf(directory.revokeApiKey("k1")), tagOf(directory.revokeApiKey("k3"))], {
          concurrency: "unbounded"
        })
        assert.deepStrictEqual((yield* both).toSorted(), ["Done", "LastApiKey"])
        assert.isTrue(yield* directory.hasApiKeys)
        assert.lengthOf((yield* directory.apiKeys({ limit: 9 })).items, 1)
      })
    )
  })
}
