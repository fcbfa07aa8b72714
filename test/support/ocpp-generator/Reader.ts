import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { type Field, type Message, type Model, payloadName, type Type } from "./Model.ts"

/** A JSON schema of draft 7 as the Open Charge Alliance writes it. */
export interface JsonSchema {
  readonly $id?: string
  readonly $ref?: string
  readonly type?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly definitions?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean
  readonly items?: JsonSchema
  readonly enum?: readonly string[]
  readonly format?: string
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly multipleOf?: number
}

const prose = ["$id", "$schema", "comment", "description", "default", "javaType", "definitions", "additionalItems"]
const keywordsOf: Record<string, readonly string[]> = {
  // `additionalProperties` says nothing about a string; some of the 1.6 enumerations carry it.
  string: ["type", "maxLength", "format", "enum", "additionalProperties"],
  integer: ["type", "minimum", "maximum"],
  number: ["type", "minimum", "maximum", "multipleOf"],
  boolean: ["type"],
  array: ["type", "items", "minItems", "maxItems"],
  object: ["type", "properties", "required", "additionalProperties"],
  ref: ["$ref"],
  unknown: []
}

/** The official schemas of one version, unmodified, from the development dependency that carries them. */
export const readSchemas = (file: "ocpp1_6" | "ocpp2_0_1" | "ocpp2_1"): readonly JsonSchema[] => {
  const home = dirname(createRequire(import.meta.url).resolve("ocpp-rpc/package.json"))
  return JSON.parse(readFileSync(join(home, "lib", "schemas", `${file}.json`), "utf8"))
}

/** `urn:Authorize.conf` (1.6, 2.0.1) and `urn:AuthorizeResponse` (2.1) name the same message; a SEND has no suffix. */
export const messageOf = (schema: JsonSchema): Message => {
  const match = /^urn:(\w+?)(?:\.(req|conf)|(Request|Response))?$/.exec(schema.$id ?? "")
  if (match === null) throw new Error(`not a message: ${schema.$id}`)
  const [, action, dotted, suffixed] = match
  return { action: action!, part: dotted === "conf" || suffixed === "Response" ? "response" : "request" }
}

const defined = <A extends object>(value: A): A =>
  Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as A

const onlyKeywords = (schema: JsonSchema, kind: string, where: string): void => {
  for (const keyword of Object.keys(schema)) {
    if (prose.includes(keyword) || keywordsOf[kind]?.includes(keyword)) continue
    throw new Error(`${where}: keyword "${keyword}" on ${kind} is not generated yet`)
  }
}

class Reading {
  readonly types = new Map<string, Type>()
  readonly sources = new Map<string, string>()
  readonly inlineNames: ReadonlyMap<string, string>

  constructor(inlineNames: ReadonlyMap<string, string>) {
    this.inlineNames = inlineNames
  }

  /** Types of one name must be one type, whichever message defines them. */
  define(name: string, type: Type, where: string): Type {
    const source = JSON.stringify(type)
    const known = this.sources.get(name)
    if (known !== undefined && known !== source) throw new Error(`${where}: a second, different ${name}`)
    this.sources.set(name, source)
    this.types.set(name, type)
    return { kind: "ref", name }
  }

  read(schema: JsonSchema, where: string): Type {
    const type = this.readInline(schema, where)
    const name = this.inlineNames.get(where)
    return name === undefined ? type : this.define(name, type, where)
  }

  readInline(schema: JsonSchema, where: string): Type {
    const kind = schema.$ref !== undefined ? "ref" : (schema.type ?? "unknown")
    onlyKeywords(schema, kind, where)
    switch (kind) {
      case "ref":
        return { kind, name: schema.$ref!.replace("#/definitions/", "") }
      case "unknown":
      case "boolean":
        return { kind }
      case "string":
        return schema.enum === undefined ? this.readString(schema, where) : { kind: "enum", values: schema.enum }
      case "integer":
      case "number": {
        const { minimum, maximum, multipleOf } = schema
        return defined({ kind: "number", integer: kind === "integer", minimum, maximum, multipleOf } as Type & {
          kind: "number"
        })
      }
      case "array": {
        const items = this.read(schema.items!, `${where}/*`)
        return defined({ kind, items, minItems: schema.minItems, maxItems: schema.maxItems } as Type)
      }
      case "object":
        return { kind, fields: this.readFields(schema, where), open: schema.additionalProperties !== false }
      default:
        throw new Error(`${where}: type ${kind} is not generated yet`)
    }
  }

  readString(schema: JsonSchema, where: string): Type {
    // OCPP 1.6 UpdateFirmware's and GetDiagnostics' `format: uri` stays unchecked: stations and operators use
    // schemes and host names that a URI grammar refuses.
    if (schema.format !== undefined && schema.format !== "date-time" && schema.format !== "uri") {
      throw new Error(`${where}: format ${schema.format} is not generated yet`)
    }
    const dateTime = schema.format === "date-time"
    return defined({ kind: "string", dateTime, maxLength: schema.maxLength } as Type)
  }

  readFields(schema: JsonSchema, where: string): readonly Field[] {
    const required = new Set(schema.required)
    const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => {
      if (!/^[A-Za-z]\w*$/.test(name)) throw new Error(`${where}: property ${name} needs quoting`)
      return { name, required: required.delete(name), type: this.read(field, `${where}/${name}`) }
    })
    if (required.size > 0) throw new Error(`${where}: ${[...required]} required but not defined`)
    return fields
  }
}

const references = (type: Type): readonly string[] => {
  if (type.kind === "ref") return [type.name]
  if (type.kind === "array") return references(type.items)
  return type.kind === "object" ? type.fields.flatMap((field) => references(field.type)) : []
}

const dependenciesFirst = (types: ReadonlyMap<string, Type>): ReadonlyMap<string, Type> => {
  const sorted = new Map<string, Type>()
  const visit = (name: string, users: readonly string[]): void => {
    if (users.includes(name)) throw new Error(`${name} contains itself`)
    if (sorted.has(name)) return
    const type = types.get(name)
    if (type === undefined) throw new Error(`${users.at(-1)} refers to ${name}, which is not defined`)
    for (const used of references(type)) visit(used, [...users, name])
    sorted.set(name, type)
  }
  for (const name of [...types.keys()].sort()) visit(name, [])
  return sorted
}

/** Reduces one version's schemas to the model; `inlineNames` names the anonymous types by their place. */
export const readModel = (schemas: readonly JsonSchema[], inlineNames: ReadonlyMap<string, string>): Model => {
  const reading = new Reading(inlineNames)
  const messages: Message[] = []
  for (const schema of schemas) {
    const message = messageOf(schema)
    messages.push(message)
    for (const [name, definition] of Object.entries(schema.definitions ?? {})) {
      reading.define(name, reading.read(definition, name), name)
    }
    const name = payloadName(message.action, message.part)
    reading.define(name, reading.read(schema, name), name)
  }
  return { types: dependenciesFirst(reading.types), messages }
}
