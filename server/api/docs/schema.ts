import { escape, prose } from "./html.ts"

/** What of JSON Schema our contract uses. */
export interface JsonSchema {
  readonly $ref?: string
  readonly type?: string
  readonly format?: string
  readonly description?: string
  readonly enum?: ReadonlyArray<unknown>
  readonly anyOf?: ReadonlyArray<JsonSchema>
  readonly allOf?: ReadonlyArray<JsonSchema>
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: ReadonlyArray<string>
  readonly additionalProperties?: boolean | JsonSchema
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly default?: unknown
  readonly examples?: ReadonlyArray<unknown>
  readonly contentSchema?: JsonSchema
}

export const refName = (ref: string): string => ref.slice(ref.lastIndexOf("/") + 1)

const link = (name: string): string => `<a href="#schema-${escape(name)}">${escape(name)}</a>`

/** A schema in one line; named ones are links. */
export const typeOf = (schema: JsonSchema): string => {
  if (schema.$ref !== undefined) return link(refName(schema.$ref))
  if (schema.contentSchema !== undefined) return `JSON of ${typeOf(schema.contentSchema)}`
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(" or ")
  if (schema.enum !== undefined) return schema.enum.map((it) => `<code>${escape(String(it))}</code>`).join(" | ")
  if (schema.type === "array") return `list of ${typeOf(schema.items ?? {})}`
  if (schema.type === "object" && schema.properties === undefined && typeof schema.additionalProperties === "object") {
    return `map to ${typeOf(schema.additionalProperties)}`
  }
  return `${schema.type ?? "any"}${schema.format === undefined ? "" : ` (${escape(schema.format)})`}`
}

/** The bounds of a value in words. */
const bounds = (schema: JsonSchema): string => {
  const said: Array<string> = []
  const { minimum, maximum, minLength, maxLength, pattern } = schema
  if (minimum !== undefined || maximum !== undefined) said.push(`${minimum ?? ""} to ${maximum ?? ""}`)
  if (minLength !== undefined || maxLength !== undefined) {
    said.push(`${minLength ?? 0} to ${maxLength ?? "any number of"} characters`)
  }
  if (pattern !== undefined) said.push(`<code>${escape(pattern)}</code>`)
  if (schema.default !== undefined) said.push(`${escape(String(schema.default))} unless told`)
  for (const part of schema.allOf ?? []) said.push(bounds(part))
  return said.filter((it) => it !== "").join("; ")
}

/** What is said of a value beside its type, looked for in its alternatives too. */
export const remarks = (schema: JsonSchema): string => {
  const alternatives = schema.anyOf ?? []
  const description = schema.description ?? alternatives.find((it) => it.description !== undefined)?.description
  const limits = [schema, ...alternatives].map(bounds).find((it) => it !== "")
  return `${prose(description)}${limits === undefined ? "" : `<p class="bounds">${limits}</p>`}`
}

const nested = (schema: JsonSchema): string => {
  const inner = schema.type === "array" ? schema.items : schema
  if (inner === undefined || inner.$ref !== undefined) return ""
  if (inner.anyOf !== undefined) return inner.anyOf.map(nested).join("")
  return inner.properties === undefined ? "" : shape(inner)
}

/** An object as a table of its fields, alternatives one after the other; anything else as its type. */
export const shape = (schema: JsonSchema): string => {
  if (schema.$ref !== undefined) return `<p>${typeOf(schema)}</p>`
  if (schema.anyOf !== undefined) {
    const parts = schema.anyOf.map((it) => `<li>${prose(it.description)}${shape(it)}</li>`).join("")
    return `<p>One of</p><ul class="alternatives">${parts}</ul>`
  }
  if (schema.properties === undefined) return `<p>${typeOf(schema)}</p>`
  const rows = Object.entries(schema.properties).map(([name, field]) => {
    const optional = schema.required?.includes(name) === true ? "" : " <small>optional</small>"
    const type = nested(field) === "" ? typeOf(field) : field.type === "array" ? "list of" : "object"
    return `<tr><th scope="row"><code>${escape(name)}</code>${optional}</th><td>${type}${remarks(field)}${nested(field)}</td></tr>`
  })
  return `<table>${rows.join("")}</table>`
}
