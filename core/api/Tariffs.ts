import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, HttpApiSchema, OpenApi } from "effect/http-api"
import { TariffWire } from "../tariff/TariffWire.ts"
import { Access, Checked } from "./Access.ts"
import { pageOf, paging, TariffId } from "./Fields.ts"
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
      query: {
        confirm: Schema.optionalKey(Schema.Literals(["true", "false"])).annotate({
          description: "Whether prices above all that this tariff ever asked are meant."
        })
      },
      payload: Tariff,
      success: PublishedTariff.pipe(HttpApiSchema.status(201)),
      error: [Conflict, Unprocessable]
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Publish a tariff, or a further version of it",
        description:
          "Without `version` it becomes the next one. With `version` it must be exactly that, else 409: two editors " +
          "cannot overwrite each other unseen. A further version without `start_date_time` holds from its publication. " +
          "A tariff that is broken or unlawful is refused with 422 and what is wrong with it; so is a price above all " +
          "that earlier versions asked, until it is sent with `?confirm=true`."
      })
    ),
    HttpApiEndpoint.get("versions", "/tariffs/:tariffId", {
      params: { tariffId: TariffId },
      success: Schema.Struct({ items: Schema.Array(Tariff) }),
      error: UnknownResource
    }).annotateMerge(OpenApi.annotations({ summary: "Every version of a tariff, oldest first" })),
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
