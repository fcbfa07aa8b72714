import { Effect } from "effect"
import type { Entry, Posting } from "#core/billing/Ledger.ts"
import type { Page, PageRequest } from "../books/Page.ts"
import type { StoreUnavailable } from "../record/Journal.ts"
import { msOf, texts } from "./columns.ts"
import { Conditions, pageFrom } from "./conditions.ts"

type Row = Readonly<Record<string, unknown>>
type Query = (text: string, params: ReadonlyArray<unknown>) => Effect.Effect<ReadonlyArray<Row>, StoreUnavailable>

const selectPostings = `select entry_id, account, amount_minor from ledger_postings
  where entry_id = any ($1::text[]) order by entry_id, position`

/** Entries oldest first by id, each with its postings in the order booked. */
export const entriesPage = Effect.fnUntraced(function* (
  rows: Query,
  filter: PageRequest & { readonly sourceId?: string; readonly account?: string }
): Effect.fn.Return<Page<Entry>, StoreUnavailable> {
  const where = new Conditions()
  if (filter.cursor !== undefined) where.and((at) => `id > ${at}`, filter.cursor)
  where.equal("source_id", filter.sourceId)
  if (filter.account !== undefined) {
    where.and((at) => `id in (select entry_id from ledger_postings where account = ${at})`, filter.account)
  }
  const entries = yield* rows(
    `select id, booked_at, effective_at, source_kind, source_id, currency from ledger_entries
     where ${where.text} order by id limit ${where.add(filter.limit + 1)}`,
    where.params
  )
  const page = pageFrom(entries, filter.limit, (row) => row["id"] as string)
  const postings = yield* rows(selectPostings, [texts(page.items.map((row) => row["id"] as string))])
  const byEntry = Map.groupBy(postings, (row) => row["entryId"])
  return { ...page, items: page.items.map((row) => entryFrom(row, byEntry.get(row["id"]) ?? [])) }
})

const entryFrom = (row: Row, postings: ReadonlyArray<Row>): Entry => ({
  id: row["id"] as string,
  bookedAtMs: msOf(row["bookedAt"] as Date),
  effectiveAtMs: msOf(row["effectiveAt"] as Date),
  source: { kind: row["sourceKind"] as Entry["source"]["kind"], id: row["sourceId"] as string },
  currency: row["currency"] as string,
  postings: postings.map(
    (posting): Posting => ({
      account: posting["account"] as string,
      amountMinor: posting["amountMinor"] as bigint
    })
  )
})
