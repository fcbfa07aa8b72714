import { assert, describe, it } from "@effect/vitest"
import { catalogue } from "./catalogue.ts"
import type { Capture, Verdict } from "./Hunt.ts"
import { flawOf, type Mutant, planted, sourceOf } from "./Mutant.ts"
import { hunt } from "./pack.ts"
import { reportOf, scoreOf } from "./report.ts"

const capture: Capture = {
  by: "stories",
  where: "a seed",
  oracle: "money",
  sentence: "A session was billed twice.",
  expected: "1",
  found: "2",
  runs: 4,
  stepsBefore: 20,
  steps: 2
}
const found: Verdict = { _tag: "Found", capture }
const scored = (mutant: Mutant, verdict: Verdict) => ({
  mutant,
  hunted: { mutantId: mutant.id, verdict, seconds: 1 }
})

describe("the catalogue of mutants", () => {
  it("holds more than sixty, of nineteen areas, each with a name of its own", () => {
    assert.isAtLeast(catalogue.length, 60)
    assert.strictEqual(new Set(catalogue.map(({ id }) => id)).size, catalogue.length)
    assert.strictEqual(new Set(catalogue.map(({ area }) => area)).size, 19)
  })

  it("has a patch in each that applies to exactly one place of the code as it is now", () => {
    const flaws = catalogue.flatMap((mutant) => {
      const flaw = flawOf(mutant)
      return flaw === null ? [] : [`${mutant.id}: ${flaw}`]
    })
    assert.deepStrictEqual(flaws, [])
  })

  it("has no two that are the same defect", () => {
    const patches = catalogue.map(({ file, find, replace }) => `${file}\n${find}\n${replace}`)
    assert.strictEqual(new Set(patches).size, patches.length)
  })

  it("says of each what goes wrong, in a sentence", () => {
    const unsaid = catalogue.filter(({ why }) => why.length < 40 || !why.endsWith("."))
    assert.deepStrictEqual(unsaid, [])
  })

  it("puts a replacement in as it is written, whatever it holds", () => {
    const [first] = catalogue
    const text = planted({ ...first!, replace: "$& $1 `" })
    assert.strictEqual(text, sourceOf(first!).split(first!.find).join("$& $1 `"))
  })

  it("refuses a patch that would leave the CMS, or that fits nowhere", () => {
    const [first] = catalogue
    assert.match(flawOf({ ...first!, file: "simulator/Truth.ts" })!, /no part of the CMS/)
    assert.match(flawOf({ ...first!, find: "no such text" })!, /0 times/)
    assert.match(flawOf({ ...first!, replace: first!.find })!, /nothing/)
  })
})

describe("a hunt", () => {
  const quick = ["expiry-day", "fee-per-period", "uid-case", "place-kept"]
  const task = { seed: "mutants", budget: 60, goesOn: false, shrinks: false, shrinkSeconds: 1 }

  it("finds defects of money, of cards and of time within a few stories, and none in the code as it is", async () => {
    const tasks = [...quick.map((mutantId) => ({ mutantId, ...task })), { mutantId: null, ...task, budget: 5 }]
    const hunted = await hunt({ tasks, workers: 2, limitSeconds: 50 })
    assert.deepStrictEqual(
      hunted.map(({ mutantId, verdict }) => [mutantId, verdict._tag]),
      [...quick.map((id) => [id, "Found"]), [null, "Survived"]]
    )
  })

  it("tells a mutant that nobody planted from one that was found", async () => {
    const [hunted] = await hunt({ tasks: [{ mutantId: "no-such", ...task }], workers: 1, limitSeconds: 50 })
    assert.strictEqual(hunted!.verdict._tag, "Bad")
  })
})

describe("the score", () => {
  const [one, other, third] = catalogue as [Mutant, Mutant, Mutant]

  it("is the found of the planted, and medians of what they took", () => {
    const score = scoreOf([scored(one, found), scored(other, { _tag: "Survived", runs: 300 })])
    assert.deepStrictEqual(score, {
      planted: 2,
      found: 1,
      score: 0.5,
      meetsBar: false,
      bad: 0,
      medianRuns: 4,
      medianSteps: 2
    })
  })

  it("counts a mutant that does not run as neither found nor planted, and is not met while there is one", () => {
    const {
      planted,
      found: count,
      score,
      meetsBar
    } = scoreOf([scored(one, found), scored(other, { _tag: "Bad", why: "x" })])
    assert.deepStrictEqual([planted, count, score, meetsBar], [1, 1, 1, false])
  })

  it("is printed with every survivor and what it does", () => {
    const text = reportOf([
      scored(one, found),
      scored(other, { _tag: "Survived", runs: 300 }),
      scored(third, { _tag: "Bad", why: "it does not live" })
    ]).join("\n")
    assert.include(text, other.why)
    assert.include(text, "it does not live")
    assert.notInclude(text, one.why)
  })
})
