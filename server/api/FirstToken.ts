import { Clock, Effect } from "effect"
import { Ids } from "#core/Ids.ts"
import { Directory } from "../directory/Directory.ts"
import { hashSecret, makeSecret } from "./Secret.ts"

/** Shorter ones could be guessed: their hash is fast. */
export const minTokenLength = 16

/**
 * Sees to it that somebody can use the API. A token given is registered unless it is already; without one a token is
 * made when there is no key at all. Returns a token that was made, to be printed once, and undefined otherwise. A given
 * token of fewer than 16 characters is a defect: settings refuse it.
 */
export const firstToken = Effect.fn("FirstToken.ensure")(function* (given: string | undefined) {
  const directory = yield* Directory
  const ids = yield* Ids
  if (given !== undefined && given.length < minTokenLength) {
    return yield* Effect.die(new Error(`a token must have ${minTokenLength} characters or more`))
  }
  if (given === undefined && (yield* directory.hasApiKeys)) return undefined
  const secret = given ?? (yield* makeSecret)
  const secretHash = hashSecret(secret)
  if ((yield* directory.apiKey(secretHash)) !== undefined) return undefined
  const createdAtMs = yield* Clock.currentTimeMillis
  yield* directory
    .createApiKey({ id: ids.uuid(createdAtMs), name: "administrator", secretHash, createdAtMs })
    // Another node that starts at the same moment with the same token has registered it.
    .pipe(Effect.catchTag("AlreadyExists", () => Effect.void))
  return given === undefined ? secret : undefined
})
