import { Context, Effect, Layer, Redacted } from "effect"
import { HttpApiMiddleware } from "effect/http-api"
import { Access, Caller, Checked, PatienceMs } from "#core/api/Access.ts"
import { InvalidRequest, Unauthorized, Unavailable } from "#core/api/Problems.ts"
import { Directory } from "../directory/Directory.ts"
import { unavailable } from "./failures.ts"
import { faultsOf } from "./faults.ts"
import { hashSecret } from "./Secret.ts"

/** No token of ours is longer; a longer one is not worth hashing. */
const maxTokenLength = 512

/** Lets in who has a bearer token that is registered, and gives up on a request that takes longer than its endpoint may. */
export const AccessLayer = Layer.effect(
  Access,
  Effect.gen(function* () {
    const directory = yield* Directory
    return Access.of({
      bearer: Effect.fnUntraced(function* (httpEffect, { credential, endpoint }) {
        const token = Redacted.value(credential)
        if (token === "" || token.length > maxTokenLength) {
          return yield* new Unauthorized({ detail: "Send a bearer token in the Authorization header." })
        }
        const patient = Effect.timeoutOrElse({
          duration: Context.get(endpoint.annotations, PatienceMs),
          orElse: () => Effect.fail(new Unavailable({ detail: "The answer took too long." }))
        })
        const key = yield* directory.apiKey(hashSecret(token)).pipe(unavailable)
        if (key === undefined) return yield* new Unauthorized({ detail: "The bearer token is not valid." })
        return yield* httpEffect.pipe(Effect.provideService(Caller, { keyId: key.id, name: key.name }), patient)
      })
    })
  })
)

/** Answers requests that do not fit the contract with every place where they do not. */
export const CheckedLayer = HttpApiMiddleware.layerSchemaErrorTransform(Checked, (error) => {
  if (error.kind === "Body" || error.kind === "ResponseHeaders") return Effect.die(error.cause)
  return Effect.fail(
    new InvalidRequest({ detail: "The request does not fit the contract.", errors: faultsOf(error.kind, error.cause) })
  )
})
