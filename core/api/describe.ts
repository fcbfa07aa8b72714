import { defaultLimit, maxLimit } from "./Fields.ts"

type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null

/** The whole numbers among the query parameters, which travel as text but are not. */
const integers: Readonly<Record<string, Json>> = {
  limit: { type: "integer", minimum: 1, maximum: maxLimit, default: defaultLimit },
  wait: { type: "integer", minimum: 0 },
  queueFor: { type: "integer", minimum: 0 }
}

const describeParameter = (parameter: Json): Json => {
  const schema = isObject(parameter["schema"]) ? parameter["schema"] : {}
  const { description, ...rest } = schema
  const shape = integers[String(parameter["name"])]
  return {
    ...parameter,
    schema: shape ?? rest,
    ...(typeof description === "string" && { description })
  }
}

/** Makes the derived OpenAPI document say of parameters what their schemas say: descriptions, and numbers as numbers. */
export const describe = (spec: Json): Json => {
  const paths = isObject(spec["paths"]) ? spec["paths"] : {}
  const described = Object.entries(paths).map(([path, item]) => [
    path,
    Object.fromEntries(
      Object.entries(isObject(item) ? item : {}).map(([method, operation]) => {
        const parameters = isObject(operation) ? operation["parameters"] : undefined
        if (!isObject(operation) || !Array.isArray(parameters)) return [method, operation]
        return [method, { ...operation, parameters: parameters.map(describeParameter) }]
      })
    )
  ])
  return { ...spec, paths: Object.fromEntries(described) }
}
