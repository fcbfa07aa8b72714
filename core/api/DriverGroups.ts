import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Access, Checked } from "./Access.ts"
import { Driver } from "./Drivers.ts"
import { DriverId, GroupId, Instant, Name, pageOf, paging } from "./Fields.ts"
import { Conflict, UnknownResource } from "./Problems.ts"

export const DriverGroup = Schema.Struct({ id: GroupId, name: Schema.String, createdAt: Instant }).annotate({
  identifier: "DriverGroup",
  description: "Drivers who are treated alike, such as a company's staff."
})

export const NewDriverGroup = Schema.Struct({ id: GroupId, name: Name }).annotate({
  identifier: "NewDriverGroup",
  examples: [{ id: "staff", name: "Staff of the town works" }]
})

export const Membership = Schema.Struct({
  groupId: GroupId,
  since: Instant,
  until: Schema.NullOr(Instant).annotate({ description: "Null: to this day." })
}).annotate({
  identifier: "Membership",
  description: "A charge belongs to the groups that its driver was in when it began, by the station's clock."
})

const member = { groupId: GroupId, driverId: DriverId }

export class DriverGroupsGroup extends HttpApiGroup.make("driverGroups")
  .add(
    HttpApiEndpoint.get("list", "/driver-groups", { query: paging, success: pageOf(DriverGroup) }).annotateMerge(
      OpenApi.annotations({ summary: "List groups of drivers", description: "In the order of their ids." })
    ),
    HttpApiEndpoint.post("create", "/driver-groups", {
      payload: NewDriverGroup,
      success: DriverGroup.pipe(HttpApiSchema.status(201)),
      error: Conflict
    }).annotateMerge(OpenApi.annotations({ summary: "Make a group of drivers" })),
    HttpApiEndpoint.get("get", "/driver-groups/:groupId", {
      params: { groupId: GroupId },
      success: DriverGroup,
      error: UnknownResource
    }).annotateMerge(OpenApi.annotations({ summary: "A group of drivers" })),
    HttpApiEndpoint.patch("update", "/driver-groups/:groupId", {
      params: { groupId: GroupId },
      payload: Schema.Struct({ name: Name }),
      success: DriverGroup,
      error: UnknownResource
    }).annotateMerge(OpenApi.annotations({ summary: "Rename a group of drivers" })),
    HttpApiEndpoint.get("members", "/driver-groups/:groupId/drivers", {
      params: { groupId: GroupId },
      query: paging,
      success: pageOf(Driver),
      error: UnknownResource
    }).annotateMerge(
      OpenApi.annotations({ summary: "Who is in a group now", description: "In the order of their ids." })
    ),
    HttpApiEndpoint.put("join", "/driver-groups/:groupId/drivers/:driverId", {
      params: member,
      success: HttpApiSchema.NoContent,
      error: UnknownResource
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Put a driver into a group",
        description: "From now on: charges that began before are not touched. Who is in it stays in it."
      })
    ),
    HttpApiEndpoint.delete("leave", "/driver-groups/:groupId/drivers/:driverId", {
      params: member,
      success: HttpApiSchema.NoContent,
      error: UnknownResource
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Take a driver out of a group",
        description: "From now on. What began before, and is told by a station later, still belongs to the group."
      })
    ),
    HttpApiEndpoint.get("ofDriver", "/drivers/:driverId/groups", {
      params: { driverId: DriverId },
      success: Schema.Struct({ items: Schema.Array(Membership) }),
      error: UnknownResource
    }).annotateMerge(
      OpenApi.annotations({
        summary: "The groups of a driver, today and before",
        description: "By group, then by time."
      })
    )
  )
  .middleware(Checked)
  .middleware(Access)
  .prefix("/api/v1")
  .annotateMerge(
    OpenApi.annotations({ title: "Groups of drivers", description: "Drivers to whom the same prices and rules apply." })
  ) {}
