/**
 * Lives every crash point and every failure of the database on PostgreSQL, made at its client, at moments drawn by the
 * round, and tells which an oracle objects to. CI lives a share of it.
 */
import { Cause, Console, Effect, Exit } from "effect"
import { type CrashPoint, crashPointNames, crashPoints } from "#scenarios/crashPoints.ts"
import { databaseFailureNames } from "#scenarios/databaseFailures.ts"
import type { Story } from "#scenarios/explore/Story.ts"
import { openPostgres } from "#scenarios/lab/Store.ts"
import * as Stream from "#simulator/Stream.ts"
import { commandLine, wholeNumber } from "../../support/commandLine.ts"
import { type Asked, failing, killed, type Lived, live, ofDeath, ofFailure, storyWith } from "./troubled.ts"

const [rounds = "3", first = "1"] = commandLine("npm run test:faults -- [rounds] [first]", {}, { most: 2 }).positionals

/** From before the first car comes until the last is about to go; before the lines break, for what happens as they do. */
const momentOf = (luck: Stream.Stream, when?: CrashPoint): number => luck.int(20, isOfLines(when) ? 390 : 1_490)

const isOfLines = (when: CrashPoint | undefined): boolean => {
  const place = when === undefined ? undefined : crashPoints[when]?.place
  return place === "claim" || place === "load" || place === "second socket"
}

interface Case {
  readonly name: string
  readonly story: Story
  readonly objections: (lived: Lived, plain: Lived) => ReadonlyArray<string>
}

const casesOf = (seed: string): ReadonlyArray<Case> => {
  const luck = Stream.make(seed, "moments")
  const deaths = crashPointNames.map((when): Case => {
    const at = momentOf(luck.split(when), when)
    return { name: `server dies ${when}, armed at ${at} s`, story: killed(when, seed, at), objections: ofDeath }
  })
  const failures = databaseFailureNames.flatMap((how) =>
    (["commits", "requests"] as const).map((of: Asked): Case => {
      const at = momentOf(luck.split(`${how} ${of}`))
      return {
        name: `${how}, ${of} from ${at} s on`,
        story: failing(how, of, seed, at),
        objections: (lived) => ofFailure(lived, how, of)
      }
    })
  )
  return [...deaths, ...failures]
}

const program = Effect.gen(function* () {
  const postgres = yield* openPostgres(undefined)
  const bad: Array<string> = []
  let done = 0
  const from = wholeNumber("first", first)
  const until = from + wholeNumber("rounds", rounds)
  for (let round = from; round < until; round++) {
    const seed = `faults-${round}`
    const plain = yield* live(storyWith(seed), postgres)
    for (const { name, story, objections } of casesOf(seed)) {
      const exit = yield* Effect.exit(live(story, postgres))
      const found = Exit.isSuccess(exit) ? objections(exit.value, plain) : [Cause.pretty(exit.cause)]
      done++
      if (found.length === 0) continue
      bad.push(name)
      yield* Console.log([`${seed}: ${name}: FAIL`, ...found.slice(0, 6)].join("\n  "))
    }
    yield* Console.log(`${seed}: ${done} lives, ${bad.length} of them bad`)
  }
  yield* Console.log(bad.length === 0 ? "PASS: nothing acknowledged was lost, nothing was billed twice" : "FAIL")
  return bad.length === 0 ? 0 : 1
}).pipe(Effect.scoped)

Effect.runPromise(program).then((code) => process.exit(code))
