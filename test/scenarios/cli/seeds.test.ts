import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Runner } from "#scenarios/cli/run.ts"
import { CannotRun } from "#server/cli/failures.ts"
import { badRun, command, goodRun } from "./support.ts"

/** Lives every seed but `bad`, of which it says what `bad` came to. */
const livingAllBut = (bad: Record<string, ReturnType<Runner>> = {}) => {
  const lived: Array<string> = []
  const runner: Runner = (request) => {
    lived.push(`${request.scenario.name} ${request.seed}`)
    return bad[request.seed] ?? Effect.succeed({ ...goodRun, seed: request.seed })
  }
  return { lived, runner }
}

it.effect("many seeds are lived one after the other, and those that pass are a line in the end", () =>
  Effect.gen(function* () {
    const { lived, runner } = livingAllBut()
    const line = ["run", "first-charge", "strangers", "--seed", "may", "--seeds", "2", "--store", "memory"]
    const { code, out } = yield* command(line, { runner })
    assert.strictEqual(code, 0)
    assert.deepStrictEqual(lived, ["first-charge may-1", "first-charge may-2", "strangers may-1", "strangers may-2"])
    assert.match(out, /first-charge +2 +2 +0 +2,408 +824,006 +26\.4 s\n/)
    assert.match(out, /PASS: every oracle holds under every seed\n$/)
  })
)

it.effect("a seed that fails says what was found and how to live it again, and the others are lived all the same", () =>
  Effect.gen(function* () {
    const { lived, runner } = livingAllBut({
      "may-1": Effect.succeed(badRun),
      "may-2": Effect.fail(new CannotRun({ message: "It came to a halt." }))
    })
    const line = ["run", "first-charge", "--seed", "may", "--seeds", "3", "--store", "memory"]
    const { code, out } = yield* command(line, { runner })
    assert.strictEqual(code, 1)
    assert.lengthOf(lived, 3)
    assert.include(out, "first-charge, seed may-1: FAIL")
    assert.include(out, "0190-t1")
    assert.match(out, /seed may-2: CANNOT RUN\n {2}It came to a halt\.\n/)
    assert.include(out, "npm run wattproof -- run first-charge --seed may-2 --store memory\n")
    assert.match(out, /first-charge +3 +1 +2 /)
    assert.match(out, /FAIL: first-charge may-1, first-charge may-2\n$/)
  })
)

it.effect("for programs each seed is a line of JSON, and nothing else is said", () =>
  Effect.gen(function* () {
    const { runner } = livingAllBut()
    const { code, out, err } = yield* command(["run", "first-charge", "--seed", "a b", "--seeds", "2", "--json"], {
      runner
    })
    assert.strictEqual(code, 0)
    assert.strictEqual(err, "")
    const lines = out.trimEnd().split("\n")
    assert.deepStrictEqual(
      lines.map((line) => JSON.parse(line).seed),
      ["a b-1", "a b-2"]
    )
  })
)

it.effect("a log hears every half minute how far many seeds are", () =>
  Effect.gen(function* () {
    const { runner } = livingAllBut({ "x-2": Effect.succeed(badRun) })
    let nowMs = 0
    const slow: Runner = (...given) => {
      nowMs += 20_000
      return runner(...given)
    }
    const line = ["run", "first-charge", "--seed", "x", "--seeds", "4"]
    const { err } = yield* command(line, { runner: slow, nowMs: () => nowMs })
    assert.strictEqual(err, "2 of 4 seeds, 1 not passed, 40.0 s left\n4 of 4 seeds, 1 not passed, 0.0 s left\n")
  })
)

it.effect("a report of many seeds is refused before any is lived, with what to do instead", () =>
  Effect.gen(function* () {
    const { code, err } = yield* command(["run", "first-charge", "--seeds", "2", "--report", "x.html"])
    assert.strictEqual(code, 2)
    assert.include(err, "--seed SEED-17 --report FILE")
  })
)
