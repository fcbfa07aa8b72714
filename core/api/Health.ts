import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"

const fields = {
  database: Schema.Literals(["up", "down"]).annotate({ description: "Whether the store answered just now." }),
  recorder: Schema.Struct({
    waiting: Schema.Int.annotate({ description: "Units handed in and not yet committed." }),
    commits: Schema.Int,
    units: Schema.Int,
    retries: Schema.Int.annotate({ description: "Commits repeated because the store was away." })
  })
}

export const Healthy = Schema.Struct({ status: Schema.Literal("ok"), ...fields }).annotate({ identifier: "Healthy" })

export const Unhealthy = Schema.Struct({ status: Schema.Literal("unavailable"), ...fields }).annotate({
  identifier: "Unhealthy"
})

/** Open to everybody: load balancers and watchdogs have no token. */
export class HealthGroup extends HttpApiGroup.make("health", { topLevel: true })
  .add(
    HttpApiEndpoint.get("health", "/health", {
      success: [Healthy, Unhealthy.pipe(HttpApiSchema.status(503))]
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Whether the server can serve",
        description: "200 when the store answers, 503 when it does not. The only endpoint that asks for no token."
      })
    )
  )
  .annotateMerge(OpenApi.annotations({ title: "Health", description: "For load balancers and watchdogs." })) {}
