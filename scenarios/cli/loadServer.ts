import { type ChildProcess, spawn } from "node:child_process"
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Context, Effect, Layer, type Scope } from "effect"
import type { Books } from "#server/books/Books.ts"
import { CannotRun } from "#server/cli/failures.ts"
import type { PostgresUnavailable } from "#server/postgres/Launcher.ts"
import { start } from "#server/postgres/Launcher.ts"
import { read } from "#server/postgres/LockFile.ts"
import type { Stores } from "#server/Server.ts"
import type { Evidence } from "#simulator/oracles/Evidence.ts"
import { gather } from "../lab/evidence.ts"
import { provision, type Registry } from "../lab/provision.ts"
import { postgresStore, type Store } from "../lab/Store.ts"
import { cpuSeconds, familyUsage, residentBytes } from "./machine.ts"

/** Our CMS as it ships, in a process of its own that can be killed and started again on the same data. */
export interface LoadServer {
  /** `ws://host:port/ocpp`. */
  readonly url: string
  /** Kills it as by `kill -9`, and waits until it is gone. */
  readonly kill: Effect.Effect<void>
  /** Starts it and waits until it can serve. */
  readonly start: Effect.Effect<void, CannotRun>
  /** Enters stations, cards and prices; before the first start. */
  readonly provision: (registry: Registry) => Effect.Effect<void>
  /** Its books, read past it. */
  readonly evidence: (stationIds: ReadonlyArray<string>) => Effect.Effect<Evidence>
  /** Looks how large it is now. */
  readonly sample: () => void
  /** What all its lives used together, and what its database did. */
  readonly usage: () => {
    readonly peakRssBytes: number | null
    readonly cpuSeconds: number | null
    readonly databaseCpuSeconds: number | null
  }
}

const program = join(import.meta.dirname, "../main.ts")
const host = "127.0.0.1"
const readyWithinMs = 60_000
const provisionAtOnce = 64

/** A port below those that the kernel lends to those who dial, so that it is still free after a restart. */
const freePort: Effect.Effect<number, CannotRun> = Effect.callback((resume) => {
  const tryOne = (left: number): void => {
    if (left === 0) {
      resume(Effect.fail(new CannotRun({ message: "No port from 20000 to 32000 is free." })))
      return
    }
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const probe = createServer()
    probe.once("error", () => tryOne(left - 1))
    probe.listen(port, host, () => probe.close(() => resume(Effect.succeed(port))))
  }
  tryOne(100)
})

/** One after the other, the lives of the server's process. */
class Lives {
  private readonly command: ReadonlyArray<string>
  private readonly logFile: string
  private child: ChildProcess | undefined
  private spentSeconds: number | null = 0
  private lastSeconds: number | null = 0
  peakRssBytes: number | null = null

  constructor(command: ReadonlyArray<string>, logFile: string) {
    this.command = command
    this.logFile = logFile
  }

  spawn(): void {
    const log = openSync(this.logFile, "a")
    this.child = spawn(process.execPath, this.command, { stdio: ["ignore", log, log], env: environment() })
    closeSync(log)
  }

  get isAlive(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null
  }

  sample(): void {
    const pid = this.child?.pid
    if (pid === undefined || !this.isAlive) return
    const rss = residentBytes(pid)
    if (rss !== null) this.peakRssBytes = Math.max(this.peakRssBytes ?? 0, rss)
    this.lastSeconds = cpuSeconds(pid) ?? this.lastSeconds
  }

  get seconds(): number | null {
    return this.spentSeconds === null || this.lastSeconds === null ? null : this.spentSeconds + this.lastSeconds
  }

  readonly kill: Effect.Effect<void> = Effect.callback((resume) => {
    const { child } = this
    if (child === undefined || !this.isAlive) return resume(Effect.void)
    this.sample()
    this.spentSeconds = this.seconds
    this.lastSeconds = 0
    child.once("exit", () => resume(Effect.void))
    child.kill("SIGKILL")
  })

  lastWords(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, "utf8").slice(-2_000).trim() : ""
  }
}

/** What the server must not inherit are the operator's own settings: it is to serve this load and nothing else. */
const environment = (): NodeJS.ProcessEnv => {
  const { PATH, HOME, TMPDIR } = process.env
  return { PATH, ...(HOME === undefined ? {} : { HOME }), ...(TMPDIR === undefined ? {} : { TMPDIR }) }
}

const isHealthy = (port: number): Effect.Effect<boolean> =>
  Effect.promise(() =>
    fetch(`http://${host}:${port}/health`, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.arrayBuffer().then(() => response.status === 200),
      () => false
    )
  )

/** Waits until the API says that the server can serve. */
const ready = Effect.fnUntraced(function* (lives: Lives, port: number) {
  const untilMs = performance.now() + readyWithinMs
  while (performance.now() < untilMs) {
    if (!lives.isAlive) break
    if (yield* isHealthy(port)) return
    yield* Effect.sleep("25 millis")
  }
  return yield* new CannotRun({
    message: `Our server did not get ready. It said:\n${lives.lastWords()}\nFree the machine of other work, or try again.`
  })
})

/** Our server over a PostgreSQL of its own, in a directory that is gone at the end. Nothing serves before `start`. */
export const loadServer: Effect.Effect<LoadServer, CannotRun | PostgresUnavailable, Scope.Scope> = Effect.gen(
  function* () {
    const directory = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "wattproof-load-"))),
      (made) => Effect.sync(() => rmSync(made, { recursive: true, force: true }))
    )
    const data = join(directory, "data")
    const postgres = yield* start({ dataDirectory: data, durable: true })
    const store: Store = yield* Effect.orDie(postgresStore(postgres))
    const services: Context.Context<Stores> = yield* Layer.build(store.layer)
    const [ocppPort, httpPort] = [yield* freePort, yield* freePort]
    const ports = ["--ocpp-port", String(ocppPort), "--http-port", String(httpPort), "--host", host]
    const lives = new Lives([program, "serve", "--data", data, ...ports], join(directory, "server.log"))
    yield* Effect.addFinalizer(() => lives.kill)
    const postmaster = read(join(data, "cluster"))
    const databasePid = typeof postmaster === "object" ? postmaster.pid : undefined
    return {
      url: `ws://${host}:${ocppPort}/ocpp`,
      kill: lives.kill,
      start: Effect.suspend(() => {
        lives.spawn()
        return ready(lives, httpPort)
      }),
      provision: (registry) =>
        Effect.orDie(Effect.provideContext(provision({ ...registry, atOnce: provisionAtOnce }), services)),
      evidence: (stationIds) =>
        Effect.gen(function* () {
          const readings = yield* store.readings
          return yield* Effect.orDie(
            Effect.provideContext(gather(stationIds, readings), services as Context.Context<Books>)
          )
        }),
      sample: () => lives.sample(),
      usage: () => ({
        peakRssBytes: lives.peakRssBytes,
        cpuSeconds: lives.seconds,
        databaseCpuSeconds: databasePid === undefined ? null : (familyUsage(databasePid)?.cpuSeconds ?? null)
      })
    }
  }
)
