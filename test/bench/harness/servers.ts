import { type ChildProcess, spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { cpuMsBelow, cpuMsOf, residentBytes, systemMsOf } from "./proc.ts"

/** A server in a process of its own. */
export interface Served {
  readonly port: number
  /** CPU used so far, ms: the server's own, the kernel's part of that, and that of the database below it. */
  readonly cpu: () => { readonly serverMs: number; readonly kernelMs: number; readonly databaseMs: number }
  /** Resident memory after garbage has been collected; only of a server started with `countsMemory`. */
  readonly heldBytes: () => Promise<number>
  readonly stop: () => Promise<void>
}

/** Ours, with its API and its data directory. */
export interface Wattproof extends Served {
  readonly dataDirectory: string
  readonly api: (method: string, path: string, body?: unknown) => Promise<unknown>
}

export interface Options {
  /** Write a CPU profile of the server into this directory when it stops. */
  readonly profileInto?: string | undefined
  readonly countsMemory?: boolean
}

const root = join(import.meta.dirname, "../../..")
const administrator = "benchmark-administrator"

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const nodeArguments = (options: Options): ReadonlyArray<string> => {
  const all: Array<string> = []
  if (options.profileInto !== undefined) {
    mkdirSync(options.profileInto, { recursive: true })
    all.push("--cpu-prof", `--cpu-prof-dir=${options.profileInto}`)
  }
  if (options.countsMemory === true) all.push("--expose-gc", "--import", join(import.meta.dirname, "collect.ts"))
  return all
}

const launch = (programme: ReadonlyArray<string>, options: Options, ready: RegExp): Promise<[ChildProcess, string]> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...nodeArguments(options), ...programme], { cwd: root })
    let said = ""
    const hear = (chunk: Buffer): void => {
      if (said.length > 100_000) return
      said += chunk.toString()
      if (ready.test(said)) resolve([child, said])
    }
    child.stdout.on("data", hear)
    child.stderr.on("data", hear)
    child.once("exit", (code) => reject(new Error(`${programme[0]} ended with ${code}: ${said}`)))
  })

const served = (child: ChildProcess, port: number): Served => ({
  port,
  cpu: () => ({ serverMs: cpuMsOf(child.pid!), kernelMs: systemMsOf(child.pid!), databaseMs: cpuMsBelow(child.pid!) }),
  heldBytes: async () => {
    for (let times = 0; times < 3; times++) {
      child.kill("SIGUSR2")
      await pause(1_000)
    }
    return residentBytes(child.pid!)
  },
  stop: () =>
    new Promise((resolve) => {
      child.once("exit", () => resolve())
      child.kill("SIGTERM")
    })
})

/** The bare `ws` server. */
export const startBare = async (options: Options = {}): Promise<Served> => {
  const [child, said] = await launch([join(import.meta.dirname, "bare.ts")], options, /port \d+/)
  return served(child, Number(/port (\d+)/.exec(said)![1]))
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once("error", reject)
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address()
      probe.close(() => (address !== null && typeof address === "object" ? resolve(address.port) : reject()))
    })
  })

/** Ours as it ships: `wattproof serve` on its embedded PostgreSQL, every commit on the disk, in a new data directory. */
export const startWattproof = async (options: Options = {}): Promise<Wattproof> => {
  const dataDirectory = mkdtempSync(join(tmpdir(), "wattproof-bench-"))
  const ports = [await freePort(), await freePort()]
  const programme = ["scenarios/main.ts", "serve", "--data", dataDirectory, "--onboarding", "open"]
  const flags = ["--token", administrator, "--ocpp-port", String(ports[0]), "--http-port", String(ports[1])]
  const [child] = await launch([...programme, ...flags], options, /serves[\s\S]*database/i)
  const base = served(child, ports[0]!)
  const api = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`http://127.0.0.1:${ports[1]}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${administrator}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }
  const stop = async (): Promise<void> => {
    await base.stop()
    rmSync(dataDirectory, { recursive: true, force: true })
  }
  return { ...base, dataDirectory, api, stop }
}
