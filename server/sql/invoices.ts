import { Effect, Layer, Result } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { decodeCdr } from "#core/billing/Cdr.ts"
import { type Draft, decodeInvoice, encodeInvoice, type Invoice, numbered, seriesOf } from "#core/invoice/Invoice.ts"
import { decodeProfile, decodeSeller } from "#core/invoice/Party.ts"
import { postInvoice } from "#core/invoice/postInvoice.ts"
import type { PageRequest } from "../books/Page.ts"
import { NotFound } from "../directory/Directory.ts"
import { type InvoiceFilter, InvoiceStore, NotCreditable, NotOpen, type Series } from "../invoices/InvoiceStore.ts"
import { ReadSql } from "../postgres/Database.ts"
import { instant, msOf, texts } from "./columns.ts"
import { Conditions, pageFrom } from "./conditions.ts"
import { postEntries } from "./entryRows.ts"
import { isDangling, isDuplicate, isSqlError, orUnavailable } from "./failures.ts"

type Row = Readonly<Record<string, unknown>>

const isOpen = `c.credit_reference_id is null and c.gross_minor <> 0
  and (c.document ->> 'endAtMs')::bigint < $1::bigint
  and not exists (select from cdrs r where r.credit_reference_id = c.id)
  and not exists (select from invoiced_cdrs i where i.cdr_id = c.id)`

const selectDrivers = `select distinct c.driver_id from cdrs c
  where c.driver_id > $2 and ${isOpen} order by c.driver_id limit $3`

const selectOpen = `select c.document from cdrs c where c.driver_id = $2 and ${isOpen} order by c.id limit $3`

const selectRegisters = `select transaction_id::text as id,
    (array_agg(register_wh order by at, seq, part))[1]::float8 as start_wh,
    (array_agg(register_wh order by at desc, seq desc, part desc))[1]::float8 as stop_wh
  from meter_readings where transaction_id = any ($1::text[]::uuid[]) and register_wh is not null
  group by transaction_id`

const takeNumber = `insert into invoice_series (series, next_sequence) values ($1, 2)
  on conflict (series) do update set next_sequence = invoice_series.next_sequence + 1
  returning next_sequence - 1 as sequence`

const insertInvoice = `insert into invoices (id, series, sequence, kind, driver_id, currency, net_minor, tax_minor,
    rounding_minor, payable_minor, credits_id, issued_at, document)
  values ($1, $2, $3, $4, $5, $6, $7::text::bigint, $8::text::bigint, $9::text::bigint, $10::text::bigint, $11, $12,
    $13::text::json)`

const claim = `insert into invoiced_cdrs (cdr_id, invoice_id) select u, $2 from unnest($1::text[]) as u`

const selectSeries = `select s.series, s.next_sequence, v.sequence, v.reason, v.voided_at
  from invoice_series s left join invoice_voids v on v.series = s.series order by s.series, v.sequence`

/** Documents on PostgreSQL. */
export const layer: Layer.Layer<InvoiceStore, never, SqlClient | ReadSql> = Layer.effect(
  InvoiceStore,
  Effect.gen(function* () {
    const sql = yield* SqlClient
    const reads = yield* ReadSql
    const read = (text: string, params: ReadonlyArray<unknown>) => orUnavailable(reads.unsafe<Row>(text, params))
    const within = <A, E>(work: Effect.Effect<A, E | SqlError>) => orUnavailable(sql.withTransaction(work))
    return InvoiceStore.of({
      seller: Effect.map(read("select value from settings where name = 'seller'", []), ([row]) =>
        row === undefined ? undefined : Result.getOrThrow(decodeSeller(JSON.parse(row["value"] as string)))
      ),
      saveSeller: (seller) => Effect.asVoid(orUnavailable(sql.unsafe(upsertSeller, [JSON.stringify(seller)]))),
      profile: (driverId) =>
        Effect.map(read("select document from billing_profiles where driver_id = $1", [driverId]), ([row]) =>
          row === undefined ? undefined : Result.getOrThrow(decodeProfile(row["document"]))
        ),
      saveProfile: (profile) =>
        sql.unsafe(upsertProfile, [profile.driverId, JSON.stringify(profile)]).pipe(
          Effect.mapError((error): SqlError | NotFound =>
            isDangling(error) ? new NotFound({ kind: "driver", id: profile.driverId }) : error
          ),
          orUnavailable,
          Effect.asVoid
        ),
      driversWithOpen: ({ endedBeforeMs, after, limit }) =>
        Effect.map(read(selectDrivers, [String(endedBeforeMs), after ?? "", limit]), (rows) =>
          rows.map((row) => row["driverId"] as string)
        ),
      openCdrs: ({ endedBeforeMs, driverId, limit }) =>
        Effect.map(read(selectOpen, [String(endedBeforeMs), driverId, limit]), (rows) =>
          rows.map((row) => Result.getOrThrow(decodeCdr(row["document"])))
        ),
      registers: (transactionIds) =>
        Effect.map(
          read(selectRegisters, [texts(transactionIds)]),
          (rows) =>
            new Map(
              rows.map((row) => [
                row["id"] as string,
                { startWh: row["startWh"] as number, stopWh: row["stopWh"] as number }
              ])
            )
        ),
      issue: (draft) => within(issue(sql, draft)),
      credit: (draft) => within(credit(sql, draft)),
      voidNumber: ({ series, reason, voidedAtMs }) =>
        within(
          Effect.gen(function* () {
            const sequence = yield* take(sql, series)
            yield* sql.unsafe(insertVoid, [series, sequence, reason, instant(voidedAtMs)])
            return sequence
          })
        ),
      standingFor: (cdrId) =>
        Effect.map(
          read("select i.document from invoiced_cdrs c join invoices i on i.id = c.invoice_id where c.cdr_id = $1", [
            cdrId
          ]),
          ([row]) => (row === undefined ? undefined : invoiceFrom(row))
        ),
      creditNoteFor: (id) =>
        Effect.map(read("select id from invoices where credits_id = $1", [id]), ([row]) =>
          row === undefined ? undefined : (row["id"] as string)
        ),
      outdated: ({ limit, after }) =>
        Effect.map(read(selectOutdated, [after ?? "", limit]), (rows) => rows.map((row) => row["invoiceId"] as string)),
      get: (id) =>
        Effect.map(read("select document from invoices where id = $1", [id]), ([row]) =>
          row === undefined ? undefined : invoiceFrom(row)
        ),
      list: (filter) => {
        const where = conditionsOf(filter)
        const text = `select document from invoices where ${where.text} order by id desc limit ${where.add(filter.limit + 1)}`
        return Effect.map(read(text, where.params), (rows) =>
          pageFrom(rows.map(invoiceFrom), filter.limit, (it) => it.id)
        )
      },
      series: Effect.map(read(selectSeries, []), seriesFrom)
    })
  })
)

