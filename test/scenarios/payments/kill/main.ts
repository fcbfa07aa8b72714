import { Console, Effect } from "effect"
import { commandLine, wholeNumber } from "../../../support/commandLine.ts"
import { complaints } from "../day.ts"
import { killPoints } from "./points.ts"
import { killThrough } from "./run.ts"

/**
 * Kills the server with SIGKILL at every step of a payment, top-ups of wallets among them, and of what is owed for charges,
 * and compares what the provider, payments, bills and ledger say. Outside of CI.
 */
const [rounds = "1", seed = "1"] = commandLine(
  "npm run test:kill:payments -- [rounds] [seed]",
  {},
  { most: 2 }
).positionals

const program = Effect.gen(function* () {
  const points = Array.from({ length: wholeNumber("rounds", rounds) }, () => killPoints).flat()
  let died = 0
  const { result, provider, deaths, missed } = yield* killThrough(points, `kill-${seed}`, (point) => {
    died++
    Effect.runSync(Console.log(`${died} of ${points.length}: died ${point}`))
  })
  const taken = provider.truth.filter(({ capturedMinor }) => capturedMinor > 0n)
  const twice = provider.truth.filter(({ captures }) => captures > 1)
  const words = complaints(result)
  for (const word of words) yield* Console.log(word)
  for (const point of missed) yield* Console.log(`nobody came to: ${point}`)
  const isGood = words.length === 0 && missed.length === 0
  yield* Console.log(
    `${isGood ? "PASS" : "FAIL"}: ${deaths.length} kills, ${result.transactions} charges, ${provider.truth.length} intents, ` +
      `${taken.length} captured, ${twice.length} captured twice, ${result.wallSeconds.toFixed(0)} s`
  )
  for (const { name, verdict, checked } of result.oracles)
    yield* Console.log(`  ${name}: ${verdict}, ${checked} checked`)
  return isGood ? 0 : 1
})

Effect.runPromise(program).then((code) => process.exit(code))
