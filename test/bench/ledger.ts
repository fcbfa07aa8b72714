/**
 * How many sessions' entries can PostgreSQL book in a second? Batches of entries of three postings, each batch one
 * transaction, through the seam that documents are booked by. `node test/bench/ledger.ts`
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { Entry } from "#core/billing/Ledger.ts"
import { connect } from "#server/postgres/Database.ts"
import { start } from "#server/postgres/Launcher.ts"
import { migrate } from "#server/postgres/Migrations.ts"
import { postEntries } from "#server/sql/entryRows.ts"
import { migrations } from "#server/sql/Sql.ts"

const batchSize = 200
const batches = 100

let serial = 0
const entry = (): Entry => {
  const id = `tx-${String(serial++).padStart(9, "0")}-1`
  return {
    id: `entry-${id}`,
    bookedAtMs: 1_772_352_000_000,
    effectiveAtMs: 1_772_352_000_000,
    source: { kind: "cdr", id },
    currency: "EUR",
    postings: [
      { account: `receivable:driver:${serial % 1_000}`, amountMinor: 476n },
      { account: "revenue:energy", amountMinor: -400n },
      { account: "vat_payable:DE:19", amountMinor: -76n }
    ]
  }
}

const measured = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const post = Effect.suspend(() => sql.withTransaction(postEntries(sql, Array.from({ length: batchSize }, entry))))
  yield* Effect.replicateEffect(post, 5)
  const began = performance.now()
  yield* Effect.forEach(Array.from({ length: batches }), () => post, { concurrency: 2, discard: true })
  const seconds = (performance.now() - began) / 1000
  console.log(`${Math.round((batches * batchSize) / seconds)} sessions/s posted, in batches of ${batchSize}`)
})

const dataDirectory = mkdtempSync(join(tmpdir(), "wattproof-bench-"))
const program = Effect.gen(function* () {
  const address = yield* start({ dataDirectory, durable: true })
  const services = yield* connect({ target: { _tag: "Embedded", ...address } })
  yield* Effect.provideContext(Effect.andThen(migrate(migrations), measured), services)
})

await Effect.runPromise(Effect.scoped(program)).finally(() => rmSync(dataDirectory, { recursive: true, force: true }))
