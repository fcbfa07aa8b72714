import type { Entry } from "#core/billing/Ledger.ts"
import { keyOf, type MemoryState } from "./MemoryState.ts"

/** Why an entry cannot be booked, in the words of PostgreSQL's constraints. */
export const contradiction = (state: MemoryState, entry: Entry): string | undefined => {
  const bookedBy = state.bookedSources.get(keyOf(entry.source.id, entry.source.kind))
  if (bookedBy !== undefined && bookedBy !== entry.id) return `ledger_entries_booked_once: ${entry.source.id}`
  let sum = 0n
  for (const posting of entry.postings) sum += posting.amountMinor
  return sum === 0n ? undefined : `the postings of ${entry.id} sum to ${sum}`
}

/**
 * Books entries of other documents than a station's: what `postEntries` does on PostgreSQL. Undefined when they are in
 * the books, else why none of them is.
 */
export const postEntries = (state: MemoryState, entries: ReadonlyArray<Entry>): string | undefined => {
  for (const entry of entries) {
    const why = state.entries.has(entry.id) ? `ledger_entries_pkey: ${entry.id}` : contradiction(state, entry)
    if (why !== undefined) return why
  }
  for (const entry of entries) applyEntry(state, entry)
  return undefined
}

/** Puts an entry into the ledger that nothing speaks against. */
export const applyEntry = (state: MemoryState, entry: Entry): void => {
  state.entries.set(entry.id, entry)
  state.entryIds.add(entry.id)
  state.bookedSources.set(keyOf(entry.source.id, entry.source.kind), entry.id)
  for (const { account, amountMinor } of entry.postings) {
    const key = keyOf(account, entry.currency)
    const balance = state.balances.get(key)
    if (balance === undefined) state.balances.set(key, { account, currency: entry.currency, amountMinor })
    else balance.amountMinor += amountMinor
  }
}
