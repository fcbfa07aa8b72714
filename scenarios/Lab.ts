import { Clock, Effect } from "effect"
import type { Address } from "#server/postgres/Launcher.ts"
import * as Fleet from "#simulator/Fleet.ts"
import { Trouble } from "#simulator/faults/Trouble.ts"
import { judge, verdictOf } from "#simulator/oracles/Catalogue.ts"
import { Continuous } from "#simulator/oracles/Continuous.ts"
import type { Evidence } from "#simulator/oracles/Evidence.ts"
import { billedWh } from "#simulator/oracles/match.ts"
import { type Context, merge, type OracleResult, type TrueConnector } from "#simulator/oracles/Oracle.ts"
import { Wire, type WireRecord } from "#simulator/oracles/Wire.ts"
import * as Stream from "#simulator/Stream.ts"
import { status16, status201 } from "#simulator/station/Phase.ts"
import { Trace } from "#simulator/Trace.ts"
import { Truth } from "#simulator/Truth.ts"
import { Timers } from "#simulator/time/Timers.ts"
import * as VirtualTime from "#simulator/VirtualTime.ts"
import { CmsProcess, type PatchStores } from "./lab/CmsProcess.ts"
import { type Deck, deal } from "./lab/cards.ts"
import { bookedCdr, gather } from "./lab/evidence.ts"
import { Network } from "./lab/Network.ts"
import { phone } from "./lab/phone.ts"
import { provision } from "./lab/provision.ts"
import type { RunProgress, RunResult, StoreName } from "./lab/Result.ts"
import { memoryStore, postgresStore, type Store } from "./lab/Store.ts"
import { type Overrides, overridden, type Scenario } from "./Scenario.ts"

/** How a scenario is run in virtual time. */
export interface VirtualOptions extends Overrides {
  readonly store: StoreName
  /** A database to be thrown away; when not given, the run starts a PostgreSQL of its own for `store: "postgres"`. */
  readonly database?: Address
  /** Virtual time that the recorder gathers before a commit, ms; 0 on memory and 1,000 on PostgreSQL when not given. */
  readonly lingerMs?: number
  /** Goes into the result. */
  readonly commit?: string
  readonly onProgress?: (progress: RunProgress) => void
  readonly onLog?: (line: string) => void
  /** Planted defects, in tests. */
  readonly patchStores?: PatchStores
  /** Keeps the books, for comparison. */
  readonly onEvidence?: (evidence: Evidence, truth: Truth) => void
}

const dayMs = 86_400_000
/** Two EVSEs a station at most, and one more for luck. */
const placesPerStation = 3

/** What the stations know at the end of a run, while they are still switched on. */
interface Ending {
  readonly connectors: ReadonlyArray<TrueConnector>
  readonly wire: WireRecord
  readonly atMs: number
}

/** Lives a scenario in virtual time, server, fleet and network in this process, and has every oracle judge it. */
export const runVirtual = Effect.fnUntraced(function* (given: Scenario, options: VirtualOptions) {
  const scenario = overridden(given, options)
  const beganAtMs = yield* Clock.currentTimeMillis
  const store: Store = options.store === "memory" ? memoryStore() : yield* postgresStore(options.database)
  const deck = deal(scenario.cards, {
    seed: scenario.seed,
    places: scenario.stations * placesPerStation,
    startAtMs: scenario.startAtMs
  })
  const truth = new Truth({ acknowledgements: scenario.stations * scenario.days > 200 ? "ends" : "all" })
  const continuous = new Continuous(truth, { tokens: deck.tokens, tariffsOf: () => scenario.tariff })
  const trace = Trace.make()
  const untilMs = endOf(scenario) + scenario.quietWithinMs + scenario.settleMs + dayMs
  const ending = yield* VirtualTime.run(live({ scenario, options, store, deck, truth, trace, continuous }), {
    startAtMs: scenario.startAtMs,
    untilMs,
    onProgress: ({ atMs }) =>
      options.onProgress?.({
        atMs,
        startAtMs: scenario.startAtMs,
        untilMs: endOf(scenario),
        messages: truth.counters.answered,
        sessions: truth.sessions.length,
        connected: 0
      })
  })
  const stationIds = ending.connectors.map(({ stationId }) => stationId)
  const evidence = yield* Effect.provide(gather([...new Set(stationIds)], yield* store.readings), store.layer)
  options.onEvidence?.(evidence, truth)
  const context: Context = {
    atMs: ending.atMs,
    tokens: deck.tokens,
    tariffsOf: () => scenario.tariff,
    connectors: ending.connectors,
    wire: ending.wire
  }
  const oracles = together(judge(truth, evidence, context), continuous)
  return {
    ...totals(evidence, truth),
    scenario: scenario.name,
    seed: scenario.seed,
    world: "virtual",
    store: options.store,
    commit: options.commit ?? null,
    traceHash: trace.hash(),
    verdict: verdictOf(oracles),
    oracles,
    virtualSeconds: (ending.atMs - scenario.startAtMs) / 1000,
    wallSeconds: ((yield* Clock.currentTimeMillis) - beganAtMs) / 1000,
    peakRssBytes: process.resourceUsage().maxRSS * 1024
  } satisfies RunResult
}, Effect.scoped)

const endOf = ({ startAtMs, days }: Scenario): number => startAtMs + days * dayMs

interface Life {
  readonly scenario: Scenario
  readonly options: VirtualOptions
  readonly store: Store
  readonly deck: Deck
  readonly truth: Truth
  readonly trace: Trace["Service"]
  readonly continuous: Continuous
}

