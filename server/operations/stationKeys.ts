import { Clock, Effect } from "effect"
import { Ids } from "#core/Ids.ts"
import { Directory } from "../directory/Directory.ts"
import { hashWithSalt } from "../ocpp/Password.ts"
import { patiently } from "../station/patiently.ts"
import type { Operation, Outcome } from "./Operation.ts"

const passwordSettings: ReadonlySet<string> = new Set(["authorizationkey", "securityctrlr.basicauthpassword"])

/**
 * Whether a setting's value is the station's basic-auth password (1.6 whitepaper 3.2; 2.x A01): a 1.6 key, or
 * `Component.Variable` of 2.x. Stations compare these names without regard to case, and so do we.
 */
export const isPassword = (key: string): boolean => passwordSettings.has(key.toLowerCase())

/** The new password that an operation gives a station; undefined when it is about something else. */
export const passwordIn = (operation: Operation): string | undefined =>
  operation._tag === "SetConfiguration" && isPassword(operation.key) ? operation.value : undefined

/** The operation as it may be kept and shown: a password in it is none of anybody's business once it was sent. */
export const withoutSecret = (operation: Operation): Operation =>
  operation._tag === "SetConfiguration" && isPassword(operation.key) ? { ...operation, value: "(secret)" } : operation

/**
 * Changes stations' passwords along with their own. While the station has not answered both the old and the new one let
 * it in; when it accepts, the old one goes; when it refuses, the new one (1.6-J 6.2.2). An answer that never came or
 * could not be read leaves both, because nobody knows which one it holds.
 */
export const stationKeys = Effect.gen(function* () {
  const directory = yield* Directory
  const ids = yield* Ids

  const put = Effect.fnUntraced(function* (stationId: string, passwordHashes: ReadonlyArray<string>) {
    const station = yield* patiently(directory.station(stationId))
    if (station === undefined) return
    yield* Effect.catchTag(patiently(directory.updateStation({ ...station, passwordHashes })), "NotFound", Effect.die)
  })

  return {
    changing: Effect.fnUntraced(function* (stationId: string, password: string, answer: Effect.Effect<Outcome>) {
      // A salt must be new, not secret.
      const salt = Buffer.from(ids.uuid(yield* Clock.currentTimeMillis).replaceAll("-", ""), "hex")
      const fresh = hashWithSalt(password, salt)
      const before = (yield* patiently(directory.station(stationId)))?.passwordHashes ?? []
      yield* put(stationId, [...before.slice(0, 1), fresh])
      const outcome = yield* answer
      if (outcome._tag === "Answered") yield* put(stationId, outcome.accepted ? [fresh] : before)
      if (outcome._tag === "Refused" || outcome._tag === "Impossible") yield* put(stationId, before)
      return outcome
    })
  }
})
