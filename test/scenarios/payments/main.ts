import { Cause, Console, Effect, Exit } from "effect"
import { commandLine, refuse, wholeNumber } from "../../support/commandLine.ts"
import { complaints, type Day, drawnDay, drawnHttpDay, live, liveOverHttp } from "./day.ts"

/**
 * Lives small days of payments, each with faults and deaths of the server of its own, and tells which seeds an oracle
 * objects to. In virtual time, or with `http` over real HTTP and sockets, a
 * few at a time, where nobody dies (`npm run test:kill:payments` does). Outside of CI.
 */
const usage = "npm run payments -- [days] [first] [http]"
const [days = "100", first = "1", way = "virtual"] = commandLine(usage, {}, { most: 3 }).positionals
if (way !== "virtual" && way !== "http") refuse(`${way} is no way to live them\n\n${usage}`)
const from = wholeNumber("first", first)
const until = from + wholeNumber("days", days)
const isOverHttp = way === "http"

/** Days between two lines of progress, and how many are lived at a time. */
const [tellEvery, atOnce] = isOverHttp ? [4, 4] : [20, 1]

const seconds = (): string => {
  const { user, system } = process.cpuUsage()
  return `${((user + system) / 1e6).toFixed(0)} s of CPU`
}

const lived = (day: number): Effect.Effect<Day, unknown> => {
  const seed = `payments-${day}`
  if (isOverHttp) return liveOverHttp(drawnHttpDay(seed))
  return Effect.map(live(drawnDay(seed)), ({ result, payments: { provider, trigger } }) => ({
    result,
    provider,
    deaths: trigger.deaths
  }))
}

const program = Effect.gen(function* () {
  const bad: Array<string> = []
  const struck = new Map<string, number>()
  let [done, paid, deaths] = [0, 0, 0]
  const object = (day: number, words: ReadonlyArray<string>) => {
    bad.push(`payments-${day}`)
    const again = `npm run payments -- 1 ${day}${isOverHttp ? " http" : ""}`
    return Console.log([`payments-${day}: FAIL, repeat: ${again}`, ...words.slice(0, 6)].join("\n  "))
  }
  const live = Effect.fnUntraced(function* (day: number) {
    const exit = yield* Effect.exit(lived(day))
    done++
    if (Exit.isFailure(exit)) return yield* object(day, [Cause.pretty(exit.cause)])
    const { result, provider, deaths: died } = exit.value
    for (const [name, count] of provider.luck.strikes) struck.set(name, (struck.get(name) ?? 0) + count)
    paid += provider.truth.filter(({ capturedMinor }) => capturedMinor > 0n).length
    deaths += died
    if (result.verdict !== "PASS") yield* object(day, complaints(result))
    if (done % tellEvery === 0)
      yield* Console.log(`${done} of ${days} days, ${paid} captures, ${deaths} deaths, ${bad.length} bad, ${seconds()}`)
  })
  const all = Array.from({ length: until - from }, (_, index) => from + index)
  yield* Effect.forEach(all, live, { concurrency: atOnce, discard: true })
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
