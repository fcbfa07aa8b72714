import { defaultLimit, maxLimit } from "./Fields.ts"
import { maxQueueSeconds, maxWaitSeconds } from "./Operations.ts"

/**
 * Makes the OpenAPI document that is derived from the contract say of parameters what their schemas say, and drops what
 * only the generator needed.
 */

type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)

/** The whole numbers among the query parameters, which travel as text but are not. */
const integers: Readonly<Record<string, { readonly description: string; readonly schema: Json }>> = {
  limit: {
    description: "At most this many items.",
    schema: { type: "integer", minimum: 1, maximum: maxLimit, default: defaultLimit }
  },
  wait: {
    description: "Seconds to wait for the outcome.",
    schema: { type: "integer", minimum: 0, maximum: maxWaitSeconds, default: 0 }
  },
  queueFor: {
    description: "Seconds the operation may wait for an offline station before it expires.",
    schema: { type: "integer", minimum: 0, maximum: maxQueueSeconds, default: 0 }
  }
}

const parameter = (given: Json): Json => {
  const integer = integers[String(given["name"])]
  if (integer !== undefined) return { ...given, ...integer }
  const { description, ...schema } = isObject(given["schema"]) ? given["schema"] : {}
  return { ...given, schema, ...(typeof description === "string" && { description }) }
}

/** Bounds that every JSON integer has say nothing. */
const isVoid = (key: string, value: unknown): boolean =>
  (key === "minimum" && value === Number.MIN_SAFE_INTEGER) || (key === "maximum" && value === Number.MAX_SAFE_INTEGER)

/** What the generator adds for its own clients. */
const internal = "x-effect-stream"

/** Problem classes are described by what is on the wire: the generator says so in their names, we need not. */
const nameOf = (key: string): string => key.replace(/(\w)Encoded$/u, "$1")

const tidy = (value: unknown): unknown => {
  if (typeof value === "string") return value.startsWith("#/components/schemas/") ? nameOf(value) : value
  if (Array.isArray(value)) return value.map(tidy)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => key !== internal && !isVoid(key, inner))
      .map(([key, inner]) => [
        key,
        key === "parameters" && Array.isArray(inner) ? inner.filter(isObject).map(parameter) : tidy(inner)
      ])
  )
}

/** See above; the document goes in as derived and comes out as published. */
export const describe = (spec: Json): Json => {
  const tidied = tidy(spec) as Json
  const components = isObject(tidied["components"]) ? tidied["components"] : {}
  const schemas = isObject(components["schemas"]) ? components["schemas"] : {}
  const named = Object.entries(schemas)
    .map(([name, schema]) => [nameOf(name), schema] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return { ...tidied, components: { ...components, schemas: Object.fromEntries(named) } }
}
