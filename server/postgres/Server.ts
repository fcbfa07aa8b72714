import { type ChildProcess, spawn } from "node:child_process"
import { closeSync, openSync } from "node:fs"
import { Effect } from "effect"
import { environment } from "./Command.ts"
import { type RunAs, wrap } from "./RunAs.ts"

/**
 * The watchdog: starts PostgreSQL, says its pid, and stops it (SIGINT: fast, clean shutdown) when our end of the pipe on
 * stdin closes, which the kernel does for us even if we are killed; then it removes the directory named first, if one is.
 * Ends with PostgreSQL and with its exit code, and not by a signal sent to all of us.
 */
const watchdog = `
trap '' HUP INT TERM
exec 3<&0 </dev/null
doomed=$1
shift
"$@" 3<&- >&2 &
postgres=$!
echo "$postgres"
exec >&2
( read -r _ <&3; kill -INT "$postgres"; exit 0 ) 2>/dev/null &
watch=$!
exec 3<&-
wait "$postgres"
code=$?
kill -KILL "$watch" 2>/dev/null
wait "$watch" 2>/dev/null && [ -n "$doomed" ] && rm -rf -- "$doomed"
exit "$code"
`

/** A PostgreSQL process that we started and that dies with us. */
export interface Server {
  /** The postmaster's pid; undefined until the watchdog has told it. */
  readonly pid: () => number | undefined
  /** The exit code; undefined while it runs. */
  readonly exitCode: () => number | undefined
  /** Waits for its end and gives the exit code. */
  readonly exited: Effect.Effect<number>
  /** Stops it: 30 s for a clean shutdown, then 10 s for an immediate one (the next start recovers), then SIGKILL. */
  readonly stop: Effect.Effect<void>
}

/** Starts PostgreSQL's `command` in its own session (a terminal's Ctrl-C is ours alone), its log appended to `logFile`. */
export const launch = (options: {
  readonly runAs: RunAs
  readonly command: ReadonlyArray<string>
  readonly logFile: string
  /** A pid in a left-over lock file that is known not to be a PostgreSQL. PostgreSQL itself then discards that file. */
  readonly stalePid: number | undefined
  /** A directory to remove when the server has ended because we wanted it or were killed, not when it died by itself. */
  readonly remove: string | undefined
}): Server => {
  const wrapped = wrap(options.runAs, ["/bin/sh", "-c", watchdog, "sh", options.remove ?? "", ...options.command])
  const log = openSync(options.logFile, "a")
  const child = spawn(wrapped.command[0]!, wrapped.command.slice(1), {
    cwd: "/",
    detached: true,
    stdio: ["pipe", "pipe", log],
    env:
      options.stalePid === undefined ? environment : { ...environment, PG_GRANDPARENT_PID: String(options.stalePid) },
    ...(wrapped.uid === undefined ? {} : { uid: wrapped.uid, gid: wrapped.uid })
  })
  closeSync(log)
  return observe(child)
}

const observe = (child: ChildProcess): Server => {
  let said = ""
  let code: number | undefined
  const ended = (exitCode: number | null) => {
    code ??= exitCode ?? 1
  }
  child.once("error", () => ended(127))
  child.once("exit", ended)
  child.stdout?.on("data", (chunk: Buffer) => {
    said += chunk.toString("utf8")
  })
  child.stdin?.on("error", () => {})
  const pid = () => (said.includes("\n") ? Number(said.slice(0, said.indexOf("\n"))) : undefined)
  const exited = Effect.callback<number>((resume) => {
    if (code !== undefined) return resume(Effect.succeed(code))
    const done = () => resume(Effect.succeed(code ?? 1))
    child.once("exit", done)
    child.once("error", done)
    return Effect.sync(() => {
      child.off("exit", done)
      child.off("error", done)
    })
  })
  const signal = (name: "SIGQUIT" | "SIGKILL") =>
    Effect.sync(() => {
      const target = pid()
      if (target !== undefined && code === undefined) process.kill(target, name)
    })
  const stop = Effect.sync(() => child.stdin?.end()).pipe(
    Effect.andThen(exited),
    Effect.timeoutOrElse({ duration: "30 seconds", orElse: () => Effect.andThen(signal("SIGQUIT"), exited) }),
    Effect.timeoutOrElse({ duration: "40 seconds", orElse: () => signal("SIGKILL") }),
    Effect.asVoid,
    Effect.interruptible
  )
  return { pid, exitCode: () => code, exited, stop }
}
