import { PgConnection } from "@effect/sql-pg"
import { Effect } from "effect"
import { type LockFile, read } from "#server/postgres/LockFile.ts"

/** A transaction's page, as the API lists it. */
export interface BookedTransaction {
  readonly id: string
  readonly stationId: string
  readonly dialect: string
  readonly ocppId: string
  readonly evseId: number
  readonly status: string
  readonly startedAtMs: number | null
  readonly endedAtMs: number | null
  readonly tokenUid: string | null
  readonly authorization: string | null
  readonly energyWh: number | null
  readonly findings: ReadonlyArray<{ readonly code: string }>
  readonly cdrId: string | null
}

export interface BookedReading {
  readonly transactionId: string
  readonly atMs: number
  readonly context: string
  readonly registerWh: number | null
}

export interface BookedCdr {
  readonly id: string
  readonly transactionId: string
  readonly currency: string
  readonly grossMinor: bigint
  readonly energyWh: number
  readonly creditReferenceId: string | null
}

export interface BookedEntry {
  readonly id: string
  readonly cdrId: string
  readonly postings: number
  readonly sumMinor: bigint
  /** What is put to the account of whoever owes. */
  readonly owedMinor: bigint
}

/** All that a run left in the books. */
export interface Books {
  readonly transactions: ReadonlyArray<BookedTransaction>
  readonly readings: ReadonlyArray<BookedReading>
  readonly cdrs: ReadonlyArray<BookedCdr>
  readonly entries: ReadonlyArray<BookedEntry>
}

const ms = (column: string): string => `(extract(epoch from ${column}) * 1000)::float8`

const transactions = `select id::text as "id", station_id as "stationId", dialect as "dialect", ocpp_id as "ocppId",
  evse_id as "evseId", status as "status", ${ms("started_at")} as "startedAtMs", ${ms("ended_at")} as "endedAtMs",
  token_uid as "tokenUid", authorization_status as "authorization", energy_wh::float8 as "energyWh",
  findings as "findings", cdr_id as "cdrId" from transactions order by id`

const readings = `select transaction_id::text as "transactionId", ${ms("at")} as "atMs", context as "context",
  register_wh::float8 as "registerWh" from meter_readings order by transaction_id, at, seq, part`

const cdrs = `select id as "id", transaction_id::text as "transactionId", currency as "currency",
  gross_minor as "grossMinor", energy_wh::float8 as "energyWh", credit_reference_id as "creditReferenceId"
  from cdrs order by id`

const entries = `select e.id as "id", e.source_id as "cdrId", count(*)::integer as "postings",
  sum(p.amount_minor)::bigint as "sumMinor",
  coalesce(sum(p.amount_minor) filter (where p.account like 'receivable:%'), 0)::bigint as "owedMinor"
  from ledger_entries e join ledger_postings p on p.entry_id = e.id group by e.id order by e.id`

/** Reads the books past the server, from the database that it keeps in this directory. */
export const readBooks = (dataDirectory: string): Promise<Books> => {
  const lock = read(`${dataDirectory}/cluster`) as LockFile
  return readBooksAt({ host: lock.socketDirectory, port: lock.port, database: "postgres", username: "wattproof" })
}

/** The same from any PostgreSQL. */
export const readBooksAt = (config: PgConnection.Config): Promise<Books> =>
  Effect.runPromise(
    Effect.scoped(
      Effect.gen(function* () {
        const connection = yield* PgConnection.make({ ...config, maxMessageSize: 64 * 1024 * 1024 })
        const rows = <A>(sql: string) =>
          Effect.map(connection.query(sql), (result) => result.rows as unknown as ReadonlyArray<A>)
        return {
          transactions: yield* rows<BookedTransaction>(transactions),
          readings: yield* rows<BookedReading>(readings),
          cdrs: yield* rows<BookedCdr>(cdrs),
          entries: yield* rows<BookedEntry>(entries)
        }
      })
    )
  )
