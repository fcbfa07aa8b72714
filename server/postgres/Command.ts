import { spawn } from "node:child_process"
import { Duration, Effect } from "effect"

/** The whole environment of every process we start: nothing of ours (PGDATA, LD_PRELOAD, locale) leaks in. */
export const environment = { PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C" }

/** How a command ended: its exit code (127 when it could not be started at all, as a shell says) and what it said. */
export interface Outcome {
  readonly code: number
  readonly output: string
}

const outputLimit = 64 * 1024

/** Runs a command to its end, at most `timeout` long; after that it is killed and counts as failed with code 124. */
export const run = (
  command: ReadonlyArray<string>,
  options: { readonly timeout: Duration.Input; readonly uid?: number | undefined }
): Effect.Effect<Outcome> =>
  Effect.callback<Outcome>((resume) => {
    const owner = options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }
    const child = spawn(command[0]!, command.slice(1), {
      stdio: ["ignore", "pipe", "pipe"],
      env: environment,
      ...owner
    })
    let output = ""
    const collect = (chunk: Buffer) => {
      if (output.length < outputLimit) output += chunk.toString("utf8")
    }
    child.stdout.on("data", collect)
    child.stderr.on("data", collect)
    child.once("error", (cause) => resume(Effect.succeed({ code: 127, output: cause.message })))
    child.once("close", (code) => resume(Effect.succeed({ code: code ?? 1, output })))
    return Effect.sync(() => {
      child.kill("SIGKILL")
    })
  }).pipe(
    Effect.timeoutOrElse({
      duration: options.timeout,
      orElse: () =>
        Effect.succeed({
          code: 124,
          output: `still running after ${Duration.format(Duration.fromInputUnsafe(options.timeout))}`
        })
    })
  )
