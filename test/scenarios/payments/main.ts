import { Cause, Console, Effect, Exit } from "effect"
import { complaints, drawnDay, live } from "./day.ts"

/**
 * Lives small days of payments in virtual time, each with faults and deaths of the server of its own, and tells which
 * seeds an oracle objects to: `npm run payments -- [days] [first]`. Outside of CI.
 */
const [days = "100", first = "1"] = process.argv.slice(2)
const [from, until] = [Number(first), Number(first) + Number(days)]

/** Days between two lines of progress. */
const tellEvery = 20

const seconds = (): string => {
  const { user, system } = process.cpuUsage()
  return `${((user + system) / 1e6).toFixed(0)} s of CPU`
}

const program = Effect.gen(function* () {
  const bad: Array<string> = []
  const struck = new Map<string, number>()
  let [paid, deaths] = [0, 0]
  const object = (day: number, words: ReadonlyArray<string>) => {
    bad.push(`payments-${day}`)
    const again = `repeat: npm run payments -- 1 ${day}`
    return Console.log([`payments-${day}: FAIL, ${again}`, ...words.slice(0, 6)].join("\n  "))
  }
  for (let day = from; day < until; day++) {
    const exit = yield* Effect.exit(live(drawnDay(`payments-${day}`)))
    if (Exit.isFailure(exit)) {
      yield* object(day, [Cause.pretty(exit.cause)])
      continue
    }
    const { result, payments } = exit.value
    for (const [name, count] of payments.provider.luck.strikes) struck.set(name, (struck.get(name) ?? 0) + count)
    paid += payments.provider.truth.filter(({ capturedMinor }) => capturedMinor > 0n).length
    deaths += payments.trigger.deaths
    if (result.verdict !== "PASS") yield* object(day, complaints(result))
    const lived = day + 1 - from
    if (lived % tellEvery === 0)
      yield* Console.log(
        `${lived} of ${days} days, ${paid} captures, ${deaths} deaths, ${bad.length} bad, ${seconds()}`
      )
  }
  const strikes = [...struck].sort().map(([name, count]) => `${name} ${count}`)
  yield* Console.log(`Struck: ${strikes.join(", ")}.`)
  const verdict = bad.length === 0 ? "PASS" : `FAIL (${bad.join(", ")})`
  yield* Console.log(
    `${verdict}: seeds payments-${from} to payments-${until - 1}, ${paid} captures, ${deaths} deaths, ${seconds()}`
  )
  return bad.length === 0 ? 0 : 1
})

// A server that died left calls of the SDK behind, whose timers would keep this process for a day.
Effect.runPromise(program).then((code) => process.exit(code))
