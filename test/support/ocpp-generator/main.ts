import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { generate } from "./Generate.ts"

const root = resolve(import.meta.dirname, "../../..")
for (const [path, content] of generate()) {
  const file = resolve(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}
