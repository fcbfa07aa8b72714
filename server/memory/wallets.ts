import { Effect, Layer } from "effect"
import { periodAt } from "#core/wallet/Budget.ts"
import { type Charge, chargeKeyOf } from "#core/wallet/Charge.ts"
import { chargeOf, reserve } from "#core/wallet/reserve.ts"
import { isWithinLimit, open, type Wallet } from "#core/wallet/Wallet.ts"
import { AlreadyExists, NotFound } from "../directory/Directory.ts"
import { isLive } from "../record/stored.ts"
import { WalletStore } from "../wallet/WalletStore.ts"
import type { MemoryState } from "./MemoryState.ts"
import { pageOf } from "./paging.ts"
import { boundsOf, budgetsOf, hold, move, movePaid, payFreed, raiseHold } from "./walletMoves.ts"

/** Wallets over a state in memory. */
export const layer = (state: MemoryState): Layer.Layer<WalletStore> => {
  const shelf = state.walletShelf
  const { sync, suspend } = Effect
  const known = (driverId: string): Effect.Effect<Wallet, NotFound> => {
    const wallet = shelf.wallets.get(driverId)
    return wallet === undefined ? Effect.fail(new NotFound({ kind: "wallet", id: driverId })) : Effect.succeed(wallet)
  }
  return Layer.succeed(
    WalletStore,
    WalletStore.of({
      open: (terms) =>
        suspend((): Effect.Effect<void, AlreadyExists | NotFound> => {
          const { driverId } = terms
          if (!state.drivers.has(driverId)) return Effect.fail(new NotFound({ kind: "driver", id: driverId }))
          if (shelf.wallets.has(driverId)) return Effect.fail(new AlreadyExists({ kind: "wallet", id: driverId }))
          shelf.wallets.set(driverId, open(terms))
          shelf.driverIds.add(driverId)
          return Effect.void
        }),
      setCreditLine: (driverId, creditLineMinor, atMs) =>
        Effect.map(
          suspend(() => known(driverId)),
          (wallet) => {
            const changed = { ...wallet, creditLineMinor }
            if (!isWithinLimit(changed)) return false
            shelf.wallets.set(driverId, changed)
            payFreed(state, driverId, atMs)
            return true
          }
        ),
      get: (driverId) => sync(() => shelf.wallets.get(driverId)),
      list: ({ limit, cursor }) =>
        sync(() => pageOf(shelf.driverIds.ascending(cursor), limit, (id) => shelf.wallets.get(id))),
      movements: (driverId, { limit, cursor }) =>
        sync(() => {
          const before = cursor === undefined ? Number.POSITIVE_INFINITY : Number(cursor)
          const all = (shelf.movements.get(driverId) ?? []).filter(({ seq }) => seq < before).reverse()
          const items = all.slice(0, limit)
          return all.length > limit ? { items, next: String(items.at(-1)!.seq) } : { items }
        }),
      move: (driverId, cause, provider) =>
        Effect.map(
          suspend(() => known(driverId)),
          (wallet) => move(state, wallet, cause, provider)
        ),
      claim: (driverId, { sourceId, owedMinor, reason, atMs }) =>
        sync(() =>
          movePaid(state, { driverId, kind: "take-back", amountMinor: owedMinor, sourceId, reason }, atMs, "")
        ),
      peek: (start, policy) => sync(() => reserve(boundsOf(state, start, start.startedAtMs), start.currency, policy)),
      reserve: (start, policy, atMs) =>
        sync(() => {
          const there = shelf.charges.get(start.key)
          if (there !== undefined) {
            const charge = there.owed === null ? { ...there, transactionId: start.transactionId } : there
            shelf.put(charge)
            return { charge, why: charge.accepted ? null : refusedBefore }
          }
          const bounds = boundsOf(state, start, start.startedAtMs)
          const reservation = reserve(bounds, start.currency, policy)
          const charge = chargeOf(start, bounds, reservation, atMs)
          shelf.put(charge)
          hold(state, charge.driverId, charge.heldMinor)
          return { charge, why: reservation._tag === "Accepted" ? null : reservation.why }
        }),
      raise: (key, wanted, atMs) => sync(() => raiseHold(state, key, wanted, atMs)),
      charge: (key) => sync(() => shelf.charges.get(key)),
      charges: (tokenUid, fromMs, untilMs) =>
        sync(() => shelf.of(tokenUid).filter(({ startedAtMs }) => startedAtMs >= fromMs && startedAtMs < untilMs)),
      release: (beforeMs, limit) =>
        sync(() => {
          const rowOf = ({ transactionId }: Charge) => state.transactions.get(transactionId)?.row
          const past = [...shelf.running]
            .map((key) => shelf.charges.get(key)!)
            .filter((charge) => charge.touchedAtMs < beforeMs)
          const stale = past
            .filter((charge) => {
              const row = rowOf(charge)
              return row === undefined ? !rename(state, charge) : !isLive(row)
            })
            .sort((a, b) => a.touchedAtMs - b.touchedAtMs || (a.key < b.key ? -1 : 1))
            .slice(0, limit)
          for (const charge of stale) {
            hold(state, charge.driverId, -charge.heldMinor)
            shelf.remove(charge)
            payFreed(state, charge.driverId, beforeMs)
          }
          return stale.length
        }),
      isInUse: sync(() => shelf.running.size > 0),
      putBudget: (budget) =>
        suspend(() => {
          const { tokenUid, period } = budget
          if (!state.tokens.has(tokenUid)) return Effect.fail(new NotFound({ kind: "token", id: tokenUid }))
          const budgets = shelf.budgets.get(tokenUid) ?? new Map()
          shelf.budgets.set(tokenUid, budgets.set(period, budget))
          countPast(state, tokenUid, periodAt({ ...budget, period: "month" }, budget.setAtMs).fromMs, budget.setAtMs)
          return Effect.void
        }),
      removeBudget: (tokenUid, period) =>
        suspend(() => {
          const budgets = shelf.budgets.get(tokenUid)
          if (budgets?.delete(period) !== true) {
            return Effect.fail(new NotFound({ kind: "budget", id: `${tokenUid} ${period}` }))
          }
          if (budgets.size === 0) shelf.budgets.delete(tokenUid)
          return Effect.void
        }),
      budgets: (tokenUid, atMs) => sync(() => budgetsOf(state, tokenUid, atMs))
    })
  )
}

