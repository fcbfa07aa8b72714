import { type ChildProcess, spawn } from "node:child_process"
import { closeSync, openSync, readFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import type { Stream } from "#simulator/Stream.ts"
import { family, postmaster, signal } from "./Processes.ts"

const root = join(import.meta.dirname, "../../..")
const main = join(root, "scenarios/main.ts")

/** A port that is free now, below those that the kernel lends out by itself, so that it is free again after a restart. */
export const freePort = async (stream: Stream): Promise<number> => {
  for (;;) {
    const port = stream.int(20_000, 32_000)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false))
      server.listen(port, "127.0.0.1", () => resolve(true))
    })
    if (!isFree) continue
    await new Promise((resolve) => server.close(resolve))
    return port
  }
}

export interface ServerOptions {
  /** Holds the database and the log. */
  readonly directory: string
  readonly ocppPort: number
  readonly httpPort: number
  readonly token: string
  /** A database of one's own instead of the embedded one. */
  readonly databaseUrl?: string
}

/** The server as it ships, in a process of its own that can be killed and started again on the same data. */
export class ServerProcess {
  readonly options: ServerOptions
  readonly dataDirectory: string
  readonly logFile: string
  private child: ChildProcess | undefined

  constructor(options: ServerOptions) {
    this.options = options
    this.dataDirectory = join(options.directory, "data")
    this.logFile = join(options.directory, "server.log")
  }

  get stationUrl(): string {
    return `ws://127.0.0.1:${this.options.ocppPort}/ocpp/`
  }

  get pid(): number {
    return this.child!.pid!
  }

  start(): void {
    const { databaseUrl, httpPort, ocppPort, token } = this.options
    const log = openSync(this.logFile, "a")
    const ports = ["--ocpp-port", String(ocppPort), "--http-port", String(httpPort), "--host", "127.0.0.1"]
    const store = databaseUrl === undefined ? ["--data", this.dataDirectory] : []
    this.child = spawn(
      process.execPath,
      [main, "serve", "--onboarding", "open", "--token", token, ...ports, ...store],
      {
        cwd: root,
        stdio: ["ignore", log, log],
        detached: true,
        env: { PATH: process.env["PATH"] ?? "", ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }) }
      }
    )
    closeSync(log)
  }

  /** Waits until the API says that the server can serve; gives the milliseconds it took. */
  async ready(patienceMs = 60_000): Promise<number> {
    const startedAtMs = Date.now()
    while (Date.now() - startedAtMs < patienceMs) {
      if (this.child?.exitCode !== null) throw new Error(`the server ended by itself:\n${this.lastWords()}`)
      if ((await this.health()) === 200) return Date.now() - startedAtMs
      await sleep(25)
    }
    throw new Error(`the server was not ready in ${patienceMs} ms:\n${this.lastWords()}`)
  }

  /** The status of the health endpoint; 0 when there is no answer within two seconds. */
  async health(): Promise<number> {
    try {
      const url = `http://127.0.0.1:${this.options.httpPort}/health`
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
      await response.arrayBuffer()
      return response.status
    } catch {
      return 0
    }
  }

  /** One request to the API, for as long as it takes a server that restarts. */
  async api(method: "GET" | "POST" | "PUT", path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${this.options.httpPort}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.options.token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`)
    return JSON.parse(text)
  }

  /** kill -9 of this process alone; its database is left to the watchdog. */
  async killAlone(): Promise<void> {
    const gone = this.gone()
    signal([this.pid], "SIGKILL")
    await gone
  }

  /** kill -9 of this process, PostgreSQL and the watchdog between them. */
  async killAll(): Promise<void> {
    const gone = this.gone()
    const database = postmaster(this.dataDirectory)
    const all = new Set([...family(this.pid), ...(database === undefined ? [] : family(database))])
    signal([...all], "SIGKILL")
    await gone
  }

  /** Asks it to end, as an operator would; gives the exit code. */
  async stop(): Promise<number | null> {
    const gone = this.gone()
    signal([this.pid], "SIGTERM")
    await gone
    return this.child!.exitCode
  }

  /** The end of the log, for a report. */
  lastWords(): string {
    return readFileSync(this.logFile, "utf8").slice(-4_000)
  }

  /** Lines of the log that speak of an error, but for a database that is away. */
  complaints(): ReadonlyArray<string> {
    return readFileSync(this.logFile, "utf8")
      .split("\n")
      .filter((line) => /\b(ERROR|FATAL)\b|Error:/.test(line))
  }

  private gone(): Promise<void> {
    const { child } = this
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
    return new Promise((resolve) => {
      child.once("exit", () => resolve())
    })
  }
}
