import { readFileSync } from "node:fs"
import { Result } from "effect"
import { type Plan, usualCurve } from "#core/quote/course.ts"
import { quote as quoteOf } from "#core/quote/quote.ts"
import { compile } from "#core/tariff/compile.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import type { Benchmark } from "./harness/Report.ts"

/** OCPI's own "complex tariff" with a least and a greatest price, which a quote has to look for. */
const example = `${import.meta.dirname}/../core/tariff/vectors/complex-saturday-43a-erratum.json`
const limits = { min_price: { before_taxes: 3 }, max_price: { before_taxes: 20 } }

const hourMs = 3_600_000
const beganAtMs = Date.UTC(2026, 2, 4, 8)

/** A thousand plans over a week: AC and DC, short and overnight, cars that fill up and cars that do not. */
const plans = Array.from({ length: 1_000 }, (_, index): Plan => {
  const fromMs = beganAtMs + index * 607_000
  return {
    fromMs,
    untilMs: fromMs + (1 + (index % 14)) * hourMs,
    chargerPowerW: [3_680, 11_000, 22_000, 150_000][index % 4]!,
    car: {
      batteryWh: 40_000 + (index % 7) * 10_000,
      arrivalPercent: index % 60,
      targetPercent: 80 + (index % 21),
      maxPowerW: 120_000,
      curve: usualCurve,
      efficiencyPermille: 910
    },
    energyLimitWh: index % 5 === 0 ? 25_000 : null
  }
})

const percentile = (sorted: ReadonlyArray<number>, of: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * of))]!

/** How long a quote takes, with its branches, its price over time and its lines; the tariff compiled once. */
export const quote: Benchmark = async ({ note, seconds }) => {
  const { tariffs } = JSON.parse(readFileSync(example, "utf8"))
  const tariff = Result.getOrThrow(Tariff.decode({ ...tariffs[0], ...limits }))
  const compiled = Result.getOrThrow(compile(tariff, "Europe/Berlin"))
  note("quotes")
  for (const plan of plans) quoteOf(compiled, plan)
  const tookMs: Array<number> = []
  const usedMs: Array<number> = []
  const untilMs = performance.now() + Math.min(seconds, 6) * 1_000
  for (let index = 0; performance.now() < untilMs; index++) {
    const before = process.cpuUsage()
    const beganMs = performance.now()
    quoteOf(compiled, plans[index % plans.length]!)
    tookMs.push(performance.now() - beganMs)
    const { user, system } = process.cpuUsage(before)
    usedMs.push((user + system) / 1_000)
  }
  for (const figures of [tookMs, usedMs]) figures.sort((a, b) => a - b)
  return [
    // By CPU time, so that a machine with other work says the same.
    { name: "p99, CPU", value: percentile(usedMs, 0.99), unit: "ms", bar: { atMost: 5 } },
    { name: "p99, by the clock", value: percentile(tookMs, 0.99), unit: "ms" },
    { name: "p50, by the clock", value: percentile(tookMs, 0.5), unit: "ms" }
  ]
}
