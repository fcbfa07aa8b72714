import { median, pause } from "./harness/median.ts"
import type { Benchmark } from "./harness/Report.ts"
import { type Served, startBare, startWattproof } from "./harness/servers.ts"
import { bootAll } from "./harness/stations.ts"

const stationCount = 10_000

/** As many connect first: they use up what the process had put aside at its start, and what all of them share. */
const firstCount = 6_000

interface Held {
  /** Bytes for each further connection, after the garbage of connecting is gone. */
  readonly perConnection: number
  /** All that the process holds when they are connected. */
  readonly total: number
}

const held = async (server: Served): Promise<Held> => {
  const first = await bootAll(server.port, firstCount, "1.6")
  const before = await server.heldBytes()
  const lines = await bootAll(server.port, stationCount, "1.6", 250, firstCount)
  const total = await server.heldBytes()
  for (const line of [...first, ...lines]) line.end()
  return { perConnection: (total - before) / stationCount, total }
}

/** Memory per connection that does nothing, of 10,000 that have connected and booted. */
export const idle: Benchmark = async ({ note }) => {
  note("idle connections: bare")
  const bare = await startBare({ countsMemory: true })
  const beside = await held(bare)
  await bare.stop()
  note("idle connections: wattproof")
  const ours = await startWattproof({ countsMemory: true })
  const { perConnection, total } = await held(ours)
  await ours.stop()
  return [
    { name: "bare ws server", value: beside.perConnection / 1_024, unit: "KiB/connection" },
    { name: "wattproof", value: perConnection / 1_024, unit: "KiB/connection", bar: { atMost: 14 } },
    { name: `resident with ${firstCount + stationCount} connections`, value: total / 1_048_576, unit: "MiB" }
  ]
}

/** Seconds until 10,000 stations that dial at once are connected and booted: known ones, and ones never seen before. */
export const storm: Benchmark = async ({ note, profileInto }) => {
  const timed = async (server: Served): Promise<number> => {
    const at = performance.now()
    const lines = await bootAll(server.port, stationCount, "1.6", 2_000)
    const seconds = (performance.now() - at) / 1_000
    for (const line of lines) line.end()
    await pause(2_000)
    return seconds
  }
  note("connect storm: bare")
  const bare = await startBare()
  const bareSeconds = median([await timed(bare), await timed(bare), await timed(bare)])
  await bare.stop()
  note("connect storm: wattproof, stations never seen before")
  const ours = await startWattproof({ profileInto })
  const strangers = await timed(ours)
  note("connect storm: wattproof, known stations")
  const known = median([await timed(ours), await timed(ours), await timed(ours)])
  await ours.stop()
  return [
    { name: "bare ws server", value: bareSeconds, unit: "s" },
    { name: "known stations, booted in the books", value: known, unit: "s" },
    { name: "stations never seen before", value: strangers, unit: "s" }
  ]
}
