import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Access, Checked } from "./Access.ts"
import { DriverId, Instant, Name, pageOf, paging } from "./Fields.ts"
import { Conflict, UnknownResource } from "./Problems.ts"

const Email = Schema.String.annotate({ examples: ["ada@example.com"] }).check(
  Schema.isPattern(/^[^\s@]{1,64}@[^\s@]{1,190}$/u, { expected: "an email address" })
)

export const Driver = Schema.Struct({
  id: DriverId,
  name: Schema.String,
  email: Schema.NullOr(Schema.String),
  createdAt: Instant
}).annotate({ identifier: "Driver", description: "Owns tokens and owes for what is charged on them." })

export const NewDriver = Schema.Struct({
  id: Schema.optionalKey(DriverId).annotate({ description: "Made by the server when left out." }),
  name: Name,
  email: Schema.optionalKey(Schema.NullOr(Email))
}).annotate({ identifier: "NewDriver", examples: [{ name: "Ada Lovelace", email: "ada@example.com" }] })

export const DriverChanges = Schema.Struct({
  name: Schema.optionalKey(Name),
  email: Schema.optionalKey(Schema.NullOr(Email))
}).annotate({ identifier: "DriverChanges", description: "What is left out stays as it is." })

export class DriversGroup extends HttpApiGroup.make("drivers")
  .add(
    HttpApiEndpoint.get("list", "/drivers", { query: paging, success: pageOf(Driver) }).annotateMerge(
      OpenApi.annotations({ summary: "List drivers", description: "In the order of their ids." })
    ),
    HttpApiEndpoint.post("create", "/drivers", {
      payload: NewDriver,
      success: Driver.pipe(HttpApiSchema.status(201)),
      error: Conflict
    }).annotateMerge(OpenApi.annotations({ summary: "Register a driver" })),
    HttpApiEndpoint.get("get", "/drivers/:driverId", {
      params: { driverId: DriverId },
      success: Driver,
      error: UnknownResource
    }).annotateMerge(OpenApi.annotations({ summary: "A driver" })),
    HttpApiEndpoint.patch("update", "/drivers/:driverId", {
      params: { driverId: DriverId },
      payload: DriverChanges,
      success: Driver,
      error: UnknownResource
    }).annotateMerge(OpenApi.annotations({ summary: "Change a driver" }))
  )
  .middleware(Checked)
  .middleware(Access)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "Drivers", description: "People and companies who charge." })) {}
