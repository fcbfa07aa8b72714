import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { exploredReport } from "#scenarios/cli/exploreReport.ts"
import { parse } from "#scenarios/explore/Story.ts"
import { CannotRun } from "#server/cli/failures.ts"
import { badRun, command, goodRun } from "./support.ts"

const inFolder = <A, E>(use: (folder: string) => Effect.Effect<A, E>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "wattproof-report-"))),
    use,
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
  )

it.effect("several scenarios make several suites, and one that failed fails the command", () =>
  inFolder((folder) =>
    Effect.gen(function* () {
      const file = join(folder, "new", "run.xml")
      const results = [goodRun, { ...badRun, scenario: "strangers" }]
      const lived: Array<string> = []
      const runner = (request: { readonly scenario: { readonly name: string } }) => {
        lived.push(request.scenario.name)
        return Effect.succeed(results[lived.length - 1]!)
      }
      const line = ["run", "first-charge", "strangers", "--json", "--junit", file]
      const { code, out } = yield* command(line, { runner })
      assert.strictEqual(code, 1)
      assert.deepStrictEqual(lived, ["first-charge", "strangers"])
      assert.deepStrictEqual(
        out
          .trim()
          .split("\n")
          .map((it) => JSON.parse(it).verdict),
        ["PASS", "FAIL"]
      )
      const xml = readFileSync(file, "utf8")
      assert.deepStrictEqual(
        [...xml.matchAll(/<testsuite name="([^"]+)"/g)].map(([, name]) => name),
        ["first-charge", "strangers"]
      )
    })
  )
)

it.effect("one that cannot be run does not keep the others from it, and is an error in the XML", () =>
  inFolder((folder) =>
    Effect.gen(function* () {
      const file = join(folder, "run.xml")
      let runs = 0
      const runner = () =>
        runs++ === 0 ? Effect.fail(new CannotRun({ message: "The disk is full." })) : Effect.succeed(goodRun)
      const { code, err } = yield* command(["run", "first-charge", "strangers", "--junit", file], { runner })
      assert.strictEqual(code, 3)
      assert.strictEqual(runs, 2)
      assert.include(err, "The disk is full.")
      assert.include(readFileSync(file, "utf8"), '<error message="The disk is full."')
    })
  )
)

it.effect("a file that cannot be written is said before anything is run", () =>
  Effect.gen(function* () {
    const { code, err } = yield* command(["run", "first-charge", "--report", "package.json/run.html"])
    assert.strictEqual(code, 3)
    assert.include(err, "package.json/run.html cannot be written")
    assert.isFalse(existsSync("package.json/run.html"))
  })
)

it.live("what an exploration found is lived again for its report", () =>
  Effect.gen(function* () {
    const story = yield* parse(readFileSync("scenarios/stories/limited-card-after-plug.story.json", "utf8"))
    const complaint = { oracle: "money", sentence: "Twice.", expected: "1", found: "2" }
    const finding = { complaint, story, stepsBefore: 9, run: 3, seed: "s/3", again: 2 } as const
    const files = { report: Option.some("x"), junit: Option.none() }
    const words = {
      seed: "s",
      store: "memory" as const,
      runs: 4,
      steps: 20,
      repeated: 0,
      seconds: 1,
      reached: new Map(),
      findings: [finding],
      unreached: ["two sockets of one station at once"] as const,
      commit: "c",
      fileOf: () => "a.story.json"
    }
    const { records, suites } = yield* exploredReport(files, words)
    assert.deepStrictEqual(
      suites.map(({ name, cases }) => [name, cases.filter(({ outcome }) => outcome._tag === "Failed").length]),
      [
        ["explore", 2],
        ["explore-money-3", 0]
      ]
    )
    assert.strictEqual(records[0]?.result.scenario, "explore-money-3")
    assert.strictEqual(records[0]?.happened, "steps")
    assert.isNotEmpty(records[0]?.exchanges)
    assert.isTrue(
      records[0]?.exchanges.some(({ entries }) =>
        entries.some((it) => it.what === "note" && /present card/.test(it.text))
      )
    )
  })
)
