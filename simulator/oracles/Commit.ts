import type { BookedCdr, BookedEntry, BookedTransaction } from "./Evidence.ts"

/** A fact of a transaction as it was written: its number, its kind, and its content as text. */
export interface CommittedFact {
  readonly transactionId: string
  readonly seq: number
  /** Started, Ended, Settled and so on. */
  readonly kind: string
  /** All of it, the same text for the same content. */
  readonly text: string
}

/** A transaction's page as it was written, with the number by which a later one replaces it. */
export interface CommittedTransaction extends BookedTransaction {
  readonly version: number
}

/** What one unit of the CMS's books brought, as plain data. Units are committed whole. */
export interface Commit {
  readonly stationId: string
  readonly facts: ReadonlyArray<CommittedFact>
  /** Transaction of each reading. */
  readonly readings: ReadonlyArray<string>
  readonly transactions: ReadonlyArray<CommittedTransaction>
  readonly cdrs: ReadonlyArray<BookedCdr>
  readonly entries: ReadonlyArray<BookedEntry>
  /** It had been written before, and the CMS recognised it. */
  readonly isRepeated: boolean
}
