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

export const DefaultTariff = Schema.Struct({ tariffId: Schema.NullOr(TariffId) }).annotate({
  identifier: "DefaultTariff",
  description: "The tariff of stations that name none."
})

export class TariffsGroup extends HttpApiGroup.make("tariffs")
  .add(
    HttpApiEndpoint.get("list", "/tariffs", { query: paging, success: pageOf(Tariff) }).annotateMerge(
      OpenApi.annotations({ summary: "List tariffs", description: "The newest version of each, by id." })
    ),
    HttpApiEndpoint.post("publish", "/tariffs", {
      payload: Tariff,
      success: Tariff.pipe(HttpApiSchema.status(201)),
      error: [Conflict, Unprocessable]
    }).annotateMerge(
      OpenApi.annotations({
        summary: "Publish a tariff, or a further version of it",
        description:
          "Without `version` it becomes the next one. With `version` it must be exactly that, else 409: two editors " +
          "cannot overwrite each other unseen. A further version without `start_date_time` holds from its publication."
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
    }).annotateMerge(OpenApi.annotations({ summary: "Set the default tariff" }))
  )
  .middleware(Checked)
  .middleware(Access)
  .prefix("/api/v1")
  .annotateMerge(OpenApi.annotations({ title: "Tariffs", description: "What charging costs." })) {}
