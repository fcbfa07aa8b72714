import { Clock, Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "#core/api/Api.ts"
import type { Driver } from "#core/driver/Driver.ts"
import { Ids } from "#core/Ids.ts"
import { Directory } from "../directory/Directory.ts"
import { driverKeys, driverKeyView } from "./driverKeys.ts"
import { conflict, found, unavailable, unknown } from "./failures.ts"
import { pageRequest, pageView } from "./paging.ts"
import { driverView } from "./views.ts"

export const driverHandlers = HttpApiBuilder.group(
  Api,
  "drivers",
  Effect.fn(function* (handlers) {
    const directory = yield* Directory
    const ids = yield* Ids
    const keys = yield* driverKeys
    const driver = (id: string) => directory.driver(id).pipe(found("driver", id), unavailable)

    return handlers.handleAll({
      list: Effect.fnUntraced(function* ({ query }) {
        const page = yield* pageRequest(query)
        return pageView(driverView)(yield* directory.drivers(page).pipe(unavailable))
      }),
      create: Effect.fnUntraced(function* ({ payload }) {
        const createdAtMs = yield* Clock.currentTimeMillis
        const created: Driver = {
          id: payload.id ?? ids.uuid(createdAtMs),
          name: payload.name,
          email: payload.email ?? null,
          createdAtMs
        }
        yield* directory.createDriver(created).pipe(Effect.catchTag("AlreadyExists", conflict), unavailable)
        return driverView(created)
      }),
      get: ({ params }) => Effect.map(driver(params.driverId), driverView),
      update: Effect.fnUntraced(function* ({ params, payload }) {
        const changed: Driver = { ...(yield* driver(params.driverId)), ...payload }
        yield* directory.updateDriver(changed).pipe(
          Effect.catchTag("NotFound", ({ kind, id }) => Effect.fail(unknown(kind, id))),
          unavailable
        )
        return driverView(changed)
      }),
      keys: Effect.fnUntraced(function* ({ params, query }) {
        const page = yield* pageRequest(query)
        const { id } = yield* driver(params.driverId)
        return pageView(driverKeyView)(yield* keys.list(id, page).pipe(unavailable))
      }),
      issueKey: ({ params, payload }) => keys.issue(params.driverId, payload.name, payload.days),
      revokeKey: ({ params }) => keys.revoke(params.driverId, params.keyId)
    })
  })
)
