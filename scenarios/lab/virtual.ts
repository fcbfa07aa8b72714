import { Clock, Effect } from "effect"
import type { Address } from "#server/postgres/Launcher.ts"
import * as Fleet from "#simulator/Fleet.ts"
import { Trouble } from "#simulator/faults/Trouble.ts"
import { Course } from "#simulator/oracles/Course.ts"
import type { Evidence } from "#simulator/oracles/Evidence.ts"
import { Wire } from "#simulator/oracles/Wire.ts"
import * as Stream from "#simulator/Stream.ts"
import { Trace } from "#simulator/Trace.ts"
import { Truth } from "#simulator/Truth.ts"
import { Timers } from "#simulator/time/Timers.ts"
import * as VirtualTime from "#simulator/VirtualTime.ts"
import { type Overrides, overridden, type Scenario } from "../Scenario.ts"
import type { Telemetry } from "../telemetry/Telemetry.ts"
import { AskLog } from "./AskLog.ts"
import { armed } from "./arming.ts"
import { BrokenDatabase } from "./BrokenDatabase.ts"
import { both, CmsProcess, type PatchStores } from "./CmsProcess.ts"
import { type Deck, deal } from "./cards.ts"
import { Complaints } from "./complaints.ts"
import { databaseTrouble } from "./databaseTrouble.ts"
import { DisplayDesk } from "./displayDesk.ts"
import { echoAfterMs } from "./echoes.ts"
import { conclude, connectorsOf, type Ending, pricedBy } from "./ending.ts"
import { gather } from "./evidence.ts"
import { follow, Heard, ownedBy, tellCommitted } from "./follow.ts"
import { Freeloaders } from "./freeloaders.ts"
import { Activity, Gauging } from "./gauges.ts"
import { Network } from "./Network.ts"
import { Nodes } from "./Nodes.ts"
import { PriceOffice } from "./PriceOffice.ts"
import { paceOf } from "./pace.ts"
import { payersOf } from "./payers.ts"
import { people } from "./people.ts"
import { phone, type Within } from "./phone.ts"
import { provision } from "./provision.ts"
import type { PaymentWorld } from "./psp.ts"
import type { RunProgress, StoreName } from "./Result.ts"
import { memoryStore, postgresStore, type Store } from "./Store.ts"
import { WishBook, wishful } from "./wishes.ts"

/** How a scenario is run in virtual time. */
export interface VirtualOptions extends Overrides {
  readonly store: StoreName
  /** A database to be thrown away; when not given, the run starts a PostgreSQL of its own for `store: "postgres"`. */
  readonly database?: Address
  /** Virtual time that the recorder gathers before a commit, ms; when not given, what suits the store. */
  readonly lingerMs?: number
  /** Goes into the result. */
  readonly commit?: string
  readonly onProgress?: (progress: RunProgress) => void
  readonly onLog?: (line: string) => void
  /** Planted defects, in tests. */
  readonly patchStores?: PatchStores
  /** Keeps the books, for comparison. */
  readonly onEvidence?: (evidence: Evidence, truth: Truth) => void
  /** Shows the payments of the run at its end. */
  readonly onPayments?: (payments: PaymentWorld) => void
  /** Shows how often each failure of the database struck, in scenarios that have them. */
  readonly onDatabase?: (strikes: ReadonlyMap<string, number>) => void
  /** Looks into the store when the run is over, before it is gone. */
  readonly onStore?: (store: Store) => Effect.Effect<void>
  /** Watches for a report. */
  readonly telemetry?: Telemetry
}

const dayMs = 86_400_000
/** Two EVSEs a station at most, and one more for luck. */
const placesPerStation = 3

