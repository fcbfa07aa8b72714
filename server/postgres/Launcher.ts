import { chmodSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statfsSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Clock, Effect, Result, Schedule, type Scope } from "effect"
import { locate, type Machine, prepare, thisMachine } from "./Binaries.ts"
import {
  checkReachable,
  clusterOf,
  ensure,
  makeDirectory,
  makeSocketDirectory,
  port,
  takeOver,
  username
} from "./Cluster.ts"
import { type LockFile, lockFilePath, owner, read } from "./LockFile.ts"
import { giveUrl, PostgresUnavailable, usingDirectory } from "./PostgresUnavailable.ts"
import { inRealTime, outsideTime } from "./RealTime.ts"
import { detect, type RunAs } from "./RunAs.ts"
import { launch, type Server } from "./Server.ts"

export { PostgresUnavailable, type Reason } from "./PostgresUnavailable.ts"

/** What to start. */
export interface Options {
  /** The directory that holds the database; made when missing. The caller tells the operator its name. */
  readonly dataDirectory: string
  /**
   * True for anything that must survive a power cut. False only for throw-away databases: a commit is then acknowledged
   * before it is on the disk.
   */
  readonly durable: boolean
  /** Remove the directory at the end, even if this process is killed. Only for what is not durable. */
  readonly removeAtEnd?: boolean
  /** Further settings of postgresql.conf, above ours. */
  readonly settings?: Readonly<Record<string, string>>
  /** Found out when not given. */
  readonly machine?: Machine
  readonly runAs?: RunAs
}

/** Where the database is. There is no password: only the account that may enter the socket directory can connect. */
export interface Address {
  readonly socketDirectory: string
  readonly port: number
  readonly database: string
  readonly username: string
}

/** A PostgreSQL that runs, and whether it was already running under another process when we came. */
export interface Postgres extends Address {
  readonly attached: boolean
}

/** Sized for a charging management system on a machine of 1 to 4 GB: 120 MB of our own, the page cache does the rest. */
const ourSettings: Readonly<Record<string, string>> = {
  listen_addresses: "",
  unix_socket_permissions: "0700",
  port: String(port),
  max_connections: "100",
  shared_buffers: "128MB",
  work_mem: "8MB",
  maintenance_work_mem: "64MB",
  max_wal_size: "1GB",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  log_checkpoints: "off",
  log_min_messages: "log"
}

const throwAwaySettings: Readonly<Record<string, string>> = {
  synchronous_commit: "off",
  fsync: "off",
  full_page_writes: "off",
  // Nobody replicates it: the log tells less.
  wal_level: "minimal",
  max_wal_senders: "0"
}

/** Recovery after a crash replays at most `max_wal_size`; a slow disk may need minutes for it. */
const startTimeoutMs = 180_000
const logLimit = 8 * 1024 * 1024

interface Plan {
  readonly options: Options
  readonly directory: string
  readonly cluster: string
  readonly native: string
  readonly runAs: RunAs
  readonly socketDirectory: string
}

/** A server found or made: ours to stop when `server` is there, another process's otherwise. */
interface Found {
  readonly lock: LockFile
  readonly server: Server | undefined
}

/**
 * Starts PostgreSQL on a data directory, or attaches to the one that another live process of ours already runs there, and
 * keeps it running until the scope closes: then a server of our own is shut down cleanly (at most 45 s), another's left
 * alone. If this process is killed, a watchdog does the same. If the server dies, or its owner leaves, it is started
 * again at the same address.
 */
export const start = (options: Options): Effect.Effect<Postgres, PostgresUnavailable, Scope.Scope> =>
  Effect.gen(function* () {
    const plan = yield* inRealTime(makePlan(options))
    const mine: { server: Server | undefined } = { server: undefined }
    yield* Effect.addFinalizer(() => inRealTime(mine.server?.stop ?? Effect.void))
    const first = yield* inRealTime(acquire(plan, mine))
    const address = {
      socketDirectory: first.lock.socketDirectory,
      port: first.lock.port,
      database: "postgres",
      username
    }
    yield* Effect.forkScoped(outsideTime(supervise({ ...plan, socketDirectory: address.socketDirectory }, mine, first)))
    return { ...address, attached: first.server === undefined }
  })

