import { Schema } from "effect"
import * as Instants from "../Instant.ts"

/**
 * The words the contract is written in. Schemas here transform nothing: what a handler or a client sees is what is on
 * the wire. Instants are RFC 3339 text, energy is whole Wh, money is whole minor units as decimal text.
 */

/** An RFC 3339 instant. Answers are always UTC with milliseconds; requests may use any offset. */
export const Instant = Schema.String.annotate({
  description: "RFC 3339 instant. Answers use UTC with milliseconds.",
  format: "date-time",
  examples: ["2026-01-31T12:00:00.000Z"]
}).check(
  Schema.makeFilter((text: string) => Instants.parse(text) !== undefined, {
    expected: "an RFC 3339 instant such as 2026-01-31T12:00:00Z"
  })
)

/** Whole minor units of the currency (cents) as decimal text: JSON numbers lose digits beyond 2^53. */
export const AmountMinor = Schema.String.annotate({
  description: "Whole minor units of the currency (cents for EUR) as decimal text.",
  examples: ["1238"]
}).check(Schema.isPattern(/^-?\d+$/u))

export const Currency = Schema.String.annotate({ description: "ISO 4217 code.", examples: ["EUR"] })

export const EnergyWh = Schema.Int.annotate({ description: "Whole watt hours.", examples: [22140] })

const text = (minimum: number, maximum: number) => Schema.String.check(Schema.isBetweenLength(minimum, maximum))

/** The identity of a station that exists, as it dials; no judgement about its characters. */
export const StationId = text(1, 255).annotate({ description: "OCPP identity of the station." })

/** An identity that may be registered: the characters of OCPP 2.x identifierString, at most 48. */
export const NewStationId = Schema.String.annotate({
  description: "OCPP identity: the last path segment the station dials. At most 48 of A-Z a-z 0-9 * - _ = : + | @ .",
  examples: ["CS-0001"]
}).check(
  Schema.isPattern(/^[A-Za-z0-9*\-_=:+|@.]{1,48}$/u, {
    expected: "1 to 48 characters of A-Z a-z 0-9 * - _ = : + | @ ."
  })
)

/** Our own ids, and those of others that we only look up. */
export const Id = text(1, 255)

export const DriverId = text(1, 64).annotate({ description: "Id of the driver." })

export const GroupId = text(1, 64).annotate({ description: "Id of the group of drivers.", examples: ["staff"] })

const named = (subject: string) =>
  Schema.String.check(
    Schema.isPattern(/^[A-Za-z0-9*\-_=:+|@.]{1,64}$/u, {
      expected: `${subject} of 1 to 64 characters of A-Z a-z 0-9 * - _ = : + | @ .`
    })
  )

export const SiteId = named("a site").annotate({ description: "Id of the site.", examples: ["harbour"] })

export const PartnerId = named("a party").annotate({
  description: "Party of a roaming partner, whose customers pay what is agreed with it.",
  examples: ["DE*ABC"]
})

export const TariffId = text(1, 36).annotate({ description: "Id of the tariff (OCPI: at most 36 characters)." })

export const TokenUid = text(1, 255).annotate({
  description: "The token as stations send it; compared without regard to case.",
  examples: ["04A2B9C1D2E380"]
})

export const Name = text(1, 255)

export const EvseId = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 65_535 }))

export const Dialect = Schema.Literals(["1.6", "2.0.1", "2.1"]).annotate({ description: "OCPP version." })

/** No list answers with more. */
export const maxLimit = 500
export const defaultLimit = 50

export const Limit = Schema.Int.annotate({
  description: `At most this many items: 1 to ${maxLimit}, ${defaultLimit} unless told.`
}).check(Schema.isBetween({ minimum: 1, maximum: maxLimit }))

export const Cursor = text(1, 1024).annotate({
  description: "Where to go on: the `next` of the page before, unchanged. Says nothing to anyone but this server."
})

/** The query parameters of every list. */
export const paging = { limit: Schema.optionalKey(Limit), cursor: Schema.optionalKey(Cursor) }

/** One page of a list; without `next` it is the last. */
export const pageOf = <S extends Schema.Constraint>(item: S) =>
  Schema.Struct({
    items: Schema.Array(item),
    next: Schema.optionalKey(Schema.String.annotate({ description: "Cursor of the next page; absent on the last." }))
  })
