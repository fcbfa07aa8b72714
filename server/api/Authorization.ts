import { Clock, Context, Effect, Layer, Redacted } from "effect"
import { HttpApiMiddleware } from "effect/http-api"
import { Access, Caller, Checked, DriverAccess, DriverCaller, PatienceMs } from "#core/api/Access.ts"
import { Forbidden, InvalidRequest, Unauthorized, Unavailable } from "#core/api/Problems.ts"
import { Credentials } from "../credentials/Credentials.ts"
import { Directory } from "../directory/Directory.ts"
import { unavailable } from "./failures.ts"
import { faultsOf } from "./faults.ts"
import { hashSecret } from "./Secret.ts"

/** No token of ours is longer; a longer one is not worth hashing. */
const maxTokenLength = 512

/** Who has which bearer token. */
const lookUps = Effect.gen(function* () {
  const directory = yield* Directory
  const credentials = yield* Credentials
  return {
    operator: (hash: string) => directory.apiKey(hash).pipe(unavailable),
    driver: Effect.fnUntraced(function* (hash: string) {
      const key = yield* credentials.driverKey(hash).pipe(unavailable)
      return key !== undefined && key.expiresAtMs > (yield* Clock.currentTimeMillis) ? key : undefined
    })
  }
})

/** The hash of a bearer token that may be one of ours. */
const hashOf = (credential: Redacted.Redacted): Effect.Effect<string, Unauthorized> => {
  const token = Redacted.value(credential)
  return token === "" || token.length > maxTokenLength
    ? Effect.fail(new Unauthorized({ detail: "Send a bearer token in the Authorization header." }))
    : Effect.succeed(hashSecret(token))
}

/** Gives up on a request that takes longer than its endpoint may. */
const patient = (endpoint: { readonly annotations: Context.Context<never> }) =>
  Effect.timeoutOrElse({
    duration: Context.get(endpoint.annotations, PatienceMs),
    orElse: () => Effect.fail(new Unavailable({ detail: "The answer took too long." }))
  })

const stranger = new Unauthorized({ detail: "The bearer token is not valid." })

/** Lets in operators: who has an API key that is registered. */
export const AccessLayer = Layer.effect(
  Access,
  Effect.map(lookUps, ({ operator, driver }) =>
    Access.of({
      bearer: Effect.fnUntraced(function* (httpEffect, { credential, endpoint }) {
        const hash = yield* hashOf(credential)
        const key = yield* operator(hash)
        if (key !== undefined) {
          const caller = { keyId: key.id, name: key.name }
          return yield* httpEffect.pipe(Effect.provideService(Caller, caller), patient(endpoint))
        }
        if ((yield* driver(hash)) === undefined) return yield* stranger
        return yield* new Forbidden({ detail: "This is for operators. What is yours is under /api/v1/me." })
      })
    })
  )
)

/** Lets in drivers: who has a driver's bearer token that has not expired. */
export const DriverAccessLayer = Layer.effect(
  DriverAccess,
  Effect.map(lookUps, ({ operator, driver }) =>
    DriverAccess.of({
      driverBearer: Effect.fnUntraced(function* (httpEffect, { credential, endpoint }) {
        const hash = yield* hashOf(credential)
        const key = yield* driver(hash)
        if (key !== undefined) {
          const caller = { keyId: key.id, driverId: key.driverId }
          return yield* httpEffect.pipe(Effect.provideService(DriverCaller, caller), patient(endpoint))
        }
        if ((yield* operator(hash)) === undefined) return yield* stranger
        return yield* new Forbidden({ detail: "This is for drivers, with a driver's own bearer token." })
      })
    })
  )
)

/** Answers requests that do not fit the contract with every place where they do not. */
export const CheckedLayer = HttpApiMiddleware.layerSchemaErrorTransform(Checked, (error) => {
  if (error.kind === "Body" || error.kind === "ResponseHeaders") return Effect.die(error.cause)
  return Effect.fail(
    new InvalidRequest({ detail: "The request does not fit the contract.", errors: faultsOf(error.kind, error.cause) })
  )
})
