import { type Model, payloadName, type Type } from "./Model.ts"

const inlineEnumSize = 4

/** Writes the checks of one version; lists of allowed values and known keys are shared constants. */
class Writer {
  readonly constants = new Map<string, string>()
  readonly lines: string[] = []
  readonly model: Model

  constructor(model: Model) {
    this.model = model
  }

  constant(prefix: string, source: string): string {
    const known = this.constants.get(source)
    if (known !== undefined) return known
    const name = `${prefix}${this.constants.size}`
    this.constants.set(source, name)
    return name
  }

  resolve(type: Type): Type {
    let resolved = type
    while (resolved.kind === "ref") resolved = this.model.types.get(resolved.name)!
    return resolved
  }

  /** The statements that return a violation when the variable `value` does not conform; `path` is source text. */
  check(type: Type, value: string, path: string, indent: string): readonly string[] {
    const line = (condition: string, keyword: string, param: string): string =>
      `${indent}if (${condition}) return fail(${path}, "${keyword}", ${param})`
    const resolved = this.resolve(type)
    switch (resolved.kind) {
      case "unknown":
        return []
      case "boolean":
        return [line(`typeof ${value} !== "boolean"`, "type", `"boolean"`)]
      case "string":
        return [
          line(`typeof ${value} !== "string"`, "type", `"string"`),
          ...(resolved.dateTime ? [line(`!isDateTime(${value})`, "format", `"date-time"`)] : []),
          ...(resolved.maxLength === undefined
            ? []
            : [
                line(
                  `${value}.length > ${resolved.maxLength} && exceeds(${value}, ${resolved.maxLength})`,
                  "maxLength",
                  `${resolved.maxLength}`
                )
              ])
        ]
      case "enum":
        return this.checkEnum(resolved.values, value, path, indent)
      case "number":
        return this.checkNumber(resolved, value, path, indent)
      case "array":
        return this.checkArray(resolved, value, path, indent)
      case "object": {
        if (type.kind !== "ref") throw new Error(`an anonymous object at ${path} needs a name`)
        return [
          `${indent}const ${value}_ = ${type.name}(${value})`,
          `${indent}if (${value}_ !== undefined) return under(${path}, ${value}_)`
        ]
      }
      case "ref":
        throw new Error("resolved above")
    }
  }

  checkEnum(values: readonly string[], value: string, path: string, indent: string): readonly string[] {
    const list = this.constant("values", `[${values.map((each) => JSON.stringify(each)).join(", ")}]`)
    const outside =
      values.length <= inlineEnumSize
        ? values.map((each) => `${value} !== ${JSON.stringify(each)}`).join(" && ")
        : `!${this.constant("set", `new Set<unknown>(${list})`)}.has(${value})`
    return [`${indent}if (${outside}) return notOneOf(${path}, ${value}, ${list})`]
  }

  checkNumber(type: Type & { kind: "number" }, value: string, path: string, indent: string): readonly string[] {
    const test = type.integer ? "Number.isSafeInteger" : "Number.isFinite"
    const lines = [`${indent}if (!${test}(${value})) return notNumber(${path}, ${value}, ${type.integer})`]
    const limit = (condition: string, keyword: string, param: number | undefined): void => {
      if (param !== undefined) lines.push(`${indent}if (${condition}) return fail(${path}, "${keyword}", ${param})`)
    }
    limit(`${value} < ${type.minimum}`, "minimum", type.minimum)
    limit(`${value} > ${type.maximum}`, "maximum", type.maximum)
    if (type.multipleOf !== undefined && type.multipleOf !== 0.1) throw new Error(`${path}: multipleOf is not 0.1`)
    limit(`!isTenths(${value})`, "multipleOf", type.multipleOf)
    return lines
  }

  checkArray(type: Type & { kind: "array" }, value: string, path: string, indent: string): readonly string[] {
    const lines = [`${indent}if (!Array.isArray(${value})) return fail(${path}, "type", "array")`]
    const { minItems, maxItems } = type
    const length = `${value}.length`
    if (minItems) lines.push(`${indent}if (${length} < ${minItems}) return fail(${path}, "minItems", ${minItems})`)
    if (maxItems) lines.push(`${indent}if (${length} > ${maxItems}) return fail(${path}, "maxItems", ${maxItems})`)
    const items = this.check(type.items, "item", `${path.slice(0, -1)}/" + i`, `${indent}  `)
    if (items.length === 0) return lines
    return [
      ...lines,
      `${indent}for (let i = 0; i < ${length}; i++) {`,
      `${indent}  const item = ${value}[i]`,
      ...items,
      `${indent}}`
    ]
  }

  object(name: string, type: Type & { kind: "object" }, exported: boolean): void {
    const requiredCount = type.fields.filter((field) => field.required).length
    const optional = type.fields.some((field) => !field.required)
    const lines = [
      `${exported ? "export " : ""}function ${name}(v: any): Violation | undefined {`,
      `  if (typeof v !== "object" || v === null || Array.isArray(v)) return fail("", "type", "object")`
    ]
    if (!type.open) lines.push(`  ${optional ? "let" : "const"} known = ${requiredCount}`)
    type.fields.forEach((field, index) => {
      const value = `v${index}`
      lines.push(`  const ${value} = v.${field.name}`)
      const path = `"/${field.name}"`
      if (field.required) {
        lines.push(`  if (${value} === undefined) return missing("${field.name}")`)
        lines.push(...this.check(field.type, value, path, "  "))
      } else {
        const inner = this.check(field.type, value, path, "    ")
        lines.push(`  if (${value} !== undefined) {`, ...(type.open ? [] : ["    known++"]), ...inner, "  }")
      }
    })
    if (!type.open) {
      const keys = this.constant("keys", `[${type.fields.map((field) => `"${field.name}"`).join(", ")}]`)
      lines.push(
        "  let count = 0",
        "  for (const _ in v) count++",
        `  return count === known ? undefined : unknownKey(v, ${keys})`
      )
    } else lines.push("  return undefined")
    this.lines.push([...lines, "}", ""].join("\n"))
  }
}

/** One strict check per payload: no regular expression, and nothing allocated for a payload that conforms. */
export const writeValidators = (model: Model): string => {
  const writer = new Writer(model)
  const payloads = new Set(model.messages.map(({ action, part }) => payloadName(action, part)))
  for (const [name, type] of model.types) {
    if (type.kind === "object") writer.object(name, type, payloads.has(name))
    else if (payloads.has(name)) throw new Error(`payload ${name} is not an object`)
  }
  const constants = [...writer.constants].map(
    ([source, name]) => `const ${name}${name.startsWith("set") ? "" : ": readonly string[]"} = ${source}`
  )
  const body = writer.lines.join("\n")
  const helpers = [
    "exceeds",
    "fail",
    "isDateTime",
    "isTenths",
    "missing",
    "notNumber",
    "notOneOf",
    "under",
    "unknownKey"
  ]
  const used = helpers.filter((helper) => body.includes(`${helper}(`))
  return [
    `import type { Violation } from "../../Action.ts"`,
    `import { ${used.join(", ")} } from "../../Wire.ts"`,
    "",
    ...constants,
    "",
    body
  ].join("\n")
}
