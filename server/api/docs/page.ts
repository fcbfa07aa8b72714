import { escape, json, prose } from "./html.ts"
import { type JsonSchema, refName, remarks, shape, typeOf } from "./schema.ts"
import { style } from "./style.ts"
import { tryIt } from "./tryIt.ts"

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required: boolean
  readonly description?: string
  readonly schema: object
}

interface Media {
  readonly [contentType: string]: { readonly schema: object }
}

interface Operation {
  readonly tags: ReadonlyArray<string>
  readonly operationId: string
  readonly summary?: string
  readonly description?: string
  readonly parameters: ReadonlyArray<Parameter>
  readonly security: ReadonlyArray<unknown>
  readonly requestBody?: { readonly content: Media }
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Media }>>
}

/** What of OpenAPI 3.1 our document uses. */
export interface Spec {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string }
  readonly tags: ReadonlyArray<{ readonly name: string; readonly description?: string }>
  readonly paths: Readonly<Record<string, object>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

interface Place {
  readonly path: string
  readonly method: string
  readonly operation: Operation
}

const placesOf = (spec: Spec): ReadonlyArray<Place> =>
  Object.entries(spec.paths).flatMap(([path, item]) =>
    Object.entries(item as Readonly<Record<string, Operation>>).map(([method, operation]) => ({
      path,
      method,
      operation
    }))
  )

const schemasOf = (content: Media | undefined): ReadonlyArray<JsonSchema> =>
  Object.values(content ?? {}).map(({ schema }) => schema)

const exampleOf = (spec: Spec, schema: JsonSchema): unknown => {
  const resolved = schema.$ref === undefined ? schema : (spec.components.schemas[refName(schema.$ref)] as JsonSchema)
  return resolved.examples?.[0]
}

const badge = (method: string): string => `<span class="method ${method}">${method.toUpperCase()}</span>`

const parameters = (list: ReadonlyArray<Parameter>): string => {
  if (list.length === 0) return ""
  const rows = list.map((it) => {
    const schema: JsonSchema = {
      ...it.schema,
      ...(it.description !== undefined && { description: it.description })
    }
    const optional = it.required ? "" : " <small>optional</small>"
    return `<tr><th scope="row"><code>${escape(it.name)}</code> <small>${escape(it.in)}</small>${optional}</th><td>${typeOf(schema)}${remarks(schema)}</td></tr>`
  })
  return `<h4>Parameters</h4><table>${rows.join("")}</table>`
}

const responses = ({ responses }: Operation): string => {
  const rows = Object.entries(responses).map(([status, { description, content }]) => {
    const types = schemasOf(content)
      .map((schema) => (schema.properties === undefined ? typeOf(schema) : shape(schema)))
      .join("")
    return `<tr><th scope="row"><code>${status}</code></th><td>${types === "" ? escape(description) : types}</td></tr>`
  })
  return `<h4>Answers</h4><table>${rows.join("")}</table>`
}

const form = ({ path, method, operation }: Place, example: unknown): string => {
  const fields = operation.parameters.map(
    (it) =>
      `<label>${escape(it.name)}<input name="${escape(it.name)}" data-place="${escape(it.in)}"${it.required ? " required" : ""} autocomplete="off"></label>`
  )
  const body =
    operation.requestBody === undefined
      ? ""
      : `<label>Body<textarea spellcheck="false">${escape(JSON.stringify(example ?? {}, null, 2))}</textarea></label>`
  const isStream = operation.responses["200"]?.content?.["text/event-stream"] !== undefined
  return `<details><summary>Try it</summary><form class="try" data-path="${escape(path)}" data-method="${method.toUpperCase()}" data-stream="${isStream}">${fields.join("")}${body}<button>Send</button><output></output></form></details>`
}

const operationSection = (spec: Spec, place: Place): string => {
  const { path, method, operation } = place
  const [body] = schemasOf(operation.requestBody?.content)
  const example = body === undefined ? undefined : exampleOf(spec, body)
  const request = body === undefined ? "" : `<h4>Body</h4>${shape(body)}${example === undefined ? "" : json(example)}`
  const access = operation.security.length === 0 ? "<p><small>Open: no token needed.</small></p>" : ""
  return `<section id="${escape(operation.operationId)}"><h3>${badge(method)}<code>${escape(path)}</code></h3>
<p><strong>${escape(operation.summary ?? "")}</strong></p>${prose(operation.description)}${access}${parameters(operation.parameters)}${request}${responses(operation)}${form(place, example)}</section>`
}

/** The problems a client can meet, at the anchors their `type` names. */
const problems = [
  ["invalid-request", 400, "The request does not have the shape written here. `errors` names every place."],
  ["unauthorized", 401, "No bearer token, or one that nobody was given."],
  ["forbidden", 403, "The bearer token is good, and not for this: drivers have their own endpoints, operators theirs."],
  ["unknown-resource", 404, "What the path names does not exist."],
  ["conflict", 409, "Something of that name exists already, has changed meanwhile, or must stay."],
  ["unprocessable", 422, "Well formed, but it makes no sense or refers to what does not exist. `errors` says where."],
  ["server-fault", 500, "A defect of the server. Its log has the cause."],
  ["unavailable", 503, "The store is away or too slow. Try again after `Retry-After` seconds."]
] as const

const problemSection = problems
  .map(([name, status, text]) => `<h3 id="problem-${name}"><code>${status}</code> ${name}</h3>${prose(text)}`)
  .join("")

const schemaSection = ([name, schema]: [string, JsonSchema]): string => {
  const [example] = schema.examples ?? []
  return `<h3 id="schema-${escape(name)}">${escape(name)}</h3>${prose(schema.description)}${shape(schema)}${example === undefined ? "" : json(example)}`
}

/** The documentation as one HTML page that needs nothing else. */
export const page = (spec: Spec): string => {
  const places = placesOf(spec)
  const groups = spec.tags.map((tag) => ({
    tag,
    own: places.filter(({ operation }) => operation.tags.includes(tag.name))
  }))
  const links = groups
    .map(
      ({ tag, own }) =>
        `<h2>${escape(tag.name)}</h2>${own
          .map(({ operation }) => `<a href="#${escape(operation.operationId)}">${escape(operation.summary ?? "")}</a>`)
          .join("")}`
    )
    .join("")
  const body = groups
    .map(
      ({ tag, own }) =>
        `<h2>${escape(tag.name)}</h2>${prose(tag.description)}${own.map((place) => operationSection(spec, place)).join("")}`
    )
    .join("")
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(spec.info.title)} API</title><style>${style}</style></head>
<body><nav><a href="#top"><strong>${escape(spec.info.title)} API</strong></a>${links}
<h2>Reference</h2><a href="#problems">Problems</a><a href="#schemas">Schemas</a><a href="/api/v1/openapi.json">OpenAPI document</a></nav>
<main id="top"><h1>${escape(spec.info.title)} API</h1>${prose(spec.info.description)}
<form class="token" onsubmit="return false"><label>Bearer token for trying things out<input id="token" type="password" autocomplete="off"></label></form>
${body}<h2 id="problems">Problems</h2>${problemSection}<h2 id="schemas">Schemas</h2>${Object.entries(
    spec.components.schemas
  )
    .map(([name, schema]) => schemaSection([name, schema as JsonSchema]))
    .join("")}</main><script>${tryIt}</script></body></html>`
}
