import { assert, it } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import { outcomeJson } from "#core/lab/json.ts"
import { offerOf } from "#core/lab/Offer.ts"
import { Counter } from "#core/lab/Tally.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import { runVirtual } from "#scenarios/Lab.ts"
import { morningPeak } from "#scenarios/morning-peak.ts"
import { eachSession } from "#server/books/histories.ts"
import { Directory } from "#server/directory/Directory.ts"
import { HistoryDatabase } from "#server/lab/HistoryDatabase.ts"
import type * as Server from "#server/Server.ts"
import { migrations } from "#server/sql/Sql.ts"
import { idle, plain, setup } from "#test/core/lab/traffic.ts"
import { freshDatabase } from "#test/support/postgres.ts"
import { client, services, World } from "./harness.ts"

const seed = "a-lab"
const stations = 3
const wireOf = ({ id, currency, tax_included, elements }: ReturnType<typeof Tariff.encode>) => ({
  id,
  currency,
  tax_included,
  elements
})
/** No session is ever past 10 kWh and not at 5. */
const never = { min_kwh: 10, max_kwh: 5 }
const idleElement = Tariff.encode(idle).elements[0]!
const against = { versions: [wireOf(Tariff.encode(idle))] }

const comparedOn = Effect.fnUntraced(function* (books: Layer.Layer<Server.Stores>) {
  return yield* Effect.provide(
    Effect.gen(function* () {
      const api = yield* client
      const directory = yield* Directory
      yield* directory.publishTariff(plain)
      yield* directory.createSite({ id: "yard", name: "The yard", timeZone: "UTC", createdAtMs: 0 })
      for (const station of (yield* directory.stations({ limit: 10 })).items)
        yield* directory.updateStation({ ...station, siteId: "yard", timeZone: "UTC" })
      const asked = yield* api.post("/api/v1/lab-runs", { tariff: { tariffId: "PLAIN" }, against, elasticities: [0] })
      assert.strictEqual(asked.status, 202)
      assert.deepInclude(asked.json, { tariff: "PLAIN", against: "IDLE", currency: "EUR", sessions: 0, outcome: null })
      let run = asked.json
      while (run.status === "Waiting" || run.status === "Running") {
        yield* Effect.sleep("1 second")
        run = (yield* api.get(`/api/v1/lab-runs/${run.id}`)).json
      }
      assert.strictEqual(run.status, "Done")
      const listed = (yield* api.get("/api/v1/lab-runs")).json.items
      const { outcome, ...head } = run
      assert.deepStrictEqual(listed, [head])
      assert.strictEqual((yield* api.post(`/api/v1/lab-runs/${run.id}/cancel`, undefined)).status, 409)
      return outcome
    }),
    services(new World(), books)
  )
})

const pastOf = (store: "memory" | "postgres") =>
  Effect.gen(function* () {
    const database = store === "memory" ? undefined : yield* freshDatabase(migrations)
    let told: ReturnType<typeof outcomeJson> | undefined
    const counter = new Counter(setup())
    yield* runVirtual(morningPeak, {
      store,
      ...(database !== undefined && { database }),
      stations,
      seed,
      onStore: ({ layer }) =>
        Effect.gen(function* () {
          told = yield* Effect.scoped(comparedOn(layer))
          yield* eachSession({}, 500, (sessions) =>
            Effect.sync(() => {
              for (const session of sessions) counter.add(session)
              return true
            })
          ).pipe(Effect.provide(layer))
        }).pipe(
          // On PostgreSQL the thread has a connection of its own.
          Effect.provideService(HistoryDatabase, database && { _tag: "Embedded", ...database }),
          Effect.orDie
        )
    })
    const { sites } = told!.whoPays
    assert.deepInclude(sites.each[0], { name: "yard", sessions: told!.sessions })
    const offer = (tariff: Tariff) => offerOf([Tariff.encode(tariff)], "UTC")
    const [a, b] = [offer(plain), offer(idle)]
    if (a._tag === "Failure" || b._tag === "Failure") return assert.fail("the tariffs are refused")
    const wanted = outcomeJson({
      a: a.success,
      b: b.success,
      setup: setup(),
      traffic: told!.traffic,
      energySource: null,
      tally: counter.tally,
      runs: [],
      repeat: told!.repeat
    })
    assert.isAbove(told!.sessions, 3)
    const whoPays = { ...wanted.whoPays, sites }
    assert.deepStrictEqual(told, JSON.parse(JSON.stringify({ ...wanted, whoPays })))
  })

for (const store of ["memory", "postgres"] as const)
  it.live(`the past of a day lived on ${store} comes over the API to what the lab makes of that day`, () =>
    Effect.scoped(pastOf(store))
  )

it.effect("what cannot be compared is refused where it is wrong, and nothing waits for it", () =>
  Effect.gen(function* () {
    const api = yield* client
    yield* (yield* Directory).publishTariff(plain)
    const tariff = { tariffId: "PLAIN" }
    const dollars = { versions: [{ ...against.versions[0], currency: "USD" }] }
    const broken = { versions: [{ ...against.versions[0], elements: [{ ...idleElement, restrictions: never }] }] }
    const cases: ReadonlyArray<readonly [body: unknown, status: number, pointer: string]> = [
      [{ tariff: { tariffId: "none" }, against }, 422, "/tariff/tariffId"],
      [{ tariff, against: dollars }, 422, "/against/versions/0/currency"],
      [{ tariff, against: broken }, 422, "/against/versions/0/elements"],
      [{ tariff, against, energyCost: "0.1234567" }, 422, "/energyCost"],
      [{ tariff, against, energyCost: [0.1] }, 400, "/energyCost"],
      [{ tariff, against, elasticities: [0.5] }, 400, "/elasticities/0"],
      [{ tariff, against, from: "2026-02-01T00:00:00Z", until: "2026-01-01T00:00:00Z" }, 422, "/until"]
    ]
    for (const [body, status, pointer] of cases) {
      const answer = yield* api.post("/api/v1/lab-runs", body)
      assert.strictEqual(answer.status, status, JSON.stringify(answer.json))
      assert.isTrue(
        answer.json.errors.some((it: { pointer: string }) => it.pointer.startsWith(pointer)),
        `${pointer}: ${JSON.stringify(answer.json)}`
      )
    }
    assert.deepStrictEqual((yield* api.get("/api/v1/lab-runs")).json, { items: [] })
    assert.strictEqual((yield* api.get("/api/v1/lab-runs/none")).status, 404)
    assert.strictEqual((yield* api.post("/api/v1/lab-runs/none/cancel", undefined)).status, 404)
  }).pipe(Effect.provide(services(new World())))
)

it.effect("no more runs wait than can be told", () =>
  Effect.gen(function* () {
    const api = yield* client
    yield* (yield* Directory).publishTariff(plain)
    const statuses: Array<number> = []
    for (let n = 0; n < 12; n++) {
      statuses.push((yield* api.post("/api/v1/lab-runs", { tariff: { tariffId: "PLAIN" }, against })).status)
    }
    assert.include(statuses, 409)
    const { items } = (yield* api.get("/api/v1/lab-runs")).json
    const waiting = items.find(({ status }: { status: string }) => status === "Waiting")
    const cancelled = yield* api.post(`/api/v1/lab-runs/${waiting.id}/cancel`, undefined)
    assert.deepInclude(cancelled.json, { status: "Cancelled", outcome: null })
    assert.strictEqual((yield* api.post("/api/v1/lab-runs", { tariff: { tariffId: "PLAIN" }, against })).status, 202)
  }).pipe(Effect.provide(services(new World())))
)
