import { Clock, Effect } from "effect"
import { Books } from "#server/books/Books.ts"
import { judge, verdictOf } from "#simulator/oracles/Catalogue.ts"
import { Course } from "#simulator/oracles/Course.ts"
import type { Evidence } from "#simulator/oracles/Evidence.ts"
import { billedWh } from "#simulator/oracles/match.ts"
import type { TrueConnector } from "#simulator/oracles/Oracle.ts"
import { Wire } from "#simulator/oracles/Wire.ts"
import * as Stream from "#simulator/Stream.ts"
import { Trace, type TraceEvent } from "#simulator/Trace.ts"
import { Truth } from "#simulator/Truth.ts"
import { Timers } from "#simulator/time/Timers.ts"
import * as VirtualTime from "#simulator/VirtualTime.ts"
import { type Actor, Stage } from "../explore/Stage.ts"
import type { Story } from "../explore/Story.ts"
import { plainTariff, weekdayAtMs } from "../tariffs.ts"
import type { Telemetry } from "../telemetry/Telemetry.ts"
import { AskLog } from "./AskLog.ts"
import { BrokenDatabase } from "./BrokenDatabase.ts"
import { CmsProcess, type PatchStores } from "./CmsProcess.ts"
import { Desk, type Register } from "./desk.ts"
import { connectorsShown, gather } from "./evidence.ts"
import { follow, Heard, ownedBy, tellCommitted } from "./follow.ts"
import { Activity, Gauging } from "./gauges.ts"
import { Network } from "./Network.ts"
import type { PriceOffice } from "./PriceOffice.ts"
import { phone, type Within } from "./phone.ts"
import { provision } from "./provision.ts"
import type { RunResult, StoreName } from "./Result.ts"
import { reachOf } from "./reach.ts"
import { memoryStore, openPostgres, type Postgres, type Store } from "./Store.ts"
import { actorsOf, connectorsOf, quiet, toldConnectors, trueToken } from "./storyParts.ts"
import { officeOf, storyPriced } from "./storyPrices.ts"
import { recordStory } from "./storyReport.ts"
import { StoryWallets } from "./storyWallets.ts"
import { WishBook } from "./wishes.ts"

/** How a story is lived in virtual time. */
export interface StoryOptions {
  readonly store: StoreName
  /** A PostgreSQL that serves one run after another; when not given, a run on PostgreSQL starts one of its own. */
  readonly postgres?: Postgres
  /** Virtual time that the recorder gathers before a commit, ms; when not given, what suits the store. */
  readonly lingerMs?: number
  readonly commit?: string
  /** Planted defects, in tests. */
  readonly patchStores?: PatchStores
  /** Told of every frame and, at the end, of the books. */
  readonly onEvent?: (event: TraceEvent) => void
  /** Watches for a report. */
  readonly telemetry?: Telemetry
}

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
/** From the last step until all is mended, and until everybody drives home. */
const healAfterMs = minuteMs
const homeAfterMs = 2 * minuteMs
/** The longest wait for silence, and the CMS's time to settle after it: the sweeper's grace and more. */
const quietWithinMs = 6 * 60 * minuteMs
const settleMs = 20 * minuteMs
/** As long as an operator waits for a station's answer. */
const rollCallMs = minuteMs

