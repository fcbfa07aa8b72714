import type { Model, Type } from "./Model.ts"

const quoted = (values: readonly string[]): readonly string[] => values.map((value) => JSON.stringify(value))

const tsType = (type: Type, indent: string): string => {
  switch (type.kind) {
    case "string":
      return "string"
    case "enum":
      return quoted(type.values).join(" | ")
    case "number":
      return "number"
    case "boolean":
    case "unknown":
      return type.kind
    case "array":
      return `ReadonlyArray<${tsType(type.items, indent)}>`
    case "ref":
      return type.name
    case "object": {
      const lines = type.fields.map(
        (field) => `${indent}  readonly ${field.name}${field.required ? "" : "?"}: ${tsType(field.type, `${indent}  `)}`
      )
      // `{}` would let a handler answer with a string; an empty payload has no properties at all.
      if (type.open) lines.push(`${indent}  readonly [key: string]: unknown`)
      else if (lines.length === 0) lines.push(`${indent}  readonly [key: string]: never`)
      return `{\n${lines.join("\n")}\n${indent}}`
    }
  }
}

const limits = (pairs: Readonly<Record<string, number | undefined>>): readonly string[] => {
  const present = Object.entries(pairs).filter(([, limit]) => limit !== undefined)
  return present.length === 0 ? [] : [`{ ${present.map(([name, limit]) => `${name}: ${limit}`).join(", ")} }`]
}

/** `self` is the type argument that spares the compiler an inference: the name of the type being defined. */
const codec = (type: Type, indent: string, self = ""): string => {
  switch (type.kind) {
    case "string":
      if (type.dateTime) return "DateTime"
      return type.maxLength === undefined ? "Schema.String" : `text(${type.maxLength})`
    case "enum":
      return `literals${self}([${quoted(type.values).join(", ")}])`
    case "number": {
      const { integer, minimum, maximum, multipleOf } = type
      return `${integer ? "integer" : "number"}(${limits({ minimum, maximum, multipleOf }).join("")})`
    }
    case "boolean":
      return "Schema.Boolean"
    case "unknown":
      return "Schema.Unknown"
    case "array":
      return `array(${[codec(type.items, indent), ...limits({ minItems: type.minItems, maxItems: type.maxItems })].join(", ")})`
    case "ref":
      return type.name
    case "object":
      return objectCodec(type, indent, self)
  }
}

const objectCodec = (type: Type & { kind: "object" }, indent: string, self: string): string => {
  if (type.fields.length === 0 && !type.open) return "empty()"
  const fields = type.fields.map((field) => {
    const inner = codec(field.type, `${indent}  `)
    return `${indent}  ${field.name}: ${field.required ? inner : `optional(${inner})`}`
  })
  const body = `{\n${fields.join(",\n")}\n${indent}}`
  return type.open
    ? `Schema.StructWithRest(Schema.Struct(${body}), [Schema.Record(Schema.String, Schema.Unknown)])`
    : `struct${self}(${body})`
}

const helpers = ["array", "DateTime", "empty", "integer", "literals", "number", "optional", "struct", "text"]

/** Effect Schemas and TypeScript types of every payload and shared type, transformation-free. */
export const writeSchemas = (model: Model): string => {
  const body: string[] = []
  for (const [name, type] of model.types) {
    body.push(
      type.kind === "object"
        ? `export interface ${name} ${tsType(type, "")}`
        : `export type ${name} = ${tsType(type, "")}`
    )
    body.push(`export const ${name}: Schema.Codec<${name}> = ${codec(type, "", `<${name}>`)}\n`)
  }
  const text = body.join("\n")
  const used = helpers.filter((helper) => new RegExp(`\\b${helper}\\b[<(,\\n]`).test(text))
  return `import { Schema } from "effect"\nimport { ${used.join(", ")} } from "../../WireSchema.ts"\n\n${text}`
}
