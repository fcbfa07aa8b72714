import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Access, Checked } from "./Access.ts"
import { Dialect, EvseId, Instant, Name, NewStationId, pageOf, paging, SiteId, StationId, TariffId } from "./Fields.ts"
import { Conflict, UnknownResource, Unprocessable } from "./Problems.ts"

export const ConnectorStatus = Schema.Literals([
  "Available",
  "Occupied",
  "Preparing",
  "Charging",
  "SuspendedEVSE",
  "SuspendedEV",
  "Finishing",
  "Reserved",
  "Unavailable",
  "Faulted"
]).annotate({ description: "As the station itself last said, in its own version's words." })

export const Connector = Schema.Struct({
  connectorId: EvseId,
  status: ConnectorStatus,
  errorCode: Schema.NullOr(Schema.String),
  info: Schema.NullOr(Schema.String),
  statusAt: Instant
}).annotate({ identifier: "Connector" })

export const Evse = Schema.Struct({ evseId: EvseId, connectors: Schema.Array(Connector) }).annotate({
  identifier: "Evse",
  description: "OCPP 1.6: connector n is EVSE n with connector 1; EVSE 0 is the station as a whole."
})

const Connection = Schema.Struct({ dialect: Dialect, connectedAt: Instant, remoteAddress: Schema.String }).annotate({
  identifier: "Connection"
})

const Boot = Schema.Struct({
  vendor: Schema.String,
  model: Schema.String,
  serialNumber: Schema.NullOr(Schema.String),
  firmwareVersion: Schema.NullOr(Schema.String),
  reason: Schema.NullOr(Schema.String),
  at: Instant
}).annotate({ identifier: "Boot", description: "What the station told of itself when it last booted." })

const Registration = Schema.Literals(["Accepted", "Pending", "Rejected"]).annotate({
  description: "What its boot is answered with."
})
const Strictness = Schema.Literals(["strict", "lenient"]).annotate({
  description: "Whether messages that break their schema are refused or, where harmless, forgiven."
})
const SecurityProfile = Schema.Literals([0, 1]).annotate({ description: "OCPP: 0 open, 1 HTTP Basic." })
const CostDisplay = Schema.Literals(["auto", "on", "off"]).annotate({
  description:
    "Whether it is told what a charge costs (OCPP 2.x CostUpdated and totalCost; 1.6 the OCA's cost messages). auto: if it reports that it shows it."
})
const Password = Schema.String.annotate({
  description: "For HTTP Basic: 16 to 64 printable ASCII characters without spaces. Never shown again."
}).check(Schema.isPattern(/^[\x21-\x7e]{16,64}$/u, { expected: "16 to 64 printable ASCII characters without spaces" }))

const registered = {
  id: StationId,
  name: Schema.NullOr(Schema.String),
  securityProfile: SecurityProfile,
  registration: Registration,
  strictness: Strictness,
  siteId: Schema.NullOr(Schema.String).annotate({ description: "The site it is at; null: at none." }),
  timeZone: Schema.String.annotate({
    description: "IANA zone by whose wall clock it charges; that of its site.",
    examples: ["Europe/Berlin"]
  }),
  tariffId: Schema.NullOr(Schema.String).annotate({
    description: "Assigned to it for everyone, now; null: none. What holds for whom: `GET /api/v1/stations/ID/tariff`."
  }),
  costDisplay: CostDisplay,
  createdAt: Instant,
  connection: Schema.NullOr(Connection).annotate({ description: "Null while it is not connected." })
}

export const Station = Schema.Struct(registered).annotate({ identifier: "Station" })

export const NewStation = Schema.Struct({
  id: NewStationId,
  name: Schema.optionalKey(Schema.NullOr(Name)),
  securityProfile: Schema.optionalKey(SecurityProfile),
  password: Schema.optionalKey(Password),
  registration: Schema.optionalKey(Registration),
  strictness: Schema.optionalKey(Strictness),
  siteId: Schema.optionalKey(Schema.NullOr(SiteId)),
  timeZone: Schema.optionalKey(Name),
  tariffId: Schema.optionalKey(Schema.NullOr(TariffId)),
  costDisplay: Schema.optionalKey(CostDisplay)
}).annotate({
  identifier: "NewStation",
  description:
    "Unless told: profile 1 if a password is given and 0 otherwise, Accepted, lenient, at no site, UTC or its site's zone, default tariff.",
  examples: [{ id: "CS-0001", name: "Harbour, bay 1", password: "correct-horse-battery", timeZone: "Europe/Berlin" }]
})

