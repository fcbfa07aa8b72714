import type { Sample } from "#core/transaction/Sample.ts"
import {
  begin,
  evolve,
  type Transaction,
  type TransactionFact,
  type TransactionIdentity
} from "#core/transaction/Transaction.ts"
import type { StationSnapshot } from "./Journal.ts"
import type { TransactionRow } from "./Unit.ts"

/** A fact with its number, as a store gives it back. */
export interface NumberedFact {
  readonly seq: number
  readonly fact: TransactionFact
}

/** A reading with the number of the fact it came with. */
export interface NumberedSample {
  readonly seq: number
  readonly sample: Sample
}

/** How many of an EVSE's newest transactions a snapshot holds beside those that are open or unsettled. */
export const recentPerEvse = 2

/** The name a transaction began with, out of its row. */
export const identityOf = (row: TransactionIdentity): TransactionIdentity => ({
  id: row.id,
  stationId: row.stationId,
  dialect: row.dialect,
  ocppId: row.ocppId,
  startKey: row.startKey,
  evseId: row.evseId,
  connectorId: row.connectorId,
  tariff: row.tariff,
  timeZone: row.timeZone
})

/** Open, or ended and not settled yet: what the owner of its station still works on. */
export const isLive = (row: TransactionRow): boolean => row.status === "Open" || row.settleAtMs !== null

/**
 * The transaction as it was when its last fact was written. `facts` come sorted by `seq`, `samples` by `seq` and part;
 * readings of one number are one Sampled fact again.
 */
export const refold = (
  identity: TransactionIdentity,
  facts: ReadonlyArray<NumberedFact>,
  samples: ReadonlyArray<NumberedSample>
): Transaction => {
  let transaction = begin(identity)
  let next = 0
  for (const { seq, fact } of facts) {
    while (next < samples.length && samples[next]!.seq < seq) {
      const end = endOfGroup(samples, next)
      transaction = evolve(transaction, sampled(samples, next, end))
      next = end
    }
    transaction = evolve(transaction, fact)
  }
  while (next < samples.length) {
    const end = endOfGroup(samples, next)
    transaction = evolve(transaction, sampled(samples, next, end))
    next = end
  }
  return transaction
}

const endOfGroup = (samples: ReadonlyArray<NumberedSample>, from: number): number => {
  const { seq } = samples[from]!
  let end = from + 1
  while (end < samples.length && samples[end]!.seq === seq) end++
  return end
}

const sampled = (samples: ReadonlyArray<NumberedSample>, from: number, end: number): TransactionFact => {
  const group: Array<Sample> = []
  for (let index = from; index < end; index++) group.push(samples[index]!.sample)
  return { _tag: "Sampled", samples: group, seqNo: group[0]!.seqNo }
}

/** The newest register of each EVSE among those transactions, by the meter's time; EVSEs ascending. */
export const registersOf = (transactions: ReadonlyArray<Transaction>): StationSnapshot["registers"] => {
  const newest = new Map<number, { evseId: number; registerWh: number; atMs: number }>()
  for (const { evseId, samples } of transactions) {
    for (let index = samples.length - 1; index >= 0; index--) {
      const { registerWh, atMs } = samples[index]!
      if (registerWh === null) continue
      const known = newest.get(evseId)
      if (known === undefined || atMs >= known.atMs) newest.set(evseId, { evseId, registerWh, atMs })
      break
    }
  }
  return [...newest.values()].sort((a, b) => a.evseId - b.evseId)
}
