/**
 * What a commit costs: `node test/bench/sql-journal.ts`. Units of sessions (start, four meter values, stop with CDR and
 * entry) are written in batches to a durable PostgreSQL of its own. Prints one JSON object a line.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Layer } from "effect"
import { clusterOf } from "#server/postgres/Cluster.ts"
import { layerEmbedded } from "#server/postgres/Database.ts"
import { Journal } from "#server/record/Journal.ts"
import type { Unit } from "#server/record/Unit.ts"
import { Batch } from "#server/sql/batch.ts"
import { layer as sqlLayer } from "#server/sql/Sql.ts"
import {
  cdr,
  cdrId,
  entry,
  entryId,
  fact,
  reading,
  row,
  sample,
  started,
  t0,
  uuid
} from "#test/contract/ports/makers.ts"

const stations = 1_000
const stationOf = (n: number): string => `CS-${String(n % stations).padStart(5, "0")}`

const start = (n: number, epoch: number): Unit => ({
  stationId: stationOf(n),
  epoch,
  transactions: [row({ id: uuid(n), stationId: stationOf(n), ocppId: String(n), version: 3 })],
  facts: [
    fact(uuid(n), 0, started()),
    fact(uuid(n), 1, {
      _tag: "Authorized",
      atMs: t0,
      token: { uid: "04A2B3C4D5E6F7", type: "ISO14443" },
      groupId: null,
      driverId: null,
      status: "Accepted"
    })
  ],
  samples: [reading(uuid(n), 2, sample(t0, 1_000, { context: "Begin" }))]
})

const meterValue = (n: number, epoch: number, k: number): Unit => ({
  stationId: stationOf(n),
  epoch,
  samples: [reading(uuid(n), 3 + k, sample(t0 + (k + 1) * 60_000, 1_000 + k * 180, { currentMa: 16_000 }))]
})

const stop = (n: number, epoch: number): Unit => ({
  stationId: stationOf(n),
  epoch,
  transactions: [
    row({
      id: uuid(n),
      stationId: stationOf(n),
      ocppId: String(n),
      status: "Ended",
      endedAtMs: t0 + 300_000,
      energyWh: 900,
      cdrId: cdrId(n),
      version: 10
    })
  ],
  samples: [reading(uuid(n), 7, sample(t0 + 300_000, 1_900, { context: "End" }))],
  facts: [
    fact(uuid(n), 8, {
      _tag: "Ended",
      atMs: t0 + 300_000,
      receivedAtMs: t0 + 300_050,
      seqNo: 5,
      reason: "Local",
      token: null,
      byStranger: false
    }),
    fact(uuid(n), 9, { _tag: "Settled", atMs: t0 + 300_050, cdrId: cdrId(n), revision: 1 })
  ],
  cdrs: [cdr(cdrId(n), uuid(n), { stationId: stationOf(n) })],
  entries: [entry(entryId(n), cdrId(n))]
})

const directory = mkdtempSync(join(tmpdir(), "wattproof-bench-"))

/** CPU seconds of our database's processes that are alive now. */
const databaseCpu = (): number => {
  const postmaster = readFileSync(join(clusterOf(directory), "postmaster.pid"), "utf8").split("\n")[0]
  let ticks = 0
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
      if (fields[1] === postmaster) ticks += Number(fields[11]) + Number(fields[12])
    } catch {
      // The process has ended meanwhile.
    }
  }
  return ticks / 100
}

const report = (what: string, figures: Readonly<Record<string, number | string>>): void => {
  console.log(JSON.stringify({ what, ...figures }))
}

const chunks = <A>(items: ReadonlyArray<A>, size: number): ReadonlyArray<ReadonlyArray<A>> =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, n * size + size))

const measure = Effect.fnUntraced(function* (what: string, units: ReadonlyArray<Unit>, size: number) {
  const journal = yield* Journal
  const batches = chunks(units, size)
  const cpu = process.cpuUsage()
  const database = databaseCpu()
  const began = performance.now()
  for (const batch of batches) {
    const outcomes = yield* journal.commit(batch)
    if (outcomes.some((outcome) => outcome !== "Committed")) yield* Effect.die(outcomes)
  }
  const seconds = (performance.now() - began) / 1000
  const used = process.cpuUsage(cpu)
  report(what, {
    batch: size,
    units: units.length,
    unitsPerSecond: Math.round(units.length / seconds),
    msPerCommit: Number(((seconds * 1000) / batches.length).toFixed(2)),
    clientUsPerUnit: Number(((used.user + used.system) / units.length).toFixed(2)),
    databaseUsPerUnit: Number((((databaseCpu() - database) * 1e6) / units.length).toFixed(2))
  })
})

const bench = Effect.gen(function* () {
  const journal = yield* Journal
  const ids = Array.from({ length: stations }, (_, n) => stationOf(n))
  const claimed = performance.now()
  const epochs = yield* journal.claim(ids)
  report("claim", { stations, ms: Math.round(performance.now() - claimed) })
  const epochOf = (n: number): number => epochs[n % stations]!
  const sessions = 10_000
  let first = 1
  for (const size of [50, 200, 500, 1000]) {
    const range = Array.from({ length: sessions }, (_, n) => first + n)
    first += sessions
    yield* measure(
      "starts",
      range.map((n) => start(n, epochOf(n))),
      size
    )
    for (const k of [0, 1, 2, 3]) {
      yield* measure(
        "meter values",
        range.map((n) => meterValue(n, epochOf(n), k)),
        size
      )
    }
    yield* measure(
      "stops with CDR",
      range.map((n) => stop(n, epochOf(n))),
      size
    )
  }
  const loaded = performance.now()
  const snapshots = yield* journal.load(ids)
  report("load", {
    stations,
    transactions: snapshots.reduce((sum, snapshot) => sum + snapshot.transactions.length, 0),
    ms: Math.round(performance.now() - loaded)
  })
})

const buildCost = (): void => {
  const units = Array.from({ length: 500 }, (_, n) => meterValue(n, 1, 0))
  for (let warm = 0; warm < 200; warm++) new Batch(units).statements(1)
  const began = performance.now()
  for (let round = 0; round < 400; round++) new Batch(units).statements(1)
  report("building the columns of a reading in JavaScript", {
    nsPerRow: Math.round(((performance.now() - began) * 1e6) / (400 * units.length))
  })
}

buildCost()
await Effect.runPromise(
  Effect.scoped(
    Effect.flatMap(
      Layer.build(sqlLayer.pipe(Layer.provide(layerEmbedded({ dataDirectory: directory, durable: true })))),
      (context) => Effect.provideContext(bench, context)
    )
  )
).finally(() => rmSync(directory, { recursive: true, force: true }))
