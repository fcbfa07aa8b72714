import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { Tariff } from "#core/tariff/Tariff.ts"
import { Directory } from "#server/directory/Directory.ts"
import { LabBench } from "#server/lab/LabBench.ts"
import { idle, plain } from "#test/core/lab/traffic.ts"
import { client, services, World } from "#test/server/api/harness.ts"

const bench: LabBench = {
  scenarios: [],
  live: () => Effect.never,
  historyWorker: new URL("./oddWorker.ts", import.meta.url)
}
/** A thread loads the engine first: on a busy machine that alone takes seconds. */
const patience = 120_000

const { id, currency, tax_included, elements } = Tariff.encode(idle)
const against = { versions: [{ id, currency, tax_included, elements }] }

interface Run {
  readonly status: string
  readonly sessions: number
  readonly why: string | null
}

/** A server whose threads are odd: `ask` asks for a run over the past, `until` waits for what becomes of it. */
const withOddThreads = <A, E>(
  test: (api: {
    readonly ask: (jumpPercent: number) => Effect.Effect<string>
    readonly until: (run: string, is: (run: Run) => boolean) => Effect.Effect<Run>
    readonly get: Effect.Success<typeof client>["get"]
    readonly post: Effect.Success<typeof client>["post"]
  }) => Effect.Effect<A, E>
) =>
  Effect.gen(function* () {
    yield* (yield* Directory).publishTariff(plain)
    const { get, post } = yield* client
    return yield* test({
      get,
      post,
      ask: (jumpPercent) =>
        Effect.map(
          Effect.orDie(post("/api/v1/lab-runs", { tariff: { tariffId: "PLAIN" }, against, jumpPercent })),
          ({ json }) => json.id
        ),
      until: Effect.fnUntraced(function* (run, is) {
        for (;;) {
          const { json } = yield* Effect.orDie(get(`/api/v1/lab-runs/${run}`))
          if (is(json)) return json
          yield* Effect.sleep(50)
        }
      })
    })
  }).pipe(Effect.provide(services(new World())), Effect.provideService(LabBench, bench), Effect.scoped)

it.live(
  "a run over the past is priced beside the server: it answers meanwhile, says how far it is, and ends it when it is given up",
  () =>
    withOddThreads(({ ask, until, get, post }) =>
      Effect.gen(function* () {
        const endless = yield* ask(14)
        assert.strictEqual((yield* until(endless, ({ sessions }) => sessions > 0)).status, "Running")
        assert.strictEqual((yield* get("/api/v1/tariffs")).status, 200)
        const next = yield* ask(25)
        assert.strictEqual((yield* get(`/api/v1/lab-runs/${next}`)).json.status, "Waiting")
        assert.strictEqual((yield* post(`/api/v1/lab-runs/${endless}/cancel`, undefined)).json.status, "Cancelled")
        const done = yield* until(next, ({ status }) => status === "Done" || status === "Failed")
        assert.strictEqual(done.status, "Done")
        assert.strictEqual((yield* get(`/api/v1/lab-runs/${next}/report`)).json, "a page")
        assert.strictEqual((yield* get(`/api/v1/lab-runs/${endless}`)).json.status, "Cancelled")
      })
    ),
  patience
)

it.live(
  "a thread that dies ends its run, which says why, and the next run goes on",
  () =>
    withOddThreads(({ ask, until }) =>
      Effect.gen(function* () {
        const failed = yield* until(yield* ask(13), ({ status }) => status === "Failed" || status === "Done")
        assert.deepInclude(failed, { status: "Failed", why: "The thread ended: no more memory" })
        const done = yield* until(yield* ask(25), ({ status }) => status === "Failed" || status === "Done")
        assert.strictEqual(done.status, "Done")
      })
    ),
  patience
)
