import { Clock, Effect } from "effect"
import type { App } from "#simulator/fleet/Phone.ts"
import * as LiveSocket from "#simulator/LiveSocket.ts"
import { judge, verdictOf } from "#simulator/oracles/Catalogue.ts"
import type { Evidence } from "#simulator/oracles/Evidence.ts"
import { billedWh } from "#simulator/oracles/match.ts"
import { tap } from "#simulator/oracles/tap.ts"
import { Wire } from "#simulator/oracles/Wire.ts"
import type { Connect } from "#simulator/station/Link.ts"
import { Truth } from "#simulator/Truth.ts"
import { Timers, type TimersApi } from "#simulator/time/Timers.ts"
import { type Actor, type DeskStep, Stage } from "../explore/Stage.ts"
import type { Story } from "../explore/Story.ts"
import { fitted } from "../explore/worlds.ts"
import { plainTariff } from "../tariffs.ts"
import type { Telemetry } from "../telemetry/Telemetry.ts"
import { AskLog } from "./AskLog.ts"
import { BrokenDatabase } from "./BrokenDatabase.ts"
import { Desk, type Register } from "./desk.ts"
import { gather } from "./evidence.ts"
import { type ForeignBooks, foreign } from "./foreign.ts"
import { LiveCms } from "./LiveCms.ts"
import { phone } from "./phone.ts"
import { provision } from "./provision.ts"
import type { RunResult, StoreName } from "./Result.ts"
import { memoryStore, postgresStore, type Store } from "./Store.ts"
import { actorsOf, connectorsOf, quiet, trueToken } from "./storyParts.ts"
import { recordStory } from "./storyReport.ts"

interface Hurry {
  /** The longest wait between two steps, and the longest outage; seconds. */
  readonly atMostS: number
  readonly commit?: string
  /** Watches for a report. */
  readonly telemetry?: Telemetry
}

/** How a story is lived over real sockets, on our own CMS. */
export interface LiveStoryOptions extends Hurry {
  readonly store: StoreName
}

/** How a story is lived on somebody else's CMS, which must know its stations and cards, or take in whoever comes. */
export interface RemoteStoryOptions extends Hurry {
  /** `ws://host:port/path`; each station appends its identity. */
  readonly target: string
  /** Reads and fills its books; without it only what stations hear can be judged. */
  readonly books?: ForeignBooks | undefined
}

/** A run of a story on the wall clock, and the steps of it that this world cannot do. */
export interface LiveStoryResult extends RunResult {
  readonly leftOut: ReadonlyArray<string>
}

const bootWithinMs = 20_000
const quietWithinMs = 60_000
/** Between the last acknowledgement and the look into the books. */
const settleMs = 1_500

/** Lives a story over WebSockets on loopback, against our own endpoint in this process. */
export const runStoryLive = Effect.fnUntraced(function* (given: Story, options: LiveStoryOptions) {
  const { story, leftOut } = fitted(given, "live", options.atMostS)
  const store: Store = options.store === "memory" ? memoryStore() : yield* postgresStore(undefined)
  const world = yield* worldOf(story, options.telemetry, true)
  const { register, wire, timers, startAtMs } = world
  const database = new BrokenDatabase("memory")
  const cms = new LiveCms(database.patch(store.layer), wire)
  const stations = story.stations.map(({ id }) => ({ identity: id, password: null }))
  const registry = { stations, tokens: register.tokens.values(), tariff: register.tariff, atMs: startAtMs }
  yield* Effect.orDie(Effect.provide(provision(registry), store.layer))
  yield* Effect.acquireRelease(cms.start, () => cms.stop)
  const asks = new AskLog(timers.nowAtMs)
  const desk = new Desk([cms], register, database, timers, asks)
  yield* Effect.forkScoped(desk.care)
  const ending = yield* lived(story, world, {
    url: cms.url,
    app: asks.through(phone(cms.within)),
    desk: (step) => desk.take(step),
    healed: desk.heal
  })
  desk.leave()
  const evidence = yield* Effect.provide(
    gather([...world.actors.keys()], yield* store.readings, world.telemetry),
    store.layer
  )
  const isRegistered = true
  return yield* concluded(story, world, { ...options, evidence, ending, leftOut, isRegistered, name: "live" })
}, Effect.scoped)

