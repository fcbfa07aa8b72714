import { Clock, Effect, Result } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "#core/api/Api.ts"
import { Conflict, Unprocessable } from "#core/api/Problems.ts"
import { everMs, network } from "#core/tariff/assign/Assignment.ts"
import { Tariff } from "#core/tariff/Tariff.ts"
import { Directory } from "../directory/Directory.ts"
import { conflict, found, unavailable } from "./failures.ts"
import { inBody } from "./faults.ts"
import { pageRequest, pageView } from "./paging.ts"
import { guardTariff } from "./tariffGuard.ts"

export const tariffHandlers = HttpApiBuilder.group(
  Api,
  "tariffs",
  Effect.fn(function* (handlers) {
    const directory = yield* Directory

    return handlers.handleAll({
      list: Effect.fnUntraced(function* ({ query }) {
        const page = yield* pageRequest(query)
        return pageView(Tariff.encode)(yield* directory.tariffs(page).pipe(unavailable))
      }),
      publish: Effect.fnUntraced(function* ({ payload, query }) {
        const versions = yield* directory.tariff(payload.id).pipe(unavailable)
        const version = versions.length + 1
        const nowMs = yield* Clock.currentTimeMillis
        const parsed = Tariff.parse({ ...payload, version: payload.version ?? version })
        if (Result.isFailure(parsed)) {
          const { path, message } = parsed.failure
          const detail = "The tariff cannot be published like this."
          return yield* new Unprocessable({ detail, errors: inBody(path, message) })
        }
        const { startAtMs, lastUpdatedAtMs } = parsed.success
        const tariff = {
          ...parsed.success,
          // A further version that did not say since when would hold for sessions that began before it existed.
          startAtMs: version === 1 ? startAtMs : (startAtMs ?? nowMs),
          lastUpdatedAtMs: lastUpdatedAtMs ?? nowMs
        }
        if (tariff.version !== version) {
          const detail = `The next version of ${tariff.id} is ${version}, not ${tariff.version}.`
          return yield* new Conflict({ detail, kind: "tariff", id: tariff.id })
        }
        const findings = yield* guardTariff(tariff, versions, query.confirm === "true")
        yield* directory.publishTariff(tariff).pipe(Effect.catchTag("AlreadyExists", conflict), unavailable)
        const told = findings.map(({ code, severity, path, message }) => ({ code, severity, path, message }))
        return { ...Tariff.encode(tariff), findings: told }
      }),
      versions: Effect.fnUntraced(function* ({ params: { tariffId } }) {
        const versions = yield* directory.tariff(tariffId).pipe(
          Effect.map((versions) => (versions.length === 0 ? undefined : versions)),
          found("tariff", tariffId),
          unavailable
        )
        return { items: versions.map(Tariff.encode) }
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
