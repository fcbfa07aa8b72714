import { existsSync, readFileSync, statSync } from "node:fs"
import { connect } from "node:net"
import { join } from "node:path"
import { Effect, Result } from "effect"
import { run } from "./Command.ts"

/** What `postmaster.pid` says of the server that owns, or once owned, a data directory. */
export interface LockFile {
  readonly pid: number
  readonly port: number
  readonly socketDirectory: string
  readonly status: string
}

/** Path of the lock file in a cluster. */
export const lockFilePath = (cluster: string): string => join(cluster, "postmaster.pid")

/** Reads the lock file: undefined when there is none, "empty" when it has no pid (being written, or cut by a crash). */
export const read = (cluster: string): LockFile | "empty" | undefined => {
  if (!existsSync(lockFilePath(cluster))) return undefined
  const text = Result.getOrElse(readText(lockFilePath(cluster)), () => "")
  const lines = text.split("\n")
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 0) return "empty"
  return { pid, port: Number(lines[3] ?? 0), socketDirectory: lines[4] ?? "", status: (lines[7] ?? "").trim() }
}

const readText = (path: string) => Result.try(() => readFileSync(path, "utf8"))

/** The socket file of a server. */
export const socketPath = (socketDirectory: string, port: number): string => `${socketDirectory}/.s.PGSQL.${port}`

/** Whether somebody listens on a unix socket. */
const listens = (path: string): Effect.Effect<boolean> =>
  Effect.callback<boolean>((resume) => {
    const socket = connect({ path })
    socket.once("connect", () => {
      socket.destroy()
      resume(Effect.succeed(true))
    })
    socket.once("error", () => resume(Effect.succeed(false)))
    return Effect.sync(() => {
      socket.destroy()
    })
  }).pipe(Effect.timeoutOrElse({ duration: "2 seconds", orElse: () => Effect.succeed(false) }))

/** Whether a process has this pid, ours or not: a signal that may not be sent was refused by somebody. */
const exists = (pid: number): boolean =>
  Result.match(
    Result.try(() => process.kill(pid, 0)),
    {
      onSuccess: () => true,
      onFailure: (cause) => cause instanceof Error && "code" in cause && cause.code === "EPERM"
    }
  )

/** Whether the process with this pid is a PostgreSQL that was started on `cluster`, and not a stranger with a used pid. */
const isServerOf = (pid: number, cluster: string): Effect.Effect<boolean> => {
  const names = (commandLine: string) => commandLine.includes("postgres") && commandLine.includes(cluster)
  if (process.platform !== "linux") {
    return Effect.map(run(["ps", "-o", "command=", "-p", String(pid)], { timeout: "5 seconds" }), ({ output }) =>
      names(output)
    )
  }
  return Effect.try(() => names(readFileSync(`/proc/${pid}/cmdline`, "utf8"))).pipe(Effect.orElseSucceed(() => false))
}

/**
 * Who owns a cluster.
 * - `Ready`: a server that answers on its socket.
 * - `Busy`: a server that is starting, stopping or recovering.
 * - `Gone`: the lock file's process is dead, or its pid now belongs to somebody else (usual after a container restart).
 * - `Unreadable`: a lock file without a pid since `ageMs`.
 */
export type Owner =
  | { readonly _tag: "None" }
  | { readonly _tag: "Ready"; readonly lock: LockFile }
  | { readonly _tag: "Busy"; readonly lock: LockFile }
  | { readonly _tag: "Gone"; readonly lock: LockFile }
  | { readonly _tag: "Unreadable"; readonly writtenAtMs: number }

/** Finds out who owns a cluster, by its lock file, its socket and the process table. */
export const owner = Effect.fnUntraced(function* (cluster: string) {
  const lock = read(cluster)
  if (lock === undefined) return { _tag: "None" } satisfies Owner as Owner
  if (lock === "empty") {
    return { _tag: "Unreadable", writtenAtMs: statSync(lockFilePath(cluster)).mtimeMs } satisfies Owner as Owner
  }
  if (lock.socketDirectory !== "" && (yield* listens(socketPath(lock.socketDirectory, lock.port)))) {
    return { _tag: lock.status === "ready" ? "Ready" : "Busy", lock } satisfies Owner as Owner
  }
  const alive = exists(lock.pid) && (yield* isServerOf(lock.pid, cluster))
  return { _tag: alive ? "Busy" : "Gone", lock } satisfies Owner as Owner
})
