import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { SeriesPriceWire } from "../tariff/extras/ExtrasWire.ts"
import { TariffWire } from "../tariff/TariffWire.ts"
import { Access, Checked } from "./Access.ts"
import { Instant, pageOf, paging, StationId, TariffId } from "./Fields.ts"
import { Conflict, UnknownResource, Unprocessable } from "./Problems.ts"

export const Tariff = TariffWire.annotate({
  identifier: "Tariff",
  description:
    "The Tariff object of OCPI 2.3.0 with our `version`, in OCPI's snake_case so that it can be copied unchanged. " +
    "A version is never edited: running transactions keep the one they began with.",
  examples: [
    {
      id: "standard",
      currency: "EUR",
      elements: [
        {
          price_components: [
            { type: "ENERGY", price: 0.49, vat: 19, step_size: 1 },
            { type: "PARKING_TIME", price: 3, vat: 19, step_size: 60 }
          ]
        }
      ]
    }
  ]
})

export const TariffFinding = Schema.Struct({
  code: Schema.String.annotate({ description: "For programs: stable.", examples: ["gap"] }),
  severity: Schema.Literals(["error", "warning", "info"]),
  path: Schema.String.annotate({ description: "JSON pointer into the tariff.", examples: ["/elements/1"] }),
  message: Schema.String
}).annotate({
  identifier: "TariffFinding",
  description: "Something odd about a tariff: a gap, two prices of which one is charged, a figure in another unit."
})

export const PublishedTariff = Schema.Struct({
  ...TariffWire.fields,
  findings: Schema.Array(TariffFinding)
}).annotate({ identifier: "PublishedTariff", description: "The tariff as published, and what is odd about it." })

export const TariffVersion = Schema.Struct({
  ...TariffWire.fields,
  state: Schema.Literals(["scheduled", "holds", "superseded", "expired", "retired"]).annotate({
    description:
      "Now. Of the valid versions the one whose validity began last holds, of two from one instant the newer."
  }),
  retired_at: Schema.NullOr(Instant).annotate({
    description: "No transaction that begins then or later is priced by it."
  })
}).annotate({ identifier: "TariffVersion", description: "A version that was published: never edited." })

export const CheckedTariff = Schema.Struct({
  findings: Schema.Array(TariffFinding),
  publishable: Schema.Boolean.annotate({ description: "Whether no finding is an error." })
}).annotate({ identifier: "CheckedTariff" })

export const TariffDraft = Schema.Struct({
  ...TariffWire.fields,
  ...CheckedTariff.fields,
  saved_at: Instant
}).annotate({
  identifier: "TariffDraft",
  description: "The next version in the making. Nothing is priced by it; `version` is what it is to become."
})

export const Retirement = Schema.Struct({
  retired_at: Instant,
  holds: Schema.NullOr(Schema.Int).annotate({
    description: "The version of this tariff that holds from then on; null: none, and the next of the precedence does."
  }),
  without_price: Schema.Array(StationId).annotate({ description: "Stations at which nothing is owed from then on." })
}).annotate({ identifier: "Retirement" })

export const NextPrices = Schema.Struct({
  currency: Schema.String.annotate({ description: "That of the tariff; another one is refused." }),
  prices: Schema.Array(SeriesPriceWire).check(Schema.isBetweenLength(1, 200)).annotate({
    description: "Per kWh, each until the next one starts; the first one starts where the series ends."
  }),
  end_date_time: Schema.String.annotate({ description: "Until when the last price holds." })
}).annotate({ identifier: "NextPrices", description: "Such as the hours or quarter hours of the next day." })

const confirm = (meaning: string) => ({
  confirm: Schema.optionalKey(Schema.Literals(["true", "false"])).annotate({ description: meaning })
})

export const DefaultTariff = Schema.Struct({ tariffId: Schema.NullOr(TariffId) }).annotate({
  identifier: "DefaultTariff",
  description: "The tariff that holds anywhere for everyone, unless something nearer or an agreement does."
})

