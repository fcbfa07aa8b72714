import { setTimeout as sleep } from "node:timers/promises"
import { assert, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import { WebSocket } from "ws"
import { start } from "#server/postgres/Launcher.ts"
import { make as makeStream } from "#simulator/Stream.ts"
import { readBooks } from "./Books.ts"
import { compare } from "./compare.ts"
import { family, postmaster, signal } from "./Processes.ts"
import { answered, flush, inDirectory, open, type Scene } from "./run.ts"

/** Answers that promise something: none may be given while nothing can be committed. */
const promises = (action: string): boolean => action !== "Heartbeat" && action !== "Authorize"

const graceMs = 500

/** When answers came, for whoever asks whether any came in between. */
class Answers {
  private readonly promised: Array<{ readonly action: string; readonly atMs: number }> = []

  readonly note = (action: string, _askedAtMs: number, answeredAtMs: number): void => {
    if (promises(action)) this.promised.push({ action, atMs: answeredAtMs })
  }

  between(fromMs: number, untilMs: number): ReadonlyArray<string> {
    return this.promised.filter(({ atMs }) => atMs >= fromMs && atMs < untilMs).map(({ action }) => action)
  }
}

/** A station that only asks for the time, five times a second; counts the answers. */
const probe = (url: string) => {
  const socket = new WebSocket(`${url}PROBE`, ["ocpp1.6"])
  let asked = 0
  let heard = 0
  const timer = setInterval(() => {
    if (socket.readyState === WebSocket.OPEN) socket.send(`[2,"${++asked}","Heartbeat",{}]`)
  }, 200)
  socket.on("message", () => {
    heard++
  })
  const isServed = new Promise((resolve) => socket.once("message", resolve))
  return { isServed, heard: () => heard, stop: () => [clearInterval(timer), socket.terminate()] }
}

/** Makes the database unusable for a while and checks what the stations hear meanwhile and afterwards. */
const outage = async (
  scene: Scene,
  answers: Answers,
  down: () => Promise<void>,
  up: () => Promise<void>,
  lastsMs: number
): Promise<void> => {
  const { server, tally } = scene
  if (!(await answered(tally, 200, 30_000))) {
    assert.fail(
      `there is no load: ${[...tally.failures, ...scene.clients.map((client) => client.describe())].join("\n")}`
    )
  }
  const time = probe(server.stationUrl)
  await time.isServed
  await down()
  const fromMs = Date.now() + graceMs
  await sleep(graceMs)
  const heardBefore = time.heard()
  const health = await server.health()
  await sleep(Math.max(0, fromMs + lastsMs - Date.now()))
  assert.isAbove(time.heard() - heardBefore, 4, "what promises nothing is answered as ever")
  const untilMs = Date.now()
  await up()
  assert.deepStrictEqual(answers.between(fromMs, untilMs), [])
  assert.include([0, 503], health)
  assert.isTrue(await answered(tally, 3 * scene.clients.length, 20_000), "everybody is served again")
  assert.isAbove(tally.timeouts, 0, "stations asked again while the database was away")
  await Promise.all(Array.from({ length: 12 }, () => server.api("GET", "/transactions?limit=1")))
  assert.strictEqual(await server.health(), 200, "readers are served again too")
  assert.deepStrictEqual(tally.failures, [])
  time.stop()
}

const books = async (scene: Scene, dataDirectory: string): Promise<ReadonlyArray<string>> => {
  await flush(scene, 30_000)
  return [...scene.tally.failures, ...compare(scene.sessions(), await readBooks(dataDirectory))]
}

/** Stations that ask again after a second, as real ones do after half a minute. */
const load = { stations: 24, paceMs: 20, patienceMs: 1_000 }

it(
  "a database that freezes, loses its processes or is killed costs waiting, not data",
  {
    timeout: 240_000
  },
  () =>
    inDirectory(false, async (directory) => {
      const answers = new Answers()
      const scene = await open(directory, makeStream("outage", "embedded"), { ...load, onAnswer: answers.note })
      const { server, clients } = scene
      try {
        const all = () => family(postmaster(server.dataDirectory)!)
        let frozen: ReadonlyArray<number> = []
        const freeze = async () => {
          // Twice: a child may have been forked in between.
          for (let round = 0; round < 2; round++) {
            frozen = all()
            signal(frozen, "SIGSTOP")
          }
        }
        const thaw = async () => signal(frozen, "SIGCONT")
        await outage(scene, answers, freeze, thaw, 3_000)
        const lose = async () => {
          await freeze()
          signal(frozen.slice(1), "SIGKILL")
        }
        await outage(scene, answers, lose, thaw, 2_000)
        signal(all().slice(0, 1), "SIGKILL")
        assert.isTrue(await answered(scene.tally, 200, 30_000), "a killed database is started again")
        assert.deepStrictEqual(await books(scene, server.dataDirectory), [])
      } finally {
        for (const client of clients) client.stop()
        await server.killAll()
      }
      return { failures: [] }
    })
)

it("a database of one's own may be away for seconds, and restart, under load", { timeout: 240_000 }, () =>
  inDirectory(false, async (directory) => {
    const dataDirectory = `${directory}/own`
    const run = async () => {
      const scope = Scope.makeUnsafe()
      const address = await Effect.runPromise(Scope.provide(start({ dataDirectory, durable: true }), scope))
      return { address, stop: () => Effect.runPromise(Scope.close(scope, Exit.void)) }
    }
    let own = await run()
    const { database, port, socketDirectory, username } = own.address
    const databaseUrl = `postgres://${username}@localhost/${database}?host=${encodeURIComponent(socketDirectory)}&port=${port}`
    const answers = new Answers()
    const stream = makeStream("outage", "own")
    const scene = await open(directory, stream, { ...load, databaseUrl, onAnswer: answers.note })
    try {
      const back = async () => {
        own = await run()
      }
      await outage(scene, answers, () => own.stop(), back, 3_000)
      assert.deepStrictEqual(await books(scene, dataDirectory), [])
    } finally {
      for (const client of scene.clients) client.stop()
      await scene.server.killAll()
      await own.stop()
    }
    return { failures: [] }
  })
)
