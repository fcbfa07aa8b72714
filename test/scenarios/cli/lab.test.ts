import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { command } from "./support.ts"

const folder = mkdtempSync(`${tmpdir()}/tariff-lab-`)
const examples = `${import.meta.dirname}/../../../scenarios/tarifflab/examples`
const [standard, idleFee] = [`${examples}/standard.json`, `${examples}/idle-fee.json`]
const written = (name: string, content: unknown): string => {
  writeFileSync(`${folder}/${name}`, typeof content === "string" ? content : JSON.stringify(content))
  return `${folder}/${name}`
}
const lab = (a: string, b: string, traffic: string, ...rest: ReadonlyArray<string>) =>
  command(["lab", "--tariff", a, "--against", b, "--traffic", traffic, ...rest])

describe("wattproof lab", () => {
  it.effect("compares two tariffs over seeds, writes the page, and says the same bytes again", () =>
    Effect.gen(function* () {
      const page = `${folder}/report/lab.html`
      const small = ["--stations", "3", "--seeds", "2", "--energy-cost", "0.11"]
      const { code, out, err } = yield* lab(standard!, idleFee!, "morning-peak", ...small, "--report", page, "--json")
      assert.strictEqual(code, 0)
      assert.include(err, `written: ${page}`)
      const told = JSON.parse(out)
      assert.isAbove(told.sessions, 0)
      assert.deepStrictEqual(
        told.runs.map(({ seed, verdict }: { seed: string; verdict: string }) => [seed, verdict]),
        [
          ["morning-peak", "PASS"],
          ["morning-peak-2", "PASS"]
        ]
      )
      assert.strictEqual(told.reactions.elasticities[0].againstNet, told.against.net)
      assert.isAbove(told.confidence.netPercent.margin, 0)
      const html = readFileSync(page, "utf8")
      for (const heading of ["Revenue", "How sure", "What drivers pay", "Who pays more, who less", "If people react"])
        assert.include(html, `>${heading}</h2>`)
      assert.notMatch(html, /<(script|link|img)|https?:\/\/(?!www\.w3\.org)/)
      const again = yield* lab(standard!, idleFee!, "morning-peak", ...small, "--report", page, "--json")
      assert.strictEqual(again.out, out)
      assert.strictEqual(readFileSync(page, "utf8"), html)
    })
  )

  it.effect("finds nothing between a tariff and itself, in words", () =>
    Effect.gen(function* () {
      const { code, out } = yield* lab(idleFee!, idleFee!, "morning-peak", "--stations", "2")
      assert.strictEqual(code, 0)
      assert.match(out, /^IDLE-FEE \(B\) earns what IDLE-FEE \(A\) earns\./)
      assert.match(out, /revenue, net.*EUR 0\.00 +0\.0 %/)
      assert.match(out, /One seed is one day/)
    })
  )

  const refused: ReadonlyArray<readonly [title: string, line: ReadonlyArray<string>, why: RegExp]> = [
    [
      "a traffic that is none",
      [standard!, idleFee!, "morning-peek"],
      /no traffic "morning-peek". Did you mean morning-peak/
    ],
    ["seeds of a history", [standard!, idleFee!, "history", "--seeds", "3"], /--seeds is about scenarios/],
    ["a span of a scenario", [standard!, idleFee!, "morning-peak", "--data", "x"], /--data is about --traffic history/],
    ["a positive elasticity", [standard!, idleFee!, "morning-peak", "--elasticity", "0.5"], /numbers from -5 to 0/],
    ["two energy costs", [standard!, idleFee!, "morning-peak", "--energy-cost", "1", "--energy-prices", "x"], /twice/],
    ["a cost that is no price", [standard!, idleFee!, "morning-peak", "--energy-cost", "cheap"], /is no price per kWh/],
    ["a file that is none", [standard!, `${folder}/none.json`, "morning-peak"], /none\.json cannot be read/],
    ["a file that is no JSON", [written("broken.json", "{"), idleFee!, "morning-peak"], /broken\.json cannot be read/],
    [
      "a tariff that is wrong, with file and path",
      [written("wrong.json", { id: "X", currency: "EUR", elements: [] }), idleFee!, "morning-peak"],
      /wrong\.json holds no tariff to try, at \/elements/
    ],
    [
      "two currencies",
      [standard!, written("chf.json", readFileSync(standard!, "utf8").replace("EUR", "CHF")), "morning-peak"],
      /is in EUR and .*chf\.json in CHF/
    ]
  ]
  for (const [title, [a, b, traffic, ...rest], why] of refused) {
    it.effect(`refuses ${title}`, () =>
      Effect.gen(function* () {
        const { code, out, err } = yield* lab(a!, b!, traffic!, ...rest)
        assert.strictEqual(code, 2)
        assert.strictEqual(out, "")
        assert.match(err, why)
      })
    )
  }
})