/** Lives a scenario in virtual time, server, fleet and network in this process, and has every oracle judge it. */
export const runVirtual = Effect.fnUntraced(function* (given: Scenario, options: VirtualOptions) {
  const scenario = overridden(given, options)
  const beganAtMs = yield* Clock.currentTimeMillis
  const database = scenario.database === undefined ? undefined : new BrokenDatabase(options.store)
  const store: Store =
    options.store === "memory" ? memoryStore() : yield* postgresStore(options.database, database?.fate)
  const deck = deal(scenario.cards, {
    seed: scenario.seed,
    places: scenario.people === undefined ? scenario.stations * placesPerStation : 0,
    startAtMs: scenario.startAtMs
  })
  const heard = new Heard()
  const truth = new Truth({
    acknowledgements: scenario.stations * scenario.days > 200 ? "ends" : "all",
    onAcknowledged: heard.tell
  })
  const office =
    scenario.prices === undefined
      ? undefined
      : new PriceOffice(scenario.prices, scenario.startAtMs, (effect, answer) => within(effect, answer))
  let within: Within = (_, answer) => answer(false)
  const onCms = (cms: Nodes): void => {
    within = cms.within
  }
  const priced = pricedBy(scenario, office)
  const complaints =
    scenario.corrections === undefined
      ? undefined
      : new Complaints({
          plan: scenario.corrections,
          seed: scenario.seed,
          untilMs: endOf(scenario) - scenario.healedBeforeEndMs,
          within: (effect, answer) => within(effect, answer)
        })
  const corrections = complaints === undefined ? {} : { corrections: complaints.book }
  const course = new Course(truth, { tokens: deck.tokens, ...priced, ...corrections })
  const trace = Trace.make()
  const untilMs = endOf(scenario) + scenario.quietWithinMs + scenario.settleMs + dayMs
  let connected = (): number => 0
  const onFleet = (fleet: Fleet.Fleet): void => {
    options.telemetry?.probe(fleet.members.map(({ station }) => station))
    connected = () => fleet.members.reduce((count, { station }) => count + (station.isConnected ? 1 : 0), 0)
  }
  const ending = yield* VirtualTime.run(
    live({ scenario, options, store, database, deck, truth, trace, course, heard, office, complaints, onFleet, onCms }),
    {
      startAtMs: scenario.startAtMs,
      untilMs,
      onProgress: ({ atMs }) =>
        options.onProgress?.({
          atMs,
          startAtMs: scenario.startAtMs,
          untilMs: endOf(scenario),
          messages: truth.counters.answered,
          sessions: truth.sessions.length,
          connected: connected()
        })
    }
  )
  const stationIds = new Set(ending.connectors.map(({ stationId }) => stationId))
  const evidence = yield* Effect.provide(
    gather([...stationIds], yield* store.readings, options.telemetry, ending.psp),
    store.layer
  )
  options.onEvidence?.(evidence, truth)
  if (database !== undefined) options.onDatabase?.(database.strikes)
  if (options.onStore !== undefined) yield* options.onStore(store)
  return conclude({
    scenario,
    startedAtMs: scenario.startAtMs,
    ending,
    truth,
    evidence,
    deck,
    isRegistered: true,
    course,
    priced,
    world: "virtual",
    store: options.store,
    commit: options.commit ?? null,
    telemetry: options.telemetry,
    traceHash: trace.hash(),
    wallSeconds: ((yield* Clock.currentTimeMillis) - beganAtMs) / 1000
  })
}, Effect.scoped)

const endOf = ({ startAtMs, days }: Scenario): number => startAtMs + days * dayMs

interface Life {
  readonly scenario: Scenario
  readonly options: VirtualOptions
  readonly store: Store
  readonly database: BrokenDatabase | undefined
  readonly deck: Deck
  readonly truth: Truth
  readonly trace: Trace["Service"]
  readonly course: Course
  readonly heard: Heard
  readonly office: PriceOffice | undefined
  readonly complaints: Complaints | undefined
  readonly onFleet: (fleet: Fleet.Fleet) => void
  readonly onCms: (cms: Nodes) => void
}