/** Lives a story against another CMS. What is done at a desk is left out; its books are seen through an adapter only. */
export const runStoryRemote = Effect.fnUntraced(function* (given: Story, options: RemoteStoryOptions) {
  const cms = yield* foreign(options.books)
  const { story: fit, leftOut } = fitted(given, "remote", options.atMostS)
  const story = { ...fit, stations: fit.stations.map((each) => ({ ...each, dialect: cms.spoken(each.dialect) })) }
  const world = yield* worldOf(story, options.telemetry, false)
  const { register, startAtMs } = world
  const stations = story.stations.map(({ id, dialect }) => ({ identity: id, dialect }))
  const tokens = [...register.tokens.values()]
  const entered = yield* cms.enter({ stations, tokens, tariff: register.tariff, atMs: startAtMs })
  const judged = { ...world, register: { tokens: new Map(entered.tokens), tariff: [...entered.tariff] } }
  const no: App = { start: (_, answer) => answer(false), stop: (_, answer) => answer(false) }
  const ending = yield* lived(story, judged, { url: options.target, app: no, desk: () => {}, healed: Effect.void })
  const stationIds = story.stations.map(({ id }) => id)
  const evidence = yield* cms.read(stationIds, startAtMs)
  const over = { ...options, evidence, ending, leftOut, isRegistered: entered.isRegistered, name: "remote" } as const
  return yield* concluded(story, judged, { ...over, store: null })
}, Effect.scoped)

interface World {
  readonly timers: TimersApi
  readonly truth: Truth
  readonly wire: Wire
  readonly register: Register
  readonly startAtMs: number
  readonly actors: Map<string, Actor>
  readonly telemetry: Telemetry | undefined
}

const worldOf = (story: Story, telemetry: Telemetry | undefined, seesCms: boolean): Effect.Effect<World> =>
  Effect.map(Timers, (timers) => {
    const { nowAtMs } = timers
    const startAtMs = nowAtMs()
    telemetry?.begin({ nowAtMs, seesCms, expectedMs: (story.steps.at(-1)?.at ?? 0) * 1000 + settleMs })
    return {
      timers,
      truth: new Truth(),
      wire: new Wire({ nowAtMs, answerWithinMs: 20_000, faithful: false, listener: telemetry?.wire }),
      register: {
        tokens: new Map(story.cards.map((card, index) => [card.uid, trueToken(card, index, startAtMs)])),
        tariff: [...plainTariff]
      },
      startAtMs,
      actors: new Map<string, Actor>(),
      telemetry
    }
  })

interface Cms {
  readonly url: string
  readonly app: App
  readonly desk: (step: DeskStep) => void
  readonly healed: Effect.Effect<void>
}

