import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import type { PaymentCrashPoint } from "#scenarios/paymentCrashPoints.ts"
import { complaints } from "../day.ts"
import { killThrough } from "./run.ts"

it.live(
  "SIGKILL in the middle of payments neither loses nor doubles a charge, on PostgreSQL and over HTTP",
  () =>
    Effect.gen(function* () {
      const points: ReadonlyArray<PaymentCrashPoint> = ["after the next capture is answered"]
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
