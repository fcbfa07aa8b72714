import { Schema, SchemaAST, SchemaIssue } from "effect"
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
  format(atTags(error.issue))
    .issues.slice(0, maxFaults)
    .map((issue) => ({ in: parts[kind], pointer: pointerOf(issue.path ?? []), message: issue.message }))

/** One fault of the body. */
export const inBody = (pointer: string, message: string): ReadonlyArray<Fault> => [{ in: "body", pointer, message }]

/**
 * Effect says of a value that fits no member of a tagged union only that the union was expected. What is wrong is the
 * tag: it is said there, with the choices.
 */
const atTags = (issue: SchemaIssue.Issue): SchemaIssue.Issue => {
  switch (issue._tag) {
    case "Pointer":
      return new SchemaIssue.Pointer(issue.path, atTags(issue.issue))
    case "Composite": {
      const [first, ...others] = issue.issues
      return new SchemaIssue.Composite(issue.ast, [atTags(first), ...others.map(atTags)])
    }
    case "AnyOf":
      return issue.issues.length > 0
        ? new SchemaIssue.AnyOf(issue.ast, issue.issues.map(atTags))
        : (wrongTag(issue.ast) ?? issue)
    default:
      return issue
  }
}

/** The tag that every member of a union has, as what is wrong; undefined where there is none. */
const wrongTag = ({ types }: SchemaAST.Union): SchemaIssue.Issue | undefined => {
  const tags = types.map((member) =>
    SchemaAST.isObjects(member) ? member.propertySignatures.find(({ type }) => SchemaAST.isLiteral(type)) : undefined
  )
  const name = tags[0]?.name
  const choices: Array<SchemaAST.LiteralValue> = []
  for (const tag of tags) {
    if (tag === undefined || tag.name !== name || !SchemaAST.isLiteral(tag.type)) return undefined
    choices.push(tag.type.literal)
  }
  return name === undefined
    ? undefined
    : new SchemaIssue.Pointer([name], new SchemaIssue.AnyOf(Schema.Literals(choices).ast, []))
}
