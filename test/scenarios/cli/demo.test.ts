import { type ChildProcess, spawn } from "node:child_process"
import { chmodSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, beforeAll, it } from "@effect/vitest"
import { Effect } from "effect"

const main = join(import.meta.dirname, "../../../scenarios/main.ts")

/** A program of this repository as an operator starts it: with pipes for a terminal. */
class Program {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  out = ""
  err = ""

  constructor(args: ReadonlyArray<string>) {
    this.child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] })
    this.child.stdout!.on("data", (chunk) => {
      this.out += chunk
    })
    this.child.stderr!.on("data", (chunk) => {
      this.err += chunk
    })
    this.ended = new Promise((resolve) => this.child.once("close", resolve))
  }

  /** What it says that matches, once it has said so; an early end is an error. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.out)
      if (match !== null) return match
      if (this.child.exitCode !== null) throw new Error(`ended early: ${this.out}${this.err}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

interface Start {
  readonly api: string
  readonly token: string
}

const start = async (program: Program): Promise<Start> => {
  const api = (await program.says(/API\s+(http:\S+)/))[1]!
  const token = (await program.says(/token\s+(\S+)/))[1]!
  await program.says(/Ctrl-C/)
  return { api, token }
}

interface Item {
  readonly version?: number
  readonly connection?: { readonly dialect: string } | null
}

const list = async ({ api, token }: Start, path: string): Promise<ReadonlyArray<Item>> => {
  const response = await fetch(`${api}${path}?limit=100`, { headers: { authorization: `Bearer ${token}` } })
  assert.strictEqual(response.status, 200)
  return ((await response.json()) as { readonly items: ReadonlyArray<Item> }).items
}

/** Two starts with a database each, on machines that do other things as well. */
const patienceMs = 240_000

const directory = mkdtempSync(join(tmpdir(), "wattproof-demo-"))

beforeAll(() => {
  // PostgreSQL of a test that runs as root is another account's.
  chmodSync(directory, 0o711)
  return () => rmSync(directory, { recursive: true, force: true })
})

const args = ["demo", "--http-port", "0", "--data", join(directory, "data"), "--ocpp-port"]

it.live(
  "the demo has 24 stations that come by real sockets, ends well when told to, and finds its data again",
  () =>
    Effect.promise(async () => {
      const first = new Program([...args, "0"])
      const one = await start(first)
      const connected = async () => (await list(one, "/stations")).filter(({ connection }) => connection != null)
      while ((await connected()).length < 24) await new Promise((resolve) => setTimeout(resolve, 100))
      const dialects = (await connected()).map(({ connection }) => connection?.dialect)
      assert.includeMembers(dialects, ["1.6", "2.0.1"])
      const drivers = (await list(one, "/drivers")).length

      const port = (await first.says(/ws:\/\/localhost:(\d+)/))[1]!
      const uninvited = new Program([...args, port])
      assert.strictEqual(await uninvited.ended, 3)
      assert.match(uninvited.err, new RegExp(`Port ${port} .* is taken[^]*--ocpp-port`))
      assert.notMatch(uninvited.err, /\n\s+at /)

      first.child.kill("SIGINT")
      assert.strictEqual(await first.ended, 0)
      assert.strictEqual(first.err, "")
      assert.include(first.out, "Everybody went home")

      const second = new Program([...args, "0"])
      const two = await start(second)
      assert.strictEqual(two.token, one.token)
      assert.strictEqual((await list(two, "/stations")).length, 24)
      assert.strictEqual((await list(two, "/drivers")).length, drivers)
      const versions = (await list(two, "/tariffs")).map(({ version }) => version)
      assert.deepStrictEqual(versions, [1, 1])
      second.child.kill("SIGTERM")
      assert.strictEqual(await second.ended, 0)
    }),
  patienceMs
)
