import { Clock, DateTime, Effect, Option } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "#core/api/Api.ts"
import { Unprocessable } from "#core/api/Problems.ts"
import type { Site } from "#core/site/Site.ts"
import { Directory } from "../directory/Directory.ts"
import { conflict, found, unavailable, unknown } from "./failures.ts"
import { inBody } from "./faults.ts"
import { pageRequest, pageView } from "./paging.ts"
import { siteView } from "./tariffViews.ts"

const sensible = (site: Site) =>
  Option.isSome(DateTime.zoneMakeNamed(site.timeZone))
    ? Effect.succeed(site)
    : Effect.fail(
        new Unprocessable({
          detail: "The site cannot be kept like this.",
          errors: inBody("/timeZone", "Expected an IANA time zone such as Europe/Berlin")
        })
      )

export const siteHandlers = HttpApiBuilder.group(
  Api,
  "sites",
  Effect.fn(function* (handlers) {
    const directory = yield* Directory
    const site = (id: string) => directory.site(id).pipe(found("site", id), unavailable)

    return handlers.handleAll({
      list: Effect.fnUntraced(function* ({ query }) {
        const page = yield* pageRequest(query)
        return pageView(siteView)(yield* directory.sites(page).pipe(unavailable))
      }),
      create: Effect.fnUntraced(function* ({ payload }) {
        const created = yield* sensible({ ...payload, createdAtMs: yield* Clock.currentTimeMillis })
        yield* directory.createSite(created).pipe(Effect.catchTag("AlreadyExists", conflict), unavailable)
        return siteView(created)
      }),
      get: ({ params }) => Effect.map(site(params.siteId), siteView),
      update: Effect.fnUntraced(function* ({ params, payload }) {
        const changed = yield* sensible({ ...(yield* site(params.siteId)), ...payload })
        yield* directory.updateSite(changed).pipe(
          Effect.catchTag("NotFound", ({ kind, id }) => Effect.fail(unknown(kind, id))),
          unavailable
        )
        return siteView(changed)
      })
    })
  })
)
