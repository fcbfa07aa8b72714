import { resolve } from "node:path"
import { Cause, Effect, Logger, Option, Redacted, Schedule, Stream } from "effect"
import { Command } from "effect/cli"
import { CannotRun, explain } from "#server/cli/failures.ts"
import { contradiction, dataFlag, serverFlags, withFlags } from "#server/cli/flags.ts"
import { type Pane, Screen, type Style } from "#server/cli/Screen.ts"
import { announce } from "#server/cli/serve.ts"
import { type Serving, serve, stores } from "#server/Serve.ts"
import { Settings } from "#server/Settings.ts"
import type { Fleet } from "#simulator/Fleet.ts"
import type { Truth } from "#simulator/Truth.ts"
import { Board } from "./Board.ts"
import { type Client, makeClient, phoneOf } from "./demoClient.ts"
import { demoStations, makeFleet } from "./demoFleet.ts"
import { type DemoKeys, defaultData, demoKeys } from "./demoKeys.ts"
import { seed } from "./demoNetwork.ts"
import { cut, duration } from "./format.ts"
import { Panel } from "./Panel.ts"

/** How often the figures are written: on a terminal, and elsewhere. */
const refresh = { terminalMs: 500, elsewhereMs: 30_000 }
/** Over how long the rate of messages is taken. */
const rateOverMs = 10_000
/** What people and stations have to finish when the demo ends. */
const farewellMs = 1_500
const pollMs = 25
/** Happenings below the figures. */
const happenings = 8

/** The demo's own database and keys, whatever the environment says of a real one. */
const demoSettings = Effect.fnUntraced(function* (flags: Parameters<typeof withFlags>[1]) {
  const environment = yield* Effect.mapError(Settings, (error) => explain(error, undefined))
  const own = { ...environment, databaseUrl: Option.none(), databaseCa: Option.none(), data: yield* defaultData }
  const settings = withFlags(own, flags)
  const wrong = contradiction(settings, flags)
  if (wrong !== undefined) return yield* wrong
  const keys = yield* demoKeys(resolve(settings.data))
  const token = Option.match(settings.token, { onSome: Redacted.value, onNone: () => keys.token })
  return { settings: { ...settings, token: Option.some(Redacted.make(token)) }, keys, token }
})

/** The rate of a counter over the last ten seconds. */
const rateOf = (read: () => number, nowMs: () => number) => {
  const marks: Array<{ readonly atMs: number; readonly value: number }> = []
  return (): number => {
    const mark = { atMs: nowMs(), value: read() }
    marks.push(mark)
    while (marks.length > 2 && mark.atMs - marks[1]!.atMs >= rateOverMs) marks.shift()
    const first = marks[0]!
    return mark.atMs === first.atMs ? 0 : ((mark.value - first.value) * 1000) / (mark.atMs - first.atMs)
  }
}

const messagesOf = ({ counters }: Truth): number => counters.answered + counters.handled

/** Follows the server's events for as long as the demo runs; a stream that breaks is opened again. */
const follow = (client: Client, board: Board) =>
  client.events.stream({ query: {}, headers: {} }).pipe(
    Effect.flatMap((events) =>
      Stream.runForEach(events, (event) => Effect.sync(() => event.kind !== "Lost" && board.hear(event)))
    ),
    Effect.retry(Schedule.spaced("1 second")),
    Effect.repeat(Schedule.spaced("1 second"))
  )

/** What the demo is made of once it runs. */
interface Living {
  readonly fleet: Fleet
  readonly truth: Truth
  readonly board: Board
  readonly panel: Panel
  readonly nowMs: () => number
}

/** Everybody unplugs and goes home, what that means is billed, and the figures are written a last time. */
const farewell = Effect.fnUntraced(function* ({ fleet, board }: Living, write: Effect.Effect<void>) {
  fleet.sendHome()
  for (let waitedMs = 0; waitedMs < farewellMs && !(fleet.isQuiet && board.open === 0); waitedMs += pollMs) {
    yield* Effect.sleep(pollMs)
  }
  yield* write
  fleet.stop()
})

/** Writes the figures, each time it is called. */
const writer = ({ fleet, truth, board, panel, nowMs }: Living, out: Pane) => {
  const rate = rateOf(() => messagesOf(truth), nowMs)
  rate()
  let judged = 0
  return Effect.sync(() => {
    for (; judged < truth.judgements.length; judged++) board.judged(truth.judgements[judged]!)
    const connected = fleet.members.filter(({ station }) => station.isConnected).length
    const gauges = { stations: fleet.members.length, connected, messagesPerSecond: rate() }
    if (!out.isTerminal) out.write(`${board.line(gauges)}\n`)
    else panel.show(board.lines(gauges, { columns: out.columns(), most: happenings, style: out.style }))
  })
}

