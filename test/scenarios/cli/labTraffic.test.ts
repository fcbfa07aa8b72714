import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Tally } from "#core/lab/Tally.ts"
import { countHistory, countScenario } from "#scenarios/cli/labTraffic.ts"
import { runVirtual } from "#scenarios/Lab.ts"
import { morningPeak } from "#scenarios/morning-peak.ts"
import { setup } from "#test/core/lab/traffic.ts"

it.live("a history on threads comes to what its run came to in one, and to what was billed in sessions", () =>
  Effect.gen(function* () {
    const given = setup({ elasticities: [0, -0.2] })
    const [stations, seed] = [3, "a-history"]
    let past: Tally | undefined
    let billed = 0
    yield* runVirtual(morningPeak, {
      store: "memory",
      stations,
      seed,
      onEvidence: ({ cdrs }) => {
        billed = cdrs?.filter(({ credit }) => !credit).length ?? 0
      },
      onStore: ({ layer }) =>
        countHistory(given, {}, () => {}).pipe(
          Effect.tap(({ tally }) =>
            Effect.sync(() => {
              past = tally
            })
          ),
          Effect.provide(layer),
          Effect.orDie
        )
    })
    const lived = yield* countScenario(morningPeak, {
      setup: given,
      seeds: [seed],
      stations,
      days: undefined,
      onProgress: () => {}
    })
    assert.isAbove(billed, 3)
    assert.strictEqual(lived.tally.sessions, billed)
    assert.deepStrictEqual(past, lived.tally)
  })
)
