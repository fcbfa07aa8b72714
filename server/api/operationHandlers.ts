import { Effect } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { Api } from "#core/api/Api.ts"
import { Directory } from "../directory/Directory.ts"
import { OperationLog } from "../operations/OperationLog.ts"
import { found, unavailable, unknown } from "./failures.ts"
import { LiveView } from "./Live.ts"
import { operationOf, operationRecordView } from "./operationViews.ts"
import { pageRequest, pageView } from "./paging.ts"

export const operationHandlers = HttpApiBuilder.group(
  Api,
  "operations",
  Effect.fn(function* (handlers) {
    const directory = yield* Directory
    const log = yield* OperationLog
    const live = yield* LiveView
    const station = (id: string) => directory.station(id).pipe(found("station", id), unavailable)

    return handlers.handleAll({
      run: Effect.fnUntraced(function* ({ params, query, payload }) {
        const { id } = yield* station(params.stationId)
        const token = payload.type === "Start" ? yield* directory.token(payload.tokenUid).pipe(unavailable) : undefined
        const record = yield* live
          .runOperation(id, operationOf(payload, token?.type ?? "ISO14443"), {
            waitMs: (query.wait ?? 0) * 1000,
            queueForMs: (query.queueFor ?? 0) * 1000
          })
          .pipe(
            Effect.catchTag("NotFound", ({ kind, id }) => Effect.fail(unknown(kind, id))),
            unavailable
          )
        return operationRecordView(record)
      }),
      list: Effect.fnUntraced(function* ({ params, query }) {
        const page = yield* pageRequest(query)
        const { id } = yield* station(params.stationId)
        return pageView(operationRecordView)(yield* log.list({ ...page, stationId: id }).pipe(unavailable))
      }),
      get: Effect.fnUntraced(function* ({ params: { stationId, operationId } }) {
        const record = yield* log.get(operationId).pipe(
          // An operation of another station is not found under this one.
          Effect.map((record) => (record?.stationId === stationId ? record : undefined)),
          found("operation", operationId),
          unavailable
        )
        return operationRecordView(record)
      })
    })
  })
)
