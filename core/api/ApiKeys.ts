import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Access, Checked } from "./Access.ts"
import { Id, Instant, Name } from "./Fields.ts"

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

export class ApiKeysGroup extends HttpApiGroup.make("apiKeys")
  .add(
    HttpApiEndpoint.post("create", "/api-keys", {
      payload: NewApiKey,
      success: IssuedApiKey.pipe(HttpApiSchema.status(201))
    }).annotateMerge(OpenApi.annotations({ summary: "Make another bearer token" }))
  )
  .middleware(Checked)
  .middleware(Access)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "API keys", description: "Bearer tokens of this API." })) {}