/** Lives a story in virtual time: its steps, then healing, then quiet; and has every oracle judge it. */
export const runStory = Effect.fnUntraced(function* (story: Story, options: StoryOptions) {
  const beganAtMs = yield* Clock.currentTimeMillis
  const database = new BrokenDatabase(options.store)
  const store = yield* storeOf(options, database)
  const heard = new Heard()
  const truth = new Truth({ onAcknowledged: heard.tell })
  const trace = Trace.make(options.onEvent === undefined ? {} : { onEvent: options.onEvent })
  const startAtMs = weekdayAtMs + 8 * 60 * minuteMs
  const register: Register = {
    tokens: new Map(story.cards.map((card, index) => [card.uid, trueToken(card, index, startAtMs)])),
    tariff: [...plainTariff]
  }
  let desk: Within = (_, answer) => answer(false)
  const office = officeOf(story, startAtMs, (...ask) => desk(...ask))
  const priced = storyPriced(story, office, register)
  const course = new Course(truth, { tokens: register.tokens, ...priced })
  const onDesk = (within: Within): void => {
    desk = within
  }
  const lastMs = (story.steps.at(-1)?.at ?? 0) * 1000
  const ending = yield* VirtualTime.run(
    live({ story, options, store, database, truth, trace, register, office, course, heard, startAtMs, lastMs, onDesk }),
    {
      startAtMs,
      untilMs: startAtMs + lastMs + quietWithinMs + settleMs + dayMs,
      maxTasksPerInstant: 500_000
    }
  )
  const stationIds = story.stations.map(({ id }) => id)
  const evidence: Evidence = yield* Effect.provide(
    gather(stationIds, yield* store.readings, options.telemetry),
    store.layer
  )
  if (options.store === "memory") trace.add(ending.atMs, "books", wordsOf(evidence))
  const context = { ...ending, tokens: register.tokens, isRegistered: true, ...priced, course }
  const oracles = judge(truth, evidence, context)
  const result: RunResult = {
    scenario: "story",
    seed: story.seed,
    world: "virtual",
    store: options.store,
    commit: options.commit ?? null,
    traceHash: trace.hash(),
    verdict: verdictOf(oracles),
    oracles,
    messages: truth.counters.answered,
    transactions: evidence.transactions?.length ?? 0,
    energyWh: billedWh(evidence.cdrs ?? []),
    money: { EUR: String((evidence.cdrs ?? []).reduce((sum, { grossMinor }) => sum + grossMinor, 0n)) },
    virtualSeconds: (ending.atMs - startAtMs) / 1000,
    wallSeconds: ((yield* Clock.currentTimeMillis) - beganAtMs) / 1000,
    peakRssBytes: process.resourceUsage().maxRSS * 1024
  }
  const over = { story, startedAtMs: startAtMs, endedAtMs: ending.atMs, result, truth, evidence }
  recordStory(options.telemetry, over)
  return result
}, Effect.scoped)

const storeOf = Effect.fnUntraced(function* ({ store, postgres }: StoryOptions, database: BrokenDatabase) {
  if (store === "memory") return memoryStore()
  return yield* (postgres ?? (yield* openPostgres(undefined))).fresh(database.fate)
})

const ids = (connectors: ReadonlyArray<TrueConnector>) => connectors.map(({ stationId }) => stationId)

const wordsOf = (evidence: Evidence): string =>
  JSON.stringify(evidence, (_key, value: unknown) => (typeof value === "bigint" ? `${value}` : value))

interface Life {
  readonly story: Story
  readonly options: StoryOptions
  readonly store: Store
  readonly database: BrokenDatabase
  readonly truth: Truth
  readonly trace: Trace["Service"]
  readonly register: Register
  readonly office: PriceOffice | undefined
  readonly course: Course
  readonly heard: Heard
  readonly startAtMs: number
  readonly lastMs: number
  /** Told how the CMS is asked. */
  readonly onDesk: (within: Within) => void
}

/** What is not in the books is not answered: a database that takes its time makes answers late by as much. */
const answerWithinMs = ({ steps }: Story): number =>
  steps.reduce((sum, step) => sum + (step.do === "database is slow" ? step.times * step.by * 1000 : 0), 20_000)

const hasWishes = ({ steps }: Story): boolean => steps.some((step) => step.do === "start by app" && "limit" in step)

