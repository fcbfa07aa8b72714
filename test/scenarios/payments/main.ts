import { Console, Effect } from "effect"
import { complaints, drawnDay, live } from "./day.ts"

/**
 * Lives small days of payments in virtual time, each with faults and deaths of the server of its own, and tells which
 * seeds an oracle objects to: `node test/scenarios/payments/main.ts [days] [first]`. Outside of CI.
 */
const [days = "100", first = "1"] = process.argv.slice(2)

const program = Effect.gen(function* () {
  const bad: Array<string> = []
  const struck = new Map<string, number>()
  let [paid, deaths] = [0, 0]
  for (let day = Number(first); day < Number(first) + Number(days); day++) {
    const seed = `payments-${day}`
    const { result, payments } = yield* live(drawnDay(seed))
    for (const [name, count] of payments.provider.luck.strikes) struck.set(name, (struck.get(name) ?? 0) + count)
    paid += payments.provider.truth.filter(({ capturedMinor }) => capturedMinor > 0n).length
    deaths += payments.trigger.deaths
    if (result.verdict === "PASS") continue
    bad.push(seed)
    yield* Console.log(seed, ...complaints(result).slice(0, 6))
  }
  const strikes = [...struck].sort().map(([name, count]) => `${name} ${count}`)
  yield* Console.log(`${days} days, ${paid} captures, ${deaths} deaths, ${bad.length} bad; ${strikes.join(", ")}`)
  if (bad.length > 0) process.exitCode = 1
})

Effect.runPromise(program)