/** The run itself, inside virtual time. */
const live = Effect.fnUntraced(function* ({ scenario, options, store, deck, truth, trace, continuous }: Life) {
  const timers = yield* Timers
  const run = Effect.runForkWith(yield* Effect.context<never>())
  const { seed, startAtMs, troubles } = scenario
  const wire = new Wire({
    nowAtMs: timers.nowAtMs,
    answerWithinMs: 20_000,
    faithful: troubles.length === 0 && scenario.echoes === 0
  })
  const latency = Stream.make(seed, "latency")
  const network = new Network({
    timers,
    line: (identity) => {
      const own = latency.split(identity)
      const luck = own.split("echoes")
      return {
        latencyMs: () => 20 + Math.floor(own.next() * 40),
        ...(scenario.echoes === 0 ? {} : { echoAfterMs: (text) => echoAfterMs(scenario.echoes, text, luck) })
      }
    },
    watch: (identity, subprotocol) => {
      const end = wire.end(identity, subprotocol.replace("ocpp", ""), "station")
      return {
        close: end.close,
        frame: (direction, text) => {
          trace.add(timers.nowAtMs(), identity, direction, text)
          end.frame(direction, text)
        }
      }
    }
  })
  const cms = new CmsProcess({
    store,
    network,
    wire,
    seed,
    timers,
    run,
    lingerMs: options.lingerMs ?? (options.store === "memory" ? 0 : 1_000),
    onLog: options.onLog ?? (() => {}),
    onCommitted: (units, outcomes) => {
      units.forEach(({ cdrs, transactions }, index) => {
        if (cdrs === undefined || outcomes[index] !== "Committed") return
        for (const cdr of cdrs) {
          const row = transactions?.find(({ id }) => id === cdr.transactionId)
          if (row !== undefined) continuous.issued({ cdr: bookedCdr(cdr), ...row }, timers.nowAtMs())
        }
      })
    },
    ...(options.patchStores === undefined ? {} : { patchStores: options.patchStores })
  })
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
    app: { share: scenario.appShare, phone: phone(cms.within) },
    observe: (identity) => wire.complaints(identity, "station")
  })
  const registry = { stations: fleet.roster, tokens: deck.tokens.values(), tariff: scenario.tariff, atMs: startAtMs }
  yield* Effect.orDie(Effect.provide(provision(registry), store.layer))
  yield* cms.start
  const trouble = new Trouble(timers)
  const day = Effect.gen(function* () {
    yield* Effect.forkChild(crashes(scenario, cms))
    for (const plan of troubles) trouble.start(plan, fleet.members, Stream.make(seed, "trouble"))
    timers.after(endOf(scenario) - scenario.healedBeforeEndMs - timers.nowAtMs(), () => trouble.heal())
    yield* fleet.live(scenario.quietWithinMs)
    yield* Effect.sleep(scenario.settleMs)
    const connectors = fleet.members.flatMap(connectorsOf)
    return { connectors, wire: wire.record(), atMs: timers.nowAtMs() } satisfies Ending
  })
  const ending = yield* Effect.raceFirst(day, cms.died)
  fleet.stop()
  yield* cms.stop
  return ending
})

const echoed = /^\[2,"[^"]*","(MeterValues|StartTransaction|StopTransaction|TransactionEvent)"/

/** Soon enough to meet the next message, or so late that the transaction is over. */
const echoAfterMs = (share: number, text: string, luck: Stream.Stream): number | undefined =>
  luck.chance(share) && echoed.test(text) ? luck.int(1_000, 3 * 3_600_000) : undefined

const crashes = (scenario: Scenario, cms: CmsProcess): Effect.Effect<void> =>
  Effect.forEach(
    scenario.crashes,
    (crash) =>
      Effect.gen(function* () {
        const nowMs = yield* Clock.currentTimeMillis
        yield* Effect.sleep(Math.max(0, scenario.startAtMs + crash.afterMs - nowMs))
        if (crash.point === "now") cms.kill()
        else cms.crashAtNextCommit(crash)
        while (cms.isUp) yield* Effect.sleep(1_000)
        yield* Effect.sleep(crash.downMs)
        yield* cms.start
      }),
    { discard: true }
  )

/** What each connector is, in the words of its dialect; of stations that are in touch. */
const connectorsOf = ({ station, roster }: Fleet.Member): ReadonlyArray<TrueConnector> => {
  if (!station.isConnected) return []
  return Array.from({ length: roster.evses }, (_, index) => {
    const { id: evseId, phase } = station.evse(index + 1)
    const status = roster.dialect === "1.6" ? status16(phase, true) : status201(phase, true)
    return { stationId: station.identity, evseId, connectorId: 1, status }
  })
}

/** The oracles' judgement at the end, with what was found while the run lasted. */
const together = (results: ReadonlyArray<OracleResult>, continuous: Continuous): ReadonlyArray<OracleResult> => {
  const { energy, money } = continuous.outcomes()
  return results.map((result) => {
    if (result.name === "energy") return { ...result, ...merge(energy, result) }
    if (result.name === "money") return { ...result, ...merge(money, result) }
    return result
  })
}

const totals = (evidence: Evidence, truth: Truth) => {
  const money: Record<string, bigint> = {}
  for (const { currency, grossMinor } of evidence.cdrs ?? []) money[currency] = (money[currency] ?? 0n) + grossMinor
  return {
    messages: truth.counters.answered,
    transactions: evidence.transactions?.length ?? truth.sessions.length,
    energyWh: evidence.cdrs === null ? truth.deliveredWh : billedWh(evidence.cdrs),
    money: Object.fromEntries(Object.entries(money).map(([currency, minor]) => [currency, String(minor)]))
  }
}
