import { Effect, Layer } from "effect"
import { type CorrectionRecord, CorrectionStore } from "../corrections/CorrectionStore.ts"
import type { MemoryState } from "./MemoryState.ts"
import { pageOf } from "./paging.ts"
import { SortedKeys } from "./SortedKeys.ts"

/** A correction, and when it is anybody's again; null once it has ended. */
interface Kept {
  readonly record: CorrectionRecord
  readonly dueAtMs: number | null
}

/** What the memory store keeps of corrections. */
export class CorrectionShelf {
  readonly kept = new Map<string, Kept>()
  readonly ids = new SortedKeys()
  /** By transaction and the client's name. */
  readonly byName = new Map<string, string>()
}

/** Corrections over a state in memory. */
export const layer = ({ correctionShelf: shelf }: MemoryState): Layer.Layer<CorrectionStore> => {
  const sync = Effect.sync
  const change = (id: string, to: (record: CorrectionRecord) => Kept): void => {
    const known = shelf.kept.get(id)
    if (known?.record.status === "Waiting") shelf.kept.set(id, to(known.record))
  }
  return Layer.succeed(
    CorrectionStore,
    CorrectionStore.of({
      add: (request, dueAtMs) =>
        sync(() => {
          const name = `${request.transactionId}\0${request.requestId}`
          const known = shelf.byName.get(name)
          if (known !== undefined) return shelf.kept.get(known)!.record
          const rest = { status: "Waiting", documentId: null, doneAtMs: null, why: null, outcome: null } as const
          const record: CorrectionRecord = { ...request, ...rest }
          shelf.byName.set(name, record.id)
          shelf.ids.add(record.id)
          shelf.kept.set(record.id, { record, dueAtMs })
          return record
        }),
      get: (id) => sync(() => shelf.kept.get(id)?.record),
      list: ({ limit, cursor, transactionId }) =>
        sync(() =>
          pageOf(
            shelf.ids.descending(cursor),
            limit,
            (id) => shelf.kept.get(id)?.record,
            (record) => transactionId === undefined || record.transactionId === transactionId
          )
        ),
      trace: (id, documentId) =>
        sync(() => {
          const known = shelf.kept.get(id)
          if (known !== undefined && known.record.documentId === null)
            shelf.kept.set(id, { ...known, record: { ...known.record, documentId } })
        }),
      claim: (nowMs, leaseUntilMs, limit) =>
        sync(() => {
          const due = [...shelf.kept.values()]
            .filter(({ dueAtMs }) => dueAtMs !== null && dueAtMs <= nowMs)
            .map(({ record }) => record)
            .sort((a, b) => (a.id < b.id ? -1 : 1))
            .slice(0, limit)
          for (const { id } of due) change(id, (record) => ({ record, dueAtMs: leaseUntilMs }))
          return due
        }),
      postpone: (id, dueAtMs) => sync(() => change(id, (record) => ({ record, dueAtMs }))),
      end: (id, end, doneAtMs) =>
        sync(() => change(id, (record) => ({ record: { ...record, ...end, doneAtMs }, dueAtMs: null })))
    })
  )
}
