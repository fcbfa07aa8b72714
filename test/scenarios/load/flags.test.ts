import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { preflight } from "#scenarios/cli/loading.ts"
import { type LoadFlags, loadRequestOf } from "#scenarios/cli/loadRequest.ts"
import { command } from "../cli/support.ts"

const usual: LoadFlags = {
  stations: 100,
  profile: "charging",
  rate: undefined,
  duration: "60s",
  ramp: undefined,
  connect: undefined,
  charge: undefined,
  sample: undefined,
  dialects: undefined,
  storm: undefined,
  restartAfter: undefined,
  target: undefined,
  card: undefined,
  prefix: "LOAD",
  workers: undefined,
  seed: "load"
}

const asked = (flags: Partial<LoadFlags>) => Result.getOrThrow(loadRequestOf({ ...usual, ...flags }, 2))

const refused: ReadonlyArray<readonly [Partial<LoadFlags>, RegExp]> = [
  [{ profile: "chargin" }, /no profile "chargin".*mean charging\?/],
  [{ duration: "soon" }, /--duration needs a time/],
  [{ duration: "0s" }, /--duration needs at least a second/],
  [{ duration: "2d" }, /--duration needs a time/],
  [{ rate: "0" }, /--rate needs arrivals/],
  [{ rate: "many" }, /--rate needs arrivals/],
  [{ rate: "50" }, /--rate 50 is more than 100 stations.*at most 4\.54 sessions[\s\S]*--stations 1100/],
  [{ profile: "idle", rate: "5" }, /nobody comes to --profile idle/],
  [{ profile: "storm", ramp: "5s" }, /--ramp is about arrivals/],
  [{ profile: "heartbeats", charge: "5s" }, /--charge is about drivers/],
  [{ profile: "heartbeats", sample: 5 }, /--sample is about drivers/],
  [{ charge: "100ms" }, /--charge needs at least a second/],
  [{ ramp: "2m" }, /--ramp is longer than --duration/],
  [{ restartAfter: "2m" }, /--restart-after is longer than --duration/],
  [{ storm: "10ms" }, /--storm needs at least a second/],
  [{ dialects: "1.7:3" }, /--dialects needs dialects/],
  [{ dialects: "1.6:0" }, /--dialects needs dialects/],
  [{ dialects: "1.6,1.6" }, /names 1\.6 twice/],
  [{ card: "04A2B9" }, /--card is for a CMS/],
  [{ workers: 101 }, /--workers 101 is more than there are stations/]
]

describe("load refuses", () => {
  for (const [flags, message] of refused) {
    it(JSON.stringify(flags), () => {
      const result = loadRequestOf({ ...usual, ...flags }, 2)
      assert.match(Result.isFailure(result) ? result.failure.message : "nothing was refused", message)
    })
  }

  it.effect("on the command line, with exit code 2", () =>
    Effect.gen(function* () {
      const { code, err, out } = yield* command(["load", "--profile", "strom"])
      assert.strictEqual(code, 2)
      assert.match(err, /Did you mean storm\?/)
      assert.strictEqual(out, "")
    })
  )

  it("more stations than files may be open, and names the limit", () => {
    const request = { plan: asked({ stations: 10_000 }).plan, target: undefined }
    assert.match(preflight(request, { openFiles: 1_024, dialPorts: null })?.message ?? "", /ulimit -n 10200/)
    assert.match(preflight(request, { openFiles: null, dialPorts: 5_000 })?.message ?? "", /ip_local_port_range/)
    assert.isUndefined(preflight(request, { openFiles: 20_000, dialPorts: 28_000 }))
  })
})

it("what is not said follows from what is", () => {
  assert.closeTo(asked({}).plan.rate, 100 / 22 / 2, 0.01)
  assert.strictEqual(asked({ profile: "idle" }).plan.rate, 0)
  assert.strictEqual(asked({ profile: "storm" }).plan.connectMs, 0)
  assert.strictEqual(asked({ profile: "storm", duration: "30s" }).plan.stormMs, 10_000)
  assert.strictEqual(asked({ duration: "1.5m" }).plan.durationMs, 90_000)
  assert.deepStrictEqual(asked({ dialects: "1.6:70,2.0.1:30" }).plan.dialects, [
    ["1.6", 70],
    ["2.0.1", 30]
  ])
  assert.strictEqual(asked({ stations: 10_000 }).workers, 2)
  assert.isFalse(asked({ target: "ws://localhost:1/" }).plan.passwords)
  assert.isFalse(asked({ stations: 50_000, rate: "2000", duration: "1h" }).plan.keepsReadings)
})
