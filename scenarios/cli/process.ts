import { Effect, Exit, References } from "effect"
import { exitCodes } from "./application.ts"

/** A second signal that comes later than this is a person who does not want to wait; npm repeats the first at once. */
const impatientAfterMs = 500

/** Commands that run until they are told to stop: being told is how they end well. */
const services: ReadonlySet<string> = new Set(["serve", "demo"])

/** Runs the program as the process: signals interrupt it, its result is the exit code. */
export const main = (program: Effect.Effect<number>, args: ReadonlyArray<string>): void => {
  // `wattproof list | head -1`: whoever read us has read enough.
  const onBrokenPipe = (error: NodeJS.ErrnoException): void => {
    if (error.code === "EPIPE") process.exit(exitCodes.done)
    throw error
  }
  process.stdout.on("error", onBrokenPipe)
  process.stderr.on("error", onBrokenPipe)
  const fiber = Effect.runFork(Effect.provideService(program, References.LogToStderr, true))
  // Fibers do not keep node alive; this does until the program ends.
  const alive = setInterval(() => {}, 2 ** 31 - 1)
  let signalledAtMs: number | undefined
  const onSignal = (): void => {
    const nowMs = performance.now()
    if (signalledAtMs !== undefined && nowMs - signalledAtMs > impatientAfterMs) process.exit(exitCodes.interrupted)
    signalledAtMs ??= nowMs
    fiber.interruptUnsafe()
  }
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal)
  fiber.addObserver((exit) => {
    clearInterval(alive)
    const code = Exit.isSuccess(exit) ? exit.value : exitCodes.interrupted
    const isEndOfService = code === exitCodes.interrupted && services.has(args[0] ?? "")
    process.exit(isEndOfService ? exitCodes.done : code)
  })
}
