import { type Measured, play } from "./harness/load.ts"
import { median } from "./harness/median.ts"
import type { Benchmark } from "./harness/Report.ts"
import { heartbeats } from "./harness/scripts.ts"
import { type Served, startBare, startWattproof } from "./harness/servers.ts"
import { bootAll } from "./harness/stations.ts"

const stationCount = 1_000
const rounds = 3

/** Heartbeats a second, beside a server that parses and answers; the two take turns, so that both see the same machine. */
export const benchmark: Benchmark = async ({ note, profileInto, seconds }) => {
  const bare = await startBare()
  const ours = await startWattproof({ profileInto })
  const contenders: ReadonlyArray<readonly [string, Served, Array<Measured>]> = [
    ["bare", bare, []],
    ["wattproof", ours, []]
  ]
  const lines = new Map<Served, Awaited<ReturnType<typeof bootAll>>>()
  for (const [, server] of contenders) lines.set(server, await bootAll(server.port, stationCount, "1.6"))
  for (let round = 1; round <= rounds; round++) {
    for (const [name, server, measured] of contenders) {
      note(`heartbeats: ${name}, round ${round} of ${rounds}`)
      const stations = lines.get(server)!.map((line) => ({ line, script: heartbeats() }))
      measured.push(await play(server, stations, { warmSeconds: round === 1 ? 2 : 0.5, seconds: seconds / rounds }))
    }
  }
  for (const all of lines.values()) for (const line of all) line.end()
  await ours.stop()
  await bare.stop()
  const of = (index: number, key: keyof Measured): number => median(contenders[index]![2].map((each) => each[key]))
  const ratios = contenders[1]![2].map(
    (each, index) => each.messagesPerSecond / contenders[0]![2][index]!.messagesPerSecond
  )
  return [
    { name: "bare ws server", value: of(0, "messagesPerSecond"), unit: "messages/s" },
    { name: "wattproof", value: of(1, "messagesPerSecond"), unit: "messages/s" },
    { name: "wattproof / bare", value: median(ratios) * 100, unit: "%", bar: { atLeast: 60 } },
    { name: "p50", value: of(1, "p50Ms"), unit: "ms" },
    { name: "p99", value: of(1, "p99Ms"), unit: "ms" },
    { name: "bare server CPU", value: of(0, "serverCpuUs"), unit: "us/message" },
    { name: "server CPU", value: of(1, "serverCpuUs"), unit: "us/message" },
    { name: "client CPU", value: of(1, "clientCpuUs"), unit: "us/message" }
  ]
}
