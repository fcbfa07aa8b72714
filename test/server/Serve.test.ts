import { createServer } from "node:http"
import { assert, it } from "@effect/vitest"
import { Effect, Option, Redacted } from "effect"
import * as Memory from "#server/memory/Memory.ts"
import * as Endpoint from "#server/ocpp/Endpoint.ts"
import { serve } from "#server/Serve.ts"
import { settings } from "#test/support/settings.ts"

const statusWith = (apiUrl: string, token: string) =>
  Effect.promise(async () => {
    const response = await fetch(`${apiUrl}/stations`, { headers: { authorization: `Bearer ${token}` } })
    await response.body?.cancel()
    return response.status
  })

it.live("a start whose port is taken makes no token, so that the next one shows it", () =>
  Effect.gen(function* () {
    const { port } = yield* Endpoint.listen(createServer(), { port: 0, host: "127.0.0.1" })
    const state = new Memory.MemoryState()
    for (const taken of [{ ocppPort: port }, { httpPort: port }]) {
      const failed = yield* Effect.flip(Effect.scoped(serve(settings(taken), Memory.layer(state))))
      assert.strictEqual(failed._tag, "ListenFailed")
    }
    const serving = yield* serve(settings(), Memory.layer(state))
    assert.strictEqual(yield* statusWith(serving.apiUrl, serving.madeToken!), 200)
    const again = yield* serve(settings(), Memory.layer(state))
    assert.isUndefined(again.madeToken)
  }).pipe(Effect.scoped)
)

it.live("a token that is given opens the API at every start, and none is made beside it", () =>
  Effect.gen(function* () {
    const state = new Memory.MemoryState()
    for (const token of ["given at the first start", "given at the second"]) {
      const serving = yield* serve(settings({ token: Option.some(Redacted.make(token)) }), Memory.layer(state))
      assert.isUndefined(serving.madeToken)
      assert.strictEqual(yield* statusWith(serving.apiUrl, token), 200)
      assert.strictEqual(yield* statusWith(serving.apiUrl, "given to somebody else"), 401)
    }
  }).pipe(Effect.scoped)
)
