import { Effect } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import type { Entry } from "#core/billing/Ledger.ts"
import type { Bound } from "../postgres/Database.ts"
import { Rows } from "./columns.ts"
import * as statement from "./statements.ts"

/** Ledger entries on their way into a transaction: one statement for all entries, one for all their postings. */
export class EntryRows {
  private readonly entries = new Rows(statement.insertEntries, statement.entryKinds)
  private readonly postings = new Rows(statement.insertPostings, ["text", "number", "text", "text", "text"])

  add({ id, bookedAtMs, effectiveAtMs, source, currency, postings }: Entry): void {
    this.entries.add(id, bookedAtMs, effectiveAtMs, source.kind, source.id, currency)
    postings.forEach(({ account, amountMinor }, position) => {
      this.postings.add(id, position, account, currency, String(amountMinor))
    })
  }

  statements(): ReadonlyArray<Bound> {
    return [this.entries, this.postings].filter(({ isEmpty }) => !isEmpty).map((rows) => rows.statement())
  }
}

/**
 * Writes entries within the caller's transaction, so that a document and its booking are there together or not at all.
 * An entry that is there already, or another of the same source, fails it (ledger_entries_booked_once).
 */
export const postEntries = (sql: SqlClient, entries: ReadonlyArray<Entry>) =>
  Effect.suspend(() => {
    const rows = new EntryRows()
    for (const entry of entries) rows.add(entry)
    return Effect.forEach(rows.statements(), ({ sql: text, params }) => sql.unsafe(text, params), { discard: true })
  })
