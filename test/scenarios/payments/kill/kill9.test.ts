import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { complaints } from "../day.ts"
import type { KillPoint } from "./points.ts"
import { killThrough } from "./run.ts"

it.live(
  "SIGKILL in the middle of payments neither loses nor doubles a charge, on PostgreSQL and over HTTP",
  () =>
    Effect.gen(function* () {
      const points: ReadonlyArray<KillPoint> = ["after the next capture is answered"]
      const { result, provider, deaths } = yield* killThrough(points, "kill-ci")
      assert.deepStrictEqual(complaints(result), [])
      assert.deepStrictEqual(deaths, points)
      assert.isAbove(provider.truth.filter(({ capturedMinor }) => capturedMinor > 0n).length, 0)
      assert.deepStrictEqual(
        provider.truth.filter(({ captures }) => captures > 1),
        []
      )
    }),
  240_000
)
