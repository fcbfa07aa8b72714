import { Effect, Layer } from "effect"
import { begin, blocksSince, type Debt, type DebtFact, evolve, stateOf } from "#core/dunning/Debt.ts"
import type { DunningPolicy } from "#core/dunning/next.ts"
import { type DebtRecord, DebtStore } from "../dunning/DebtStore.ts"
import { postEntries } from "./entries.ts"
import type { MemoryState } from "./MemoryState.ts"
import { pageOf } from "./paging.ts"
import { SortedKeys } from "./SortedKeys.ts"

interface Kept {
  debt: Debt
  dueAtMs: number | null
  readonly facts: Array<DebtFact>
}

/** What the memory store keeps of debts. */
export class DebtShelf {
  policy: DunningPolicy | undefined
  readonly debts = new Map<string, Kept>()
  readonly ids = new SortedKeys()
  /** Since when drivers may start no charge. */
  readonly blocked = new Map<string, number>()
}

const recordOf = (kept: Kept | undefined): DebtRecord | undefined =>
  kept === undefined ? undefined : { debt: kept.debt, version: kept.facts.length, dueAtMs: kept.dueAtMs }

/** Debts over a state in memory. */
export const layer = (state: MemoryState): Layer.Layer<DebtStore> => {
  const shelf = state.debtShelf
  const { sync } = Effect
  const block = (driverId: string): void => {
    const instants = [...shelf.debts.values()]
      .filter(({ debt }) => debt.driverId === driverId)
      .map(({ debt }) => blocksSince(debt))
      .filter((it) => it !== null)
    if (instants.length === 0) shelf.blocked.delete(driverId)
    else shelf.blocked.set(driverId, Math.min(...instants))
  }
  return Layer.succeed(
    DebtStore,
    DebtStore.of({
      policy: sync(() => shelf.policy),
      savePolicy: (policy) =>
        sync(() => {
          shelf.policy = policy
        }),
      unwatched: (limit) =>
        sync(() =>
          [...state.invoicing.invoices.values()]
            .filter(
              ({ id, kind, driverId }) =>
                kind === "invoice" && driverId !== null && !shelf.debts.has(id) && !state.invoicing.credits.has(id)
            )
            .sort((a, b) => (a.id < b.id ? -1 : 1))
            .slice(0, limit)
        ),
      takenBack: (limit) =>
        sync(() =>
          [...shelf.debts.values()]
            .filter(({ debt }) => debt.creditedAtMs === null && state.invoicing.credits.has(debt.invoiceId))
            .map(({ debt }) => debt.invoiceId)
            .sort()
            .slice(0, limit)
        ),
      open: (invoiceId, terms, dueAtMs) =>
        sync(() => {
          if (shelf.debts.has(invoiceId)) return
          shelf.debts.set(invoiceId, { debt: begin(invoiceId, terms), dueAtMs, facts: [] })
          shelf.ids.add(invoiceId)
        }),
      get: (invoiceId) => sync(() => recordOf(shelf.debts.get(invoiceId))),
      facts: (invoiceId) => sync(() => [...(shelf.debts.get(invoiceId)?.facts ?? [])]),
      list: ({ limit, cursor, driverId, state: wanted }) =>
        sync(() =>
          pageOf(
            shelf.ids.descending(cursor),
            limit,
            (id) => recordOf(shelf.debts.get(id)),
            ({ debt }) =>
              (driverId === undefined || debt.driverId === driverId) &&
              (wanted === undefined || stateOf(debt) === wanted)
          )
        ),
      commit: ({ record, facts, entries, dueAtMs }) =>
        sync(() => {
          const kept = shelf.debts.get(record.debt.invoiceId)
          if (kept === undefined || kept.facts.length !== record.version) return "Stale" as const
          const contradiction = postEntries(state, entries)
          if (contradiction !== undefined) throw new Error(contradiction)
          kept.facts.push(...facts)
          kept.debt = facts.reduce(evolve, kept.debt)
          kept.dueAtMs = dueAtMs
          block(kept.debt.driverId)
          return recordOf(kept)!
        }),
      claim: (nowMs, leaseUntilMs, limit) =>
        sync(() => {
          const due = [...shelf.debts.values()]
            .filter(({ dueAtMs }) => dueAtMs !== null && dueAtMs <= nowMs)
            .sort((a, b) => a.dueAtMs! - b.dueAtMs! || (a.debt.invoiceId < b.debt.invoiceId ? -1 : 1))
            .slice(0, limit)
          for (const kept of due) kept.dueAtMs = leaseUntilMs
          return due.map(({ debt }) => debt.invoiceId).sort()
        })
    })
  )
}
