import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { find } from "#scenarios/Catalogue.ts"
import { runnerOf } from "#scenarios/cli/runner.ts"
import { CannotRun } from "#server/cli/failures.ts"
import { badRun, command, goodRun } from "./support.ts"

const returning = (result: typeof goodRun) => ({ runner: () => Effect.succeed(result) })

it.live("a run of the first charge prints one JSON object with everything, and ends with 0", () =>
  Effect.gen(function* () {
    const line = ["run", "first-charge", "--json", "--store", "memory", "--stations", "3"]
    const { code, out, err } = yield* command(line, { runner: runnerOf(() => "some-commit") })
    assert.strictEqual(code, 0, err)
    assert.strictEqual(err, "")
    assert.strictEqual(out.split("\n").length, 2)
    const result = JSON.parse(out)
    assert.sameMembers(Object.keys(result), [
      "scenario",
      "seed",
      "world",
      "store",
      "commit",
      "traceHash",
      "verdict",
      "oracles",
      "messages",
      "transactions",
      "energyWh",
      "money",
      "virtualSeconds",
      "wallSeconds",
      "peakRssBytes"
    ])
    assert.deepInclude(result, {
      scenario: "first-charge",
      seed: find("first-charge")!.seed,
      world: "virtual",
      store: "memory",
      commit: "some-commit",
      verdict: "PASS"
    })
    assert.match(result.traceHash, /^[0-9a-f]{16}$/)
    for (const oracle of result.oracles) {
      assert.includeMembers(Object.keys(oracle), ["name", "verdict", "checked", "failures"])
      assert.deepStrictEqual(oracle.failures, [])
    }
    assert.isAbove(result.transactions, 0)
    assert.match(result.money.EUR, /^[1-9]\d*$/)
    for (const name of ["messages", "energyWh", "virtualSeconds", "wallSeconds", "peakRssBytes"]) {
      assert.isAbove(result[name], 0, name)
    }
  })
)

it.effect("a failed oracle ends the run with 1, and the JSON says whom it is about", () =>
  Effect.gen(function* () {
    const { code, out } = yield* command(["run", "first-charge", "--json"], returning(badRun))
    assert.strictEqual(code, 1)
    assert.deepStrictEqual(JSON.parse(out), badRun)
  })
)

it.effect("a failed oracle names the transaction, shows expected and found, and the command that repeats it", () =>
  Effect.gen(function* () {
    const { code, out } = yield* command(
      ["run", "first-charge", "--seed", "seven", "--store", "memory"],
      returning(badRun)
    )
    assert.strictEqual(code, 1)
    assert.include(out, "0190-t1")
    assert.match(out, /expected\s+1000 minor units/)
    assert.match(out, /found\s+2000 minor units/)
    assert.include(out, "... and 2 more")
    assert.match(out, /Repeat it:\n {2}npm run wattproof -- run first-charge --seed seven --store memory\n/)
  })
)

it.effect("a run that no oracle could judge is not passed off as good", () =>
  Effect.gen(function* () {
    const blind = { ...goodRun, verdict: "NOT VERIFIABLE" as const }
    const { code } = yield* command(["run", "first-charge"], returning(blind))
    assert.strictEqual(code, 3)
  })
)

it.effect("what keeps a run from its end is told without a stack, and is no verdict", () =>
  Effect.gen(function* () {
    const runner = () => Effect.fail(new CannotRun({ message: "The disk is full." }))
    const { code, out, err } = yield* command(["run", "first-charge", "--json"], { runner })
    assert.strictEqual(code, 3)
    assert.strictEqual(out, "")
    assert.strictEqual(err, "Cannot run. The disk is full.\n")
  })
)

it.effect("a defect is not mistaken for wrong use, and asks to be reported", () =>
  Effect.gen(function* () {
    const { code, err } = yield* command(["run", "first-charge"], { runner: () => Effect.die(new Error("oops")) })
    assert.strictEqual(code, 70)
    assert.include(err, "oops")
    assert.include(err, "report")
  })
)

it.effect("list prints every scenario with its title, for people and for programs", () =>
  Effect.gen(function* () {
    const people = yield* command(["list"])
    const programs = yield* command(["list", "--json"])
    assert.strictEqual(people.code + programs.code, 0)
    const entries: ReadonlyArray<Record<string, unknown>> = JSON.parse(programs.out)
    const names = entries.map(({ name }) => String(name))
    assert.includeMembers(names, [
      "first-charge",
      "morning-peak",
      "strangers",
      "lossy-uplink",
      "power-cut",
      "cms-restart",
      "mass-reconnect"
    ])
    for (const { name, title, worlds } of entries) {
      assert.include(people.out, String(name))
      assert.isAbove(String(title).length, 10)
      assert.include(worlds as ReadonlyArray<string>, "virtual")
    }
    for (const line of people.out.split("\n")) assert.isAtMost(line.length, 80)
  })
)