const makePlan = Effect.fnUntraced(function* (options: Options): Effect.fn.Return<Plan, PostgresUnavailable> {
  const installed = yield* locate(options.machine ?? thisMachine, options.dataDirectory)
  const directory = yield* makeDirectory(options.dataDirectory)
  const runAs = options.runAs ?? (yield* detect)
  if (runAs._tag === "Nobody") yield* checkReachable(directory)
  const native = yield* prepare(installed, directory, runAs._tag === "Nobody")
  yield* ensure({ directory, native, runAs, durable: options.durable })
  const socketDirectory = yield* makeSocketDirectory(directory, runAs)
  return { options, directory, cluster: clusterOf(directory), native, runAs, socketDirectory }
})

/** Attaches to the live owner or becomes the owner, waiting for one that is starting, stopping or recovering. */
const acquire = Effect.fnUntraced(function* (
  plan: Plan,
  mine: { server: Server | undefined }
): Effect.fn.Return<Found, PostgresUnavailable> {
  const { cluster, directory } = plan
  const deadlineAtMs = (yield* Clock.currentTimeMillis) + startTimeoutMs
  let waitingFor = "PostgreSQL to start"
  for (;;) {
    const nowAtMs = yield* Clock.currentTimeMillis
    if (nowAtMs > deadlineAtMs) break
    const found = yield* owner(cluster)
    if (found._tag === "Ready") return { lock: found.lock, server: undefined }
    if (found._tag === "Busy") {
      waitingFor = `the PostgreSQL of another process (pid ${found.lock.pid}) to be ready or gone`
      yield* Effect.sleep("50 millis")
      continue
    }
    if (found._tag === "Unreadable" && nowAtMs - found.writtenAtMs < 5000) {
      yield* Effect.sleep("50 millis")
      continue
    }
    if (found._tag === "Unreadable") {
      yield* usingDirectory(directory, "remove an empty lock file", () =>
        rmSync(lockFilePath(cluster), { force: true })
      )
    }
    const started = yield* startOnce(plan, mine, found._tag === "Gone" ? found.lock.pid : undefined, deadlineAtMs)
    if (started !== undefined) return started
    waitingFor = "the processes of an earlier PostgreSQL to let go of the data"
    yield* Effect.sleep("100 millis")
  }
  return yield* new PostgresUnavailable({
    reason: "NotReady",
    directory,
    message: `Waited ${startTimeoutMs / 1000} s in vain for ${waitingFor}. What it says is in ${logFileOf(plan)}. ${giveUrl}`
  })
})

const logFileOf = (plan: Plan): string => join(plan.directory, "postgres.log")

/** Another process was quicker, or children of a killed postmaster are still there: worth another try. */
const contended = /lock file ".*" already exists|lock file ".*" is empty|shared memory block .* still in use/

/** One start. Undefined when the data was somebody else's at that moment. */
const startOnce = Effect.fnUntraced(function* (
  plan: Plan,
  mine: { server: Server | undefined },
  stalePid: number | undefined,
  deadlineAtMs: number
): Effect.fn.Return<Found | undefined, PostgresUnavailable> {
  const logFile = logFileOf(plan)
  yield* takeOver(plan.directory, plan.cluster, plan.runAs)
  const from = yield* usingDirectory(plan.directory, `write ${logFile}`, () => rotate(logFile))
  const server = yield* usingDirectory(plan.directory, `write ${logFile}`, () => {
    const { durable, removeAtEnd } = plan.options
    const remove = removeAtEnd === true && !durable ? plan.directory : undefined
    mine.server = launch({ runAs: plan.runAs, command: commandOf(plan), logFile, stalePid, remove })
    return mine.server
  })
  while (server.exitCode() === undefined && (yield* Clock.currentTimeMillis) <= deadlineAtMs) {
    const lock = yield* usingDirectory(plan.directory, "read the lock file", () => read(plan.cluster))
    if (lock !== undefined && lock !== "empty" && lock.pid === server.pid() && lock.status === "ready")
      return { lock, server }
    yield* Effect.sleep("5 millis")
  }
  if (server.exitCode() === undefined) return yield* Effect.as(server.stop, undefined)
  mine.server = undefined
  const said = yield* usingDirectory(plan.directory, `read ${logFile}`, () =>
    readFileSync(logFile).subarray(from).toString("utf8")
  )
  if (contended.test(said)) return undefined
  return yield* new PostgresUnavailable({
    reason: server.exitCode() === 127 || server.exitCode() === 126 ? "BinariesBroken" : "StartFailed",
    directory: plan.directory,
    message: `PostgreSQL did not start on ${plan.directory}: ${said.trim().split("\n").slice(-12).join("\n")}\nIts log is ${logFile}. ${giveUrl}`
  })
})

