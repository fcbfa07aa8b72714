import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Access, Checked } from "./Access.ts"
import { DriverId, Id, Instant, Name, pageOf, paging } from "./Fields.ts"
import { Conflict, UnknownResource } from "./Problems.ts"

export const Email = Schema.String.annotate({ examples: ["ada@example.com"] }).check(
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

/** Days that a driver's bearer token lasts, and the most that may be asked for. */
export const keyDays = { usual: 90, most: 365 }

export const NewDriverKey = Schema.Struct({
  name: Name.annotate({ description: "Where it will be used.", examples: ["my phone"] }),
  days: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: keyDays.most })).annotate({
      description: `How many days it lasts; ${keyDays.usual} unless told.`
    })
  )
}).annotate({ identifier: "NewDriverKey" })

export const DriverKey = Schema.Struct({
  id: Id,
  name: Schema.String,
  createdAt: Instant,
  expiresAt: Instant
}).annotate({ identifier: "DriverKey", description: "A driver's bearer token as it is kept: its secret is not." })

export const IssuedDriverKey = Schema.Struct({
  id: Id,
  driverId: DriverId,
  name: Schema.String,
  secret: Schema.String.annotate({
    description: "The bearer token. Only its hash is kept: it is shown here and never again."
  }),
  createdAt: Instant,
  expiresAt: Instant
}).annotate({ identifier: "IssuedDriverKey" })

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
    }).annotateMerge(OpenApi.annotations({ summary: "Change a driver" })),
    HttpApiEndpoint.get("keys", "/drivers/:driverId/keys", {
      params: { driverId: DriverId },
      query: paging,
      success: pageOf(DriverKey),
      error: UnknownResource
    }).annotateMerge(OpenApi.annotations({ summary: "A driver's bearer tokens", description: "Oldest first." })),
    HttpApiEndpoint.post("issueKey", "/drivers/:driverId/keys", {
      params: { driverId: DriverId },
      payload: NewDriverKey,
      success: IssuedDriverKey.pipe(HttpApiSchema.status(201)),
      error: UnknownResource
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Make a bearer token for a driver",
        description: "It opens `/api/v1/me` and nothing else, until it expires or is revoked."
      })
    ),
    HttpApiEndpoint.delete("revokeKey", "/drivers/:driverId/keys/:keyId", {
      params: { driverId: DriverId, keyId: Id },
      success: HttpApiSchema.NoContent,
      error: UnknownResource
    }).annotateMerge(OpenApi.annotations({ summary: "Revoke a driver's bearer token" }))
  )
  .middleware(Checked)
  .middleware(Access)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "Drivers", description: "People and companies who charge." })) {}