/** The steps, then healing, then quiet. */
const lived = Effect.fnUntraced(function* (story: Story, world: World, cms: Cms) {
  const { timers, truth, wire } = world
  const run = Effect.runForkWith(yield* Effect.context<never>())
  let stage: Stage | undefined
  const connect = overSockets(cms.url, world, (identity, text) => stage?.echoAfterMs(identity, text))
  const { sampleIntervalS = 60 } = story.firmware
  const settings = { sampleIntervalS: Math.min(sampleIntervalS, 2), transactionRetryS: 1, ...promptly }
  const habits = { bootMs: 200, callTimeoutMs: 2_000 }
  const actors = actorsOf(story, { connect, wire, truth, timers, run, settings, habits })
  for (const [id, actor] of actors) world.actors.set(id, actor)
  world.telemetry?.probe([...actors.values()].map(({ station }) => station))
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      for (const { station } of actors.values()) station.cutPower(true)
    })
  )
  for (const { station } of actors.values()) station.restorePower()
  const bootsUntilMs = timers.nowAtMs() + bootWithinMs
  const isBooted = () => [...actors.values()].every(({ station }) => station.registration === "Accepted")
  while (!isBooted() && timers.nowAtMs() < bootsUntilMs) yield* Effect.sleep("100 millis")
  stage = new Stage({ story, actors, timers, app: cms.app, desk: cms.desk, reroute: () => {} })
  stage.start()
  yield* Effect.sleep((story.steps.at(-1)?.at ?? 0) * 1000 + settleMs)
  stage.heal()
  yield* cms.healed
  yield* Effect.sleep(settleMs)
  stage.sendHome()
  yield* quiet(actors, { withinMs: quietWithinMs, everyMs: 200 })
  stage.sendHome()
  yield* Effect.sleep(settleMs)
  return { connectors: connectorsOf(story, actors), wire: wire.record(), atMs: timers.nowAtMs() }
})

const promptly = { backOffWaitMinimumS: 1, backOffRandomRangeS: 1, backOffRepeatTimes: 0 }

/** Real sockets whose frames are heard as they pass, and sent once more where a story wants that. */
const overSockets = (
  url: string,
  { wire, timers }: World,
  echoAfterMs: (identity: string, text: string) => number | undefined
): Connect => {
  const connect = LiveSocket.connect({ url })
  let echoes = 0
  return (dial, answer) =>
    connect(dial, (answered) => {
      if (answered._tag === "Refused") return answer(answered)
      const end = wire.end(dial.identity, answered.subprotocol.replace("ocpp", ""), "station")
      const { transport } = answered
      const sent = (text: string): void => {
        const afterMs = echoAfterMs(dial.identity, text)
        if (afterMs === undefined) return
        const again = `[2,"echo-${echoes++}",${text.slice(text.indexOf(",", 3) + 1)}`
        timers.after(afterMs, () => {
          end.frame("out", again)
          transport.send(again)
        })
      }
      answer({ ...answered, transport: tap(transport, end, sent) })
    })
}

const concluded = Effect.fnUntraced(function* (
  story: Story,
  { truth, register, startAtMs, telemetry }: World,
  over: {
    readonly name: "live" | "remote"
    readonly store: StoreName | null
    readonly commit?: string
    readonly evidence: Evidence
    readonly ending: Effect.Success<ReturnType<typeof lived>>
    readonly leftOut: ReadonlyArray<string>
    readonly isRegistered: boolean
  }
) {
  const { evidence, ending, isRegistered, leftOut } = over
  const { tokens, tariff } = register
  const oracles = judge(truth, evidence, { ...ending, tokens, isRegistered, tariffsOf: () => tariff, course: null })
  const gross = (evidence.cdrs ?? []).reduce((sum, { grossMinor }) => sum + grossMinor, 0n)
  const seconds = ((yield* Clock.currentTimeMillis) - startAtMs) / 1000
  const result: LiveStoryResult = {
    scenario: "story",
    seed: story.seed,
    world: over.name,
    store: over.store,
    commit: over.commit ?? null,
    traceHash: null,
    verdict: verdictOf(oracles),
    oracles,
    messages: truth.counters.answered,
    transactions: evidence.transactions?.length ?? truth.sessions.length,
    energyWh: evidence.cdrs === null ? truth.deliveredWh : billedWh(evidence.cdrs),
    money: evidence.cdrs === null ? {} : { EUR: String(gross) },
    virtualSeconds: seconds,
    wallSeconds: seconds,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    leftOut
  }
  recordStory(telemetry, { story, startedAtMs: startAtMs, endedAtMs: ending.atMs, result, truth, evidence })
  return result
})