const commandOf = (plan: Plan): ReadonlyArray<string> => {
  const settings = {
    ...ourSettings,
    ...(plan.options.durable ? {} : throwAwaySettings),
    ...plan.options.settings,
    unix_socket_directories: plan.socketDirectory
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])
  return [join(plan.native, "bin", "postgres"), "-D", plan.cluster, ...flags]
}

/** Keeps at most two logs of 8 MiB; returns where the new entries will begin. */
const rotate = (logFile: string): number => {
  const size = existsSync(logFile) ? statSync(logFile).size : 0
  if (size <= logLimit) return size
  renameSync(logFile, `${logFile}.old`)
  return 0
}

/** Waits for the server's end, whoever owned it, and starts it again, for as long as it takes. */
const supervise = Effect.fnUntraced(function* (plan: Plan, mine: { server: Server | undefined }, first: Found) {
  let current = first
  for (;;) {
    yield* current.server === undefined ? ownerGone(plan.cluster, current.lock) : Effect.asVoid(current.server.exited)
    mine.server = undefined
    yield* Effect.logWarning(`PostgreSQL on ${plan.directory} has ended; starting it again`)
    current = yield* acquire(plan, mine).pipe(
      Effect.tapError((error) => Effect.logError(error.message)),
      Effect.retry(Schedule.min([Schedule.exponential("200 millis"), Schedule.spaced("10 seconds")])),
      Effect.orDie
    )
  }
})

/** Looks once a second whether another process's server still owns the data. */
const ownerGone = (cluster: string, lock: LockFile): Effect.Effect<void> =>
  Effect.gen(function* () {
    for (;;) {
      yield* Effect.sleep("1 second")
      const found = yield* owner(cluster)
      if (found._tag === "None" || found._tag === "Gone" || (found._tag === "Ready" && found.lock.pid !== lock.pid))
        return
    }
  })

/**
 * A directory for a database that nobody will miss: in memory where at least `freeBytes` of it are free (default 8 GiB,
 * as what is kept there is not there for anything else), on the temporary disk otherwise. It is many times faster.
 */
const temporaryDirectory = (freeBytes: number, runAs: RunAs) =>
  usingDirectory(tmpdir(), "make a temporary directory", () => {
    const memory = "/dev/shm"
    // As nobody it runs a copy of the binaries that lies beside the data, and memory is often mounted noexec.
    const usable = runAs._tag !== "Nobody" && existsSync(memory)
    const roomy = usable && statfsSync(memory).bavail * statfsSync(memory).bsize >= freeBytes
    const inMemory = Result.try(() => mkdtempSync(join(roomy ? memory : tmpdir(), "wattproof-")))
    const directory = Result.getOrElse(inMemory, () => mkdtempSync(join(tmpdir(), "wattproof-")))
    chmodSync(directory, 0o711)
    return directory
  })

/** Starts a throw-away PostgreSQL: not durable, in a directory of its own that is gone at the end, come what may. */
export const startTemporary = (
  options: { readonly settings?: Readonly<Record<string, string>>; readonly freeBytes?: number } = {}
): Effect.Effect<Postgres & { readonly dataDirectory: string }, PostgresUnavailable, Scope.Scope> =>
  Effect.gen(function* () {
    const runAs = yield* inRealTime(detect)
    const dataDirectory = yield* temporaryDirectory(options.freeBytes ?? 8 * 1024 ** 3, runAs)
    yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(dataDirectory, { recursive: true, force: true })))
    const settings = options.settings ?? {}
    const postgres = yield* start({ dataDirectory, durable: false, removeAtEnd: true, settings, runAs })
    return { ...postgres, dataDirectory }
  })
