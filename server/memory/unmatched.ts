import { Effect } from "effect"
import type { Entry } from "#core/billing/Ledger.ts"
import { isDealtWith, type Unmatched, underWay } from "#core/payment/Unmatched.ts"
import type { UnmatchedQueue } from "../payments/PaymentStore.ts"
import type { PaymentShelf } from "./PaymentShelf.ts"
import { pageOf } from "./paging.ts"

const byId = (a: Unmatched, b: Unmatched): number => (a.id < b.id ? -1 : 1)

/** The queue of what is unmatched over a shelf in memory. */
export const unmatchedOver = (
  { unmatched }: PaymentShelf,
  book: (entries: ReadonlyArray<Entry>) => Effect.Effect<void>
): UnmatchedQueue => {
  const sync = Effect.sync
  const standing = () => [...unmatched.values()].filter(({ resolvedAtMs }) => resolvedAtMs === null)
  return {
    reportUnmatched: (found, atMs) =>
      sync(() => {
        for (const item of found) {
          const known = unmatched.get(item.id)
          const since = { firstSeenAtMs: known?.firstSeenAtMs ?? atMs, resolutions: known?.resolutions ?? [] }
          const seen = { ...item, ...since, lastSeenAtMs: atMs }
          if (known === undefined || known.resolvedAtMs === null)
            unmatched.set(item.id, { ...seen, resolvedAtMs: null })
          else if (isDealtWith(known, item.detail))
            unmatched.set(item.id, { ...seen, resolvedAtMs: known.resolvedAtMs })
          else unmatched.set(item.id, { ...seen, firstSeenAtMs: atMs, resolvedAtMs: null })
        }
      }),
    resolveUnmatched: (seenBeforeMs, atMs) =>
      sync(() => {
        for (const item of standing())
          if (item.lastSeenAtMs < seenBeforeMs) unmatched.set(item.id, { ...item, resolvedAtMs: atMs })
      }),
    unmatched: (limit) =>
      sync(() =>
        standing()
          .sort((a, b) => a.firstSeenAtMs - b.firstSeenAtMs || byId(a, b))
          .slice(0, limit)
      ),
    unmatchedItem: (id) => sync(() => unmatched.get(id)),
    decidedUnmatched: ({ limit, cursor }) =>
      sync(() => {
        const ids = [...unmatched.keys()].filter((id) => cursor === undefined || id > cursor).sort()
        return pageOf(
          ids,
          limit,
          (id) => unmatched.get(id),
          ({ resolutions }) => resolutions.length > 0
        )
      }),
    resolving: (limit) =>
      sync(() =>
        standing()
          .filter((item) => underWay(item) !== undefined)
          .sort(byId)
          .slice(0, limit)
      ),
    askResolution: (id, resolution) =>
      sync(() => {
        const known = unmatched.get(id)
        if (known === undefined || known.resolvedAtMs !== null || underWay(known) !== undefined) return false
        unmatched.set(id, { ...known, resolutions: [...known.resolutions, resolution] })
        return true
      }),
    endResolution: (id, resolution, entries) =>
      Effect.suspend(() => {
        const known = unmatched.get(id)
        if (known === undefined || underWay(known) === undefined) return Effect.succeed(false)
        return Effect.map(book(entries), () => {
          const resolutions = [...known.resolutions.slice(0, -1), resolution]
          const resolvedAtMs =
            resolution.why === null ? (known.resolvedAtMs ?? resolution.doneAtMs) : known.resolvedAtMs
          unmatched.set(id, { ...known, resolutions, resolvedAtMs })
          return true
        })
      })
  }
}