/** The run itself, inside virtual time. */
const live = Effect.fnUntraced(function* (life: Life) {
  const { scenario, options, store, database, deck, truth, trace, course } = life
  const timers = yield* Timers
  const run = Effect.runForkWith(yield* Effect.context<never>())
  const { seed, startAtMs, troubles } = scenario
  options.telemetry?.begin({
    nowAtMs: timers.nowAtMs,
    seesCms: true,
    expectedMs: endOf(scenario) - startAtMs + scenario.settleMs
  })
  const wire = new Wire({
    nowAtMs: timers.nowAtMs,
    answerWithinMs: 20_000,
    faithful: troubles.length === 0 && scenario.echoes === 0,
    broken: (stationId, messageId) => truth.isBroken(stationId, messageId),
    listener: options.telemetry?.wire
  })
  const latency = Stream.make(seed, "latency")
  const activity = new Activity()
  const network = new Network({
    timers,
    line: (identity) => {
      const own = latency.split(identity)
      const luck = own.split("echoes")
      return {
        latencyMs: () => 20 + Math.floor(own.next() * 40),
        ...(scenario.echoes === 0 ? {} : { echoAfterMs: (text) => echoAfterMs(scenario.echoes, text, luck) }),
        onEcho: (id, again) => truth.repeatMessage(identity, id, again)
      }
    },
    // The server's end hears the same frames; watching both would find nothing more.
    watch: (identity) => {
      const interest = activity.of(identity)
      return {
        close: () => interest.note(),
        frame: (direction, text) => {
          interest.note()
          trace.add(timers.nowAtMs(), identity, direction, text)
        }
      }
    },
    nodeOf: () => cms.next()
  })
  const sampleIntervalS = scenario.settings?.sampleIntervalS ?? 60
  const longestDownMs = Math.max(0, ...scenario.crashes.map(({ downMs }) => downMs))
  const paying = scenario.payments
  const payers = payersOf(scenario, {
    timers,
    tokens: deck.tokens,
    within: (effect, answer) => cms.within(effect, answer),
    die: Effect.suspend(() => cms.at().die),
    sampleIntervalS,
    longestDownMs
  })
  const { payments, prepaid, subscribers, dunned } = payers
  const node = (name: string): CmsProcess =>
    new CmsProcess({
      store,
      gate: network.addGate(),
      name,
      wire,
      seed,
      timers,
      run,
      ...(options.lingerMs === undefined ? paceOf(options.store, scenario) : { lingerMs: options.lingerMs }),
      onLog: options.onLog ?? (() => {}),
      onCommitted: (units, outcomes) => tellCommitted(course, units, outcomes, timers.nowAtMs()),
      ...ownedBy(course, name, options.store),
      patchStores: both(payers.patch, both(options.patchStores, database?.patch)),
      ...(payments === undefined ? {} : { payments: () => payments.settings })
    })
  const cms: Nodes = new Nodes(scenario.nodes ?? 1, node)
  const wishes = scenario.wishes === undefined ? undefined : new WishBook(timers, truth, (...ask) => cms.within(...ask))
  const crowd =
    scenario.people === undefined
      ? undefined
      : people(scenario.people, {
          seed,
          timers,
          within: cms.within,
          tokens: deck.tokens,
          ...(wishes === undefined ? {} : { app: wishful(wishes, phone(cms.within), scenario.wishes!, seed, timers) }),
          ...(payments === undefined ? {} : { adHoc: payments.adHoc })
        })
  const asks = new AskLog(timers.nowAtMs)
  const plain = asks.through(phone(cms.within))
  const handy = wishes === undefined ? plain : wishful(wishes, plain, scenario.wishes!, seed, timers)
  const displayDesk =
    scenario.displays === undefined
      ? undefined
      : new DisplayDesk(timers, cms.within, asks, scenario.tariff[0]!.id, truth)
  const fleet = yield* Fleet.make({
    seed,
    stations: scenario.stations,
    mix: scenario.mix,
    startAtMs,
    days: scenario.days,
    truth,
    connect: network.connect,
    cards: deck.pool,
    password: (identity) => (Number(identity.slice(-1)) % 2 === 0 ? `key-of-${identity}-0123456789` : null),
    ...(scenario.settings === undefined ? {} : { settings: scenario.settings }),
    ...(scenario.habits === undefined ? {} : { habits: scenario.habits }),
    ...(crowd === undefined ? { app: { share: scenario.appShare, phone: handy } } : { crowd: crowd.crowd }),
    observe: (identity) => wire.complaints(identity, "station")
  })
  life.onFleet(fleet)
  crowd?.deal(fleet.persons)
  const { tariff } = scenario
  const registry = { stations: fleet.roster, tokens: deck.tokens.values(), tariff, atMs: startAtMs, atOnce: 32 }
  yield* Effect.orDie(Effect.provide(provision(registry), store.layer))
  if (prepaid !== undefined) yield* Effect.orDie(Effect.provide(prepaid.provision, store.layer))
  if (life.complaints !== undefined) yield* Effect.orDie(Effect.provide(life.complaints.provision, store.layer))
  if (subscribers !== undefined) yield* Effect.orDie(Effect.provide(subscribers.provision, store.layer))
  if (dunned !== undefined) yield* Effect.orDie(Effect.provide(dunned.provision, store.layer))
  life.onCms(cms)
  if (life.office !== undefined) {
    const identities = fleet.roster.map(({ identity }) => identity)
    const found = life.office.found(identities, [...deck.tokens.keys()], scenario.tariff)
    yield* Effect.orDie(Effect.provide(found, store.layer))
  }
  yield* cms.start
  life.heard.by(course, timers)
  const stations = fleet.members.map(({ station, roster }) => ({ station, evses: roster.evses }))
  const gauging = new Gauging(cms.all, network, stations, activity)
  yield* Effect.forkChild(follow(course, () => gauging.look()))
  const trouble = new Trouble(timers, options.telemetry?.strikes)
  const day = Effect.gen(function* () {
    const arm = armed({
      payments: payments?.trigger,
      wallets: prepaid?.trigger,
      subscriptions: subscribers?.trigger ?? dunned?.trigger
    })
    yield* Effect.forkChild(cms.crash(scenario.crashes, { startAtMs, course, arm }))
    if (life.office !== undefined) yield* Effect.forkChild(life.office.work)
    payments?.begin()
    if (paying?.freeloaders !== undefined)
      new Freeloaders({
        share: paying.freeloaders,
        stream: Stream.make(seed, "freeloaders"),
        timers,
        truth,
        members: fleet.members
      }).begin()
    prepaid?.begin()
    life.complaints?.begin(timers)
    if (scenario.displays !== undefined) displayDesk?.begin(scenario.displays, fleet.roster)
    if (subscribers !== undefined) yield* Effect.forkChild(subscribers.live)
    const mendDatabase =
      database === undefined
        ? undefined
        : databaseTrouble(
            database,
            scenario.database!,
            timers,
            Stream.make(seed, "database"),
            options.telemetry?.databaseFails
          )
    if (dunned !== undefined) yield* Effect.forkChild(dunned.live())
    for (const plan of troubles) trouble.start(plan, fleet.members, Stream.make(seed, "trouble"))
    timers.after(endOf(scenario) - scenario.healedBeforeEndMs - timers.nowAtMs(), () => {
      trouble.heal()
      mendDatabase?.()
      payments?.heal()
      course.healed(timers.nowAtMs())
    })
    yield* fleet.live(scenario.quietWithinMs)
    yield* Effect.sleep(scenario.settleMs)
    // People with an app of their own ask by it, and nobody writes that down.
    const desk = crowd === undefined ? { desk: { asks: asks.asks, presences: [] } } : {}
    payments?.provider.stop()
    if (payments !== undefined) options.onPayments?.(payments)
    const dunning = dunned === undefined ? {} : { dunning: dunned.record }
    const psp = payments === undefined ? {} : { psp: { ...payments.record, ...dunning } }
    return {
      connectors: connectorsOf(fleet),
      wire: wire.record(),
      ...desk,
      ...psp,
      ...(prepaid === undefined ? {} : { prepaid: prepaid.record }),
      ...(displayDesk === undefined ? {} : { displays: displayDesk.record(0) }),
      ...(subscribers === undefined ? {} : { subscribers: subscribers.record }),
      ...(wishes === undefined ? {} : { wishes: wishes.record(() => (sampleIntervalS + 60) * 1000, longestDownMs) }),
      ...(life.complaints === undefined ? {} : { corrections: life.complaints.book }),
      atMs: timers.nowAtMs()
    } satisfies Ending
  })
  const ending = yield* Effect.raceFirst(day, cms.died)
  fleet.stop()
  yield* cms.stop
  return ending
})