/** The story itself, inside virtual time. */
const live = Effect.fnUntraced(function* (life: Life) {
  const { story, options, store, database, truth, trace, register, office, course, startAtMs, lastMs } = life
  const { seed } = story
  const reach = reachOf(story, startAtMs)
  const timers = yield* Timers
  const run = Effect.runForkWith(yield* Effect.context<never>())
  const { telemetry } = options
  telemetry?.begin({ nowAtMs: timers.nowAtMs, seesCms: true, expectedMs: lastMs + homeAfterMs + settleMs })
  const wire = new Wire({
    nowAtMs: timers.nowAtMs,
    answerWithinMs: answerWithinMs(story),
    faithful: false,
    broken: (stationId, messageId) => truth.isBroken(stationId, messageId),
    listener: telemetry?.wire
  })
  const latency = Stream.make(seed, "latency")
  let stage: Stage | undefined
  const network = new Network({
    timers,
    line: (identity) => {
      const own = latency.split(identity)
      return {
        latencyMs: () => 20 + Math.floor(own.next() * 40),
        echoAfterMs: (text) => stage?.echoAfterMs(identity, text),
        onEcho: (id, again) => truth.repeatMessage(identity, id, again)
      }
    },
    watch: (identity) => ({
      close: () => {},
      frame: (direction, text) => trace.add(timers.nowAtMs(), identity, direction, text)
    }),
    nodeOf: (identity) => nodeOf.get(identity) ?? 0
  })
  const planted = options.patchStores
  const nodeOf = new Map<string, number>()
  const node = (name: string): CmsProcess =>
    new CmsProcess({
      store,
      gate: network.addGate(),
      name,
      wire,
      seed,
      timers,
      run,
      lingerMs: options.lingerMs ?? (options.store === "memory" ? 0 : 1_000),
      onLog: (line) => trace.add(timers.nowAtMs(), "CMS", "log", line),
      onCommitted: (units, outcomes) => tellCommitted(course, units, outcomes, timers.nowAtMs()),
      ...ownedBy(course, name, options.store),
      hasWallets: story.wallets !== undefined,
      patchStores: planted === undefined ? database.patch : (stores) => planted(database.patch(stores))
    })
  const nodes = [node("server"), ...(story.nodes === 2 ? [node("server-2")] : [])]
  const actors = actorsOf(story, { connect: network.connect, wire, truth, timers, run })
  telemetry?.probe([...actors.values()].map(({ station }) => station))
  const asks = new AskLog(timers.nowAtMs)
  const desk = new Desk(nodes, register, database, timers, asks)
  life.onDesk(desk.within)
  const wishes = new WishBook(timers, truth, desk.within)
  const wallets = story.wallets === undefined ? undefined : new StoryWallets(story, startAtMs, timers, desk.within)
  stage = new Stage({
    story,
    actors,
    timers,
    app: wishes.through(asks.through(phone(desk.within))),
    desk: (step) => {
      if (step.do === "close charges") truth.giveUp(step.station, timers.nowAtMs())
      if (office === undefined || step.do !== "publish tariff") desk.take(step)
    },
    money: (step) => wallets?.take(step),
    reroute: (id) => nodeOf.set(id, 1 - (nodeOf.get(id) ?? 0))
  })
  const stations = story.stations.map(({ id }) => ({ identity: id, password: null }))
  const registry = { stations, tokens: register.tokens.values(), tariff: register.tariff, atMs: startAtMs }
  yield* Effect.orDie(Effect.provide(provision(registry), store.layer))
  if (wallets !== undefined) yield* Effect.orDie(Effect.provide(wallets.provision, store.layer))
  if (office !== undefined) {
    const names = story.stations.map(({ id }) => id)
    yield* Effect.orDie(Effect.provide(office.found(names, [...register.tokens.keys()], plainTariff), store.layer))
  }
  life.heard.by(course, timers)
  const places = [...actors.values()].map(({ station, evses }) => ({ station, evses }))
  // Its handful of stations is looked at anew in every minute: nothing is known of them from before.
  yield* Effect.forkChild(follow(course, () => new Gauging(nodes, network, places, new Activity()).look()))
  for (const cms of nodes) yield* cms.start
  const day = Effect.gen(function* () {
    yield* Effect.forkChild(desk.care)
    if (office !== undefined) yield* Effect.forkChild(office.work)
    for (const { station } of actors.values()) station.restorePower()
    stage.start()
    yield* Effect.sleep(lastMs + healAfterMs)
    stage.heal()
    yield* desk.heal
    course.healed(timers.nowAtMs())
    yield* Effect.sleep(homeAfterMs)
    const told = toldConnectors(actors, truth)
    const look = { told, shown: yield* Effect.provide(connectorsShown(new Set(ids(told))), store.layer) }
    stage.sendHome()
    yield* quiet(actors, { withinMs: quietWithinMs, everyMs: 30_000 })
    stage.sendHome()
    yield* Effect.sleep(settleMs)
    const presences = yield* rollCall(actors, store, desk)
    const atMs = timers.nowAtMs()
    return {
      connectors: connectorsOf(story, actors),
      wire: wire.record(),
      desk: { asks: asks.asks, presences },
      ...(hasWishes(story) ? { wishes: wishes.record(reach.of, 0) } : {}),
      ...(wallets === undefined ? {} : { prepaid: wallets.record(reach) }),
      look,
      atMs
    }
  })
  const ending = yield* Effect.raceAllFirst([day, ...nodes.map((cms) => cms.died)])
  desk.leave()
  for (const { station } of actors.values()) station.cutPower(true)
  for (const cms of nodes) yield* cms.stop
  return ending
})

/** Asks every station in touch for something harmless, and looks up who is shown to be there. */
const rollCall = Effect.fnUntraced(function* (actors: ReadonlyMap<string, Actor>, store: Store, desk: Desk) {
  const connected = [...actors.values()].filter(({ station }) => station.isConnected)
  const ids = connected.map(({ station }) => station.identity)
  const shown = yield* Effect.provide(
    Effect.flatMap(Books, (books) => Effect.forEach(ids, (stationId) => books.station(stationId))),
    store.layer
  )
  desk.callRoll(ids)
  yield* Effect.sleep(rollCallMs)
  return shown.map(({ stationId, presence }) => ({ stationId, isConnected: true, isShown: presence !== null }))
})
