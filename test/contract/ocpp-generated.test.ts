import { globSync, readFileSync } from "node:fs"
import { resolve } from "node:path"
import { assert, it } from "@effect/vitest"
import { generate } from "#test/support/ocpp-generator/Generate.ts"
import { readSchemas } from "#test/support/ocpp-generator/Reader.ts"

const root = resolve(import.meta.dirname, "../..")
const files = generate()

it("commits exactly what the generator writes, byte for byte", () => {
  for (const [path, content] of files) {
    // Not a deepStrictEqual: a diff of two hundred kilobytes helps nobody.
    assert.isTrue(readFileSync(resolve(root, path), "utf8") === content, `${path} is stale: run npm run generate`)
  }
  assert.deepStrictEqual(globSync("core/ocpp/v*/generated/*", { cwd: root }).sort(), [...files.keys()].sort())
})

it("copies none of the specification's prose", () => {
  const prose = new Set<string>()
  const collect = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return
    for (const [key, inner] of Object.entries(value)) {
      if (key === "description" && typeof inner === "string") prose.add(inner.trim())
      collect(inner)
    }
  }
  collect(readSchemas("ocpp2_0_1"))
  collect(readSchemas("ocpp2_1"))
  const sentences = [...prose].filter((text) => text.includes(" ") && text.length > 20)
  assert.isAbove(sentences.length, 800)
  const text = [...files.values()].join("\n")
  assert.deepStrictEqual(
    sentences.filter((sentence) => text.includes(sentence)),
    []
  )
})
