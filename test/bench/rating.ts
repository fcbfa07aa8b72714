import { readFileSync } from "node:fs"
import { Result } from "effect"
import { decodeCdr } from "#core/tariff/cdrCodec.ts"
import { compile } from "#core/tariff/compile.ts"
import { explain } from "#core/tariff/explain.ts"
import { rate, rateTotals } from "#core/tariff/rate.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import type { Benchmark, Figure } from "./harness/Report.ts"

/** OCPI's own "complex tariff", its Saturday session of two periods, and the same on a thousand days of three years. */
const example = `${import.meta.dirname}/../core/tariff/vectors/complex-saturday-43a-erratum.json`
const sessionsMade = 1_000
const dayMs = 86_400_000

/** Sessions per second of CPU time, so that a machine with other work says the same. */
const perCpuSecond = (seconds: number, priceOne: (index: number) => unknown): number => {
  const batch = 2_000
  let kept: unknown
  const run = (untilMs: number): number => {
    let priced = 0
    while (performance.now() < untilMs) {
      for (let index = 0; index < batch; index++) kept = priceOne(index % sessionsMade)
      priced += batch
    }
    return priced
  }
  run(performance.now() + 1_000)
  const before = process.cpuUsage()
  const priced = run(performance.now() + seconds * 1_000)
  const used = process.cpuUsage(before)
  if (kept === undefined) throw new Error("nothing was priced")
  return priced / ((used.user + used.system) / 1e6)
}

/** What the rating engine does on one core, the tariff compiled once. */
export const rating: Benchmark = async ({ note, seconds }) => {
  const { tariffs, cdr } = JSON.parse(readFileSync(example, "utf8"))
  const compiled = Result.getOrThrow(compile(Result.getOrThrow(Tariff.decode(tariffs[0])), "Europe/Berlin"))
  const { periods } = Result.getOrThrow(decodeCdr(cdr))
  const sessions = Array.from({ length: sessionsMade }, (_, day) =>
    periods.map((it) => ({ ...it, startAtMs: it.startAtMs + day * dayMs, endAtMs: it.endAtMs + day * dayMs }))
  )
  const figure = (name: string, atLeast: number | undefined, priceOne: (index: number) => unknown): Figure => {
    note(name)
    const value = perCpuSecond(Math.min(seconds, 6), priceOne)
    return { name, value, unit: "sessions/s", ...(atLeast !== undefined && { bar: { atLeast } }) }
  }
  return [
    figure("rated and explained, line by line", 50_000, (index) => {
      const session = sessions[index]!
      return explain(compiled, session, rate(compiled, session))
    }),
    figure("rated, with its lines", undefined, (index) => rate(compiled, sessions[index]!)),
    figure("totals only", 500_000, (index) => rateTotals(compiled, sessions[index]!))
  ]
}
