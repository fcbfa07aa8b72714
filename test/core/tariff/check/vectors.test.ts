import { globSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { staticAnalysis } from "#core/tariff/check/staticAnalysis.ts"
import { Tariff } from "#core/tariff/Tariff.ts"

interface Vector {
  readonly id: string
  readonly kind: string
  readonly exercises: string
  readonly tariff: unknown
  readonly expected: Readonly<Record<string, unknown>>
}

const vectors = globSync(`${import.meta.dirname}/../vectors/*.json`)
  .sort()
  .map((file) => JSON.parse(readFileSync(file, "utf8")) as Vector)
  .filter(({ kind }) => kind === "static-analysis")

describe("static analysis, by the published examples", () => {
  for (const { id, exercises, tariff, expected } of vectors) {
    it(`${id}: ${exercises}`, () => {
      const answer = Result.getOrThrow(staticAnalysis(Result.getOrThrow(Tariff.decode(tariff))))
      const asked = Object.fromEntries(Object.entries(answer).filter(([key]) => key in expected))
      assert.deepStrictEqual(asked, expected)
    })
  }

  it("all 6 examples were there", () => {
    assert.strictEqual(vectors.length, 6)
  })
})
