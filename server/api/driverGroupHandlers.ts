import { Clock, Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "#core/api/Api.ts"
import type { DriverGroup } from "#core/driver/Group.ts"
import { Directory, type NotFound } from "../directory/Directory.ts"
import { conflict, found, unavailable, unknown } from "./failures.ts"
import { pageRequest, pageView } from "./paging.ts"
import { driverView, groupView, membershipView } from "./views.ts"

export const driverGroupHandlers = HttpApiBuilder.group(
  Api,
  "driverGroups",
  Effect.fn(function* (handlers) {
    const directory = yield* Directory
    const group = (id: string) => directory.group(id).pipe(found("group", id), unavailable)
    const missing = ({ kind, id }: NotFound) => Effect.fail(unknown(kind, id))

    return handlers.handleAll({
      list: Effect.fnUntraced(function* ({ query }) {
        const page = yield* pageRequest(query)
        return pageView(groupView)(yield* directory.groups(page).pipe(unavailable))
      }),
      create: Effect.fnUntraced(function* ({ payload }) {
        const created: DriverGroup = { ...payload, createdAtMs: yield* Clock.currentTimeMillis }
        yield* directory.createGroup(created).pipe(Effect.catchTag("AlreadyExists", conflict), unavailable)
        return groupView(created)
      }),
      get: ({ params }) => Effect.map(group(params.groupId), groupView),
      update: Effect.fnUntraced(function* ({ params, payload }) {
        const changed: DriverGroup = { ...(yield* group(params.groupId)), ...payload }
        yield* directory.updateGroup(changed).pipe(Effect.catchTag("NotFound", missing), unavailable)
        return groupView(changed)
      }),
      members: Effect.fnUntraced(function* ({ params, query }) {
        const page = yield* pageRequest(query)
        const { id } = yield* group(params.groupId)
        return pageView(driverView)(yield* directory.members({ ...page, groupId: id }).pipe(unavailable))
      }),
      join: Effect.fnUntraced(function* ({ params }) {
        const atMs = yield* Clock.currentTimeMillis
        yield* directory.joinGroup({ ...params, atMs }).pipe(Effect.catchTag("NotFound", missing), unavailable)
      }),
      leave: Effect.fnUntraced(function* ({ params }) {
        const atMs = yield* Clock.currentTimeMillis
        yield* directory.leaveGroup({ ...params, atMs }).pipe(Effect.catchTag("NotFound", missing), unavailable)
      }),
      ofDriver: Effect.fnUntraced(function* ({ params: { driverId } }) {
        yield* directory.driver(driverId).pipe(found("driver", driverId), unavailable)
        return { items: (yield* directory.memberships(driverId).pipe(unavailable)).map(membershipView) }
      })
    })
  })
)
