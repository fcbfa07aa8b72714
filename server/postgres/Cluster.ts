import { createHash } from "node:crypto"
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { Effect, Result } from "effect"
import { majorVersion } from "./Binaries.ts"
import { run } from "./Command.ts"
import { socketPath } from "./LockFile.ts"
import { giveUrl, PostgresUnavailable, usingDirectory } from "./PostgresUnavailable.ts"
import { nobody, type RunAs, wrap } from "./RunAs.ts"

/** The name of the superuser and of nobody else; the socket directory's mode is what keeps others out. */
export const username = "wattproof"
export const port = 5432

/** PostgreSQL's own directory within the data directory. */
export const clusterOf = (directory: string): string => join(directory, "cluster")

/** Makes the data directory and returns its real path, by which every process names it. */
export const makeDirectory = (directory: string): Effect.Effect<string, PostgresUnavailable> =>
  usingDirectory(directory, `make the data directory ${directory}`, () => {
    makeWithParents(resolve(directory), 0o711)
    return realpathSync(directory)
  })

/**
 * Makes a directory and those above it, unless they are there; throws what keeps it from that. Node's own recursive
 * mkdir takes every ENOENT for a missing parent and never ends where a file system says it of the directory itself, as
 * /proc does.
 */
export const makeWithParents = (directory: string, mode: number): void => {
  const parent = dirname(directory)
  if (parent !== directory && !existsSync(parent)) makeWithParents(parent, mode)
  const made = Result.try(() => mkdirSync(directory, { mode }))
  if (Result.isFailure(made) && statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw made.failure
  }
}

/** The longest path that fits a socket address on Linux (107) and macOS (103). */
const socketPathLimit = 103

