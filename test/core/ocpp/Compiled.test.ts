import { assert, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { install } from "#core/ocpp/Compiled.ts"
import { actions } from "#core/ocpp/v16/generated/actions.ts"

const payload = {
  connectorId: 1,
  meterValue: [{ timestamp: "2026-01-31T12:00:00+02", sampledValue: [{ value: "1" }] }]
}
const decoder = () => Schema.decodeUnknownResult(actions.MeterValues.request, { onExcessProperty: "error" })
const failureOf = <A, E>(result: Result.Result<A, E>): string =>
  Result.isFailure(result) ? String(result.failure) : "no failure"

it("decodes by the generated validators once installed, and explains failures as the interpreter does", () => {
  const interpreted = decoder()
  const rebuilt = Result.getOrThrow(interpreted(payload))
  assert.deepStrictEqual(rebuilt, payload)
  assert.notStrictEqual(rebuilt, payload)

  install(actions)
  const compiled = decoder()
  assert.strictEqual(Result.getOrThrow(compiled(payload)), payload)

  const broken = [
    { ...payload, extra: 1 },
    { connectorId: 1.5, meterValue: [] },
    { connectorId: 1, meterValue: [{ timestamp: "noon", sampledValue: [] }] },
    null
  ]
  for (const value of broken) {
    const failure = failureOf(compiled(value))
    assert.include(failure, "SchemaError")
    assert.strictEqual(failure, failureOf(interpreted(value)))
  }
})

it("leaves decoding that strips unknown properties to the interpreter", () => {
  install(actions)
  const stripping = Schema.decodeUnknownResult(actions.MeterValues.request)
  assert.deepStrictEqual(Result.getOrThrow(stripping({ ...payload, extra: 1 })), payload)
})
