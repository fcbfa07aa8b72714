import { Clock, Context, Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "#core/api/Api.ts"
import { Forbidden, Unavailable } from "#core/api/Problems.ts"
import { Ids } from "#core/Ids.ts"
import { Directory } from "../directory/Directory.ts"
import { driverKeys } from "./driverKeys.ts"
import { unavailable } from "./failures.ts"

/** Whether drivers may sign up by themselves. */
export const Registration = Context.Reference<"open" | "closed">("server/api/Registration", {
  defaultValue: () => "closed"
})

/** Newcomers taken in at once and by the minute, on one node: more are not people. */
const burst = 60
const perMinute = 30

export const registrationHandlers = HttpApiBuilder.group(
  Api,
  "registration",
  Effect.fn(function* (handlers) {
    const directory = yield* Directory
    const ids = yield* Ids
    const keys = yield* driverKeys
    const registration = yield* Registration
    let places = burst
    let countedAtMs = yield* Clock.currentTimeMillis
    const takePlace = (nowMs: number): boolean => {
      places = Math.min(burst, places + ((nowMs - countedAtMs) * perMinute) / 60_000)
      countedAtMs = nowMs
      if (places < 1) return false
      places--
      return true
    }
    return handlers.handleAll({
      register: Effect.fnUntraced(function* ({ payload: { name, email } }) {
        if (registration === "closed")
          return yield* new Forbidden({ detail: "Drivers are registered by the operator here." })
        const createdAtMs = yield* Clock.currentTimeMillis
        if (!takePlace(createdAtMs))
          return yield* new Unavailable({ detail: "Too many sign up just now. Try again in a minute." })
        const id = ids.uuid(createdAtMs)
        yield* directory
          .createDriver({ id, name, email, createdAtMs })
          // The id is new: a clash is a broken generator.
          .pipe(Effect.catchTag("AlreadyExists", Effect.die), unavailable)
        return yield* keys.issue(id, "registration").pipe(Effect.catchTag("UnknownResource", Effect.die))
      })
    })
  })
)
