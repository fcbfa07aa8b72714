import { type ChildProcess, spawn } from "node:child_process"
import { closeSync, openSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import type { KillPoint } from "./points.ts"

/** What the server's process is told. */
export interface Orders {
  readonly data: string
  readonly ocppPort: number
  readonly httpPort: number
  /** Where the provider is. */
  readonly apiBase: string
  /** How much may be delivered beyond a hold, in minor units. */
  readonly riskMinor: string
  /** Null: it lives on. */
  readonly dieAt: KillPoint | null
}

const program = join(import.meta.dirname, "child.ts")
const readyWithinMs = 60_000
/** How long a step may take to come. */
const reachWithinMs = 90_000
const downMs = 300

/** The server's process, killed by SIGKILL at one step after the other and started again over the same data. */
export class Lives {
  /** The steps it died at, in order. */
  readonly deaths: Array<KillPoint> = []
  /** Steps that nobody came to in time. */
  readonly missed: Array<KillPoint> = []
  private readonly orders: Omit<Orders, "dieAt">
  private readonly logFile: string
  private readonly onDeath: (point: KillPoint) => void
  private child: ChildProcess | undefined
  private isServing = false

  constructor(orders: Omit<Orders, "dieAt">, logFile: string, onDeath: (point: KillPoint) => void) {
    this.orders = orders
    this.logFile = logFile
    this.onDeath = onDeath
  }

  /** Where its API is; undefined while it is down. */
  get apiAt(): string | undefined {
    return this.isServing ? this.base : undefined
  }

  private get base(): string {
    return `http://127.0.0.1:${this.orders.httpPort}`
  }

  /** Dies once at each of the points, then lives on. Ends when the last life has begun. */
  readonly through = Effect.fnUntraced({ self: this }, function* (points: ReadonlyArray<KillPoint>) {
    for (const point of points) {
      yield* this.start(point)
      const died = yield* this.exit(reachWithinMs)
      this.isServing = false
      if (died === "SIGKILL") {
        this.deaths.push(point)
        this.onDeath(point)
      } else if (died !== undefined) {
        return yield* Effect.die(new Error(`the server ended by itself (${died}):\n${this.lastWords()}`))
      } else {
        this.missed.push(point)
        yield* this.stop
      }
      yield* Effect.sleep(downMs)
    }
    yield* this.start(null)
  })

  /** Kills the present life, if there is one, and waits until it is gone. */
  readonly stop: Effect.Effect<void> = Effect.suspend(() => {
    this.isServing = false
    if (!this.isAlive) return Effect.void
    this.child!.kill("SIGKILL")
    return Effect.asVoid(this.exit(readyWithinMs))
  })

  private get isAlive(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null
  }

  /** What it ended of; undefined when it lives on. */
  private exit(withinMs: number): Effect.Effect<string | undefined> {
    return Effect.gen({ self: this }, function* () {
      for (let waitedMs = 0; waitedMs < withinMs && this.isAlive; waitedMs += 50) yield* Effect.sleep("50 millis")
      return this.isAlive ? undefined : (this.child?.signalCode ?? String(this.child?.exitCode))
    })
  }

  private start(dieAt: KillPoint | null): Effect.Effect<void> {
    return Effect.gen({ self: this }, function* () {
      const log = openSync(this.logFile, "a")
      const orders = JSON.stringify({ ...this.orders, dieAt } satisfies Orders)
      this.child = spawn(process.execPath, [program, orders], {
        stdio: ["ignore", log, log],
        env: { PATH: process.env["PATH"] ?? "" }
      })
      closeSync(log)
      for (let waitedMs = 0; waitedMs < readyWithinMs; waitedMs += 50) {
        // It may have come to its step before it was ready.
        if (!this.isAlive) return
        if (yield* this.isHealthy) {
          this.isServing = true
          return
        }
        yield* Effect.sleep("50 millis")
      }
      return yield* Effect.die(new Error(`the server did not get ready:\n${this.lastWords()}`))
    })
  }

  private readonly isHealthy: Effect.Effect<boolean> = Effect.promise(() =>
    fetch(`${this.base}/health`, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.arrayBuffer().then(() => response.status === 200),
      () => false
    )
  )

  private lastWords(): string {
    return readFileSync(this.logFile, "utf8").slice(-3_000)
  }
}
