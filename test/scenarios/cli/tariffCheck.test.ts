import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { lineAt, linesOf } from "#scenarios/pricing/jsonLines.ts"
import { command } from "./support.ts"

const written = (name: string, text: string): string => {
  const path = `${mkdtempSync(`${tmpdir()}/tariff-check-`)}/${name}`
  writeFileSync(path, text)
  return path
}

const good = { id: "good", currency: "EUR", elements: [{ price_components: [{ type: "ENERGY", price: 0.5 }] }] }
const broken = {
  ...good,
  id: "broken",
  elements: [...good.elements, { ...good.elements[0], restrictions: { min_kwh: 10 } }]
}

describe("wattproof tariff check", () => {
  it.effect("names file and line of what is wrong, says why, and ends with 1 when it may not be published", () =>
    Effect.gen(function* () {
      const file = written("broken.json", JSON.stringify(broken, null, 2))
      const { code, out } = yield* command(["tariff", "check", file, "--zone", "Europe/Berlin"])
      assert.strictEqual(code, 1)
      assert.include(out, "1 error")
      assert.include(out, `${file}:15 /elements/1/price_components/0`)
      assert.include(out, "Put the element with the narrower restrictions before.")
      assert.include(out, "(Europe/Berlin)")
    })
  )

  it.effect("takes lists too, and ends with 0 when nothing is broken", () =>
    Effect.gen(function* () {
      const file = written("good.json", JSON.stringify([good, { ...good, id: "other" }]))
      const { code, out } = yield* command(["tariff", "check", file, "--json"])
      assert.strictEqual(code, 0)
      const { tariffs } = JSON.parse(out) as { tariffs: ReadonlyArray<{ id: string; findings: ReadonlyArray<object> }> }
      assert.deepStrictEqual(
        tariffs.map(({ id }) => id),
        ["good", "other"]
      )
      assert.containSubset(tariffs[0]!.findings, [{ code: "never_priced", dimension: "TIME", line: 1 }])
    })
  )

  it.effect("refuses what is no tariff with file, line and what to do, and checks the others", () =>
    Effect.gen(function* () {
      const bad = written("bad.json", JSON.stringify({ ...good, currency: "EURO" }, null, 2))
      const torn = written("torn.json", '{\n "id": "x",\n')
      const { code, out, err } = yield* command([
        "tariff",
        "check",
        bad,
        torn,
        written("good.json", JSON.stringify(good))
      ])
      assert.strictEqual(code, 2)
      assert.include(err, `${bad}:3 (/currency)`)
      assert.include(err, `${torn}:3`)
      assert.include(err, "2 of 3 files could not be checked")
      assert.include(out, "Tariff good")
    })
  )
})

it("a pointer has the line on which its value stands, escapes and nesting included", () => {
  const text = '{\n "a/b": [\n  1, "x\\"]",\n  {"~": null}\n ],\n "c": {}\n}'
  const lines = linesOf(text)
  assert.deepStrictEqual(
    ["", "/a~1b", "/a~1b/1", "/a~1b/2/~0", "/c"].map((pointer) => lines.get(pointer)),
    [1, 2, 3, 4, 6]
  )
  assert.strictEqual(lineAt(lines, "/c/not/there"), 6)
})
