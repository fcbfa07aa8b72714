import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { HttpApi } from "effect/http-api"
import { Api } from "#core/api/Api.ts"
import { client, services, World } from "./harness.ts"

interface Endpoint {
  readonly method: string
  readonly path: string
}

const endpoints: ReadonlyArray<Endpoint> = (() => {
  const found: Array<Endpoint> = []
  HttpApi.reflect(Api, {
    onGroup: () => {},
    onEndpoint: ({ endpoint }) => {
      found.push({ method: endpoint.method.toLowerCase(), path: endpoint.path.replace(/:(\w+)/g, "{$1}") })
    }
  })
  return found
})()

const refsOf = (value: unknown): ReadonlyArray<string> => {
  if (Array.isArray(value)) return value.flatMap(refsOf)
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "$ref" && typeof inner === "string" ? [inner] : refsOf(inner)
  )
}

it.effect("the OpenAPI document names every endpoint, and everything it refers to is in it", () =>
  Effect.gen(function* () {
    const api = yield* client
    const { json } = yield* api.get("/api/v1/openapi.json")
    assert.strictEqual(json.openapi, "3.1.0")
    assert.isAbove(endpoints.length, 30)
    for (const { method, path } of endpoints) {
      const operation = json.paths[path]?.[method]
      assert.isDefined(operation, `${method} ${path}`)
      assert.isString(operation.summary, `${method} ${path} says what it does`)
      for (const status of ["400", "401", "503"]) {
        const isOpen = path === "/health" || (status === "401" && path.startsWith("/api/v1/public/"))
        if (!isOpen) assert.property(operation.responses, status, `${method} ${path}`)
      }
    }
    const documented = Object.values(json.paths as Record<string, object>).flatMap((item) => Object.keys(item))
    assert.strictEqual(documented.length, endpoints.length)
    for (const ref of refsOf(json)) {
      assert.match(ref, /^#\/components\/schemas\/\w+$/)
      assert.property(json.components.schemas, ref.slice("#/components/schemas/".length))
    }
    assert.notInclude(JSON.stringify(json), "x-effect")
    const limit = json.paths["/api/v1/stations"].get.parameters.find(({ name }: { name: string }) => name === "limit")
    assert.deepInclude(limit.schema, { type: "integer", minimum: 1, maximum: 500, default: 50 })
  }).pipe(Effect.provide(services(new World())))
)

it.effect("every path parameter of the document is declared, and no operation id is used twice", () =>
  Effect.gen(function* () {
    const api = yield* client
    const { json } = yield* api.get("/api/v1/openapi.json")
    const ids = new Set<string>()
    for (const { method, path } of endpoints) {
      const operation = json.paths[path][method]
      assert.isFalse(ids.has(operation.operationId))
      ids.add(operation.operationId)
      const declared = operation.parameters
        .filter((it: { in: string; required: boolean }) => it.in === "path" && it.required)
        .map(({ name }: { name: string }) => name)
      assert.deepStrictEqual(
        declared,
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      )
    }
  }).pipe(Effect.provide(services(new World())))
)

it.effect("the documentation describes every operation, schema and problem and loads nothing from elsewhere", () =>
  Effect.gen(function* () {
    const api = yield* client
    const { json: html, headers } = yield* api.get("/docs")
    const { json: spec } = yield* api.get("/api/v1/openapi.json")
    const ids = new Set([...(html as string).matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
    for (const { method, path } of endpoints) assert.isTrue(ids.has(spec.paths[path][method].operationId))
    for (const [, target] of (html as string).matchAll(/href="#([^"]+)"/g)) {
      assert.isTrue(ids.has(target), `#${target}`)
    }
    for (const name of Object.keys(spec.components.schemas)) assert.isTrue(ids.has(`schema-${name}`), name)
    const types = JSON.stringify(spec).matchAll(/\/docs#([\w-]+)/g)
    for (const [, anchor] of types) assert.isTrue(ids.has(anchor), anchor)
    assert.notMatch(html, /(?:src|href)="https?:/)
    assert.notMatch(html, /@import|url\(/)
    assert.match(headers.get("content-security-policy")!, /^default-src 'none'/)
  }).pipe(Effect.provide(services(new World())))
)
