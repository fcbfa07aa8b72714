import { assert, it } from "@effect/vitest"
import { parseHTML } from "linkedom"
import { loadSummary } from "#scenarios/cli/loadSummary.ts"
import type { LoadResult } from "#scenarios/load/Result.ts"
import { loadPage } from "#scenarios/load/report.ts"
import { Latencies } from "#scenarios/report/Latencies.ts"
import { plain } from "#server/cli/Screen.ts"
import { badRun } from "../cli/support.ts"

const latencies = new Latencies()
for (let ms = 1; ms <= 1_000; ms++) latencies.record("Authorize", ms * 1_000)

const failed: LoadResult = {
  profile: "charging",
  seed: "seven",
  commit: "0123456789ab",
  target: null,
  stations: 10_000,
  workers: 2,
  verdict: "FAIL",
  oracles: badRun.oracles,
  rate: { asked: 100, due: 101.5, reached: 99.25 },
  arrived: { due: 6_090, begun: 6_080, served: 6_000, servedInTime: 5_955, shed: 10, gaveUp: 80 },
  connectSeconds: 12.3,
  connectCpuSeconds: 15.9,
  connected: 10_000,
  outages: [{ kind: "restart", atSeconds: 30, downSeconds: 2.5, allBackSeconds: 9.1 }],
  messages: 60_000,
  messagesPerSecond: 1_000,
  latencies: latencies.rows(),
  errors: { "dial: ECONNREFUSED": 412, "<b>bold</b>": 1 },
  fleetLateMs: 150,
  transactions: 6_000,
  energyWh: 912_345,
  money: { EUR: "912033" },
  keptReadings: false,
  fleet: { peakRssBytes: 900 * 1024 ** 2, peakRssBeforeBooksBytes: 800 * 1024 ** 2, cpuSeconds: 28 },
  server: { peakRssBytes: 500 * 1024 ** 2, cpuSeconds: 16.6 },
  database: { peakRssBytes: null, cpuSeconds: 10.1 },
  durationSeconds: 60,
  wallSeconds: 100,
  timeline: Array.from({ length: 60 }, (_, second) => ({
    atSeconds: second,
    connected: second === 30 ? 0 : 10_000,
    sessions: 2_000,
    messagesPerSecond: 1_000,
    p99Ms: second === 31 ? null : 40
  }))
}

it("a page of a load says the verdicts, the latencies and what went wrong, and loads nothing", () => {
  const whole = loadPage(failed, "npm run wattproof -- load")
  const { document } = parseHTML(whole)
  const text = document.body.textContent ?? ""
  for (const words of ["FAIL", "Authorize", "500 ms", "A session was billed twice.", "server killed", "<b>bold</b>"]) {
    assert.include(text, words)
  }
  assert.strictEqual(document.querySelectorAll("svg.plot").length, 4)
  assert.isNull(document.querySelector("td b, th b"))
  assert.notMatch(whole, /https?:|src=|@import|url\(/)
})

it("on a terminal a load says rates, latencies, outages, errors, and what judged it", () => {
  const lines = loadSummary(failed, { repeat: "again", style: plain, columns: 80 })
  const all = lines.join("\n")
  assert.include(all, "100/s asked, 102/s due, 99.25/s reached")
  assert.include(all, "6,000 of 6,090, 10 turned away, 80 gave up")
  assert.include(all, "server killed at 30.0 s, serving again after 2.5 s, everybody back after 9.1 s")
  assert.include(all, "412 dial: ECONNREFUSED")
  assert.match(all, /Authorize +1,000 +500 +900 +990 +999 +1,000/)
  assert.include(all, "The fleet itself was late by up to 150 ms")
  assert.include(all, "money failed")
  assert.include(all, "Repeat it:")
})
