import { assert, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { Tariff } from "#core/tariff/Tariff.ts"
import { catalogue } from "#scenarios/Catalogue.ts"
import { labBench } from "#scenarios/cli/labBench.ts"
import { countScenario, seedsOf } from "#scenarios/cli/labTraffic.ts"
import { firstCharge } from "#scenarios/first-charge.ts"
import { morningPeak } from "#scenarios/morning-peak.ts"
import { Directory } from "#server/directory/Directory.ts"
import { LabBench } from "#server/lab/LabBench.ts"
import { idle, plain, setup } from "#test/core/lab/traffic.ts"
import { client, services, World } from "#test/server/api/harness.ts"

const wireOf = ({ id, currency, tax_included, elements }: ReturnType<typeof Tariff.encode>) => ({
  id,
  currency,
  tax_included,
  elements
})
const against = { versions: [wireOf(Tariff.encode(idle))] }
/** A thread loads the whole Lab first: on a busy machine that alone takes many seconds. */
const patience = 300_000

const asked = { tariff: { tariffId: "PLAIN" }, against, elasticities: [0] }

/** The API of a server that was put together with the Lab. */
const withBench = <A, E>(test: (api: Effect.Success<typeof client>) => Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    yield* (yield* Directory).publishTariff(plain)
    return yield* test(yield* client)
  }).pipe(Effect.provide(services(new World())), Effect.provideService(LabBench, labBench(catalogue)), Effect.scoped)

const until = (api: Effect.Success<typeof client>, id: string, statuses: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    for (;;) {
      const { json } = yield* api.get(`/api/v1/lab-runs/${id}`)
      if (statuses.includes(json.status)) return json
      yield* Effect.sleep(50)
    }
  })

const byHand = countScenario(morningPeak, {
  setup: setup(),
  seeds: seedsOf(morningPeak.seed, 1),
  stations: 2,
  days: undefined,
  onProgress: () => {}
})

it.live(
  "a scenario is lived for the API beside the server, and comes to what the command line makes of it",
  () =>
    Effect.flatMap(byHand, (counted) =>
      withBench((api) =>
        Effect.gen(function* () {
          const { items } = (yield* api.get("/api/v1/lab-scenarios")).json
          assert.deepInclude(items[0], { name: "first-charge", stations: firstCharge.stations, days: firstCharge.days })
          const body = { ...asked, traffic: { scenario: "morning-peak", stations: 2, seeds: 1 } }
          const { status, json } = yield* api.post("/api/v1/lab-runs", body)
          assert.strictEqual(status, 202, JSON.stringify(json))
          assert.deepInclude(json, { outcome: null, percent: null })
          assert.deepStrictEqual(json.traffic, { scenario: "morning-peak", stations: 2, days: null, seeds: 1 })
          const early = yield* api.get(`/api/v1/lab-runs/${json.id}/report`)
          assert.strictEqual(early.status, 409)
          const run = yield* until(api, json.id, ["Done", "Failed"])
          assert.strictEqual(run.status, "Done", run.why)
          assert.strictEqual(run.percent, 100)
          assert.isAbove(counted.tally.sessions, 0)
          assert.strictEqual(run.outcome.sessions, counted.tally.sessions)
          assert.strictEqual(run.outcome.runs.length, 1)
          const page = yield* api.get(`/api/v1/lab-runs/${json.id}/report`)
          assert.strictEqual(page.headers.get("content-type"), "text/html")
          assert.match(page.json, /<!doctype html>[\s\S]*morning-peak/i)
        })
      )
    ),
  patience
)

it.live(
  "the server answers while a scenario is lived, and a run that is given up ends, thread and all",
  () =>
    withBench((api) =>
      Effect.gen(function* () {
        const body = { ...asked, traffic: { scenario: "morning-peak", stations: 200, seeds: 5 } }
        const { json } = yield* api.post("/api/v1/lab-runs", body)
        yield* until(api, json.id, ["Running"])
        const cancelled = yield* api.post(`/api/v1/lab-runs/${json.id}/cancel`, undefined)
        assert.strictEqual(cancelled.json.status, "Cancelled")
        const next = yield* api.post("/api/v1/lab-runs", {
          ...asked,
          traffic: { scenario: "first-charge", stations: 1 }
        })
        const done = yield* until(api, next.json.id, ["Done", "Failed"])
        assert.strictEqual(done.status, "Done")
        assert.strictEqual((yield* api.get(`/api/v1/lab-runs/${json.id}`)).json.status, "Cancelled")
      })
    ),
  patience
)

it.live("traffic that is not known, or too much, is refused where it is wrong", () =>
  withBench((api) =>
    Effect.gen(function* () {
      const cases: ReadonlyArray<readonly [body: object, status: number, pointer: string]> = [
        [{ traffic: { scenario: "none" } }, 422, "/traffic/scenario"],
        [{ traffic: { scenario: "morning-peak", stations: 200, days: 6 } }, 422, "/traffic"],
        [{ traffic: { scenario: "first-charge" }, from: "2026-01-01T00:00:00Z" }, 422, "/from"],
        [{ traffic: { scenario: "first-charge", seeds: 0 } }, 400, "/traffic/seeds"]
      ]
      for (const [body, status, pointer] of cases) {
        const answer = yield* api.post("/api/v1/lab-runs", { ...asked, ...body })
        assert.strictEqual(answer.status, status, JSON.stringify(answer.json))
        assert.strictEqual(answer.json.errors[0].pointer, pointer)
      }
    })
  )
)

it.live(
  "a thread that cannot go on says so, and one that is not waited for any more is gone",
  () =>
    Effect.gen(function* () {
      const bench = labBench(catalogue)
      const request = {
        tariff: [Tariff.encode(plain)],
        against: [Tariff.encode(idle)],
        fromMs: null,
        untilMs: null,
        energyCost: null,
        elasticities: [0],
        jumpPercent: 25
      }
      const traffic = { scenario: "none", stations: null, days: null, seeds: 1 }
      const failed = yield* Effect.flip(bench.live({ request, traffic, repeat: "" }, () => {}))
      assert.strictEqual(failed.why, "There is no scenario none.")
      const long = { ...traffic, scenario: "morning-peak", stations: 200 }
      let percent = -1
      const fiber = yield* Effect.forkChild(
        bench.live({ request, traffic: long, repeat: "" }, (now) => {
          percent = now
        })
      )
      while (percent < 0) yield* Effect.sleep(20)
      yield* Fiber.interrupt(fiber)
      const at = percent
      yield* Effect.sleep(500)
      assert.strictEqual(percent, at)
    }),
  patience
)
