import { type Schema, SchemaIssue } from "effect"
import type { Fault } from "#core/api/Problems.ts"

const parts = { Params: "path", Query: "query", Headers: "headers", Payload: "body" } as const
const format = SchemaIssue.makeFormatterStandardSchemaV1()
const maxFaults = 20

/** A path of keys as a JSON pointer (RFC 6901). */
export const pointerOf = (path: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }>): string =>
  path
    .map((segment) => String(typeof segment === "object" ? segment.key : segment))
    .map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("")

/** Everything wrong with one part of a request, at most 20 places. */
export const faultsOf = (kind: keyof typeof parts, error: Schema.SchemaError): ReadonlyArray<Fault> =>
  format(error.issue)
    .issues.slice(0, maxFaults)
    .map((issue) => ({ in: parts[kind], pointer: pointerOf(issue.path ?? []), message: issue.message }))

/** One fault of the body. */
export const inBody = (pointer: string, message: string): ReadonlyArray<Fault> => [{ in: "body", pointer, message }]
