import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { make as makeStream, type Stream } from "#simulator/Stream.ts"
import { readBooks } from "./Books.ts"
import { Client, type ClientOptions } from "./Client.ts"
import { compare, tariff } from "./compare.ts"
import { postmaster, signal } from "./Processes.ts"
import { freePort, ServerProcess } from "./ServerProcess.ts"
import { Evse, type Session } from "./Session.ts"
import { Tally } from "./Tally.ts"
import { words16, words201 } from "./Words.ts"

/** What dies: the server alone, the server with its database, the database alone, or the server twice, the second time while it starts. */
export type KillKind = "server" | "everything" | "database" | "start"

export interface Options {
  readonly kills: number
  readonly stations: number
  readonly seed: string
  /** Mean pause of a station between an answer and its next message. */
  readonly paceMs: number
  /** Keep the data directory when something is wrong, for whoever looks into it. */
  readonly keep: boolean
  readonly log: (line: string) => void
}

export interface Report {
  readonly kills: Readonly<Record<KillKind, number>>
  readonly sessions: number
  readonly billed: number
  readonly readings: number
  readonly tally: Pick<
    Tally,
    "acknowledged" | "repeatedWithSameId" | "repeatedWithNewId" | "forgotten" | "connects" | "boots"
  >
  /** From a start of the server to its first healthy answer. */
  readonly readyMs: { readonly median: number; readonly longest: number }
  readonly seconds: number
  /** What is wrong; empty when nothing is. */
  readonly failures: ReadonlyArray<string>
  readonly directory: string | undefined
}

const token = "administrator-of-the-kill-test"

/** A server, and a fleet that charges on it. */
export interface Scene {
  readonly server: ServerProcess
  readonly clients: ReadonlyArray<Client>
  readonly sessions: () => ReadonlyArray<Session>
  readonly tally: Tally
}

/** Starts the server on an empty directory, registers tariff and cards, and connects the stations. */
export const open = async (
  directory: string,
  stream: Stream,
  options: Pick<Options, "stations" | "paceMs"> & {
    readonly databaseUrl?: string
    readonly patienceMs?: number
    readonly onAnswer?: ClientOptions["onAnswer"]
  }
): Promise<Scene> => {
  const [ocppPort, httpPort] = [await freePort(stream), await freePort(stream)]
  const { databaseUrl, onAnswer, paceMs, patienceMs } = options
  const server = new ServerProcess({
    directory,
    ocppPort,
    httpPort,
    token,
    ...(databaseUrl === undefined ? {} : { databaseUrl })
  })
  server.start()
  await server.ready()
  await server.api("POST", "/tariffs", tariff)
  await server.api("PUT", "/default-tariff", { tariffId: tariff.id })
  const tally = new Tally()
  const evses: Array<Evse> = []
  const clients: Array<Client> = []
  for (let number = 1; number <= options.stations; number++) {
    const version = number % 2 === 0 ? "1.6" : "2.0.1"
    const identity = `KILL-${number}`
    const own = stream.split(identity)
    const its: Array<Evse> = []
    for (let evseId = 1; evseId <= own.int(1, 2); evseId++) {
      // One place per card: a restart that forgets to give a place back would refuse the next charge.
      const uid = `CARD-${number}-${evseId}`
      await server.api("POST", "/tokens", { uid, concurrencyLimit: 1 })
      const longAgoMs = Date.now() - own.int(80, 300) * 86_400_000
      const place = { stationId: identity, version, evseId } as const
      its.push(new Evse(place, uid, own.split(uid), longAgoMs - (longAgoMs % 1_000)))
    }
    evses.push(...its)
    const words = version === "1.6" ? words16(tally.claim) : words201()
    clients.push(
      new Client({
        identity,
        version,
        url: server.stationUrl,
        evses: its,
        words,
        stream: own,
        tally,
        paceMs,
        ...(onAnswer === undefined ? {} : { onAnswer }),
        ...(patienceMs === undefined ? {} : { patienceMs })
      })
    )
  }
  for (const client of clients) client.start()
  return { server, clients, tally, sessions: () => evses.flatMap((evse) => evse.sessions) }
}

/** Lets every station end what it does; those that cannot within the time are failures. */
export const flush = async ({ clients, tally }: Scene, patienceMs: number): Promise<void> => {
  const waiting = new Set(clients)
  const all = Promise.all(
    clients.map(async (client) => {
      await client.finish()
      waiting.delete(client)
    })
  )
  await Promise.race([all, sleep(patienceMs)])
  for (const client of waiting) tally.fail(`after ${patienceMs} ms ${client.describe()}`)
  for (const client of clients) client.stop()
}

/** Waits until the stations have been answered `count` times more, at most `patienceMs`. */
export const answered = async (tally: Tally, count: number, patienceMs: number): Promise<boolean> => {
  const goal = tally.acknowledged + count
  const untilMs = Date.now() + patienceMs
  while (tally.acknowledged < goal) {
    if (Date.now() > untilMs) return false
    await sleep(5)
  }
  return true
}

