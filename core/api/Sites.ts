import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Access, Checked } from "./Access.ts"
import { Instant, Name, pageOf, paging, SiteId } from "./Fields.ts"
import { Conflict, UnknownResource, Unprocessable } from "./Problems.ts"

const TimeZone = Name.annotate({ description: "IANA zone.", examples: ["Europe/Berlin"] })

export const Site = Schema.Struct({
  id: SiteId,
  name: Schema.String,
  timeZone: TimeZone,
  createdAt: Instant
}).annotate({
  identifier: "Site",
  description: "A place with stations. They follow its wall clock and, where a tariff is assigned to it, its prices."
})

export const NewSite = Schema.Struct({ id: SiteId, name: Name, timeZone: TimeZone }).annotate({
  identifier: "NewSite",
  examples: [{ id: "harbour", name: "Harbour car park", timeZone: "Europe/Berlin" }]
})

export const SiteChanges = Schema.Struct({
  name: Schema.optionalKey(Name),
  timeZone: Schema.optionalKey(TimeZone)
}).annotate({
  identifier: "SiteChanges",
  description: "What is left out stays as it is. Stations get another zone from their next transaction on."
})

export class SitesGroup extends HttpApiGroup.make("sites")
  .add(
    HttpApiEndpoint.get("list", "/sites", { query: paging, success: pageOf(Site) }).annotateMerge(
      OpenApi.annotations({
        summary: "List sites",
        description: "In the order of their ids. The stations of one: `GET /api/v1/stations?siteId=ID`."
      })
    ),
    HttpApiEndpoint.post("create", "/sites", {
      payload: NewSite,
      success: Site.pipe(HttpApiSchema.status(201)),
      error: [Conflict, Unprocessable]
    }).annotateMerge(OpenApi.annotations({ summary: "Register a site" })),
    HttpApiEndpoint.get("get", "/sites/:siteId", {
      params: { siteId: SiteId },
      success: Site,
      error: UnknownResource
    }).annotateMerge(OpenApi.annotations({ summary: "A site" })),
    HttpApiEndpoint.patch("update", "/sites/:siteId", {
      params: { siteId: SiteId },
      payload: SiteChanges,
      success: Site,
      error: [UnknownResource, Unprocessable]
    }).annotateMerge(OpenApi.annotations({ summary: "Rename a site, or correct its zone" }))
  )
  .middleware(Checked)
  .middleware(Access)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "Sites", description: "Places with stations." })) {}