export const StationChanges = Schema.Struct({
  name: Schema.optionalKey(Schema.NullOr(Name)),
  securityProfile: Schema.optionalKey(SecurityProfile),
  password: Schema.optionalKey(Password),
  registration: Schema.optionalKey(Registration),
  strictness: Schema.optionalKey(Strictness),
  siteId: Schema.optionalKey(Schema.NullOr(SiteId)),
  timeZone: Schema.optionalKey(Name),
  tariffId: Schema.optionalKey(Schema.NullOr(TariffId)),
  costDisplay: Schema.optionalKey(CostDisplay)
}).annotate({
  identifier: "StationChanges",
  description:
    "What is left out stays as it is; a password alone makes the station's profile 1. A tariff holds from now on. The zone of a station that is at a site is the site's."
})

export const StationDetail = Schema.Struct({
  ...registered,
  boot: Schema.NullOr(Boot),
  lastSeenAt: Schema.NullOr(Instant),
  evses: Schema.Array(Evse)
}).annotate({ identifier: "StationDetail" })

export const Variable = Schema.Struct({
  component: Schema.String,
  variable: Schema.String,
  instance: Schema.String,
  value: Schema.NullOr(Schema.String),
  mutability: Schema.NullOr(Schema.String)
}).annotate({
  identifier: "Variable",
  description: "Of the device model (2.x), or a configuration key (1.6, component empty), as the station last said."
})

const byId = { params: { stationId: StationId }, error: UnknownResource } as const

const filters = {
  connected: Schema.optionalKey(Schema.Literals(["true", "false"])).annotate({
    description: "Whether they are connected now to the server node that answers."
  }),
  registration: Schema.optionalKey(Registration),
  tariffId: Schema.optionalKey(TariffId).annotate({
    description: "Stations to which this tariff is assigned for everyone."
  }),
  siteId: Schema.optionalKey(SiteId)
}

export class StationsGroup extends HttpApiGroup.make("stations")
  .add(
    HttpApiEndpoint.get("list", "/stations", {
      query: { ...paging, ...filters },
      success: pageOf(Station)
    }).annotateMerge(
      OpenApi.annotations({
        summary: "List stations",
        description: "In the order of their ids; those that fit every filter given."
      })
    ),
    HttpApiEndpoint.post("create", "/stations", {
      payload: NewStation,
      success: Station.pipe(HttpApiSchema.status(201)),
      error: [Conflict, Unprocessable]
    }).annotateMerge(OpenApi.annotations({ summary: "Register a station" })),
    HttpApiEndpoint.get("get", "/stations/:stationId", { ...byId, success: StationDetail }).annotateMerge(
      OpenApi.annotations({ summary: "A station with its EVSEs, boot and connection" })
    ),
    HttpApiEndpoint.patch("update", "/stations/:stationId", {
      params: { stationId: StationId },
      payload: StationChanges,
      success: Station,
      error: [UnknownResource, Unprocessable]
    }).annotateMerge(OpenApi.annotations({ summary: "Change what the operator says of a station" })),
    HttpApiEndpoint.get("evses", "/stations/:stationId/evses", {
      ...byId,
      success: Schema.Struct({ items: Schema.Array(Evse) })
    }).annotateMerge(OpenApi.annotations({ summary: "EVSEs and connectors with their live status" })),
    HttpApiEndpoint.get("variables", "/stations/:stationId/variables", {
      ...byId,
      query: { ...paging, component: Schema.optionalKey(Schema.String) },
      success: pageOf(Variable)
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Configuration as the station last reported it",
        description:
          "By component, variable and instance. To ask the station afresh, run the operation GetConfiguration."
      })
    )
  )
  .middleware(Checked)
  .middleware(Access)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "Stations", description: "Charging stations and what they report." })) {}