/** Warnings and worse of the server, above the figures. */
const logger = (panel: Panel) =>
  Logger.make<unknown, void>(({ logLevel, message, cause }) => {
    if (logLevel !== "Warn" && logLevel !== "Error" && logLevel !== "Fatal") return
    const text = [message].flat().map((it) => (typeof it === "string" ? it : JSON.stringify(it)))
    panel.print(`  ${logLevel}: ${text.join(" ")}${cause.reasons.length === 0 ? "" : `\n${Cause.pretty(cause)}`}`)
  })

/** What one needs to know to look around. */
const welcome = (settings: Settings, serving: Serving, token: string, style: Style): ReadonlyArray<string> => [
  style.bold("The Wattproof demo"),
  "",
  ...announce(settings, serving),
  `  token     ${style.bold(token)}`,
  "",
  `  ${demoStations} simulated stations charge here over real WebSockets.`,
  "  Ctrl-C ends the demo; its data stays for the next.",
  ""
]

/** Where a client on this machine finds what the server announces for everybody. */
const local = (announced: string, { host }: Settings): string => {
  const [, scheme, port, path] = /^(\w+):\/\/.*:(\d+)(\/.*)$/.exec(announced)!
  const address = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host
  return `${scheme}://${address.includes(":") ? `[${address}]` : address}:${port}${path}`
}

/** Server, client and fleet, up and running; all of it ends with the scope. */
const open = Effect.fnUntraced(function* (settings: Settings, keys: DemoKeys, token: string) {
  const serving = yield* Effect.mapError(serve(settings, stores(settings)), (error) => explain(error, settings))
  const client = yield* makeClient(new URL(local(serving.apiUrl, settings)).origin, token)
  const run = Effect.runForkWith(yield* Effect.context<never>())
  const { fleet, truth } = yield* makeFleet({
    ocppUrl: local(serving.ocppUrl, settings),
    passwordOf: keys.passwordOf,
    phone: phoneOf(client, (effect) => run(effect))
  })
  yield* Effect.mapError(
    seed(client, fleet.roster),
    (error) => new CannotRun({ message: `The demo could not enter its stations and drivers: ${error.message}` })
  )
  const board = new Board()
  yield* Effect.forkScoped(follow(client, board))
  return { serving, fleet, truth, board }
})

const live = Effect.fnUntraced(function* (
  { settings, keys, token }: Effect.Success<ReturnType<typeof demoSettings>>,
  panel: Panel,
  nowMs: () => number
) {
  const { out } = yield* Screen
  const startedMs = nowMs()
  if (out.isTerminal) panel.show([`  Starting the database in ${cut(resolve(settings.data), out.columns() - 30)} ...`])
  const { serving, fleet, truth, board } = yield* open(settings, keys, token)
  panel.show([])
  out.write(`${welcome(settings, serving, token, out.style).join("\n")}\n`)
  const living: Living = { fleet, truth, board, panel, nowMs }
  const write = writer(living, out)
  yield* Effect.addFinalizer(() =>
    Effect.gen(function* () {
      yield* farewell(living, write)
      panel.release()
      out.write(`\n  Everybody went home. In ${duration((nowMs() - startedMs) / 1000)}:\n  ${board.sums}.\n`)
    })
  )
  fleet.start()
  const every = out.isTerminal ? refresh.terminalMs : refresh.elsewhereMs
  return yield* Effect.forever(Effect.andThen(Effect.sleep(every), write))
})

/** `wattproof demo`: a server with a database of its own, and a fleet that charges on it before one's eyes. */
export const demoCommand = (nowMs: () => number) =>
  Command.make(
    "demo",
    { ...serverFlags, data: dataFlag("Directory of the demo's database and keys (else .wattproof/demo)") },
    Effect.fnUntraced(function* (flags) {
      const { out } = yield* Screen
      const asked = yield* demoSettings(flags)
      const panel = new Panel(out)
      yield* Effect.scoped(live(asked, panel, nowMs)).pipe(
        Effect.provideService(Logger.CurrentLoggers, new Set([logger(panel)]))
      )
    })
  ).pipe(
    Command.withDescription("Run the system with a living fleet of 24 simulated stations"),
    Command.withExamples([
      { command: "wattproof demo" },
      { command: "wattproof demo --onboarding open", description: "Lets your own station or simulator join" }
    ])
  )
