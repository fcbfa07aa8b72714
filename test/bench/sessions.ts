import { askBooks } from "./harness/books.ts"
import { type Measured, play } from "./harness/load.ts"
import type { Benchmark, Figure } from "./harness/Report.ts"
import { messagesPerSession, type Sessions, sessionsOf, sessionWh } from "./harness/scripts.ts"
import { type Served, startBare, startWattproof, type Wattproof } from "./harness/servers.ts"
import { bootAll, type Dialect } from "./harness/stations.ts"
import { inWaves } from "./harness/wire.ts"

const stationCount = 1_000
const warmSeconds = 4

const tokenOf = (index: number): string => `CARD${String(index).padStart(5, "0")}`

/** Each station's card, and a price per kWh and hour with VAT. */
const furnish = async ({ api }: Wattproof): Promise<void> => {
  const components = [
    { type: "ENERGY", price: 0.49, vat: 19, step_size: 1 },
    { type: "TIME", price: 0.6, vat: 19, step_size: 60 }
  ]
  await api("POST", "/tariffs", { id: "bench", currency: "EUR", elements: [{ price_components: components }] })
  await api("PUT", "/default-tariff", { tariffId: "bench" })
  await inWaves(stationCount, 8, (index) => api("POST", "/tokens", { uid: tokenOf(index) }))
}

const run = async (
  server: Served,
  dialect: Dialect,
  seconds: number
): Promise<{ readonly measured: Measured; readonly finished: number }> => {
  const lines = await bootAll(server.port, stationCount, dialect)
  // Days enough in the past for every session that the stations' fast clocks will see.
  const startAtMs = Date.now() - 4 * 86_400_000
  const stations = lines.map((line, index) => ({
    line,
    script: sessionsOf(dialect, tokenOf(index), startAtMs) satisfies Sessions
  }))
  const measured = await play(server, stations, { warmSeconds, seconds })
  for (const line of lines) line.end()
  return { measured, finished: stations.reduce((sum, { script }) => sum + script.finished(), 0) }
}

const selectBooks = `select
  (select count(*) from cdrs)::float8 as cdrs,
  (select coalesce(sum(energy_wh), 0) from cdrs)::float8 as wh,
  (select count(*) from cdrs where gross_minor <= 0)::float8 as unpaid,
  (select count(*) from transactions where status <> 'Ended' or cdr_id is null)::float8 as unsettled,
  (select count(*) from meter_readings)::float8 as readings,
  (select coalesce(sum(amount_minor), 0) from ledger_postings)::float8 as balance,
  (select count(*) from ledger_entries)::float8 as entries,
  (select sum(xact_commit) from pg_stat_database)::float8 as commits`

/** The books must say what the stations saw answered, session for session. */
const check = async (ours: Wattproof, finished: number): Promise<void> => {
  const books = await askBooks(ours.dataDirectory, selectBooks)
  const expected: Readonly<Record<string, number>> = {
    cdrs: finished,
    wh: finished * sessionWh,
    unpaid: 0,
    unsettled: 0,
    readings: finished * (messagesPerSession - 1),
    balance: 0,
    entries: finished
  }
  for (const [name, value] of Object.entries(expected)) {
    if (books[name] !== value) throw new Error(`the books hold ${books[name]} for ${name} where ${value} was answered`)
  }
}

const measure = async (
  dialect: Dialect,
  { note, profileInto, seconds }: Parameters<Benchmark>[0]
): Promise<ReadonlyArray<Figure>> => {
  note(`sessions on ${dialect}: bare`)
  const bare = await startBare()
  const beside = await run(bare, dialect, seconds / 2)
  await bare.stop()
  note(`sessions on ${dialect}: wattproof`)
  const ours = await startWattproof({ profileInto })
  await furnish(ours)
  const { measured, finished } = await run(ours, dialect, seconds)
  note(`sessions on ${dialect}: checking ${finished} sessions in the books`)
  await check(ours, finished)
  await ours.stop()
  return [
    { name: "bare ws server", value: beside.measured.messagesPerSecond, unit: "messages/s" },
    { name: "bare server CPU", value: beside.measured.serverCpuUs, unit: "us/message" },
    {
      name: "committed before answered",
      value: measured.messagesPerSecond,
      unit: "messages/s",
      bar: { atLeast: 20_000 }
    },
    { name: "p50", value: measured.p50Ms, unit: "ms" },
    { name: "p99", value: measured.p99Ms, unit: "ms", bar: { atMost: 150 } },
    { name: "server CPU", value: measured.serverCpuUs, unit: "us/message" },
    { name: "of it in the kernel", value: measured.kernelCpuUs, unit: "us/message" },
    { name: "database CPU", value: measured.databaseCpuUs, unit: "us/message" },
    { name: "client CPU", value: measured.clientCpuUs, unit: "us/message" },
    { name: "sessions, each with its CDR", value: finished, unit: "sessions" }
  ]
}

/** 1,000 stations on 1.6: Authorize, StartTransaction, four MeterValues, StopTransaction. */
export const sessions16: Benchmark = (context) => measure("1.6", context)

/** The same on 2.0.1: Authorize, TransactionEvent Started, four Updated, Ended. */
export const sessions201: Benchmark = (context) => measure("2.0.1", context)