const fits = (socketDirectory: string): boolean =>
  Buffer.byteLength(socketPath(socketDirectory, port)) <= socketPathLimit && !/["',\\]/.test(socketDirectory)

/** Makes the directory of the socket, which only PostgreSQL's account may enter: beside the data, or in /tmp if too long. */
export const makeSocketDirectory = (directory: string, runAs: RunAs): Effect.Effect<string, PostgresUnavailable> =>
  usingDirectory(directory, "make a directory for PostgreSQL's socket", () => {
    const short = `wattproof-${createHash("sha256").update(directory).digest("hex").slice(0, 16)}`
    const candidates = [join(directory, "socket"), join(tmpdir(), short), join("/tmp", short)]
    const chosen = candidates.find(fits) ?? join("/tmp", short)
    makeWithParents(chosen, 0o700)
    const found = lstatSync(chosen)
    const uid = process.getuid?.()
    const ours = found.uid === runAs.fileOwner || found.uid === uid || (uid === 0 && found.uid === nobody)
    if (!found.isDirectory() || !ours) throw new Error(`${chosen} belongs to somebody else`)
    chmodSync(chosen, 0o700)
    if (runAs._tag === "Nobody" || found.uid !== runAs.fileOwner) chownSync(chosen, runAs.fileOwner, runAs.fileOwner)
    return chosen
  })

/** Makes a new cluster, unless there is one, and checks that this PostgreSQL can open it. */
export const ensure = Effect.fnUntraced(function* (options: {
  readonly directory: string
  readonly native: string
  readonly runAs: RunAs
  readonly durable: boolean
}) {
  const { directory } = options
  const cluster = clusterOf(directory)
  if (!existsSync(cluster)) yield* initialise({ ...options, cluster })
  yield* checkOwner(directory, cluster, options.runAs)
  yield* checkVersion(directory, cluster)
})

/** Checks that the account without rights can enter the data directory. */
export const checkReachable = Effect.fnUntraced(function* (directory: string) {
  const probe = yield* run(["/bin/sh", "-c", 'cd "$1"', "sh", directory], { timeout: "5 seconds", uid: nobody })
  if (probe.code === 0) return
  return yield* new PostgresUnavailable({
    reason: "DirectoryUnusable",
    directory,
    message: `PostgreSQL may not run as root, and the account it runs as instead (uid ${nobody}) cannot enter ${directory}. Choose a data directory whose parents everybody may enter, such as /var/lib/wattproof, or run as an ordinary user.`
  })
})

/** initdb into a directory of its own, then a rename: a crash leaves no half cluster, and of two processes one wins. */
const initialise = Effect.fnUntraced(function* (options: {
  readonly directory: string
  readonly cluster: string
  readonly native: string
  readonly runAs: RunAs
  readonly durable: boolean
}) {
  const { cluster, directory, runAs } = options
  const fresh = yield* usingDirectory(directory, `make a directory in ${directory}`, () => {
    removeLeftovers(directory)
    const made = mkdtempSync(`${cluster}-new-`)
    if (runAs._tag === "Nobody") chownSync(made, nobody, nobody)
    return made
  })
  const initdb = [join(options.native, "bin", "initdb"), "-D", fresh, "-U", username, "-A", "trust"]
  const flags = ["--locale=C", "-E", "UTF8", "--no-instructions", ...(options.durable ? [] : ["--no-sync"])]
  const { command, uid } = wrap(runAs, [...initdb, ...flags])
  const outcome = yield* run(command, { timeout: "2 minutes", uid })
  if (outcome.code !== 0) {
    rmSync(fresh, { recursive: true, force: true })
    const broken = outcome.code === 127 || outcome.code === 126
    return yield* new PostgresUnavailable({
      reason: broken ? "BinariesBroken" : "InitFailed",
      directory,
      message: `${broken ? `The PostgreSQL binaries in ${options.native} do not run here` : `No database could be made in ${directory}`}: ${outcome.output.trim().replace(/\.?$/, ".")} ${giveUrl}`
    })
  }
  yield* usingDirectory(directory, `put the new database into ${cluster}`, () => {
    if (existsSync(cluster)) return rmSync(fresh, { recursive: true, force: true })
    renameSync(fresh, cluster)
    if (options.durable) syncDirectory(directory)
  })
})

/** What an earlier initialisation left behind that was killed more than ten minutes before the newest one began. */
const removeLeftovers = (directory: string): void => {
  const names = readdirSync(directory).filter(
    (name) => name.startsWith("cluster-new-") || name.startsWith("binaries-new-")
  )
  const found = names.map((name) => join(directory, name)).map((path) => ({ path, madeAtMs: statSync(path).ctimeMs }))
  const newest = statSync(directory).ctimeMs
  for (const { path, madeAtMs } of found) {
    if (newest - madeAtMs > 600_000) rmSync(path, { recursive: true, force: true })
  }
}

const syncDirectory = (directory: string): void => {
  const handle = openSync(directory, "r")
  fsyncSync(handle)
  closeSync(handle)
}

const checkVersion = Effect.fnUntraced(function* (directory: string, cluster: string) {
  const file = join(cluster, "PG_VERSION")
  const version = yield* usingDirectory(directory, `read ${file}`, () => readFileSync(file, "utf8").trim())
  if (version === String(majorVersion)) return
  return yield* new PostgresUnavailable({
    reason: "VersionMismatch",
    directory,
    message: `The database in ${directory} was written by PostgreSQL ${version}; this program carries PostgreSQL ${majorVersion} and cannot open it. Nothing was changed. Start the release that wrote it, export the data and import it here, or name another data directory. ${giveUrl}`
  })
})

/** Whether a cluster with this owner is one that we, or an earlier start of ours as root, made. */
const isOurs = (uid: number, runAs: RunAs): boolean =>
  uid === runAs.fileOwner || runAs.fileOwner === -1 || (process.getuid?.() === 0 && (uid === 0 || uid === nobody))

const checkOwner = Effect.fnUntraced(function* (directory: string, cluster: string, runAs: RunAs) {
  const { uid } = yield* usingDirectory(directory, `look at ${cluster}`, () => statSync(cluster))
  if (isOurs(uid, runAs)) return
  return yield* new PostgresUnavailable({
    reason: "DirectoryUnusable",
    directory,
    message: `The database in ${directory} belongs to uid ${uid}, not to the account that runs this program (uid ${process.getuid?.()}). Run as that account, or give it away as root: chown -R ${process.getuid?.()} ${directory}`
  })
})

/**
 * Root may meet a cluster that an earlier start left to another account (with or without user namespaces): hands it to
 * the one that PostgreSQL will run as now. Only for a cluster that no server runs on.
 */
export const takeOver = Effect.fnUntraced(function* (directory: string, cluster: string, runAs: RunAs) {
  const { uid } = yield* usingDirectory(directory, `look at ${cluster}`, () => statSync(cluster))
  if (uid === runAs.fileOwner || process.getuid?.() !== 0) return
  const to = `${runAs.fileOwner}:${runAs.fileOwner}`
  const outcome = yield* run(["chown", "-R", to, cluster], { timeout: "2 minutes" })
  if (outcome.code === 0) return
  return yield* new PostgresUnavailable({
    reason: "DirectoryUnusable",
    directory,
    message: `Cannot give the database in ${directory} to uid ${runAs.fileOwner}, which PostgreSQL runs as: ${outcome.output.trim()}`
  })
})
