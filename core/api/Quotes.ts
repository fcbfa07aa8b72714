import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { Access, Checked } from "./Access.ts"
import { AmountMinor, EnergyWh, EvseId, Instant, StationId, TokenUid } from "./Fields.ts"
import { PriceSheet } from "./Prices.ts"
import { Conflict, Unavailable, UnknownResource, Unprocessable } from "./Problems.ts"

const whole = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
const percent = (minimum: number) => Schema.Finite.check(Schema.isBetween({ minimum, maximum: 100 }))

const Car = Schema.Struct({
  batteryWh: whole(100, 5_000_000),
  arrivalPercent: percent(0).annotate({ description: "State of charge when it arrives." }),
  targetPercent: Schema.optionalKey(whole(1, 100)).annotate({
    description: "Where it stops by itself; 100 unless told."
  }),
  maxPowerW: whole(100, 5_000_000).annotate({ description: "The most its battery takes." }),
  curve: Schema.optionalKey(
    Schema.Array(Schema.Tuple([percent(0), Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))])).check(
      Schema.isBetweenLength(2, 101)
    )
  ).annotate({
    description:
      "What it takes at a state of charge as a fraction of the most, linear between the points, in order. Unless told, what lithium packs usually do."
  }),
  efficiencyPercent: Schema.optionalKey(percent(50)).annotate({
    description: "Of what the meter counts, what reaches the battery; 100 unless told. An onboard charger has some 91."
  })
}).annotate({ identifier: "QuoteCar" })

const asking = {
  evseId: Schema.optionalKey(EvseId).annotate({ description: "OCPP 1.6: the connector's number. 1 unless told." }),
  from: Schema.optionalKey(Instant).annotate({ description: "Now unless told." }),
  until: Instant.annotate({ description: "When the cable is unplugged; at most seven days later." }),
  chargerPowerW: whole(0, 5_000_000).annotate({ description: "The most the charger gives." }),
  car: Schema.optionalKey(Car).annotate({ description: "Without one the charger's power flows all the time." }),
  energyLimitWh: Schema.optionalKey(whole(1, 5_000_000)).annotate({ description: "The driver wants no more." })
}

const example = {
  until: "2026-01-31T18:00:00Z",
  chargerPowerW: 11_000,
  car: { batteryWh: 58_000, arrivalPercent: 20, targetPercent: 80, maxPowerW: 120_000, efficiencyPercent: 91 }
}

export const PublicQuoteRequest = Schema.Struct(asking).annotate({
  identifier: "PublicQuoteRequest",
  examples: [example]
})

export const QuoteRequest = Schema.Struct({
  ...asking,
  tokenUid: Schema.optionalKey(TokenUid).annotate({
    description: "For whom: prices may depend on it. Unless told, for somebody unknown."
  })
}).annotate({ identifier: "QuoteRequest", examples: [example] })

const Branch = Schema.Struct({
  kind: Schema.Literals(["price", "idle", "charging", "fee", "min-price", "max-price", "cap", "step"]),
  at: Instant,
  energyWh: EnergyWh,
  dimension: Schema.NullOr(
    Schema.Literals(["ENERGY", "TIME", "PARKING_TIME", "RESERVATION_TIME", "FLAT", "ADJUSTMENT"])
  ),
  fromPrice: Schema.NullOr(Schema.String).annotate({
    description: "Per kWh, hour or session, as the tariff states it."
  }),
  toPrice: Schema.NullOr(Schema.String),
  surplus: Schema.Int.annotate({ description: "Of a step what it adds: mWh of ENERGY, ms of the times." }),
  text: Schema.String
}).annotate({
  identifier: "QuoteBranch",
  description:
    "Where the price turns: another price holds, the car stops to take power, a fee falls due, a limit is left or reached, a step adds to the end."
})

const Point = Schema.Struct({
  at: Instant,
  energyWh: EnergyWh,
  powerW: Schema.Finite,
  socPercent: Schema.NullOr(Schema.Finite),
  grossMinor: AmountMinor
}).annotate({ identifier: "QuotePoint", description: "What it comes to when it is stopped there." })

export const Quote = Schema.Struct({
  stationId: StationId,
  from: Instant,
  until: Instant,
  fullAt: Schema.NullOr(Instant).annotate({ description: "When the car has enough; null: not before the end." }),
  price: PriceSheet.annotate({ description: "What it costs at `until`, made as the bill is." }),
  branches: Schema.Array(Branch),
  points: Schema.Array(Point).annotate({ description: "The price over time, and at every branch." })
}).annotate({ identifier: "Quote" })

export type QuoteRequest = typeof QuoteRequest.Type
export type Quote = typeof Quote.Type

const asked = {
  params: { stationId: StationId },
  success: Quote,
  error: [UnknownResource, Conflict, Unprocessable, Unavailable]
} as const

const words = {
  summary: "What a charge would cost: this car, here, from now until then",
  description:
    "By the tariff that a charge beginning at `from` is billed by, as it is published now, with the instants at which the price turns. Nothing is kept, and nothing is promised for a charge that goes otherwise."
}

export class QuotesGroup extends HttpApiGroup.make("quotes")
  .add(
    HttpApiEndpoint.post("quote", "/stations/:stationId/quotes", { ...asked, payload: QuoteRequest }).annotateMerge(
      OpenApi.annotations(words)
    )
  )
  .middleware(Checked)
  .middleware(Access)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "Quotes", description: "What charging would cost." })) {}

export class PublicQuotesGroup extends HttpApiGroup.make("publicQuotes")
  .add(
    HttpApiEndpoint.post("quote", "/public/stations/:stationId/quotes", {
      ...asked,
      payload: PublicQuoteRequest
    }).annotateMerge(OpenApi.annotations(words))
  )
  .middleware(Checked)
  .prefix("/api/v1")
  .annotateMerge(
    OpenApi.annotations({
      title: "Quotes for everybody",
      description: "The same for who scans the code on a station; open to everybody."
    })
  ) {}
