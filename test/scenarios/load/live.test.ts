import { assert, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { loadRunner } from "#scenarios/cli/loading.ts"
import { loadRequestOf } from "#scenarios/cli/loadRequest.ts"
import { loadSummary } from "#scenarios/cli/loadSummary.ts"
import { plain } from "#server/cli/Screen.ts"

it.live(
  "twenty stations charge at our server in a process of its own, from two threads, and every oracle holds",
  () =>
    Effect.gen(function* () {
      const request = Result.getOrThrow(
        loadRequestOf(
          {
            stations: 20,
            profile: "charging",
            rate: "4",
            duration: "3s",
            ramp: "1s",
            connect: "0s",
            charge: "1s",
            sample: 1,
            dialects: "1.6:1,2.0.1:1,2.1:1",
            storm: "2s",
            restartAfter: undefined,
            target: undefined,
            card: undefined,
            prefix: "LOAD",
            workers: 2,
            seed: "small"
          },
          2
        )
      )
      const phases = new Set<string>()
      const result = yield* loadRunner(() => "commit")(request, ({ phase }) => phases.add(phase))
      assert.deepStrictEqual(
        result.oracles.flatMap(({ failures }) => failures),
        []
      )
      const seen = result.oracles.filter(({ verdict, checked }) => verdict === "PASS" && checked > 0)
      assert.deepStrictEqual(
        seen.map(({ name }) => name),
        ["energy", "money", "authorization", "identity", "liveness", "durability", "protocol", "status", "audit"]
      )
      assert.strictEqual(result.arrived.served, result.arrived.due)
      assert.isAbove(result.arrived.due, 3)
      assert.strictEqual(result.transactions, result.arrived.due)
      assert.strictEqual(result.connected, 20)
      assert.strictEqual(result.outages.length, 1)
      assert.strictEqual(result.latencies.find(({ name }) => name === "BootNotification")?.count, 20)
      assert.isTrue(phases.has("load"))
      const lines = loadSummary(result, { repeat: "again", style: plain, columns: 80 }).join("\n")
      assert.include(lines, "PASS: every oracle that can see holds")
      assert.match(lines, /sessions +\d+ of \d+/)
    }),
  120_000
)
