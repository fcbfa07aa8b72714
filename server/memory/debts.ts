import { Effect, Layer } from "effect"
import {
  amountsOf,
  begin,
  blocksSince,
  chargeDebtId,
  type Debt,
  type DebtFact,
  evolve,
  stateOf
} from "#core/dunning/Debt.ts"
import type { DunningPolicy } from "#core/dunning/next.ts"
import { isShort } from "#core/payment/state.ts"
import { type DebtRecord, DebtStore, type Owing } from "../dunning/DebtStore.ts"
import { postEntries } from "./entries.ts"
import type { MemoryState } from "./MemoryState.ts"
import { pageOf } from "./paging.ts"
import { SortedKeys } from "./SortedKeys.ts"

interface Kept {
  debt: Debt
  dueAtMs: number | null
  toldVersion: number
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
  kept === undefined
    ? undefined
    : { debt: kept.debt, version: kept.facts.length, dueAtMs: kept.dueAtMs, toldVersion: kept.toldVersion }

/** What of a wallet's arrears is watched. */
const openOf = (shelf: DebtShelf, driverId: string): Debt | undefined =>
  [...shelf.debts.values()].find(
    ({ debt }) => debt.of?.kind === "wallet" && debt.of.id === driverId && amountsOf(debt).openMinor > 0n
  )?.debt

/** Whether there is news of a charge's or a wallet's debt where it is owed. */
const hasMoved = (state: MemoryState, { debt, toldVersion }: Kept): boolean => {
  const { of } = debt
  if (of?.kind === "charge") return (state.paymentShelf.payments.get(of.id)?.version ?? 0) > toldVersion
  const { openMinor } = amountsOf(debt)
  const arrearsMinor = of === undefined ? undefined : state.walletShelf.wallets.get(of.id)?.arrearsMinor
  return openMinor > 0n && arrearsMinor !== undefined && arrearsMinor !== openMinor
}

const byText = (a: string, b: string): number => (a < b ? -1 : 1)

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
            .filter(({ debt }) => debt.creditedAtMs === null && state.invoicing.credits.has(debt.id))
            .map(({ debt }) => debt.id)
            .sort()
            .slice(0, limit)
        ),
      owing: (limit) =>
        sync(() => {
          const payments = [...state.paymentShelf.payments.values()]
            .map(({ payment }) => payment)
            .filter(
              (it) =>
                it.stationId !== "" && it.driverId !== null && isShort(it) && !shelf.debts.has(chargeDebtId(it.id))
            )
          const wallets = [...state.walletShelf.wallets.values()].filter(
            (it) => it.arrearsMinor > 0n && openOf(shelf, it.driverId) === undefined
          )
          const found: ReadonlyArray<Owing> = [
            ...payments.map(({ id }) => ({ kind: "charge", id }) as const).sort((a, b) => byText(a.id, b.id)),
            ...wallets.map((it) => ({ kind: "wallet", id: it.driverId }) as const).sort((a, b) => byText(a.id, b.id))
          ]
          return found.slice(0, limit)
        }),
      moved: (limit) =>
        sync(() =>
          [...shelf.debts.values()]
            .filter((kept) => hasMoved(state, kept))
            .map(({ debt }) => debt.id)
            .sort()
            .slice(0, limit)
        ),
      open: (id, terms, dueAtMs) =>
        sync(() => {
          if (shelf.debts.has(id) || (terms.of?.kind === "wallet" && openOf(shelf, terms.of.id) !== undefined)) return
          shelf.debts.set(id, { debt: begin(id, terms), dueAtMs, toldVersion: 0, facts: [] })
          shelf.ids.add(id)
        }),
      get: (id) => sync(() => recordOf(shelf.debts.get(id))),
      facts: (id) => sync(() => [...(shelf.debts.get(id)?.facts ?? [])]),
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
      commit: ({ record, facts, entries, dueAtMs, toldVersion = record.toldVersion }) =>
        sync(() => {
          const kept = shelf.debts.get(record.debt.id)
          if (kept === undefined || kept.facts.length !== record.version) return "Stale" as const
          const contradiction = postEntries(state, entries)
          if (contradiction !== undefined) throw new Error(contradiction)
          kept.facts.push(...facts)
          kept.debt = facts.reduce(evolve, kept.debt)
          kept.dueAtMs = dueAtMs
          kept.toldVersion = toldVersion
          block(kept.debt.driverId)
          return recordOf(kept)!
        }),
      claim: (nowMs, leaseUntilMs, limit) =>
        sync(() => {
          const due = [...shelf.debts.values()]
            .filter(({ dueAtMs }) => dueAtMs !== null && dueAtMs <= nowMs)
            .sort((a, b) => a.dueAtMs! - b.dueAtMs! || (a.debt.id < b.debt.id ? -1 : 1))
            .slice(0, limit)
          for (const kept of due) kept.dueAtMs = leaseUntilMs
          return due.map(({ debt }) => debt.id).sort()
        })
    })
  )
}
