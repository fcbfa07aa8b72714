import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { Access, Checked } from "./Access.ts"
import { DriverId, Instant, PartnerId, pageOf, paging, StationId, TokenUid } from "./Fields.ts"
import { Conflict, UnknownResource, Unprocessable } from "./Problems.ts"

export const TokenType = Schema.Literals([
  "Central",
  "DirectPayment",
  "eMAID",
  "EVCCID",
  "ISO14443",
  "ISO15693",
  "KeyCode",
  "Local",
  "MacAddress",
  "NoAuthorization",
  "VIN"
]).annotate({ description: "OCPP 2.1 IdTokenEnumType; cards of OCPP 1.6 are ISO14443." })

const GroupId = Schema.NullOr(Schema.String.check(Schema.isBetweenLength(1, 36))).annotate({
  description: "Tokens of one group stop each other's transactions."
})
const ConcurrencyLimit = Schema.NullOr(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1000 }))).annotate({
  description: "How many transactions may run on it at once; null is no limit."
})
const AllowedStations = Schema.NullOr(Schema.Array(StationId).check(Schema.isMaxLength(1000))).annotate({
  description: "The stations it may be used at; null is everywhere."
})
const ExpiresAt = Schema.NullOr(Instant).annotate({ description: "From this instant on it is not valid." })

export const Token = Schema.Struct({
  uid: TokenUid,
  type: TokenType,
  groupId: Schema.NullOr(Schema.String),
  driverId: Schema.NullOr(Schema.String),
  partnerId: Schema.NullOr(Schema.String).annotate({ description: "The roaming partner who issued it; null: we did." }),
  expiresAt: ExpiresAt,
  blockedAt: Schema.NullOr(Instant).annotate({ description: "Blocked from this instant on; null: not blocked." }),
  concurrencyLimit: Schema.NullOr(Schema.Int),
  allowedStations: Schema.NullOr(Schema.Array(Schema.String)),
  createdAt: Instant
}).annotate({ identifier: "Token", description: "A credential that may start and stop charging." })

const settable = {
  groupId: Schema.optionalKey(GroupId),
  driverId: Schema.optionalKey(Schema.NullOr(DriverId)),
  partnerId: Schema.optionalKey(Schema.NullOr(PartnerId)),
  expiresAt: Schema.optionalKey(ExpiresAt),
  concurrencyLimit: Schema.optionalKey(ConcurrencyLimit),
  allowedStations: Schema.optionalKey(AllowedStations),
  blocked: Schema.optionalKey(Schema.Boolean).annotate({
    description: "True blocks from now on, false lifts the block. A block already in force keeps its instant."
  })
}

export const NewToken = Schema.Struct({ uid: TokenUid, type: Schema.optionalKey(TokenType), ...settable }).annotate({
  identifier: "NewToken",
  description: "Unless told: ISO14443, no group, no driver, no expiry, not blocked, no limit, everywhere.",
  examples: [{ uid: "04A2B9C1D2E380", driverId: "ada", concurrencyLimit: 1 }]
})

export const TokenChanges = Schema.Struct(settable).annotate({
  identifier: "TokenChanges",
  description: "What is left out stays as it is."
})

export const CardCode = Schema.Struct({
  uid: TokenUid,
  code: Schema.String.annotate({ description: "To be printed or sent with the card. Shown here and never again." }),
  expiresAt: Instant
}).annotate({ identifier: "CardCode" })

export class TokensGroup extends HttpApiGroup.make("tokens")
  .add(
    HttpApiEndpoint.get("list", "/tokens", {
      query: { ...paging, driverId: Schema.optionalKey(DriverId) },
      success: pageOf(Token)
    }).annotateMerge(OpenApi.annotations({ summary: "List tokens", description: "In the order of their uids." })),
    HttpApiEndpoint.post("create", "/tokens", {
      payload: NewToken,
      success: Token.pipe(HttpApiSchema.status(201)),
      error: [Conflict, Unprocessable]
    }).annotateMerge(OpenApi.annotations({ summary: "Register a token" })),
    HttpApiEndpoint.get("get", "/tokens/:uid", {
      params: { uid: TokenUid },
      success: Token,
      error: UnknownResource
    }).annotateMerge(OpenApi.annotations({ summary: "A token" })),
    HttpApiEndpoint.patch("update", "/tokens/:uid", {
      params: { uid: TokenUid },
      payload: TokenChanges,
      success: Token,
      error: [UnknownResource, Unprocessable]
    }).annotateMerge(OpenApi.annotations({ summary: "Block, expire, limit or reassign a token" })),
    HttpApiEndpoint.post("issueCode", "/tokens/:uid/code", {
      params: { uid: TokenUid },
      success: CardCode.pipe(HttpApiSchema.status(201)),
      error: [UnknownResource, Conflict]
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Make the code that comes with a card",
        description:
          "Who has the card and the code may make the card their own: POST /api/v1/me/tokens. An older code of the card is void. A card that has a driver gets none (409)."
      })
    )
  )
  .middleware(Checked)
  .middleware(Access)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "Tokens", description: "RFID cards, app tokens, contracts." })) {}