/** A directory that is gone afterwards, unless it is evidence. */
export const inDirectory = async <A extends { readonly failures: ReadonlyArray<string> }>(
  keep: boolean,
  work: (directory: string) => Promise<A>
): Promise<A> => {
  const directory = mkdtempSync(join(tmpdir(), "wattproof-kill-"))
  mkdirSync(directory, { recursive: true })
  let isEvidence = keep
  try {
    const result = await work(directory)
    isEvidence = keep && result.failures.length > 0
    return result
  } finally {
    if (!isEvidence) rmSync(directory, { recursive: true, force: true })
  }
}

const kinds: ReadonlyArray<readonly [KillKind, number]> = [
  ["server", 45],
  ["everything", 30],
  ["start", 15],
  ["database", 10]
]

/** Kills at random moments under load, restarts, and compares the books with what the stations saw. */
export const run = (options: Options): Promise<Report> =>
  inDirectory(options.keep, async (directory) => {
    const startedAtMs = Date.now()
    const stream = makeStream(options.seed, "kill")
    const scene = await open(directory, stream, options)
    const { server, tally } = scene
    const kills: Record<KillKind, number> = { server: 0, everything: 0, database: 0, start: 0 }
    const readyMs: Array<number> = []
    try {
      for (let number = 1; number <= options.kills; number++) {
        const kind = number <= kinds.length ? kinds[number - 1]![0] : stream.weighted(kinds)
        const messages = stream.int(1, 12 * options.stations)
        if (!(await answered(tally, messages, 30_000))) tally.fail(`before kill ${number} the load came to a halt`)
        await sleep(stream.int(0, 30))
        kills[kind]++
        await killAndRestart(server, kind, stream, readyMs)
        options.log(
          `kill ${number} of ${options.kills}: ${kind.padEnd(10)} ${String(tally.acknowledged).padStart(8)} answers, ${scene.sessions().length} sessions, ${tally.failed} failures`
        )
        if (tally.failed > 100) break
      }
      if (!(await answered(tally, options.stations, 30_000))) tally.fail("after the last kill nobody was answered")
      await flush(scene, 60_000)
      const failures = await settle(server, scene)
      return report(scene, kills, readyMs, startedAtMs, failures, options.keep ? directory : undefined)
    } finally {
      for (const client of scene.clients) client.stop()
      await server.killAll()
    }
  })

const killAndRestart = async (
  server: ServerProcess,
  kind: KillKind,
  stream: Stream,
  readyMs: Array<number>
): Promise<void> => {
  if (kind === "database") {
    const pid = postmaster(server.dataDirectory)
    if (pid !== undefined) signal([pid], "SIGKILL")
    return
  }
  if (kind === "everything") await server.killAll()
  else await server.killAlone()
  await sleep(stream.int(0, 200))
  server.start()
  if (kind === "start") {
    await sleep(stream.int(50, 1_500))
    if (stream.chance(0.5)) await server.killAll()
    else await server.killAlone()
    server.start()
  }
  readyMs.push(await server.ready())
}

/** Kills everything once more, so that nothing counts but what is on disk, and compares. */
const settle = async (server: ServerProcess, { tally, sessions }: Scene): Promise<ReadonlyArray<string>> => {
  await server.killAll()
  server.start()
  await server.ready()
  const books = await readBooks(server.dataDirectory)
  const { totals } = (await server.api("GET", "/ledger/balances")) as {
    readonly totals: ReadonlyArray<{ readonly currency: string; readonly amountMinor: string }>
  }
  const unbalanced = totals.filter(({ amountMinor }) => amountMinor !== "0").map(({ currency }) => currency)
  const code = await server.stop()
  return [
    ...tally.failures,
    ...compare(sessions(), books),
    ...unbalanced.map((currency) => `the ledger does not sum to zero in ${currency}`),
    ...(code === 0 || code === 130 || code === 143 ? [] : [`told to end, the server ended with ${code}`])
  ]
}

const report = (
  { sessions, tally }: Scene,
  kills: Report["kills"],
  readyMs: Array<number>,
  startedAtMs: number,
  failures: ReadonlyArray<string>,
  directory: string | undefined
): Report => {
  const sorted = readyMs.sort((a, b) => a - b)
  const all = sessions()
  const { acknowledged, boots, connects, forgotten, repeatedWithNewId, repeatedWithSameId } = tally
  return {
    kills,
    sessions: all.length,
    billed: all.filter(({ isKnown }) => isKnown).length,
    readings: all.reduce((sum, { readings }) => sum + readings.length, 0),
    tally: { acknowledged, boots, connects, forgotten, repeatedWithNewId, repeatedWithSameId },
    readyMs: { median: sorted[sorted.length >> 1] ?? 0, longest: sorted.at(-1) ?? 0 },
    seconds: Math.round((Date.now() - startedAtMs) / 1_000),
    failures,
    directory: failures.length > 0 ? directory : undefined
  }
}
