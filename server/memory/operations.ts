import { Effect, Layer } from "effect"
import type { OperationRecord } from "../operations/Operation.ts"
import { OperationLog } from "../operations/OperationLog.ts"
import type { MemoryState } from "./MemoryState.ts"
import { pageOf } from "./paging.ts"
import { SortedKeys } from "./SortedKeys.ts"

/** The operation log over a state in memory. */
export const layer = (state: MemoryState): Layer.Layer<OperationLog> =>
  Layer.succeed(
    OperationLog,
    OperationLog.of({
      save: (record) => Effect.sync(() => save(state, record)),
      get: (id) => Effect.sync(() => state.operations.get(id)),
      queued: (stationId) =>
        Effect.sync(() => undone(state, (record) => record.status === "Queued" && record.stationId === stationId)),
      overdue: (atMs, limit) =>
        Effect.sync(() => undone(state, (record) => record.queuedUntilMs <= atMs).slice(0, limit)),
      list: ({ stationId, limit, cursor }) =>
        Effect.sync(() => {
          const ids = state.operationIds.get(stationId)
          if (ids === undefined) return { items: [] }
          return pageOf(ids.descending(cursor), limit, (id) => state.operations.get(id))
        })
    })
  )

const save = (state: MemoryState, record: OperationRecord): void => {
  if (!state.operations.has(record.id)) {
    let ids = state.operationIds.get(record.stationId)
    if (ids === undefined) {
      ids = new SortedKeys()
      state.operationIds.set(record.stationId, ids)
    }
    ids.add(record.id)
  }
  state.operations.set(record.id, record)
  if (record.status === "Done") state.undone.delete(record.id)
  else state.undone.add(record.id)
}

/** Those not done that are wanted, by when they were asked for, then by id. */
const undone = (state: MemoryState, isWanted: (record: OperationRecord) => boolean): ReadonlyArray<OperationRecord> => {
  const found: Array<OperationRecord> = []
  for (const id of state.undone) {
    const record = state.operations.get(id)!
    if (isWanted(record)) found.push(record)
  }
  return found.sort((a, b) => a.requestedAtMs - b.requestedAtMs || (a.id < b.id ? -1 : 1))
}
