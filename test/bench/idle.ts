import { median, pause } from "./harness/median.ts"
import type { Benchmark } from "./harness/Report.ts"
import { type Served, startBare, startWattproof } from "./harness/servers.ts"
import { bootAll } from "./harness/stations.ts"

const stationCount = 10_000

/** Bytes that a server holds for each connection, after the garbage of connecting them is gone. */
const bytesPerConnection = async (server: Served): Promise<number> => {
  // The first connections pay for code and caches that the others share.
  const first = await bootAll(server.port, 500, "1.6")
  for (const line of first) line.end()
  await pause(1_000)
  const before = await server.heldBytes()
  const lines = await bootAll(server.port, stationCount, "1.6")
  const after = await server.heldBytes()
  for (const line of lines) line.end()
  return (after - before) / stationCount
}

/** Memory per connection that does nothing, of 10,000 that have connected and booted. */
export const idle: Benchmark = async ({ note }) => {
  note("idle connections: bare")
  const bare = await startBare({ countsMemory: true })
  const bareBytes = await bytesPerConnection(bare)
  await bare.stop()
  note("idle connections: wattproof")
  const ours = await startWattproof({ countsMemory: true })
  const bytes = await bytesPerConnection(ours)
  await ours.stop()
  return [
    { name: "bare ws server", value: bareBytes / 1_024, unit: "KiB/connection" },
    { name: "wattproof", value: bytes / 1_024, unit: "KiB/connection", bar: { atMost: 14 } }
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
