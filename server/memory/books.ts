import { Effect, Layer } from "effect"
import type { Cdr } from "#core/billing/Cdr.ts"
import { Books, type CdrFilter, type StationRecord, type TransactionFilter } from "../books/Books.ts"
import type { Page, PageRequest } from "../books/Page.ts"
import { readSampleCursor, writeSampleCursor } from "../record/sampleCursor.ts"
import type { StoredSample, TransactionRow } from "../record/Unit.ts"
import { connectorsOf, foldOf, variablesOf } from "./journal.ts"
import type { MemoryState, TransactionShelf } from "./MemoryState.ts"
import { pageOf } from "./paging.ts"

/** The books over a state in memory. */
export const layer = (state: MemoryState): Layer.Layer<Books> =>
  Layer.succeed(
    Books,
    Books.of({
      station: (stationId) => Effect.sync(() => stationRecord(state, stationId)),
      variables: (stationId) =>
        Effect.sync(() => {
          const shelf = state.stationShelves.get(stationId)
          return shelf === undefined ? [] : variablesOf(shelf)
        }),
      transactions: (filter) => Effect.sync(() => transactionPage(state, filter, ({ row }) => row)),
      histories: (filter) => Effect.sync(() => transactionPage(state, filter, foldOf)),
      transaction: (id) => Effect.sync(() => state.transactions.get(id)?.row),
      facts: (id) => Effect.sync(() => state.transactions.get(id)?.facts.slice() ?? []),
      samples: (id, page) => Effect.sync(() => samples(state.transactions.get(id), page)),
      cdrs: (filter) =>
        Effect.sync(() => {
          const ids = filter.stationId === undefined ? state.cdrIds : state.stationShelves.get(filter.stationId)?.cdrIds
          if (ids === undefined) return { items: [] }
          const cdrOf = (id: string) => state.cdrs.get(id)
          return pageOf(ids.descending(filter.cursor), filter.limit, cdrOf, (cdr) => isWantedCdr(cdr, filter))
        }),
      cdr: (id) => Effect.sync(() => state.cdrs.get(id)),
      entries: ({ limit, cursor, sourceId, account }) =>
        Effect.sync(() =>
          pageOf(
            state.entryIds.ascending(cursor),
            limit,
            (id) => state.entries.get(id),
            (entry) =>
              (sourceId === undefined || entry.source.id === sourceId) &&
              (account === undefined || entry.postings.some((posting) => posting.account === account))
          )
        ),
      balances: Effect.sync(() =>
        [...state.balances.values()]
          .filter((balance) => balance.amountMinor !== 0n)
          .map((balance) => ({ ...balance }))
          .sort((a, b) => order(a.account, b.account) || order(a.currency, b.currency))
      )
    })
  )

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const stationRecord = (state: MemoryState, stationId: string): StationRecord => {
  const shelf = state.stationShelves.get(stationId)
  if (shelf === undefined) return { stationId, boot: null, presence: null, lastSeenAtMs: null, connectors: [] }
  const { boot, presence, lastSeenAtMs } = shelf
  return { stationId, boot, presence, lastSeenAtMs, connectors: connectorsOf(shelf) }
}

const transactionPage = <A>(
  state: MemoryState,
  filter: TransactionFilter & PageRequest,
  read: (shelf: TransactionShelf) => A
): Page<A> => {
  const ids =
    filter.stationId === undefined ? state.transactionIds : state.stationShelves.get(filter.stationId)?.transactionIds
  if (ids === undefined) return { items: [] }
  const rowOf = (id: string) => state.transactions.get(id)?.row
  const page = pageOf(ids.descending(filter.cursor), filter.limit, rowOf, (row) => matches(row, filter))
  return { ...page, items: page.items.map(({ id }) => read(state.transactions.get(id)!)) }
}

const matches = (row: TransactionRow, filter: TransactionFilter): boolean =>
  (filter.driverId === undefined || row.driverId === filter.driverId) &&
  (filter.tokenUid === undefined || row.token?.uid === filter.tokenUid) &&
  (filter.status === undefined || row.status === filter.status) &&
  (filter.finding === undefined || row.findings.some((finding) => finding.code === filter.finding)) &&
  (filter.startedFromMs === undefined || (row.startedAtMs !== null && row.startedAtMs >= filter.startedFromMs)) &&
  (filter.startedBeforeMs === undefined || (row.startedAtMs !== null && row.startedAtMs < filter.startedBeforeMs))

const isWantedCdr = (cdr: Cdr, filter: CdrFilter): boolean =>
  (filter.driverId === undefined || cdr.driverId === filter.driverId) &&
  (filter.transactionId === undefined || cdr.transactionId === filter.transactionId) &&
  (filter.issuedFromMs === undefined || cdr.issuedAtMs >= filter.issuedFromMs) &&
  (filter.issuedBeforeMs === undefined || cdr.issuedAtMs < filter.issuedBeforeMs)

const samples = (shelf: TransactionShelf | undefined, page: PageRequest): Page<StoredSample> => {
  if (shelf === undefined) return { items: [] }
  const { row, samples } = shelf
  const from = page.cursor === undefined ? undefined : readSampleCursor(page.cursor)
  if (page.cursor !== undefined && from === undefined) return { items: [] }
  const byTime = (a: SampleKey, b: SampleKey): number => a.atMs - b.atMs || a.seq - b.seq || a.part - b.part
  const keys = samples
    .inOrder()
    .map((index) => ({
      index,
      atMs: samples.atMsAt(index),
      seq: samples.seqAt(index),
      part: samples.partAt(index)
    }))
    .filter((key) => from === undefined || byTime(key, from) > 0)
    .sort(byTime)
  const items = keys.slice(0, page.limit).map(({ index, seq, part }) => ({
    transactionId: row.id,
    stationId: row.stationId,
    evseId: row.evseId,
    seq,
    part,
    receivedAtMs: samples.receivedAtMsAt(index),
    sample: samples.sampleAt(index)
  }))
  return keys.length > page.limit ? { items, next: writeSampleCursor(keys[page.limit - 1]!) } : { items }
}

interface SampleKey {
  readonly atMs: number
  readonly seq: number
  readonly part: number
}
