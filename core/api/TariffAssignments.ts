import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Access, Checked } from "./Access.ts"
import {
  DriverId,
  EvseId,
  GroupId,
  Instant,
  PartnerId,
  pageOf,
  paging,
  SiteId,
  StationId,
  TariffId,
  TokenUid
} from "./Fields.ts"
import { UnknownResource, Unprocessable } from "./Problems.ts"

const nullable = <S extends Schema.Constraint>(schema: S) => Schema.NullOr(schema)

const slot = {
  stationId: nullable(StationId),
  evseId: nullable(EvseId),
  siteId: nullable(SiteId),
  groupId: nullable(GroupId),
  partnerId: nullable(PartnerId)
}

const wantedSlot = {
  stationId: Schema.optionalKey(nullable(StationId)),
  evseId: Schema.optionalKey(nullable(EvseId)),
  siteId: Schema.optionalKey(nullable(SiteId)),
  groupId: Schema.optionalKey(nullable(GroupId)),
  partnerId: Schema.optionalKey(nullable(PartnerId))
}

export const TariffAssignment = Schema.Struct({
  ...slot,
  tariffId: nullable(TariffId).annotate({ description: "Null: nothing is assigned there from then on." }),
  since: nullable(Instant).annotate({ description: "Null: from the beginning." })
}).annotate({
  identifier: "TariffAssignment",
  description:
    "Which tariff is meant where and for whom. Where: an EVSE of a station, a station, a site, or with none of them the " +
    "whole network. For whom: a group of drivers, the customers of a roaming partner, or with none of them everyone."
})

export const NewTariffAssignment = Schema.Struct({
  ...wantedSlot,
  tariffId: nullable(TariffId).annotate({ description: "Null takes back what is assigned." })
}).annotate({
  identifier: "NewTariffAssignment",
  description: "What is left out is null.",
  examples: [{ siteId: "harbour", groupId: "staff", tariffId: "staff-2026" }]
})

const Step = Schema.Struct({
  ...slot,
  tariffId: nullable(TariffId),
  version: nullable(Schema.Int).annotate({ description: "Of that tariff, the one that is valid then." }),
  outcome: Schema.Literals(["unassigned", "no valid version", "decides", "outranked"]),
  text: Schema.String.annotate({ description: "The same as a sentence." })
}).annotate({ identifier: "TariffLadderStep" })

export const TariffLadder = Schema.Struct({
  at: Instant,
  stationId: StationId,
  evseId: EvseId,
  siteId: nullable(SiteId),
  timeZone: Schema.String.annotate({ description: "By whose wall clock it would be priced." }),
  driverId: nullable(DriverId),
  groups: Schema.Array(GroupId).annotate({ description: "Of the driver, then." }),
  partnerId: nullable(PartnerId),
  tariff: nullable(Schema.Struct({ id: TariffId, version: Schema.Int })).annotate({
    description: "What would hold; null: nothing is owed."
  }),
  steps: Schema.Array(Step).annotate({ description: "From the first to the last in precedence." })
}).annotate({ identifier: "TariffLadder", description: "What would hold for a transaction that begins then, and why." })

const precedence =
  "The first of these that has a tariff with a valid version: the partner's agreement at the EVSE, the station, the site, " +
  "anywhere; then the driver's groups, in the order of their ids, at the same four; then what is assigned for everyone at " +
  "the same four, the last being the default tariff. Whom comes before where, since an agreement is a promise to somebody " +
  "and the price of a place is for those who were promised nothing; the nearer comes before the farther. A tariff without " +
  "a valid version is passed over."

export class TariffAssignmentsGroup extends HttpApiGroup.make("tariffAssignments")
  .add(
    HttpApiEndpoint.get("list", "/tariff-assignments", {
      query: { ...paging, tariffId: Schema.optionalKey(TariffId) },
      success: pageOf(TariffAssignment)
    }).annotateMerge(
      OpenApi.annotations({ summary: "What is assigned now", description: "By place, then by for whom." })
    ),
    HttpApiEndpoint.put("assign", "/tariff-assignments", {
      payload: NewTariffAssignment,
      success: TariffAssignment,
      error: Unprocessable
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Assign a tariff to a place and a kind of payer, or take it back",
        description:
          "From now on. Transactions that began before keep their prices, those told later by an offline station too. " +
          precedence
      })
    ),
    HttpApiEndpoint.get("ladder", "/stations/:stationId/tariff", {
      params: { stationId: StationId },
      query: {
        evseId: Schema.optionalKey(
          Schema.FiniteFromString.check(Schema.isInt(), Schema.isBetween({ minimum: 0, maximum: 65_535 }))
        ).annotate({ description: "1 unless told." }),
        driverId: Schema.optionalKey(DriverId).annotate({ description: "Whose groups count." }),
        tokenUid: Schema.optionalKey(TokenUid).annotate({ description: "Whose driver and partner count." }),
        partnerId: Schema.optionalKey(PartnerId).annotate({ description: "Instead of the token's." }),
        at: Schema.optionalKey(Instant).annotate({ description: "When it would begin: now unless told." })
      },
      success: TariffLadder,
      error: [UnknownResource, Unprocessable]
    }).annotateMerge(
      OpenApi.annotations({ summary: "Which tariff would hold at a station, and why", description: precedence })
    )
  )
  .middleware(Checked)
  .middleware(Access)
  .prefix("/api/v1")
  .annotateMerge(
    OpenApi.annotations({ title: "Assignment of tariffs", description: "Which tariff holds where, and for whom." })
  ) {}
