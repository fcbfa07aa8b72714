import { assert, it } from "@effect/vitest"
import { SqlError, UnknownError } from "effect/sql/SqlError"
import { innermost } from "#server/ocpp/Session.ts"

it("what the log says of a refused message is what the database said", () => {
  const said = new Error("integer out of range")
  const reason = new UnknownError({ cause: said, message: "PgConnection: Query failed", operation: "query" })
  assert.strictEqual(innermost(new SqlError({ reason })), "Error: integer out of range")
  assert.strictEqual(innermost("an id in it is no UUID"), "an id in it is no UUID")
})
