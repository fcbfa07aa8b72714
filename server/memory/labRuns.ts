import { Effect, Layer } from "effect"
import { type LabRunHead, type LabRunRecord, LabRunStore } from "../lab/LabRunStore.ts"
import type { MemoryState } from "./MemoryState.ts"
import { pageOf } from "./paging.ts"

/** Runs of the lab over a state in memory. */
export const layer = ({ labRuns, labRunIds, labReports }: MemoryState): Layer.Layer<LabRunStore> => {
  const unfinished = () =>
    [...labRunIds.ascending(undefined)].map((id) => labRuns.get(id)!).filter(({ run }) => isOpen(run))
  return Layer.succeed(
    LabRunStore,
    LabRunStore.of({
      add: (asked, mostUnfinished) =>
        Effect.sync(() => {
          if (unfinished().length >= mostUnfinished) return false
          const run = {
            ...asked,
            status: "Waiting" as const,
            doneAtMs: null,
            sessions: 0,
            percent: null,
            outcome: null,
            why: null
          }
          labRuns.set(run.id, { run, leaseUntilMs: 0 })
          labRunIds.add(run.id)
          return true
        }),
      get: (id) => Effect.sync(() => labRuns.get(id)?.run),
      list: ({ limit, cursor }) =>
        Effect.sync(() => pageOf(labRunIds.descending(cursor), limit, (id) => headOf(labRuns.get(id)!.run))),
      claim: (nowMs, leaseUntilMs) =>
        Effect.sync(() => {
          const found = unfinished().find((it) => it.leaseUntilMs <= nowMs)
          if (found === undefined) return undefined
          const run = { ...found.run, status: "Running" as const, sessions: 0, percent: null }
          labRuns.set(run.id, { run, leaseUntilMs })
          return run
        }),
      progress: (id, so, leaseUntilMs) =>
        Effect.sync(() => {
          const found = labRuns.get(id)
          if (found?.run.status !== "Running") return false
          labRuns.set(id, { run: { ...found.run, ...so }, leaseUntilMs })
          return true
        }),
      report: (id) => Effect.sync(() => labReports.get(id)),
      end: (id, end, atMs) =>
        Effect.sync(() => {
          const found = labRuns.get(id)
          if (found === undefined || !isOpen(found.run)) return false
          if (end.status === "Done" && end.report !== null) labReports.set(id, end.report)
          const { report: _, ...over } = { report: null, ...end }
          labRuns.set(id, { run: { ...found.run, ...over, doneAtMs: atMs }, leaseUntilMs: 0 })
          return true
        })
    })
  )
}

const isOpen = ({ status }: { readonly status: string }): boolean => status === "Waiting" || status === "Running"

const headOf = ({ outcome: _, ...head }: LabRunRecord): LabRunHead => head
