import { assert, it } from "@effect/vitest"
import { Exit, Schema } from "effect"
import { HttpApi } from "effect/http-api"
import { Access, DriverAccess } from "#core/api/Access.ts"
import { Api } from "#core/api/Api.ts"
import { AmountMinor, Instant, NewStationId } from "#core/api/Fields.ts"

const accepts = (schema: Schema.Codec<string>) => (text: string) =>
  Exit.isSuccess(Schema.decodeUnknownExit(schema)(text))

/** Whoever stands before a station has no token, and a payment provider signs instead. */
const isOpen = (path: string): boolean => path.startsWith("/api/v1/public/") || path.startsWith("/webhooks/")

it("every endpoint but health, the code on a station and webhooks asks for a token and lives under /api/v1", () => {
  HttpApi.reflect(Api, {
    onGroup: () => {},
    onEndpoint: ({ endpoint, middleware }) => {
      if (endpoint.path === "/health" || isOpen(endpoint.path)) return
      const key = /^\/api\/v1\/me(\/|$)/.test(endpoint.path) ? DriverAccess.key : Access.key
      assert.isTrue(
        [...middleware].some((it) => it.key === key),
        endpoint.path
      )
      assert.match(endpoint.path, /^\/api\/v1\//)
    }
  })
})

it("instants of any offset are read, and nothing else", () => {
  const reads = accepts(Instant)
  assert.isTrue(reads("2026-01-31T12:00:00Z"))
  assert.isTrue(reads("2026-01-31T12:00:00.123456+05:30"))
  for (const text of ["2026-01-31", "12:00", "2026-13-01T00:00:00Z", "tomorrow", "", "1769860800000"]) {
    assert.isFalse(reads(text), text)
  }
})

it("money is whole minor units of any size, never a fraction", () => {
  const reads = accepts(AmountMinor)
  assert.isTrue(reads("-900719925474099312345"))
  for (const text of ["1.5", "1e3", "", "-", " 1", "0x1"]) assert.isFalse(reads(text), text)
})

it("an identity that OCPP 2.x could not carry cannot be registered", () => {
  const registers = accepts(NewStationId)
  assert.isTrue(registers("DE*WTP*E0001@bay-1.a_b=c:d+e|f"))
  for (const id of ["", "a b", "a/b", "ü", "x".repeat(49), "a\n"]) assert.isFalse(registers(id), id)
})
