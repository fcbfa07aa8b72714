import { Effect, Layer } from "effect"
import type { Transaction } from "#core/transaction/Transaction.ts"
import { type BegunAt, begunAmong, Journal, type StationSnapshot } from "../record/Journal.ts"
import { identityOf, type NumberedSample, recentPerEvse, refold, registersOf } from "../record/stored.ts"
import type { TransactionRow } from "../record/Unit.ts"
import { commitUnit } from "./commit.ts"
import { keyOf, type MemoryState, type StationShelf, type TransactionShelf } from "./MemoryState.ts"

/** The journal over a state in memory; every effect completes at once. */
export const layer = (state: MemoryState): Layer.Layer<Journal> =>
  Layer.succeed(
    Journal,
    Journal.of({
      commit: (units) => Effect.sync(() => units.map((unit) => commitUnit(state, unit))),
      claim: (stationIds) =>
        Effect.sync(() =>
          stationIds.map((stationId) => {
            const epoch = (state.epochs.get(stationId) ?? 0) + 1
            state.epochs.set(stationId, epoch)
            return epoch
          })
        ),
      lost: (claims) =>
        Effect.sync(() =>
          claims
            .filter(({ stationId, epoch }) => state.epochs.get(stationId) !== epoch)
            .map(({ stationId }) => ({
              stationId,
              epoch: state.epochs.get(stationId)!,
              presence: state.stationShelves.get(stationId)?.presence ?? null
            }))
            .sort((a, b) => order(a.stationId, b.stationId))
        ),
      load: (stationIds) => Effect.sync(() => stationIds.map((stationId) => snapshot(state, stationId))),
      transaction: (by) =>
        Effect.sync(() => {
          const id = "id" in by ? by.id : "begunBy" in by ? begunAt(state, by) : byNaturalKey(state, by)
          const shelf = id === undefined ? undefined : state.transactions.get(id)
          return shelf === undefined ? undefined : foldOf(shelf)
        }),
      due: (atMs, limit) => Effect.sync(() => due(state, atMs, limit)),
      openOn: (tokenUid) => Effect.sync(() => [...(state.openByToken.get(tokenUid) ?? [])].sort()),
      allocateNumbers: (count) =>
        Effect.sync(() => {
          const first = state.nextNumber
          state.nextNumber += count
          return first
        })
    })
  )

const byNaturalKey = (
  state: MemoryState,
  by: { readonly stationId: string } & ({ readonly ocppId: string } | { readonly startKey: string })
): string | undefined =>
  "ocppId" in by
    ? state.byOcppId.get(keyOf(by.stationId, by.ocppId))
    : state.byStartKey.get(keyOf(by.stationId, by.startKey))

const begunAt = (state: MemoryState, { stationId, evseId, connectorId, begunBy }: BegunAt): string | undefined => {
  let last: TransactionRow | undefined
  let left = begunAmong
  for (const id of state.stationShelves.get(stationId)?.byEvse.get(evseId)?.descending(undefined) ?? []) {
    const { row } = state.transactions.get(id)!
    const { startedAtMs } = row
    const hasBegun = row.connectorId === connectorId && startedAtMs !== null && startedAtMs <= begunBy
    if (hasBegun && (last === undefined || startedAtMs > last.startedAtMs!)) last = row
    if (--left === 0) break
  }
  return last?.id
}

/** The transaction of a shelf, folded from all that is kept of it. */
export const foldOf = (shelf: TransactionShelf): Transaction => {
  const { samples } = shelf
  const numbered: Array<NumberedSample> = samples
    .inOrder()
    .map((index) => ({ seq: samples.seqAt(index), sample: samples.sampleAt(index) }))
  return refold(identityOf(shelf.row), shelf.facts, numbered)
}

const emptySnapshot: StationSnapshot = {
  boot: null,
  connectors: [],
  variables: [],
  transactions: [],
  registers: [],
  orders: []
}

const snapshot = (state: MemoryState, stationId: string): StationSnapshot => {
  const shelf = state.stationShelves.get(stationId)
  if (shelf === undefined) return emptySnapshot
  const ids = new Set(shelf.live)
  for (const ofEvse of shelf.byEvse.values()) {
    let left = recentPerEvse
    for (const id of ofEvse.descending(undefined)) {
      ids.add(id)
      if (--left === 0) break
    }
  }
  const transactions = [...ids].sort().map((id) => foldOf(state.transactions.get(id)!))
  return {
    boot: shelf.boot,
    connectors: connectorsOf(shelf),
    variables: variablesOf(shelf),
    transactions,
    registers: registersOf(transactions),
    orders: ordersOf(shelf)
  }
}

/** By EVSE, then connector. */
export const connectorsOf = (shelf: StationShelf) =>
  [...shelf.connectors.values()].sort((a, b) => a.evseId - b.evseId || a.connectorId - b.connectorId)

/** By EVSE, then token. */
const ordersOf = (shelf: StationShelf) =>
  [...shelf.orders.values()].sort((a, b) => a.evseId - b.evseId || order(a.tokenUid, b.tokenUid))

/** By component, variable, instance. */
export const variablesOf = (shelf: StationShelf) =>
  [...shelf.variables.values()].sort(
    (a, b) => order(a.component, b.component) || order(a.variable, b.variable) || order(a.instance, b.instance)
  )

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const due = (state: MemoryState, atMs: number, limit: number): ReadonlyArray<Transaction> => {
  const shelves: Array<TransactionShelf> = []
  for (const id of state.unsettled) {
    const shelf = state.transactions.get(id)!
    if (shelf.row.settleAtMs! <= atMs) shelves.push(shelf)
  }
  shelves.sort((a, b) => a.row.settleAtMs! - b.row.settleAtMs! || order(a.row.id, b.row.id))
  return shelves.slice(0, limit).map(foldOf)
}
