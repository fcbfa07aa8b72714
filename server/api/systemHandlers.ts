import { Clock, Effect } from "effect"
import { SecureRandom } from "effect/crypto/SecureRandom"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "#core/api/Api.ts"
import { Conflict, Unavailable } from "#core/api/Problems.ts"
import { Ids } from "#core/Ids.ts"
import * as Instant from "#core/Instant.ts"
import { type ApiKey, Directory } from "../directory/Directory.ts"
import { Recorder } from "../record/Recorder.ts"
import { eventStream } from "./EventStream.ts"
import { LiveEvents } from "./Events.ts"
import { unavailable, unknown } from "./failures.ts"
import { pageRequest, pageView } from "./paging.ts"
import { hashSecret, makeSecret } from "./Secret.ts"

/** A store that has not answered by then counts as away. */
const healthPatience = "2 seconds"

/** Streams held open at once on one node. */
const maxListeners = 1_000

export const healthHandlers = HttpApiBuilder.group(
  Api,
  "health",
  Effect.fn(function* (handlers) {
    const directory = yield* Directory
    const recorder = yield* Recorder
    return handlers.handleAll({
      health: () =>
        directory.hasApiKeys.pipe(
          Effect.timeoutOption(healthPatience),
          Effect.match({ onFailure: () => false, onSuccess: (answer) => answer._tag === "Some" }),
          Effect.map((isUp) => {
            const { waiting, commits, units, retries } = recorder.gauges()
            const gauges = { waiting, commits, units, retries }
            return isUp
              ? { status: "ok" as const, database: "up" as const, recorder: gauges }
              : { status: "unavailable" as const, database: "down" as const, recorder: gauges }
          })
        )
    })
  })
)

const lastKey =
  "This is the only API key: without it nobody could use the API. Make another first, then revoke this one."

const apiKeyView = ({ id, name, createdAtMs }: ApiKey) => ({ id, name, createdAt: Instant.format(createdAtMs) })

export const apiKeyHandlers = HttpApiBuilder.group(
  Api,
  "apiKeys",
  Effect.fn(function* (handlers) {
    const directory = yield* Directory
    const ids = yield* Ids
    const random = yield* SecureRandom
    return handlers.handleAll({
      list: Effect.fnUntraced(function* ({ query }) {
        return pageView(apiKeyView)(yield* directory.apiKeys(yield* pageRequest(query)).pipe(unavailable))
      }),
      create: Effect.fnUntraced(function* ({ payload: { name } }) {
        const secret = yield* Effect.provideService(makeSecret, SecureRandom, random)
        const createdAtMs = yield* Clock.currentTimeMillis
        const id = ids.uuid(createdAtMs)
        yield* directory
          .createApiKey({ id, name, secretHash: hashSecret(secret), createdAtMs })
          // Id and secret are new: a clash is a broken generator.
          .pipe(Effect.catchTag("AlreadyExists", Effect.die), unavailable)
        return { id, name, secret, createdAt: Instant.format(createdAtMs) }
      }),
      revoke: ({ params }) =>
        directory.revokeApiKey(params.apiKeyId).pipe(
          Effect.catchTags({
            NotFound: ({ kind, id }) => Effect.fail(unknown(kind, id)),
            LastApiKey: ({ id }) => Effect.fail(new Conflict({ detail: lastKey, kind: "API key", id }))
          }),
          unavailable
        )
    })
  })
)

export const eventHandlers = HttpApiBuilder.group(
  Api,
  "events",
  Effect.fn(function* (handlers) {
    const live = yield* LiveEvents
    return handlers.handleAll({
      stream: ({ query: { stationId, kind }, headers, request }) => {
        if (live.listeners() >= maxListeners) {
          return Effect.fail(new Unavailable({ detail: "Too many clients follow the events." }))
        }
        const filter = {
          ...(stationId !== undefined && { stationId }),
          ...(kind !== undefined && { kinds: kind })
        }
        const afterId = headers["last-event-id"]
        // Readers that know the protocol say so; others take the `retry` field for an end.
        const reconnects = request.headers["accept"]?.includes("text/event-stream") === true
        return eventStream(live, { filter, afterId, reconnects })
      }
    })
  })
)