/** What was set aside under a name that did not come into the books, where the charge itself did under another. */
const rename = (state: MemoryState, charge: Charge): boolean => {
  for (const { row } of state.transactions.values()) {
    if (row.token?.uid !== charge.tokenUid || chargeKeyOf(row, charge.tokenUid) !== charge.key) continue
    state.walletShelf.put({ ...charge, transactionId: row.id })
    return true
  }
  return false
}

const refusedBefore = "It was refused before."

/** Charges that were over before their token had a budget count in it as well. */
const countPast = (state: MemoryState, tokenUid: string, fromMs: number, atMs: number): void => {
  for (const { row } of state.transactions.values()) {
    if (row.token?.uid !== tokenUid || row.startedAtMs === null || row.startedAtMs < fromMs || row.cdrId === null)
      continue
    const key = chargeKeyOf(row, tokenUid)
    const cdr = state.cdrs.get(row.cdrId)!
    if (state.walletShelf.charges.has(key)) continue
    state.walletShelf.put({
      key,
      transactionId: row.id,
      tokenUid,
      driverId: null,
      currency: cdr.currency,
      startedAtMs: row.startedAtMs,
      accepted: row.authorization === "Accepted",
      heldMinor: 0n,
      heldWh: 0,
      paidMinor: 0n,
      owed: { owedMinor: cdr.grossMinor, energyWh: cdr.energyWh, revision: 0 },
      touchedAtMs: atMs
    })
  }
}