const upsertSeller = `insert into settings (name, value) values ('seller', $1)
  on conflict (name) do update set value = excluded.value`

const upsertProfile = `insert into billing_profiles (driver_id, document) values ($1, $2::text::json)
  on conflict (driver_id) do update set document = excluded.document`

const insertVoid = "insert into invoice_voids (series, sequence, reason, voided_at) values ($1, $2, $3, $4)"

const selectOutdated = `select distinct i.invoice_id from invoiced_cdrs i join cdrs r on r.credit_reference_id = i.cdr_id
  where i.invoice_id > $1 order by i.invoice_id limit $2`

const invoiceFrom = (row: Row): Invoice => Result.getOrThrow(decodeInvoice(row["document"]))

const conditionsOf = (filter: InvoiceFilter & PageRequest): Conditions => {
  const where = new Conditions()
  if (filter.cursor !== undefined) where.and((at) => `id < ${at}`, filter.cursor)
  where.equal("driver_id", filter.driverId)
  where.equal("kind", filter.kind)
  if (filter.issuedFromMs !== undefined) where.and((at) => `issued_at >= ${at}`, instant(filter.issuedFromMs))
  if (filter.issuedBeforeMs !== undefined) where.and((at) => `issued_at < ${at}`, instant(filter.issuedBeforeMs))
  return where
}

const seriesFrom = (rows: ReadonlyArray<Row>): ReadonlyArray<Series> =>
  [...Map.groupBy(rows, (row) => row["series"] as string)].map(([series, own]) => ({
    series,
    nextSequence: own[0]!["nextSequence"] as number,
    voids: own
      .filter((row) => row["sequence"] !== null)
      .map((row) => ({
        sequence: row["sequence"] as number,
        reason: row["reason"] as string,
        voidedAtMs: msOf(row["voidedAt"] as Date)
      }))
  }))

/** The next number; the series stays locked until the transaction ends, so that a rollback gives the number back. */
const take = (sql: SqlClient, series: string): Effect.Effect<number, SqlError> =>
  Effect.map(sql.unsafe<Row>(takeNumber, [series]), ([row]) => row!["sequence"] as number)

const write = Effect.fnUntraced(function* (sql: SqlClient, draft: Draft) {
  const invoice = numbered(draft, yield* take(sql, seriesOf(draft)))
  yield* sql.unsafe(insertInvoice, [
    invoice.id,
    invoice.series,
    invoice.sequence,
    invoice.kind,
    invoice.driverId,
    invoice.currency,
    String(invoice.netMinor),
    String(invoice.taxMinor),
    String(invoice.roundingMinor),
    String(invoice.payableMinor),
    invoice.credits?.id ?? null,
    instant(invoice.issuedAtMs),
    JSON.stringify(encodeInvoice(invoice))
  ])
  yield* postEntries(sql, [postInvoice(invoice)])
  return invoice
})

/** Issues a document within a transaction. */
export const issue = Effect.fnUntraced(function* (sql: SqlClient, draft: Draft) {
  const cdrIds = draft.sessions.map(({ cdrId }) => cdrId)
  const invoice = yield* write(sql, draft)
  yield* sql
    .unsafe(claim, [texts(cdrIds), invoice.id])
    .pipe(Effect.mapError((error): SqlError | NotOpen => (isDuplicate(error) ? new NotOpen({ cdrIds }) : error)))
  const credited = yield* sql.unsafe<Row>(
    "select credit_reference_id as id from cdrs where credit_reference_id = any ($1::text[]) order by 1",
    [texts(cdrIds)]
  )
  if (credited.length > 0) return yield* new NotOpen({ cdrIds: credited.map((row) => row["id"] as string) })
  return invoice
})

/** Issues a credit note within a transaction. */
export const credit = Effect.fnUntraced(function* (sql: SqlClient, draft: Draft) {
  const id = draft.credits?.id ?? ""
  const known = yield* sql.unsafe<Row>("select kind from invoices where id = $1 and kind <> 'credit-note'", [id])
  if (known.length === 0) return yield* new NotCreditable({ id })
  const note = yield* write(sql, draft).pipe(
    Effect.mapError((error) => (isSqlError(error) && isDuplicate(error) ? new NotCreditable({ id }) : error))
  )
  yield* sql.unsafe("delete from invoiced_cdrs where invoice_id = $1", [id])
  return note
})