export class TariffsGroup extends HttpApiGroup.make("tariffs")
  .add(
    HttpApiEndpoint.get("list", "/tariffs", { query: paging, success: pageOf(Tariff) }).annotateMerge(
      OpenApi.annotations({ summary: "List tariffs", description: "The newest version of each, by id." })
    ),
    HttpApiEndpoint.post("publish", "/tariffs", {
      query: confirm("Whether prices above all that this tariff ever asked are meant."),
      payload: Tariff,
      success: PublishedTariff.pipe(HttpApiSchema.status(201)),
      error: [Conflict, Unprocessable]
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Publish a tariff, or a further version of it",
        description:
          "Without `version` it becomes the next one. With `version` it must be exactly that, else 409: two editors " +
          "cannot overwrite each other unseen. A further version without `start_date_time` holds from its publication; " +
          "with one it is scheduled, and takes over then. It cannot begin in the past: those transactions had a price. " +
          "A tariff that is broken or unlawful is refused with 422 and what is wrong with it; so is a price, a " +
          "cap or a shorter grace period above all that earlier versions asked, until it is sent with `?confirm=true`."
      })
    ),
    HttpApiEndpoint.post("addPrices", "/tariffs/:tariffId/energy-prices", {
      params: { tariffId: TariffId },
      query: confirm("Whether a price above all that this tariff ever asked is meant."),
      payload: NextPrices,
      success: PublishedTariff.pipe(HttpApiSchema.status(201)),
      error: [UnknownResource, Conflict, Unprocessable]
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Add the next prices to a tariff's series",
        description:
          "Publishes the next version, which holds from now: the one that holds, with these prices. Charges that run keep " +
          "the prices that they began with. No hour may be left out or told twice, and the series may be sent again " +
          "without harm: a version that has these prices already is told again. 409 while another version is scheduled. 422 " +
          "when one of them, surcharge included, is above all that a kWh ever cost, until it is sent with `?confirm=true`."
      })
    ),
    HttpApiEndpoint.get("versions", "/tariffs/:tariffId", {
      params: { tariffId: TariffId },
      success: Schema.Struct({ items: Schema.Array(TariffVersion) }),
      error: UnknownResource
    }).annotateMerge(OpenApi.annotations({ summary: "Every version of a tariff, oldest first" })),
    HttpApiEndpoint.post("check", "/tariffs/check", {
      payload: Tariff,
      success: CheckedTariff,
      error: Unprocessable
    }).annotateMerge(
      OpenApi.annotations({ summary: "What is odd about a tariff", description: "Nothing is kept of it." })
    ),
    HttpApiEndpoint.get("drafts", "/tariff-drafts", { query: paging, success: pageOf(TariffDraft) }).annotateMerge(
      OpenApi.annotations({ summary: "List drafts", description: "By the ids of their tariffs." })
    ),
    HttpApiEndpoint.get("draft", "/tariffs/:tariffId/draft", {
      params: { tariffId: TariffId },
      success: TariffDraft,
      error: UnknownResource
    }).annotateMerge(OpenApi.annotations({ summary: "The draft of a tariff's next version" })),
    HttpApiEndpoint.put("saveDraft", "/tariffs/:tariffId/draft", {
      params: { tariffId: TariffId },
      payload: Tariff,
      success: TariffDraft,
      error: Unprocessable
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Write the draft of a tariff's next version, or write it anew",
        description: "It is checked and kept whatever is found; only what is no tariff at all is refused."
      })
    ),
    HttpApiEndpoint.delete("dropDraft", "/tariffs/:tariffId/draft", {
      params: { tariffId: TariffId },
      success: HttpApiSchema.NoContent,
      error: UnknownResource
    }).annotateMerge(OpenApi.annotations({ summary: "Throw a draft away" })),
    HttpApiEndpoint.post("publishDraft", "/tariffs/:tariffId/draft/publish", {
      params: { tariffId: TariffId },
      query: {
        ...confirm("Whether prices above all that this tariff ever asked are meant."),
        at: Schema.optionalKey(Instant).annotate({
          description: "Since when it holds, in place of the draft's `start_date_time`; in the future it is scheduled."
        })
      },
      success: PublishedTariff.pipe(HttpApiSchema.status(201)),
      error: [UnknownResource, Conflict, Unprocessable]
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Publish or schedule a draft",
        description:
          "With the same guards as a tariff that is published at once. 409 when a version was published meanwhile: the " +
          "draft has to be looked at and saved again."
      })
    ),
    HttpApiEndpoint.post("retire", "/tariffs/:tariffId/versions/:version/retire", {
      params: { tariffId: TariffId, version: Schema.FiniteFromString.check(Schema.isInt(), Schema.isGreaterThan(0)) },
      query: confirm("Whether stations may be left without a price."),
      success: Retirement,
      error: [UnknownResource, Unprocessable]
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Retire a version",
        description:
          "From now on no transaction begins under it; those that did keep it, and so do starts made before that an offline " +
          "station tells later. What holds then is the next valid version of the tariff, else the next of the precedence. " +
          "Refused with 422 when a station would be left without a price, until it is sent with `?confirm=true`. A version " +
          "that is scheduled is called off."
      })
    ),
    HttpApiEndpoint.get("getDefault", "/default-tariff", { success: DefaultTariff }).annotateMerge(
      OpenApi.annotations({ summary: "The default tariff" })
    ),
    HttpApiEndpoint.put("setDefault", "/default-tariff", {
      payload: Schema.Struct({ tariffId: TariffId }),
      success: DefaultTariff,
      error: Unprocessable
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Set the default tariff",
        description: "From now on; the first one from the beginning."
      })
    )
  )
  .middleware(Checked)
  .middleware(Access)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "Tariffs", description: "What charging costs." })) {}
