import { assert, it } from "@effect/vitest"
import { run } from "./run.ts"

it("kill -9 of the server, and of everything, loses nothing acknowledged and bills nothing twice", {
  timeout: 240_000
}, async () => {
  const report = await run({ kills: 3, stations: 24, seed: "npm test", paceMs: 20, keep: false, log: () => {} })
  assert.deepStrictEqual(report.failures, [])
  assert.deepStrictEqual(report.kills, { server: 1, everything: 1, start: 1, database: 0 })
  assert.isAbove(report.billed, 20)
  assert.isAbove(report.tally.repeatedWithNewId + report.tally.repeatedWithSameId, 10)
})
