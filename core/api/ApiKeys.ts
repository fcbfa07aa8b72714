import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Access, Checked } from "./Access.ts"
import { Id, Instant, Name, pageOf, paging } from "./Fields.ts"
import { Conflict, UnknownResource } from "./Problems.ts"

export const NewApiKey = Schema.Struct({
  name: Name.annotate({ description: "Who or what will use it.", examples: ["nightly export"] })
}).annotate({ identifier: "NewApiKey" })

export const IssuedApiKey = Schema.Struct({
  id: Id,
  name: Schema.String,
  secret: Schema.String.annotate({
    description: "The bearer token. Only its hash is kept: it is shown here and never again."
  }),
  createdAt: Instant
}).annotate({ identifier: "IssuedApiKey" })

export const ApiKey = Schema.Struct({ id: Id, name: Schema.String, createdAt: Instant }).annotate({
  identifier: "ApiKey",
  description: "A bearer token as it is kept: its secret is not."
})

export class ApiKeysGroup extends HttpApiGroup.make("apiKeys")
  .add(
    HttpApiEndpoint.get("list", "/api-keys", { query: paging, success: pageOf(ApiKey) }).annotateMerge(
      OpenApi.annotations({ summary: "List bearer tokens", description: "Oldest first, without their secrets." })
    ),
    HttpApiEndpoint.post("create", "/api-keys", {
      payload: NewApiKey,
      success: IssuedApiKey.pipe(HttpApiSchema.status(201))
    }).annotateMerge(OpenApi.annotations({ summary: "Make another bearer token" })),
    HttpApiEndpoint.delete("revoke", "/api-keys/:apiKeyId", {
      params: { apiKeyId: Id },
      success: HttpApiSchema.NoContent,
      error: [UnknownResource, Conflict]
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Revoke a bearer token",
        description:
          "Its next request is refused. The last one cannot be revoked (409): make another first. A token that the " +
          "server is given at its start (`WATTPROOF_TOKEN`) is registered again at the next one."
      })
    )
  )
  .middleware(Checked)
  .middleware(Access)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "API keys", description: "Bearer tokens of this API." })) {}
