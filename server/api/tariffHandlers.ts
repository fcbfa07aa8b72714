import { Clock, Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "#core/api/Api.ts"
import { Unprocessable } from "#core/api/Problems.ts"
import * as Instant from "#core/Instant.ts"
import { everMs, network } from "#core/tariff/assign/Assignment.ts"
import { statesAt } from "#core/tariff/life.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import { Directory } from "../directory/Directory.ts"
import { addPrices } from "./energyPrices.ts"
import { found, unavailable } from "./failures.ts"
import { inBody } from "./faults.ts"
import { pageRequest, pageView } from "./paging.ts"
import { checked, parsed, publishTariff } from "./publishing.ts"
import { drafts, draftView } from "./tariffDrafts.ts"
import { retireVersion } from "./tariffRetirement.ts"

export const tariffHandlers = HttpApiBuilder.group(
  Api,
  "tariffs",
  Effect.fn(function* (handlers) {
    const directory = yield* Directory
    const desk = drafts(directory)

    return handlers.handleAll({
      list: Effect.fnUntraced(function* ({ query }) {
        const page = yield* pageRequest(query)
        return pageView(Tariff.encode)(yield* directory.tariffs(page).pipe(unavailable))
      }),
      publish: ({ payload, query }) =>
        publishTariff(directory, { wire: payload, isConfirmed: query.confirm === "true", fromMs: null }),
      addPrices: ({ params, payload, query }) =>
        addPrices(directory, params.tariffId, payload, query.confirm === "true"),
      versions: Effect.fnUntraced(function* ({ params: { tariffId } }) {
        const versions = yield* directory.tariff(tariffId).pipe(
          Effect.map((versions) => (versions.length === 0 ? undefined : versions)),
          found("tariff", tariffId),
          unavailable
        )
        const states = statesAt(versions, yield* Clock.currentTimeMillis)
        return {
          items: versions.map((version, index) => ({
            ...Tariff.encode(version),
            state: states[index]!,
            retired_at: version.retiredAtMs === null ? null : Instant.format(version.retiredAtMs)
          }))
        }
      }),
      check: ({ payload }) => Effect.map(parsed(payload, "This is no tariff."), checked),
      drafts: Effect.fnUntraced(function* ({ query }) {
        const page = yield* pageRequest(query)
        return pageView(draftView)(yield* directory.tariffDrafts(page).pipe(unavailable))
      }),
      draft: ({ params }) => Effect.map(desk.draftOf(params.tariffId), draftView),
      saveDraft: ({ params, payload }) => Effect.map(desk.save(params.tariffId, payload), draftView),
      dropDraft: ({ params }) => desk.drop(params.tariffId),
      publishDraft: ({ params, query }) =>
        desk.publish(
          params.tariffId,
          query.confirm === "true",
          query.at === undefined ? null : Instant.parse(query.at)!
        ),
      retire: ({ params, query }) =>
        retireVersion(directory, {
          id: params.tariffId,
          version: params.version,
          isConfirmed: query.confirm === "true"
        }),
      getDefault: () =>
        directory.defaultTariffId.pipe(
          Effect.map((tariffId) => ({ tariffId: tariffId ?? null })),
          unavailable
        ),
      setDefault: Effect.fnUntraced(function* ({ payload: { tariffId } }) {
        // The first default holds from the beginning: until then there was no price that anybody could be promised.
        const isFirst = (yield* directory.defaultTariffId.pipe(unavailable)) === undefined
        const sinceMs = isFirst ? everMs : yield* Clock.currentTimeMillis
        yield* directory.assign({ slot: network, sinceMs, tariffId }).pipe(
          Effect.catchTag("NotFound", () =>
            Effect.fail(
              new Unprocessable({
                detail: "The default tariff cannot be set.",
                errors: inBody("/tariffId", "Expected a tariff that exists")
              })
            )
          ),
          unavailable
        )
        return { tariffId }
      })
    })
  })
)
